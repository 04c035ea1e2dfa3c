"""How far a model's output is from its target: the numbers that every page, report and test shares.

Every function takes the target first. The two signals have equal length; a mismatch raises
ValueError, because it is the caller's mistake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio import mfcc
from vastudio.audio.frames import framed, map_blocks, mean_power
from vastudio.audio.level import from_db, integrated_loudness
from vastudio.audio.resample import resample
from vastudio.types import Audio

_Samples: TypeAlias = npt.NDArray[np.float64]
_Sample = TypeVar("_Sample", bound=np.floating[Any])

STFT_RESOLUTIONS = ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))
"""FFT size, hop and window length in samples of each resolution of `mr_stft`."""

COMPLEX_STFT_SIZES = (2048, 1024, 512, 256)
"""FFT sizes in samples of `complex_stft`; the hop is a quarter of each."""

_SAMPLES_AT_ONCE = 1 << 16
_MAGNITUDE_FLOOR = 1e-4
_MFCC_REFERENCE_LUFS = -16.0
_THIRD_OCTAVE_CENTRES = 1000.0 * 2.0 ** (np.arange(-15, 14) / 3.0)


def esr(target: Audio, model: Audio) -> float:
    """Error-to-signal ratio Σ(y−ŷ)²/Σy² over the whole signal, no epsilon.

    For a silent target it is 0 when the model is silent too, and inf otherwise.
    """
    sums = _sums(target, model)
    return _ratio(sums.error_energy, sums.energy)


def dc(target: Audio, model: Audio) -> float:
    """Squared difference of the means over the target's power; 0 or inf for a silent target as in `esr`."""
    sums = _sums(target, model)
    return _ratio((sums.error / len(target)) ** 2, sums.energy / len(target)) if len(target) else 0.0


def mae(target: Audio, model: Audio) -> float:
    """Mean absolute error, in units of full scale."""
    return _sums(target, model).magnitude / len(target) if len(target) else 0.0


def null_depth_db(target: Audio, model: Audio) -> float:
    """Level of the difference relative to the target, in dB: −20 is an ESR of 0.01."""
    ratio = esr(target, model)
    return 10.0 * math.log10(ratio) if ratio > 0.0 else -math.inf


def null_depth_bands(target: Audio, model: Audio, rate: int) -> tuple[_Samples, _Samples]:
    """`null_depth_db` in third-octave bands.

    Returns
    -------
    centres_hz, depth_db:
        Bands from 31 Hz up to the last one below half the rate; nan where the target holds nothing.
    """
    _check_lengths(target, model)
    centres = _THIRD_OCTAVE_CENTRES[rate / 2.0 ** (7 / 6) > _THIRD_OCTAVE_CENTRES]
    if not len(target):
        return centres, np.full(len(centres), np.nan)
    size = min(8192, len(target))
    hz = np.fft.rfftfreq(size, 1.0 / rate)
    error = np.subtract(target, model, dtype=np.float64)
    power, error_power = mean_power(target, size, level=True), mean_power(error, size, level=True)
    band = np.searchsorted(centres * 2.0 ** (1 / 6), hz)
    inside = (hz >= centres[0] * 2.0 ** (-1 / 6)) & (band < len(centres))
    wanted = np.bincount(band[inside], power[inside], len(centres))
    missed = np.bincount(band[inside], error_power[inside], len(centres))
    with np.errstate(divide="ignore", invalid="ignore"):
        return centres, 10.0 * np.log10(np.where(wanted > 0.0, missed / wanted, np.nan))


def pre_emphasis(x: Audio, coefficient: float = 0.85, lag: int = 1) -> Audio:
    """Filter with 1 − coefficient·z⁻ˡᵃᵍ: lag 1 is the first-order emphasis, lag 2 the folded one."""
    emphasised = x.copy()
    emphasised[lag:] -= np.float32(coefficient) * x[:-lag]
    return emphasised


def mr_stft(target: Audio, model: Audio) -> float:
    """Multi-resolution STFT distance of one clip (Yamamoto et al. 2020, arXiv 1910.11480).

    The mean over `STFT_RESOLUTIONS` of spectral convergence ‖|Y|−|Ŷ|‖/‖|Y|‖ plus the mean absolute
    difference of the natural log magnitudes. Periodic Hann windows, frames centred with reflected
    ends; magnitudes are floored at 1e-4, so that digital silence does not outweigh music.
    """
    _check_lengths(target, model)
    return float(np.mean([_stft_distance(target, model, *sizes) for sizes in STFT_RESOLUTIONS]))


def complex_stft(target: Audio, model: Audio) -> float:
    """Mean magnitude of the difference of the complex spectra, over `COMPLEX_STFT_SIZES`.

    Unlike `mr_stft` it hears phase: delay and polarity count. Periodic Hann windows that overlap by three
    quarters, frames centred with reflected ends, plain sums of the transform: it grows with the level of the
    signals, and is compared between models of one target only.
    """
    _check_lengths(target, model)
    error = np.subtract(target, model, dtype=np.float64)
    return float(np.mean([_mean_magnitude(error, size) for size in COMPLEX_STFT_SIZES]))


def loudness_difference(target: Audio, model: Audio, rate: int) -> float:
    """Absolute difference in LU; 0 when both are silent, inf when only one is."""
    _check_lengths(target, model)
    reference, other = integrated_loudness(target, rate), integrated_loudness(model, rate)
    return 0.0 if reference == other else abs(other - reference)


def mfcc_distance(target: Audio, model: Audio, rate: int) -> float:
    """Mean absolute difference of 20 MFCCs at 44.1 kHz, after the gain that puts the target at −16 LUFS.

    nan for a silent target, whose gain is not defined. It needs no exact alignment.
    """
    _check_lengths(target, model)
    loudness = integrated_loudness(target, rate)
    if not math.isfinite(loudness):
        return math.nan
    gain = np.float32(from_db(_MFCC_REFERENCE_LUFS - loudness))
    first, second = (mfcc.mfcc(resample(x * gain, rate, mfcc.RATE)) for x in (target, model))
    return float(np.abs(first - second).mean())


def predicted_mushra(distance: float) -> float:
    """Listening score 0..100 predicted from `mfcc_distance`: 100 up to 2.91, falling with its logarithm.

    nan for the distance from a silent target, which is not defined.
    """
    if math.isnan(distance):
        return math.nan
    return 100.0 if distance <= 2.91 else max(0.0, 100.0 - 69.4 * (math.log10(distance) - 0.464))


def _check_lengths(target: Audio, model: Audio) -> None:
    if target.shape != model.shape:
        raise ValueError(f"target {target.shape} and model {model.shape} differ in length")


@dataclass(frozen=True)
class _Sums:
    """Over all samples: squared target, squared, plain and absolute error."""

    energy: float
    error_energy: float
    error: float
    magnitude: float


def _sums(target: Audio, model: Audio) -> _Sums:
    """Sum in blocks that stay in the cache, each sample in double precision.

    Plain sums: the threads of a linear-algebra library would cost more than they bring.
    """
    _check_lengths(target, model)
    rows: list[tuple[float, ...]] = [(0.0, 0.0, 0.0, 0.0)]
    for start in range(0, len(target), _SAMPLES_AT_ONCE):
        block = slice(start, start + _SAMPLES_AT_ONCE)
        y = target[block].astype(np.float64)
        error = y - model[block]
        parts = (np.square(y), np.square(error), error, np.abs(error))
        rows.append(tuple(float(part.sum()) for part in parts))
    return _Sums(*(math.fsum(column) for column in zip(*rows, strict=True)))


def _ratio(error: float, reference: float) -> float:
    if reference > 0.0:
        return error / reference
    return math.inf if error > 0.0 else 0.0


def _stft_distance(target: Audio, model: Audio, size: int, hop: int, window: int) -> float:
    """One resolution."""
    taper = np.pad(scipy.signal.get_window("hann", window), (size - window + 1) // 2)[:size]
    frames, other_frames = _frames(target, size, hop), _frames(model, size, hop)

    def work(block: slice) -> tuple[float, float, float]:
        first, second = _magnitudes(frames[block] * taper), _magnitudes(other_frames[block] * taper)
        return (
            float(np.square(first - second).sum()),
            float(np.square(first).sum()),
            float(np.abs(np.log(first / second)).sum()),
        )

    difference, reference, log_difference = (
        math.fsum(sums) for sums in zip(*map_blocks(work, frames), strict=True)
    )
    count = len(frames) * (size // 2 + 1)
    return math.sqrt(difference / reference) + log_difference / count


def _mean_magnitude(x: _Samples, size: int) -> float:
    """Mean over time and frequency of a short-time spectrum."""
    window, frames = scipy.signal.get_window("hann", size), _frames(x, size, size // 4)

    def work(block: slice) -> float:
        return float(np.abs(np.fft.rfft(frames[block] * window)).sum())

    total = math.fsum(map_blocks(work, frames))
    return total / (len(frames) * (size // 2 + 1))


def _frames(x: npt.NDArray[_Sample], size: int, hop: int) -> npt.NDArray[_Sample]:
    mode = "reflect" if len(x) > size // 2 else "constant"
    padded = np.pad(x, size // 2, mode=mode)  # type: ignore[call-overload]
    return framed(padded, size, hop)


def _magnitudes(frames: _Samples) -> _Samples:
    return np.asarray(np.maximum(np.abs(np.fft.rfft(frames)), _MAGNITUDE_FLOOR))
