"""The pitch of a plucked string to a fraction of a cent.

The normalised square difference of P. McLeod and G. Wyvill ("A smarter way to find pitch", ICMC 2005) says
how alike a signal and its past are, from −1 to 1, for every lag. Its first peak that comes near the highest
is the period. The peaks at multiples of the period are sharper in proportion: the period is followed from
one to the next, and the last one, divided by its number, gives the pitch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.types import Audio

LOWEST_HZ, HIGHEST_HZ = 26.0, 2_800.0
"""Below the low B of a five-string bass, above the harmonics of a guitar's high E."""

_Doubles = npt.NDArray[np.float64]

_NEAR_HIGHEST = 0.9
"""Share of the highest peak that the period's own must reach."""

_LEAST_CLARITY = 0.8
_KEPT_CLARITY = 0.95
"""A multiple of the period counts as long as it is nearly as clear as the period."""

_KEPT_PARTIALS = 2.2

_MOST_LAG = 0.6
"""Share of the signal: beyond it too little is compared."""


@dataclass(frozen=True)
class Pitch:
    """What is heard.

    Attributes
    ----------
    frequency_hz:
        Of the fundamental.
    clarity:
        How periodic it is, up to 1.
    """

    frequency_hz: float
    clarity: float


def likeness_to_past(audio: Audio) -> _Doubles:
    """Return the normalised square difference for lags from 0 on, shape (frames,)."""
    x = audio.astype(np.float64)
    size = scipy.fft.next_fast_len(2 * x.size, real=True)
    spectrum = scipy.fft.rfft(x, size)
    products = scipy.fft.irfft(np.abs(spectrum) ** 2, size)[: x.size]
    energy = np.concatenate([[0.0], np.cumsum(x * x)])
    lags = np.arange(x.size)
    energies = energy[x.size - lags] + energy[x.size] - energy[lags]
    return np.asarray(2.0 * products / np.maximum(energies, 1e-20))


def find_pitch(audio: Audio, rate: int) -> Pitch | None:
    """Return the pitch of `audio` (frames,), 0.15 s or more for low notes; None where there is none.

    Exact to a tenth of a cent for a steady tone. A constant part is taken off first.
    """
    x = audio - np.float32(audio.mean(dtype=np.float64))
    if x.size < 2.5 * rate / HIGHEST_HZ or not x.any():
        return None
    likeness = likeness_to_past(x)
    last = int(min(_MOST_LAG * x.size, rate / LOWEST_HZ * 1.02 + 2))
    period = _first_period(likeness[: max(last, 3)], rate)
    if period is None:
        return None
    clarity = _at(likeness, period)
    lowest = likeness_to_past(_lowest_partials(x, period))
    return Pitch(rate / _followed(lowest, period, _at(lowest, period)), clarity)


def _lowest_partials(x: Audio, period: float) -> Audio:
    """Leave little but the first two partials: those above lie too high on a stiff string.

    The filter's own beginning, a period long, is cut off.
    """
    low_pass = scipy.signal.butter(4, min(2.0 * _KEPT_PARTIALS / period, 0.95), output="sos")
    filtered = scipy.signal.sosfilt(low_pass, x.astype(np.float64))
    return np.asarray(filtered[int(period) :], np.float32)


def _first_period(likeness: _Doubles, rate: int) -> float | None:
    """The lag of the first peak near the highest, behind the first lag at which it is below 0."""
    below = np.flatnonzero(likeness < 0.0)
    if not below.size:
        return None
    begin = max(int(below[0]), int(rate / HIGHEST_HZ) - 1)
    inner = likeness[begin:]
    peaks = begin + 1 + np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:]))
    if not peaks.size:
        return None
    heights = np.array([_height(likeness, int(peak)) for peak in peaks])
    if heights.max() < _LEAST_CLARITY:
        return None
    first = int(peaks[np.argmax(heights >= _NEAR_HIGHEST * heights.max())])
    return _vertex(likeness, first)


def _followed(likeness: _Doubles, period: float, clarity: float) -> float:
    """Return the period, made more exact at its multiples."""
    most = int(_MOST_LAG * likeness.size)
    count, exact = 1, period
    while True:
        # The next multiple is twice as far at most: what is known of the period still finds its peak.
        count = min(2 * count, int(most / exact))
        place = round(count * exact)
        nearby = max(1, int(0.25 * exact))
        low, high = max(place - nearby, 1), min(place + nearby + 1, most)
        if count < 2 or high - low < 3:
            return exact
        peak = low + int(np.argmax(likeness[low:high]))
        if not low < peak < high - 1 or likeness[peak] < _KEPT_CLARITY * clarity:
            return exact
        refined = _vertex(likeness, peak) / count
        if 2 * count > int(most / refined):
            return refined
        exact = refined


def _vertex(y: _Doubles, peak: int) -> float:
    """The lag at which the cosine-like peak around a sample is highest."""
    left, middle, right = y[peak - 1 : peak + 2]
    bend = left - 2.0 * middle + right
    return peak + (0.5 * (left - right) / bend if bend < 0 else 0.0)


def _height(y: _Doubles, peak: int) -> float:
    left, middle, right = y[peak - 1 : peak + 2]
    bend = left - 2.0 * middle + right
    return float(middle - 0.125 * (left - right) ** 2 / bend if bend < 0 else middle)


def _at(y: _Doubles, lag: float) -> float:
    return min(_height(y, max(1, round(lag))), 1.0)


def cents(frequency_hz: float, reference_hz: float) -> float:
    """Return the interval between two frequencies in cents, above 0 where the first is higher."""
    return 1200.0 * math.log2(frequency_hz / reference_hz)
