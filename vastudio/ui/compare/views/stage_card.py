"""The card below the waveforms: spectrograms, spectra, the close-up or all positions, one at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from vastudio.ui.bridge.session import Session
from vastudio.ui.compare.views.close_up import CloseUpPanel
from vastudio.ui.compare.views.positions import PositionsPanel
from vastudio.ui.compare.views.spectra import SpectraPanel
from vastudio.ui.compare.views.spectrograms import NOTE, SpectrogramsPanel
from vastudio.ui.widgets import plots
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.close_up import SAMPLES
from vastudio.ui.widgets.marks import Marks
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.time_window import TimeWindow

_VIEWS = (
    Segment("spectrograms", "Spectrograms", tip="Level over time and frequency"),
    Segment("spectra", "Spectra", tip="Average spectra, and the null by third-octave"),
    Segment("close-up", "Close-up", tip=f"{SAMPLES} samples of target and model over each other"),
    Segment("positions", "Positions", tip="Every knob position of the dataset, the worst first"),
)


class StageCard(Card):
    """Signals
    -------
    view_chosen(str):
        The person wants another view.
    """

    view_chosen = Signal(str)

    def __init__(
        self, session: Session, window: TimeWindow, marks: Marks, parent: QWidget | None = None
    ) -> None:
        super().__init__("", parent)
        self.setAccessibleName("Closer views")
        self._marks = marks
        self.choice = Segmented("View", _VIEWS)
        self.spectrograms = SpectrogramsPanel(window, marks)
        self.spectra = SpectraPanel(marks)
        self.close_up = CloseUpPanel(marks)
        self.positions = PositionsPanel(session)
        self._panels: dict[str, QWidget] = {
            "spectrograms": self.spectrograms,
            "spectra": self.spectra,
            "close-up": self.close_up,
            "positions": self.positions,
        }
        self._tools: dict[str, QWidget] = {
            "spectrograms": self.spectrograms.scale,
            "spectra": self.spectra.smoothed,
        }
        self._stack = QStackedWidget()
        self._arrange()
        self.choice.chosen.connect(self.show_view)
        marks.changed.connect(self.refresh_note)
        self.show_view("spectrograms")

    def _arrange(self) -> None:
        self.header.addWidget(self.choice)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header.addWidget(self.note, 1)
        for tool in self._tools.values():
            self.header.addWidget(tool)
        for panel in self._panels.values():
            self._stack.addWidget(panel)
        self.body.addLayout(self.header)
        self.body.addWidget(self._stack, 1)

    @property
    def key(self) -> str:
        """Which view is shown."""
        return self.choice.key

    def show_view(self, key: str) -> None:
        """Show a view."""
        self.choice.select(key)
        self._stack.setCurrentWidget(self._panels[key])
        for name, tool in self._tools.items():
            tool.setVisible(name == key)
        self.refresh_note()
        self.view_chosen.emit(key)

    def refresh_note(self) -> None:
        """Say where the person points, or what the view needs to be understood."""
        frequency = self._marks.frequency_hz
        if self.key == "close-up":
            text = self.close_up.note
        elif self.key == "positions":
            text = ""
        elif frequency is not None:
            text = f"at {plots.pointed_frequency_text(frequency)}"
        else:
            text = NOTE if self.key == "spectrograms" else "dB over Hz, 0 dB a full-scale sine"
        self.note.set_full_text(text)
        self.note.show()
