"""The model card: how large, which architecture, how long."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QWidget,
)

from vastudio.app.architectures import architecture_choices
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

SIZES = {"lite": 16, "standard": 32, "high": 48}


@dataclass(frozen=True)
class TrainingChoice:
    """What the person set on the card."""

    architecture: str
    hidden: int
    minutes: float
    seed: int


class ModelCard(Card):
    """Signals
    -------
    start_requested():
        The person wants to train with `choice`.
    queue_requested():
        The same, once the runs before it have ended.
    """

    start_requested = Signal()
    queue_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Model", parent)
        self.size_choice = Segmented(
            "Size", [Segment(key, key.capitalize(), tip=f"{units} units") for key, units in SIZES.items()]
        )
        self.size_choice.select("standard")
        self.architecture = QComboBox()
        self.architecture.setAccessibleName("Architecture")
        for index, item in enumerate(architecture_choices()):
            self.architecture.addItem(item.title, item.name)
            self.architecture.setItemData(index, item.summary, Qt.ItemDataRole.ToolTipRole)
        self.minutes = QDoubleSpinBox(minimum=0.1, maximum=24 * 60, value=10.0, decimals=1, suffix=" min")
        self.minutes.setAccessibleName("Training time in minutes")
        self.seed = QSpinBox(minimum=0, maximum=2**31 - 1, value=0)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("The same seed repeats a run; another one gives it another chance")
        self.advanced = QPushButton("Advanced")
        self.advanced.setProperty("kind", "link")
        self.advanced.setCheckable(True)
        self.start = QPushButton("Start training")
        self.start.setProperty("kind", "primary")
        self.queue = QPushButton("Add to queue")
        self.queue.setToolTip("Train with this once the runs before it have ended")
        self.notice = Notice()
        self._summary = label("", "note", wrap=True)
        self._arrange()
        self._connect()
        self._describe()

    def _arrange(self) -> None:
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.addRow(label("Architecture", "quiet"), self.architecture)
        self._form.addRow(label("Train for", "quiet"), self.minutes)
        self._seed_form = QWidget()
        seed_form = QFormLayout(self._seed_form)
        seed_form.setContentsMargins(0, 0, 0, 0)
        seed_form.addRow(label("Seed", "quiet"), self.seed)
        self._seed_form.hide()
        self.body.addWidget(self.size_choice)
        self.body.addLayout(self._form)
        self.body.addWidget(self._summary)
        self.body.addWidget(self.advanced)
        self.body.addWidget(self._seed_form)
        self.body.addWidget(self.notice)
        starting = QHBoxLayout()
        starting.addWidget(self.start, 1)
        starting.addWidget(self.queue)
        self.body.addLayout(starting)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self.advanced.toggled.connect(self._toggle_advanced)
        self.architecture.currentIndexChanged.connect(self._describe)
        self.size_choice.chosen.connect(self._describe)
        self.start.clicked.connect(self.start_requested)
        self.queue.clicked.connect(self.queue_requested)
        self._toggle_advanced(False)

    @property
    def choice(self) -> TrainingChoice:
        """What is set."""
        architecture = self.architecture.currentData()
        return TrainingChoice(
            architecture, SIZES[self.size_choice.key], self.minutes.value(), self.seed.value()
        )

    def set_available(self, available: bool, reason: str, *, can_queue: bool) -> None:
        """Allow a start, or say in the tooltip why not; `can_queue`: whether there is a dataset to queue."""
        self.start.setEnabled(available)
        self.queue.setEnabled(can_queue)
        self.start.setToolTip(reason)

    def _toggle_advanced(self, shown: bool) -> None:
        self._seed_form.setVisible(shown)
        name = "chevron-down" if shown else "chevron-right"
        self.advanced.setIcon(icons.icon(name, tokens().text.secondary, 14))

    def _describe(self) -> None:
        summary = self.architecture.currentData(Qt.ItemDataRole.ToolTipRole)
        units = SIZES[self.size_choice.key]
        self._summary.setText(f"{units} units. {summary}")
