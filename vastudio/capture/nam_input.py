"""Neural Amp Modeler's standard input file, recognised by its layout.

Whatever program has written it anew, its parts stay where they are, at 48 kHz:

* version 3: 9 s of validation, silence, clicks at 10.5 and 11.5 s, sweeps, noise, music, and once more the
  same 9 s at the end;
* version 2: clicks at 0.5 and 1.5 s, sweeps, noise, music, twice the same 9 s of validation, and clicks at
  1.5 and 0.5 s from the end.

A part that comes twice must not be learned from once and judged on once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.types import STANDARD_RATE, Audio

_VALIDATION = 9 * STANDARD_RATE
_SILENT = 1e-4
_CLICK_PEAK = 0.1
_CLICK_ROOM = 2000  # frames around a click that are silent


@dataclass(frozen=True)
class NamInput:
    """The recognised version, and the frames to learn from and to judge on: `first` up to `stop`."""

    version: int
    first: int
    stop: int

    @property
    def span(self) -> tuple[int, int]:
        """`first` and `stop`."""
        return self.first, self.stop


def recognised(signal: Audio, rate: int) -> NamInput | None:
    """Tell whether `signal` at `rate` Hz is the standard input; None when it is anything else."""
    if rate != STANDARD_RATE or signal.size < 4 * _VALIDATION:
        return None
    size = signal.size
    if _clicks(signal, (504_000, 552_000)) and _same(signal, 0, size - _VALIDATION):
        return NamInput(3, 480_000, size)
    ends = (size - 72_000, size - 24_000)
    if _clicks(signal, (24_000, 72_000, *ends)) and _same(signal, size - 960_000, size - 528_000):
        return NamInput(2, 96_000, size - 528_000)
    return None


def _same(signal: Audio, one: int, other: int) -> bool:
    """Whether the same 9 s of sound lie at both places."""
    first = signal[one : one + _VALIDATION]
    return bool(first.any()) and bool(np.array_equal(first, signal[other : other + _VALIDATION]))


def _clicks(signal: Audio, places: tuple[int, ...]) -> bool:
    """Whether a click stands alone at every place."""
    return all(_click(signal[place - _CLICK_ROOM : place + _CLICK_ROOM]) for place in places)


def _click(around: Audio) -> bool:
    loud = np.flatnonzero(np.abs(around) > _SILENT)
    if loud.size == 0 or np.abs(around).max() < _CLICK_PEAK:
        return False
    return bool(abs(loud[0] - _CLICK_ROOM) <= 1 and loud[-1] - loud[0] < 100)
