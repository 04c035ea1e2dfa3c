"""Average spectra of all signals, and the null by third-octave, beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from vastudio.app.comparison.goals import GOALS
from vastudio.ui.compare.views.analysis import Figures, Shown
from vastudio.ui.widgets.frequency_plot import HIGHEST_HZ, LOWEST_HZ, Curve, FrequencyPlot
from vastudio.ui.widgets.marks import Marks

_RANGE_DB = 80.0
_STEP_DB = 20.0
_NULL_RANGE_DB = (-60.0, 6.0)


class SpectraPanel(QWidget):
    """Signals
    -------
    smoothing_chosen(bool):
        The person wants third-octave means, or every bin.
    """

    smoothing_chosen = Signal(bool)

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.average = FrequencyPlot("Average spectra of clean, target and model", marks, _STEP_DB)
        self.null = FrequencyPlot("Null depth by third-octave band", marks, _STEP_DB)
        self.smoothed = QCheckBox("Third-octave means")
        self.smoothed.setToolTip("Average the spectra over a third-octave around each frequency, as ears do")
        self.smoothed.setChecked(True)
        self.smoothed.toggled.connect(self.smoothing_chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.average, 3)
        row.addWidget(self.null, 2)

    def show_figures(self, shown: Shown, figures: Sequence[Figures]) -> None:
        """Draw spectra and nulls of every model, or nothing."""
        if not figures:
            self.average.show_curves((), (-1.0, 0.0))
            self.null.show_curves((), (-1.0, 0.0))
            return
        first, titles = figures[0].averages, shown.titles
        hz = first.frequencies_hz
        curves = [Curve("Clean", "clean", hz, first.clean_db), Curve("Target", "target", hz, first.target_db)]
        curves += [
            Curve(title, "model", hz, figure.averages.model_db, column)
            for column, (title, figure) in enumerate(zip(titles, figures, strict=True))
        ]
        audible = (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
        top = max(float(curve.level_db[audible].max()) for curve in curves)
        top = np.ceil(top / 10.0) * 10.0
        self.average.show_curves(curves, (top - _RANGE_DB, top))
        self._show_nulls(shown, figures)

    def _show_nulls(self, shown: Shown, figures: Sequence[Figures]) -> None:
        """The heard model's null as bars, the others' as lines."""
        heard = figures[shown.heard].null
        name = "Null by band" if len(figures) == 1 else f"Null of {shown.titles[shown.heard].lower()}"
        curves = [Curve(name, "difference", heard.centres_hz, heard.depth_db, is_bars=True)]
        curves += [
            Curve(shown.titles[column], "model", figure.null.centres_hz, figure.null.depth_db, column)
            for column, figure in enumerate(figures)
            if column != shown.heard
        ]
        self.null.show_curves(curves, _NULL_RANGE_DB, GOALS["null_depth_db"].limit)
