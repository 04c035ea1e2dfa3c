"""The Play page: the rack, from the input to the output, and what it does to the sound."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from vastudio.engine.stream import Meters
from vastudio.ui.actions import add_action
from vastudio.ui.bridge.choosers import model_chooser
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.play.cabinet_panel import CabinetPanel, dropped_file, first_free
from vastudio.ui.play.export import make_exportable
from vastudio.ui.play.gate_panel import GatePanel
from vastudio.ui.play.level_card import input_card, output_card
from vastudio.ui.play.memory_bar import MemoryBar
from vastudio.ui.play.model_panel import ModelPanel
from vastudio.ui.play.overview_card import OverviewCard
from vastudio.ui.play.preset_bar import PresetBar
from vastudio.ui.play.preset_bridge import PresetBridge
from vastudio.ui.play.quality_button import QualityButton
from vastudio.ui.play.record_bar import RecordBar
from vastudio.ui.play.rig_bridge import RigBridge
from vastudio.ui.play.tone_panel import TonePanel
from vastudio.ui.play.views_card import ViewsCard
from vastudio.ui.widgets.chain_bar import ChainBar, Link
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import ElidedLabel

_CHAIN = (
    Link("input", "Input", "The level in front of everything"),
    Link("gate", "Gate", "The noise gate: silence between the notes"),
    Link("model", "Amp model", "The model and its knobs"),
    Link("tone", "EQ", "The equaliser behind the model, or a tone stack"),
    Link("cabinet", "Cabinet", "The loudspeaker: one or two impulse responses"),
    Link("output", "Output", "The level behind everything, and the mix"),
)
_STATES = {"input": "trim"}
"""What the rack calls a slot, where it is not its key."""

_DRIVEN = "Drive the model with the level it was captured at"
_HEARD = "Put out the level that the captured device put out"
_WIDE = 1180
"""From this width on there is room for the overview."""


class PlayPage(QWidget):
    """Signals
    -------
    open_requested(), train_requested(), settings_requested():
        The person wants a model file, the Train page, the Settings page.
    """

    open_requested = Signal()
    train_requested = Signal()
    settings_requested = Signal()

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rig = RigBridge(session, self)
        self.setAcceptDrops(True)
        self.chooser = model_chooser(session, self)
        self.chooser.setMaximumWidth(460)
        self.open_button = QPushButton("Open model…")
        self.open_button.setToolTip("Open a model file: .vamodel, .nam, .aidax, .json (Ctrl+O)")
        self.device_line = ElidedLabel("", "note")
        self.device_settings = QPushButton("Audio settings")
        self.device_settings.setToolTip("Choose an audio device")
        self.chain = ChainBar("Signal chain", _CHAIN)
        self.memory = MemoryBar()
        self.presets = PresetBridge(session, self.rig, self)
        self.preset_bar = PresetBar(self.presets)
        self.input, self.output = input_card(), output_card()
        self.panel, self.gate = ModelPanel(), GatePanel()
        self.quality = QualityButton(session)
        self.tone, self.cabinet = TonePanel(), CabinetPanel()
        self.overview = OverviewCard()
        self.views = ViewsCard(session)
        self.spectrum = self.views.spectrum
        self.recorder = RecordBar(session, self.rig)
        self._panels: dict[str, QWidget] = {
            "gate": self.gate, "model": self.panel, "tone": self.tone, "cabinet": self.cabinet,
        }  # fmt: skip
        self._arrange()
        make_exportable(self.views, self.gate, self.tone, self.cabinet, self.overview)
        self._connect(feed)
        self._connect_rack()
        self._show_model()
        self._show_device()
        self._show_rack()
        self.show_slot("model")

    # --- building -------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._stage = QStackedWidget()
        for panel in self._panels.values():
            self._stage.addWidget(panel)
        rack = QHBoxLayout()
        rack.setSpacing(12)
        rack.addWidget(self.input)
        rack.addWidget(self._stage, 1)
        rack.addWidget(self.overview)
        rack.addWidget(self.output)
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addLayout(rack, 0, 0)
        self.panel.foot.addWidget(self.quality)
        self.views.header.insertWidget(1, self.recorder)
        grid.addWidget(self.views, 1, 0)
        grid.setRowStretch(0, 5)
        grid.setRowStretch(1, 3)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 10, 16, 10)
        column.setSpacing(10)
        column.addLayout(self._top_row())
        column.addLayout(self._chain_row())
        column.addLayout(grid, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(content, "Play"))

    def _top_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.chooser, 1)
        row.addWidget(self.open_button)
        row.addSpacing(6)
        row.addStretch(1)
        row.addWidget(self.device_line, 2)
        row.addWidget(self.device_settings)
        row.addSpacing(6)
        row.addWidget(self.preset_bar, 1)
        return row

    def _chain_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self.chain)
        row.addStretch(1)
        row.addWidget(self.memory)
        return row

    def _connect(self, feed: EngineFeed) -> None:
        session = self._session
        self.open_button.clicked.connect(self.open_requested)
        self.panel.open_requested.connect(self.open_requested)
        self.panel.train_requested.connect(self.train_requested)
        self.device_settings.clicked.connect(self.settings_requested)
        self.panel.knob_moved.connect(session.set_knob)
        session.model_changed.connect(self._show_model)
        self.panel.export_requested.connect(self._export)
        session.knobs_changed.connect(lambda: self.panel.show_values(session.studio.knob_values))
        session.audio_changed.connect(self._show_device)
        feed.metered.connect(self._show_meters)

    def _connect_rack(self) -> None:
        rig = self.rig
        self.input.moved.connect(lambda level: rig.set(trim_db=level, trim_on=True, trim_calibrated=False))
        self.input.calibrated_changed.connect(lambda on: rig.set(trim_calibrated=on))
        self.input.second_moved.connect(self._set_threshold)
        self.output.moved.connect(
            lambda level: rig.set(output_db=level, output_on=True, output_calibrated=False)
        )
        self.output.calibrated_changed.connect(lambda on: rig.set(output_calibrated=on))
        self.output.second_moved.connect(lambda percent: rig.set(mix=percent / 100.0, output_on=True))
        self.chain.chosen.connect(self.show_slot)
        self.overview.chosen.connect(self.show_slot)
        self.chain.switched.connect(lambda key, on: rig.set(**{f"{_STATES.get(key, key)}_on": on}))
        self.quality.chosen.connect(lambda quality: rig.set(quality=quality))
        for key, panel in (
            ("gate", self.gate), ("model", self.panel), ("tone", self.tone), ("cabinet", self.cabinet),
        ):  # fmt: skip
            panel.switched.connect(lambda on, key=key: rig.set(**{f"{key}_on": on}))
        self.gate.gate_changed.connect(lambda gate: rig.set(gate=gate, gate_on=True))
        self.tone.tone_changed.connect(lambda tone: rig.set(tone=tone, tone_on=True))
        self.cabinet.cabinet_changed.connect(lambda cabinet: rig.set(cabinet=cabinet))
        self.cabinet.response_chosen.connect(rig.load_response)
        self.memory.slot_chosen.connect(rig.select)
        self.memory.copy_requested.connect(rig.copy_to_other)
        self.memory.bypass_toggled.connect(rig.set_bypassed)
        rig.bypassed_changed.connect(self.memory.show_bypassed)
        rig.slot_changed.connect(self.memory.show_slot)
        rig.changed.connect(self._show_rack)
        rig.cabinet_failed.connect(self._show_cabinet_error)
        self.preset_bar.failed.connect(self._session.failed)
        self.addActions(self.preset_bar.shortcuts)
        self.recorder.failed.connect(self._session.failed)
        self.views.mute_changed.connect(rig.set_muted)
        add_action(self, "Tuner", "Ctrl+T", self.views.toggle_tuner)
        add_action(self, "Record", "Ctrl+R", self.recorder.toggle)
        add_action(self, "Bypass all", "B", lambda: rig.set_bypassed(not rig.is_bypassed), plain=True)

    def _set_threshold(self, level_db: float) -> None:
        self.gate.cells["threshold_db"].set_value(level_db)
        self.gate.change("threshold_db", level_db)

    # --- showing --------------------------------------------------------------------------------------

    @property
    def slot(self) -> str:
        """The slot whose panel is shown."""
        return next(key for key, panel in self._panels.items() if panel is self._stage.currentWidget())

    def show_slot(self, key: str) -> None:
        """Show a slot's panel; input and output get the focus on their level."""
        if key in self._panels:
            self._stage.setCurrentWidget(self._panels[key])
            self.chain.select(key)
        else:
            card = self.input if key == "input" else self.output
            card.cell.dial.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_rack(self) -> None:
        state, cabinet = self.rig.shown, self.rig.cabinet
        rate = self._session.studio.player.sample_rate
        for link in _CHAIN:
            self.chain.show_on(link.key, getattr(state, f"{_STATES.get(link.key, link.key)}_on"))
        self.input.show_calibration(state.trim_calibrated, self.rig.trim_driven, _DRIVEN)
        self.output.show_calibration(state.output_calibrated, self.rig.output_driven, _HEARD)
        self.quality.show_quality(state.quality)
        self.input.cell.set_value(state.trim_db)
        self.input.second.set_value(state.gate.threshold_db)
        self.output.cell.set_value(state.output_db)
        self.output.second.set_value(100.0 * state.mix)
        self.panel.show_on(state.model_on)
        self.gate.show_gate(state.gate, state.gate_on)
        self.tone.show_tone(state.tone, state.tone_on)
        self.cabinet.show_cabinet(state.cabinet, state.cabinet_on, cabinet, rate)
        self.overview.show_rack(state, cabinet, rate)
        self.memory.show_slot(self.rig.slot)

    def _export(self) -> None:
        """Take the model that is open to another program."""
        from vastudio.ui.export.dialog import export_model  # noqa: PLC0415  as soon as it is wanted

        path = self._session.studio.model_path
        if path is not None:
            export_model(self, self._session, path)

    def _show_model(self) -> None:
        self.panel.show_model(self._session.studio.model, self._session.studio.knob_values)

    def _show_cabinet_error(self, error: object) -> None:
        self.show_slot("cabinet")
        self.cabinet.show_error(error)  # type: ignore[arg-type]

    def _show_device(self) -> None:
        studio = self._session.studio
        is_silent = studio.player.is_silent
        problem = studio.audio_problem or "No audio device is open."
        self.device_settings.setVisible(is_silent)
        self.device_line.setVisible(is_silent)
        self.device_line.set_full_text(f"Playing unheard. {problem.partition('. ')[0].rstrip('.')}.", problem)

    def _show_meters(self, meters: Meters) -> None:
        """Thirty times a second, for what can be seen."""
        if not self.isVisible():
            return
        self.input.meter.show_level(meters.input_peak_db, meters.input_clipped)
        self.output.meter.show_level(meters.output_peak_db, meters.output_clipped)
        if self.gate.isVisible():
            self.gate.history.add_level(meters.input_peak_db)
        self.views.refresh()

    # --- Qt -------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the chain leads to cabinet and equaliser."""
        is_wide = event.size().width() >= _WIDE
        self.overview.setVisible(is_wide)
        self.preset_bar.set_wide(is_wide)
        self.chain.set_wide(is_wide)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """From now on there may be something to finish when the window closes, whatever page it shows."""
        self.window().installEventFilter(self)
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is gone: end the recording, remember the rack."""
        if event.type() == QEvent.Type.Hide and watched is self.window() and not event.spontaneous():
            self.recorder.stop()
            self.rig.save_if_due()
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take impulse responses."""
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """An impulse response goes to the microphone that is free."""
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self._load_response(path)

    def _load_response(self, path: Path) -> None:
        self.show_slot("cabinet")
        self.rig.load_response(path, first_free(self.rig.state.cabinet))
