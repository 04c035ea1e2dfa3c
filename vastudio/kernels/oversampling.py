"""Changing the rate by a whole factor inside a kernel: streaming polyphase low-pass filters.

Both filters add up tap by tap over the whole block. That order vectorises without reordering any sum, so the
output does not depend on how a signal is cut into blocks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.kernels.jit import compiled

Floats = npt.NDArray[np.float64]


@compiled
def _interpolate(padded: Floats, taps: Floats, factor: int) -> Floats:
    """Filter `padded` (history, then block) up by `factor`; `taps` has `factor · len(history) + 1` values."""
    history = (taps.size - 1) // factor
    frames = padded.size - history
    out = np.empty(frames * factor)
    for phase in range(factor):
        row = np.zeros(frames)
        for k in range(phase, taps.size, factor):
            start = history - k // factor
            tap, part = taps[k], padded[start : start + frames]
            for n in range(frames):
                row[n] += tap * part[n]
        out[phase::factor] = row
    return out


@compiled
def _decimate(padded: Floats, taps: Floats, factor: int) -> Floats:
    """Filter `padded` (history of `len(taps) − 1`, then block) and keep every `factor`-th sample."""
    frames = (padded.size - taps.size + 1) // factor
    out = np.zeros(frames)
    for phase in range(factor):
        row = padded[phase::factor].copy()
        for k in range(phase, taps.size, factor):
            tap, part = taps[taps.size - 1 - k], row[k // factor : k // factor + frames]
            for n in range(frames):
                out[n] += tap * part[n]
    return out


class Oversampler:
    """A pair of equal linear-phase filters, up and down by `factor`, that remember the last block.

    Parameters
    ----------
    factor:
        Ratio of the inner to the outer rate.
    taps_per_phase:
        Steepness, and the delay of both filters together in outer frames (`latency`). With the default the
        pass band reaches 0.4 of the outer rate, and what lies above 0.52 is 90 dB down.
    """

    def __init__(self, factor: int, taps_per_phase: int = 48) -> None:
        self.factor = factor
        self.latency = taps_per_phase
        length = factor * taps_per_phase
        self._taps: Floats = scipy.signal.firwin(length + 1, 0.91 / factor, window=("kaiser", 9.0))
        self._outer = np.zeros(taps_per_phase)
        self._inner = np.zeros(length)

    def up(self, block: Floats) -> Floats:
        """Return `factor` inner samples for each of `block`, same level."""
        padded = np.concatenate([self._outer, block])
        self._outer = padded[block.size :]
        return _interpolate(padded, self._taps * self.factor, self.factor)

    def down(self, inner: Floats) -> Floats:
        """Return one sample for every `factor` of `inner`, whose length is a multiple of it."""
        padded = np.concatenate([self._inner, inner])
        self._inner = padded[inner.size :]
        return _decimate(padded, self._taps, self.factor)
