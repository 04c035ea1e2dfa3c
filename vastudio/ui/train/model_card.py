"""The model card: a preset with what it costs on this computer, and everything else under Advanced."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vastudio.app.presets import Cost, round_minutes, time_text
from vastudio.training.config import TrainingConfig
from vastudio.training.presets import PRESETS, STANDARD, preset
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.train.advanced import Advanced
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.preset_tiles import PresetTiles, Tile
from vastudio.ui.widgets.text import label


class ModelCard(Card):
    """Signals
    -------
    start_requested():
        The person wants to train with `config`.
    queue_requested():
        The same, once the runs before it have ended.
    measure_requested():
        The costs of the presets are to be measured anew.
    """

    start_requested = Signal()
    queue_requested = Signal()
    measure_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Model", parent)
        self._costs: dict[str, Cost] = {}
        self._positions: int | None = None
        self.presets = PresetTiles([Tile(item.key, item.title, item.promise) for item in PRESETS])
        self.presets.select(STANDARD.key)
        self.promise = label("", "note", wrap=True)
        self.advanced = QPushButton("Advanced")
        self.advanced.setProperty("kind", "link")
        self.advanced.setCheckable(True)
        self.advanced.setToolTip("Architecture, training time, learning rate and more")
        self.reset = QPushButton("Back to preset")
        self.reset.setProperty("kind", "link")
        self.reset.setToolTip("Undo what was changed under Advanced")
        self.measure = QPushButton("Measure again")
        self.measure.setProperty("kind", "link")
        self.measure.setToolTip("Measure the costs of the presets on this computer anew: some seconds")
        self.form = Advanced(STANDARD)
        self.start = QPushButton("Start training")
        self.start.setProperty("kind", "primary")
        self.queue = QPushButton("Add to queue")
        self.queue.setToolTip("Train with this once the runs before it have ended")
        self.notice = Notice()
        self._arrange()
        self._connect()
        self._choose()

    def _arrange(self) -> None:
        more = QHBoxLayout()
        more.addWidget(self.advanced)
        more.addStretch(1)
        more.addWidget(self.reset)
        more.addWidget(self.measure)
        starting = QHBoxLayout()
        starting.addWidget(self.start, 1)
        starting.addWidget(self.queue)
        for widget in (self.presets, self.promise):
            self.body.addWidget(widget)
        self.body.addLayout(starting)
        self.body.addWidget(self.notice)
        self.body.addLayout(more)
        self.body.addWidget(self.form)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.presets.chosen.connect(self._choose)
        self.advanced.toggled.connect(self._toggle_advanced)
        self.reset.clicked.connect(self._choose)
        self.measure.clicked.connect(self.measure_requested)
        self.form.changed.connect(self._describe)
        self.start.clicked.connect(self.start_requested)
        self.queue.clicked.connect(self.queue_requested)
        self._toggle_advanced(False)

    # --- what is set ----------------------------------------------------------------------------------

    @property
    def config(self) -> TrainingConfig:
        """What is set. Raises TrainingError where that makes no sense."""
        return self.form.config

    def set_available(self, available: bool, reason: str, *, can_queue: bool) -> None:
        """Allow a start, or say in the tooltip why not; `can_queue`: whether there is a dataset to queue."""
        self.start.setEnabled(available)
        self.queue.setEnabled(can_queue)
        self.start.setToolTip(reason)

    # --- what it costs --------------------------------------------------------------------------------

    def show_costs(self, costs: dict[str, Cost], *, measuring: bool) -> None:
        """Show what the presets cost; `measuring`: it is being found out."""
        self._costs = dict(costs)
        self.measure.setText("Measuring…" if measuring else "Measure again")
        self.measure.setEnabled(not measuring)
        self.set_note("measuring this computer…" if measuring else "")
        self._show_costs()

    def show_positions(self, positions: int | None) -> None:
        """Another dataset, with so many knob positions to learn from; None: none is open."""
        self._positions = positions
        self._show_costs()

    def _show_costs(self) -> None:
        for item in PRESETS:
            cost = self._costs.get(item.key)
            load = f"load {100 * cost.load:.1f} %" if cost else ""
            self.presets.show_cost(item.key, load, time_text(self._minutes(item.key)) if cost else "")
        self.form.plan(self._minutes(self.presets.key))
        self._describe()

    def _minutes(self, key: str) -> float:
        chosen, cost = preset(key), self._costs.get(key)
        if cost is None:
            return chosen.minutes
        return round_minutes(cost.training_seconds(chosen.updates, self._positions))

    # --- parts ----------------------------------------------------------------------------------------

    def _choose(self) -> None:
        key = self.presets.key
        self.form.show_preset(preset(key), self._minutes(key))
        self._describe()

    def _toggle_advanced(self, shown: bool) -> None:
        self.form.setVisible(shown)
        name = "chevron-down" if shown else "chevron-right"
        self.advanced.setIcon(icons.icon(name, tokens().text.secondary, 14))
        self._describe()

    def _describe(self) -> None:
        chosen, changed = preset(self.presets.key), bool(self.form.changes)
        config = self.form.config
        minutes = numbers.duration(60 * (config.minutes or 0.0)).replace(" 00 s", "")
        if changed:
            self.promise.setText(f"{chosen.title}, changed: {config.label}, trained for {minutes}.")
        else:
            self.promise.setText(f"{chosen.promise} {config.label}, trained for {minutes}.")
        self.reset.setVisible(changed)
        self.measure.setVisible(self.advanced.isChecked() and not changed)
