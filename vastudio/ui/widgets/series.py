"""Colours and dashes for lines of equal rank, such as several runs on one plot."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from vastudio.ui.theme.tokens import Tokens

MOST_SERIES = 4
"""More lines than this on one plot cannot be told apart."""

_HUES = (0.74, 0.60, 0.89, 0.16)
_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DashDotLine, Qt.PenStyle.DotLine)


def series_colour(theme: Tokens, index: int) -> QColor:
    """The colour of line `index`: as strong as the theme's colour of the model, but never that one."""
    like = theme.of("model")
    lightness = 0.72 if theme.is_dark else 0.42
    return QColor.fromHslF(_HUES[index % MOST_SERIES], like.hslSaturationF(), lightness)


def series_pen(theme: Tokens, index: int) -> Any:
    """The pen of line `index`; the dashes tell the lines apart without their colour."""
    return pg.mkPen(series_colour(theme, index), width=1.5, style=_DASHES[index % MOST_SERIES])


def column_colour(theme: Tokens, column: int) -> QColor:
    """The colour of one of several models: the first is in the colour of the model, none is like another."""
    return series_colour(theme, column - 1) if column else theme.of("model")
