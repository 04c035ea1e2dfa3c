"""Lookup tables for spectrograms: one for levels, one for differences around nought."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from vastudio.ui.theme.tokens import Tokens

Table = npt.NDArray[np.uint8]
"""Shape (256, 3), red, green, blue."""

_LEVELS_DARK = ("#121417", "#231F3D", "#4A2A73", "#8A3A86", "#D2604F", "#F2A83B", "#FBE88F")
_LEVELS_LIGHT = ("#FBFCFD", "#E6D9EC", "#C29CD0", "#95539E", "#8A2F5D", "#5E1A2E", "#2A0B0B")


def levels(theme: Tokens) -> Table:
    """From the ground of the plot (quiet) to the strongest contrast with it (loud)."""
    return _gradient(_LEVELS_DARK if theme.is_dark else _LEVELS_LIGHT)


def difference(theme: Tokens) -> Table:
    """Model below target (slate-blue), equal (the ground of the plot), model above target (rose)."""
    return _gradient((_BELOW[theme.scheme], theme.plot.ground, theme.meaning.difference))


_BELOW = {"dark": "#5B8DEF", "light": "#1F55B5"}


def _gradient(stops: tuple[str, ...]) -> Table:
    colours = np.array([QColor(stop).getRgb() for stop in stops], float)[:, :3]
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), colours[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
