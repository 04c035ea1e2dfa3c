"""The metronome: tempo, tapping, bar, subdivision, level."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from vastudio.engine.metronome import FASTEST_BPM, HIGHEST_DB, LOWEST_DB, MOST_BEATS, SLOWEST_BPM
from vastudio.types import Knob
from vastudio.ui.practice.beat_lights import BeatLights
from vastudio.ui.practice.bridge import PracticeBridge
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.knob_cell import KnobCell
from vastudio.ui.widgets.power_switch import PowerSwitch
from vastudio.ui.widgets.text import label

_PARTS = ("Beats", "Eighths", "Triplets", "Sixteenths")
_STATES = ("on. Click to stop it (K)", "off. Click to hear it (K)")
_LEVEL = Knob("level_db", "Level", LOWEST_DB, HIGHEST_DB, -6.0, "dB")


class MetronomeCard(Card):
    """Shows a `PracticeBridge`'s metronome."""

    def __init__(self, practice: PracticeBridge, parent: QWidget | None = None) -> None:
        super().__init__("Metronome", parent)
        self._practice = practice
        self.switch = PowerSwitch("Metronome", states=_STATES)
        self.header.insertWidget(0, self.switch)
        self.lights = BeatLights()
        self.tempo = _tempo_box()
        self.tap = QPushButton("Tap")
        self.tap.setToolTip("Tap the tempo, twice or more (J)")
        self.bar = _combo("Beats in a bar", [f"{beats} in a bar" for beats in range(1, MOST_BEATS + 1)])
        self.parts = _combo("Clicks", list(_PARTS))
        self.counts_in = QCheckBox("Count in recordings")
        self.counts_in.setToolTip("Click for a bar before a recording begins")
        self.level = KnobCell(_LEVEL, "model", 56)
        self.level.dial.setAccessibleName("Metronome level")
        self._arrange()
        self._connect()
        self._show()

    def _arrange(self) -> None:
        first = QHBoxLayout()
        first.addWidget(self.tempo, 1)
        first.addWidget(self.tap)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.addWidget(self.lights, 0, 0, 1, 2)
        grid.addLayout(first, 1, 0, 1, 2)
        grid.addWidget(self.bar, 2, 0)
        grid.addWidget(self.parts, 2, 1)
        grid.addWidget(self.counts_in, 3, 0, 1, 2)
        grid.addWidget(self.level, 1, 2, 3, 1)
        self.header.addWidget(label("not recorded", "note"))
        self.body.addLayout(grid)
        self.body.addStretch(1)

    def _connect(self) -> None:
        practice = self._practice
        self.switch.clicked.connect(practice.set_clicking)
        self.tempo.valueChanged.connect(lambda bpm: practice.set_beat(bpm=bpm))
        self.tap.pressed.connect(practice.tap)
        self.bar.activated.connect(lambda index: practice.set_beat(beats=index + 1))
        self.parts.activated.connect(lambda index: practice.set_beat(parts=index + 1))
        self.level.moved.connect(lambda _name, value: practice.set_beat(level_db=value))
        self.counts_in.toggled.connect(practice.set_counting_in)
        practice.beat_changed.connect(self._show)
        practice.moved.connect(self._show_place)

    def _show(self) -> None:
        beat = self._practice.beat
        self.switch.setChecked(self._practice.is_clicking)
        for widget in (self.tempo, self.counts_in):
            widget.blockSignals(True)
        self.tempo.setValue(beat.bpm)
        self.counts_in.setChecked(self._practice.settings.counts_in)
        for widget in (self.tempo, self.counts_in):
            widget.blockSignals(False)
        self.bar.setCurrentIndex(beat.beats - 1)
        self.parts.setCurrentIndex(beat.parts - 1)
        self.level.set_value(beat.level_db)
        self._show_place()

    def _show_place(self) -> None:
        place = self._practice.place
        self.lights.show_beat(self._practice.beat.beats, -1 if place is None else place[0])


def _tempo_box() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(SLOWEST_BPM, FASTEST_BPM)
    box.setDecimals(1)
    box.setSuffix(" bpm")
    box.setAccessibleName("Tempo")
    box.setToolTip("Beats in a minute")
    return box


def _combo(title: str, texts: list[str]) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(title)
    combo.setToolTip(title)
    combo.addItems(texts)
    return combo
