"""Levels of mono audio: peak and RMS in dBFS, loudness in LUFS."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.types import Audio

_BLOCK_SECONDS = 0.4
_OVERLAP = 0.75
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0

_MATCHED_WITHIN_LU = 0.01
_MATCHING_ROUNDS = 4


def to_db(ratio: float) -> float:
    """Return 20·log10 of an amplitude ratio; −inf for 0."""
    return 20.0 * math.log10(ratio) if ratio > 0.0 else -math.inf


def from_db(level_db: float) -> float:
    """Return the amplitude ratio of a level in dB."""
    return float(10.0 ** (level_db / 20.0))


def peak_db(x: Audio) -> float:
    """Highest absolute sample in dBFS; −inf for silence or no samples."""
    return to_db(float(np.max(np.abs(x), initial=0.0)))


def rms_db(x: Audio) -> float:
    """Root mean square in dBFS (a full-scale sine: −3.01); −inf for silence or no samples."""
    return to_db(math.sqrt(float(np.mean(np.square(x, dtype=np.float64))))) if len(x) else -math.inf


def integrated_loudness(x: Audio, rate: int) -> float:
    """Gated loudness of mono audio in LUFS after ITU-R BS.1770-4; −inf for silence.

    Blocks of 400 ms overlap by 75 %; those below −70 LUFS, then those 10 LU below the mean of the
    rest, are left out. A signal shorter than one block is measured as a single block.
    """
    if not len(x):
        return -math.inf
    weighted = scipy.signal.sosfilt(k_weighting(rate), x.astype(np.float64))
    power = _block_powers(weighted, rate)
    power = power[power > _power(_ABSOLUTE_GATE_LUFS)]
    if not power.size:
        return -math.inf
    gate = power.mean() * 10.0 ** (_RELATIVE_GATE_LU / 10.0)
    return _lufs(float(power[power > gate].mean()))


def gain_to_loudness(x: Audio, rate: int, lufs: float) -> float | None:
    """Return the gain in dB that gives `x` a loudness, to 0.01 LU; None where `x` or the goal is silence.

    In rounds, because a gain may carry blocks over the absolute gate.
    """
    gain_db = 0.0
    for _ in range(_MATCHING_ROUNDS):
        loudness = integrated_loudness(np.asarray(x * np.float32(from_db(gain_db))), rate)
        if not (math.isfinite(loudness) and math.isfinite(lufs)):
            return None
        if abs(lufs - loudness) < _MATCHED_WITHIN_LU:
            break
        gain_db += lufs - loudness
    return gain_db


def k_weighting(rate: int) -> npt.NDArray[np.float64]:
    """Return the K-weighting of ITU-R BS.1770-4 as second-order sections, shape (2, 6), for any rate in Hz.

    The standard tabulates the two filters at 48 kHz only. Undoing its bilinear transform gives the
    analogue shelf (1682 Hz, +4 dB) and high-pass (38 Hz) below; at 48 kHz they give the table back.
    """
    return np.vstack([_shelf(rate), _high_pass(rate)])


def _shelf(rate: int) -> npt.NDArray[np.float64]:
    q = 0.7071752369554196
    k = math.tan(math.pi * 1681.974450955533 / rate)
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    numerator = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k]
    denominator = [1.0 + k / q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k]
    return np.array(numerator + denominator) / denominator[0]


def _high_pass(rate: int) -> npt.NDArray[np.float64]:
    q = 0.5003270373238773
    k = math.tan(math.pi * 38.13547087602444 / rate)
    denominator = np.array([1.0 + k / q + k * k, 2.0 * (k * k - 1.0), 1.0 - k / q + k * k])
    # The table's numerator is 1, −2, 1 as it stands: the standard leaves the pass-band gain in.
    return np.concatenate([[1.0, -2.0, 1.0], denominator / denominator[0]])


def _block_powers(weighted: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.float64]:
    block = min(round(_BLOCK_SECONDS * rate), len(weighted))
    hop = max(1, round(_BLOCK_SECONDS * (1.0 - _OVERLAP) * rate))
    sums = np.concatenate([[0.0], np.cumsum(weighted**2)])
    starts = np.arange(0, len(weighted) - block + 1, hop)
    return np.asarray((sums[starts + block] - sums[starts]) / block)


def _lufs(power: float) -> float:
    return -0.691 + 10.0 * math.log10(power)


def _power(lufs: float) -> float:
    return float(10.0 ** ((lufs + 0.691) / 10.0))
