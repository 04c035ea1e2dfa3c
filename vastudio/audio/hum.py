"""Mains hum: lines at 50 or 60 Hz and their multiples.

Notes come and go, hum stays: in the spectrum of a whole stretch a line that lasts is narrow and stands
far above its neighbourhood. The mains itself drifts by some hundredths of a hertz and is looked for
around its nominal frequency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.audio.level import to_db
from vastudio.types import Audio

_Real = npt.NDArray[np.float64]

MAINS_HZ = (50.0, 60.0)
LEAST_SECONDS = 0.4
"""Shorter stretches do not tell the lines of 50 Hz from those of 60 Hz."""

_HIGHEST_MULTIPLE = 8
_DEVIATION_HZ = 0.1  # of the mains itself
_ZERO_PADDING = 4
_MAIN_LOBE = 2.5  # of the window, in 1/seconds to each side
_NEIGHBOURS = 14.0  # likewise: how far the neighbourhood reaches
_PROMINENCE = 31.6  # 15 dB above the neighbourhood's median; noise exceeds it once in 10⁹ bins
_LEAST_DB = -110.0


@dataclass(frozen=True)
class Harmonic:
    """One line: multiple of the mains frequency (1: the mains itself), peak level of its sine in dBFS."""

    multiple: int
    level_db: float


@dataclass(frozen=True)
class Hum:
    """Mains hum: nominal frequency in Hz, RMS of all lines together in dBFS, and the lines."""

    mains_hz: float
    level_db: float
    harmonics: tuple[Harmonic, ...]

    @property
    def loudest(self) -> Harmonic:
        """The line with the highest level."""
        return max(self.harmonics, key=lambda line: line.level_db)


def find_hum(x: Audio, rate: int) -> Hum | None:
    """Return the mains hum in `x`, mono at `rate` Hz; None where no line stands out.

    Best on a stretch in which nothing is played, from 0.4 s on. While something plays, only what lasts for
    the whole of `x` is found.
    """
    if len(x) < LEAST_SECONDS * rate:
        return None
    power, resolution = _spectrum(x, rate)
    found = [hum for hum in (_at(power, resolution, rate / len(x), mains) for mains in MAINS_HZ) if hum]
    return max(found, key=lambda hum: hum.level_db, default=None)


def _spectrum(x: Audio, rate: int) -> tuple[_Real, float]:
    """Power, in which a sine of amplitude A peaks at A², up to above the highest line; bin width in Hz."""
    window = np.hanning(len(x) + 2)[1:-1]
    size = _ZERO_PADDING * len(x)
    spectrum = np.fft.rfft((x - np.mean(x, dtype=np.float64)) * window, size)
    resolution = rate / size
    highest = _HIGHEST_MULTIPLE * MAINS_HZ[-1] + 30.0
    return np.abs(spectrum[: int(highest / resolution)] * (2.0 / window.sum())) ** 2, resolution


def _at(power: _Real, resolution: float, lobe_hz: float, mains_hz: float) -> Hum | None:
    exact = _exact_frequency(power, resolution, lobe_hz, mains_hz)
    lines = []
    for multiple in range(1, _HIGHEST_MULTIPLE + 1):
        level, around = _line(power, resolution, lobe_hz, exact * multiple)
        if level > _PROMINENCE * around and 10.0 * math.log10(level) > _LEAST_DB:
            lines.append(Harmonic(multiple, round(to_db(math.sqrt(level)), 1)))
    told_apart = any(line.multiple * mains_hz % 300.0 for line in lines)  # 300 Hz belongs to both
    if not told_apart:
        return None
    total = sum(10.0 ** (line.level_db / 10.0) for line in lines) / 2.0
    return Hum(mains_hz, round(10.0 * math.log10(total), 1), tuple(lines))


def _exact_frequency(power: _Real, resolution: float, lobe_hz: float, mains_hz: float) -> float:
    """The frequency near `mains_hz` at whose multiples most of the prominence lies, in Hz."""
    reach = _DEVIATION_HZ * mains_hz / 50.0
    step = min(reach, lobe_hz / (4.0 * _HIGHEST_MULTIPLE))
    candidates = mains_hz + np.arange(-reach, reach + step / 2.0, step)
    multiples = np.arange(1, _HIGHEST_MULTIPLE + 1)
    bins = np.rint(candidates[:, None] * multiples / resolution).astype(np.intp)
    around = [_line(power, resolution, lobe_hz, mains_hz * multiple)[1] for multiple in multiples]
    prominence = np.log(np.maximum(power[bins] / np.array(around), 1.0)).sum(axis=1)
    return float(candidates[np.argmax(prominence)])


def _line(power: _Real, resolution: float, lobe_hz: float, hertz: float) -> tuple[float, float]:
    """Power at `hertz`, and the median of its neighbourhood outside the window's main lobe."""
    centre = round(hertz / resolution)
    inner = math.ceil(_MAIN_LOBE * lobe_hz / resolution)
    outer = math.ceil(min(_NEIGHBOURS * lobe_hz, 24.0) / resolution)
    below = power[max(0, centre - outer) : max(0, centre - inner)]
    above = power[centre + inner + 1 : centre + outer + 1]
    around = float(np.median(np.concatenate([below, above])))
    return float(power[max(0, centre - 1) : centre + 2].max()), max(around, 1e-30)
