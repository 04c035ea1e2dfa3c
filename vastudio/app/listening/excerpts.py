"""Where to listen: a stretch of a recording in which much is to be heard."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.app.listening.material import LONGEST_SECONDS, SHORTEST_SECONDS, Excerpt
from vastudio.errors import ListeningError
from vastudio.types import Audio

PROPOSED_SECONDS = 3.0
LOUD_WITHIN_DB = 6.0
"""Stretches that are quieter than the loudest by more are not proposed."""

_FRAME_SECONDS, _HOP_SECONDS = 0.05, 0.1
_EDGES_HZ = (0.0, 150.0, 300.0, 600.0, 1_200.0, 2_400.0, 4_800.0, 9_600.0, 24_000.0)
_FLOOR_DB, _HEARD_WITHIN_DB = 60.0, 30.0


def fitting(selected: tuple[float, float] | None) -> Excerpt | None:
    """Return a selected stretch (start and stop in seconds) if it is fit for a listening test."""
    if selected is None or not SHORTEST_SECONDS <= selected[1] - selected[0] <= LONGEST_SECONDS:
        return None
    return Excerpt(selected[0], selected[1] - selected[0])


def propose(x: Audio, rate: int, seconds: float = PROPOSED_SECONDS) -> Excerpt:
    """Return the most varied among the loud stretches of `x` (frames,).

    Loud are those at most 6 dB quieter than the loudest; varied is where the shape of the spectrum, in eight
    octaves, changes most between moments that are heard. Raises ListeningError where `x` is silent or shorter
    than a second.
    """
    seconds = min(seconds, int(10.0 * x.size / rate) / 10.0)
    if seconds < SHORTEST_SECONDS or not np.any(x):
        raise ListeningError(
            "There is nothing to listen to in this recording.",
            f"It takes {SHORTEST_SECONDS:g} s that are not silent.",
        )
    power = _band_powers(x, rate)
    window = max(1, round(seconds / _HOP_SECONDS) - 1)
    starts = np.arange(0, max(1, len(power) - window + 1))
    loudness = np.array([10.0 * np.log10(power[at : at + window].mean() + 1e-20) for at in starts])
    levels = 10.0 * np.log10(power + power.max() * 10.0 ** (-_FLOOR_DB / 10.0))
    shapes = levels - levels.mean(axis=1, keepdims=True)
    is_heard = power.sum(axis=1) > power.sum(axis=1).max() * 10.0 ** (-_HEARD_WITHIN_DB / 10.0)
    variety = np.array([_spread(shapes[at : at + window][is_heard[at : at + window]]) for at in starts])
    loud = loudness >= loudness.max() - LOUD_WITHIN_DB
    best = int(starts[np.argmax(np.where(loud, variety, -np.inf))])
    return Excerpt(round(min(best * _HOP_SECONDS, x.size / rate - seconds), 2), seconds)


def _spread(shapes: npt.NDArray[np.float64]) -> float:
    """How much spectra (frames, bands) differ from their mean, in dB."""
    return float(shapes.std(axis=0).mean()) if len(shapes) else 0.0


def _band_powers(x: Audio, rate: int) -> npt.NDArray[np.float64]:
    """Power in eight octaves, every tenth of a second, shape (frames, 8)."""
    frame, hop = round(_FRAME_SECONDS * rate), round(_HOP_SECONDS * rate)
    starts = np.arange(0, max(1, x.size - frame + 1), hop)
    edges = np.searchsorted(np.fft.rfftfreq(frame, 1.0 / rate), _EDGES_HZ)
    hann = np.hanning(frame)
    powers = np.zeros((starts.size, len(_EDGES_HZ) - 1))
    for row, start in enumerate(starts):
        piece = np.zeros(frame)
        piece[: x[start : start + frame].size] = x[start : start + frame]
        spectrum = np.abs(np.fft.rfft(hann * piece)) ** 2
        sums = np.concatenate([[0.0], np.cumsum(spectrum)])
        powers[row] = np.diff(sums[np.minimum(edges, spectrum.size)])
    return powers
