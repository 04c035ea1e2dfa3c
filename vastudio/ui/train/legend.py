"""The legend of the curve: what each line is, other runs included."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.run_plot import GOAL, OtherRun
from vastudio.ui.widgets.series import MOST_SERIES, series_colour
from vastudio.ui.widgets.text import ElidedLabel, label


class Legend(QWidget):
    """One line below the plot; names of runs are shortened where the room is short."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = [QLabel("╌") for _ in range(MOST_SERIES)]
        self._names = [ElidedLabel("", "note") for _ in range(MOST_SERIES)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        for text, name, meaning in (
            ("●", "validation", "model"),
            ("●", "training", "clean"),
            ("┄", f"goal {GOAL:g}", "good"),
        ):
            row.addWidget(label(text, "note", meaning))  # type: ignore[arg-type]
            row.addWidget(label(name, "note"))
            row.addSpacing(7)
        self._floor = (label("┄", "note", "target"), label("", "note"))
        for part in self._floor:
            row.addWidget(part)
        row.addSpacing(7)
        for mark, name_label in zip(self._marks, self._names, strict=True):
            row.addWidget(mark)
            row.addWidget(name_label)
        row.addStretch(1)
        self.show_others(())
        self.show_floor(None)
        self._recolour()

    def show_others(self, runs: Sequence[OtherRun]) -> None:
        """Name the runs that are compared."""
        titles = {run.place: run.title for run in runs}
        for place, (mark, name) in enumerate(zip(self._marks, self._names, strict=True)):
            name.set_full_text(titles.get(place, ""), titles.get(place, ""))
            mark.setVisible(place in titles)
            name.setVisible(place in titles)

    def show_floor(self, esr: float | None) -> None:
        """Tell the lowest ESR the recordings allow."""
        self._floor[1].setText(f"floor {esr:.1g}" if esr is not None else "")
        for part in self._floor:
            part.setVisible(esr is not None)

    def _recolour(self) -> None:
        for place, mark in enumerate(self._marks):
            mark.setStyleSheet(f"color: {series_colour(tokens(), place).name()}; font-weight: 700;")

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)
