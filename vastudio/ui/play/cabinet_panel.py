"""The cabinet's panel: two microphones, each an impulse response with its level, delay and polarity."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from vastudio.app.impulses import title
from vastudio.app.rack import CabinetSettings, MicrophoneSettings
from vastudio.engine.cabinet_mix import CabinetMix
from vastudio.errors import StudioError
from vastudio.ui.play.dials import DELAY, MICROPHONE_LEVEL
from vastudio.ui.play.rig_bridge import Which
from vastudio.ui.play.slot_panel import SlotPanel
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.card import rule
from vastudio.ui.widgets.impulse_view import ImpulseView
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import ElidedLabel

SUFFIXES = (".wav", ".flac", ".aif", ".aiff")
_KNOB_WIDTH = 84
_NOTHING = "No impulse response: load one, or drop a file here"


def dropped_file(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """The audio file that is being dropped, if it is one."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
    return next((path for path in paths if path.suffix.lower() in SUFFIXES), None)


class MicrophoneRow(QFrame):
    """One impulse response. Takes a file that is dropped on it.

    Signals
    -------
    chosen(object):
        The person wants this file.
    changed(object):
        The `MicrophoneSettings` that the person made.
    """

    chosen = Signal(object)
    changed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = MicrophoneSettings()
        self._name = name
        self.setAcceptDrops(True)
        self.file = ElidedLabel("", "quiet")
        self.view = ImpulseView(f"{name}, impulse response")
        self.load, self.remove = QPushButton("Load…"), QPushButton("Remove")
        self.load.setToolTip(f"{name}: choose an impulse response (WAV, any rate)")
        self.load.setAccessibleName(f"{name}: load")
        self.remove.setToolTip(f"{name}: play without it")
        self.remove.setAccessibleName(f"{name}: remove")
        self.inverted = QCheckBox("Invert")
        self.inverted.setToolTip(f"{name}: turn its polarity round")
        self.level, self.delay = KnobCell(MICROPHONE_LEVEL, "target", 52), KnobCell(DELAY, "target", 52)
        self.level.dial.setAccessibleName(f"{name} level")
        self.delay.dial.setAccessibleName(f"{name} delay")
        self._arrange()
        self.load.clicked.connect(self._ask)
        self.remove.clicked.connect(lambda: self._send(response=""))
        self.inverted.clicked.connect(lambda on: self._send(inverted=on))
        for cell in (self.level, self.delay):
            cell.moved.connect(lambda key, value: self._send(**{key: value}))

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.file)
        top.addStretch(1)
        for widget in (self.inverted, self.load, self.remove):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            top.addWidget(widget)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addLayout(top)
        left.addWidget(self.view, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(left, 1)
        for cell in (self.level, self.delay):
            cell.setFixedWidth(_KNOB_WIDTH)
            row.addWidget(cell, alignment=Qt.AlignmentFlag.AlignVCenter)

    def show_settings(self, settings: MicrophoneSettings) -> None:
        """Follow settings that were made elsewhere."""
        self._settings = settings
        has = bool(settings.response)
        self.file.set_full_text(title(settings.response) if has else _NOTHING)
        for widget in (self.remove, self.inverted, self.level, self.delay):
            widget.setEnabled(has)
        self.inverted.setChecked(settings.inverted)
        self.level.set_value(settings.level_db)
        self.delay.set_value(settings.delay_ms)

    def _send(self, **changes: object) -> None:
        self.changed.emit(replace(self._settings, **changes))  # type: ignore[arg-type]

    def _ask(self) -> None:
        filters = (dialogs.AUDIO_FILTER, dialogs.ALL_FILTER)
        dialogs.ask_for_file(self, f"{self._name}: choose an impulse response", filters, self.chosen.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take audio files."""
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Load what was dropped."""
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.chosen.emit(path)


class CabinetPanel(SlotPanel):
    """Signals
    -------
    response_chosen(object, str):
        The person wants this file for the microphone `first` or `second`.
    cabinet_changed(object):
        The `CabinetSettings` that the person made.
    """

    response_chosen = Signal(object, str)
    cabinet_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cabinet", parent)
        self._settings = CabinetSettings()
        self.notice = Notice()
        self.notice.more.setToolTip("What exactly went wrong")
        self.rows = {"first": MicrophoneRow("Microphone 1"), "second": MicrophoneRow("Microphone 2")}
        self.minimum_phase = QCheckBox("Minimum phase")
        self.minimum_phase.setToolTip(
            "Let every response arrive as early as it can: two of them then mix without combing"
        )
        self.trimmed = QCheckBox("Trim silence")
        self.trimmed.setToolTip("Leave out the silence before a response: no delay while you play")
        self.header.addWidget(self.trimmed)
        self.header.addWidget(self.minimum_phase)
        self.body.addWidget(self.notice)
        for index, (which, row) in enumerate(self.rows.items()):
            if index:
                self.body.addWidget(rule())
            self.body.addWidget(row, 1)
            row.chosen.connect(lambda path, which=which: self.response_chosen.emit(path, which))
            row.changed.connect(lambda item, which=which: self._send(**{which: item}))
        self.minimum_phase.clicked.connect(lambda on: self._send(minimum_phase=on))
        self.trimmed.clicked.connect(lambda on: self._send(trimmed=on))

    def _send(self, **changes: object) -> None:
        self.notice.clear()
        self.cabinet_changed.emit(replace(self._settings, **changes))  # type: ignore[arg-type]

    def show_cabinet(self, settings: CabinetSettings, on: bool, mix: CabinetMix | None, rate: int) -> None:
        """Follow settings that were made elsewhere; `mix` is what is ready of them at `rate` in Hz."""
        self._settings = settings
        self.show_on(on)
        self.minimum_phase.setChecked(settings.minimum_phase)
        self.trimmed.setChecked(settings.trimmed)
        ready = list(mix.microphones) if mix is not None else []
        for which, row in self.rows.items():
            microphone = cast("MicrophoneSettings", getattr(settings, which))
            row.show_settings(microphone)
            response = ready.pop(0).taps(rate) if microphone.response and ready else None
            row.view.show_response(response, rate, active=on)

    def show_error(self, error: StudioError) -> None:
        """Say what is wrong with a file, and what to do."""
        self.notice.show_error(error)


def first_free(settings: CabinetSettings) -> Which:
    """The microphone that a dropped file is for."""
    return "second" if settings.first.response and not settings.second.response else "first"
