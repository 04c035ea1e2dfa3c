"""How late a target is, and whether it is inverted: latency told apart from the device's own filters.

A low-pass inside an amplifier shifts the peak of a plain cross-correlation by several samples, and
removing that shift would ask the model to look into the future. So the phase that the device's
magnitude response implies (its minimum phase) is taken out first; what is left is latency.

1. The peak of a partly whitened cross-correlation gives the lag in whole samples.
2. Cross-spectra of short frames (Welch) give the transfer function at that lag, smoothed over
   frequency; the real cepstrum of its magnitude gives the minimum phase (Oppenheim & Schafer,
   Discrete-Time Signal Processing, ch. 13).
3. The peak of the coherence-weighted impulse response of unit magnitude (a generalised
   cross-correlation, Knapp & Carter 1976) is the rest of the delay; its sign is the polarity.
4. Where no peak stands out, because the device disperses like an all-pass (a tone stack with two
   paths does), the first sample of that response that is half as high as its peak is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.types import Audio

_Real: TypeAlias = npt.NDArray[np.float64]
_Complex: TypeAlias = npt.NDArray[np.complex128]
_Index: TypeAlias = npt.NDArray[np.intp]

MAX_DELAY_SECONDS = 1.0
DISPERSIVE = 0.75
"""Confidence below which the device disperses so much that only the onset of its response is told."""

_WHITENING = 0.8
_FRAME_SECONDS = 0.04
_SMALLEST_FRAME = 256
_LOWEST_HZ = 60.0
_HIGHEST_FRACTION = 0.45  # of the rate: converters' filters bend the phase above
_QUIETEST_FRAME = 1e-5  # power relative to the loudest frame
_SIGNIFICANCE = 4.0  # coherence in units of what unrelated signals show by chance
_HALF_WIDTH_OCTAVES = 1.0 / 6.0
_FULL_COVERAGE = 0.2
_OVERSAMPLING = 16
_REFINEMENTS = 3
_SINC_HALF_WIDTH = 64


@dataclass(frozen=True)
class Alignment:
    """What `measure` found.

    Attributes
    ----------
    delay_samples:
        How much later the target is than the clean signal; negative when it is earlier.
    inverted:
        The target has the opposite polarity.
    confidence:
        0..1: the height of the peak relative to that of a pure delay, less where the signals have
        little in common. Below `DISPERSIVE` the delay is good to a few samples, the polarity a guess.
    correlation_lag:
        Where a plain (partly whitened) cross-correlation peaks, in whole samples: latency plus what
        the device's filters add.
    """

    delay_samples: float
    inverted: bool
    confidence: float
    correlation_lag: int


def measure(clean: Audio, target: Audio, rate: int) -> Alignment:
    """Measure latency and polarity of `target` against `clean`, both mono at `rate` Hz.

    Delays up to a second, or half the shorter signal, are found. Silence gives confidence 0.
    """
    frames = min(len(clean), len(target))
    x, y = clean[:frames].astype(np.float64), target[:frames].astype(np.float64)
    lag = _correlation_lag(x, y, int(MAX_DELAY_SECONDS * rate))
    x, y = (x[: frames - lag], y[lag:]) if lag >= 0 else (x[-lag:], y[: frames + lag])
    spectra = _spectra(x, y, rate)
    if spectra is None:
        return Alignment(0.0, False, 0.0, lag)
    rest, height, confidence = spectra.latency()
    if confidence == 0.0:
        return Alignment(0.0, False, 0.0, lag)
    return Alignment(lag + rest, height < 0.0, confidence, lag)


def whole_lag(clean: Audio, target: Audio, rate: int) -> int:
    """Where a plain (partly whitened) cross-correlation peaks, in whole samples, up to a second."""
    frames = min(len(clean), len(target))
    x, y = clean[:frames].astype(np.float64), target[:frames].astype(np.float64)
    return _correlation_lag(x, y, int(MAX_DELAY_SECONDS * rate))


def advance(target: Audio, delay_samples: float) -> Audio:
    """Move `target` earlier by `delay_samples` (later when negative), keeping its length.

    Whole samples are moved exactly; the fraction goes through a 128-tap Kaiser-windowed sinc (flat
    within 0.01 dB up to 0.45 of the rate). What comes in at the ends is silence.
    """
    whole = math.floor(delay_samples + 0.5)
    fraction = delay_samples - whole
    if abs(fraction) < 1e-6:
        return _shift(target, whole)
    taps = np.arange(-_SINC_HALF_WIDTH, _SINC_HALF_WIDTH + 1) + fraction
    window = np.i0(8.0 * np.sqrt(np.maximum(0.0, 1.0 - (taps / (_SINC_HALF_WIDTH + 1)) ** 2))) / np.i0(8.0)
    moved = scipy.signal.oaconvolve(target.astype(np.float64), np.sinc(taps) * window, mode="same")
    return _shift(moved.astype(np.float32), whole)


def _shift(x: Audio, earlier: int) -> Audio:
    moved = np.zeros_like(x)
    if 0 <= earlier < len(x):
        moved[: len(x) - earlier] = x[earlier:]
    elif -len(x) < earlier < 0:
        moved[-earlier:] = x[:earlier]
    return moved


def _correlation_lag(x: _Real, y: _Real, limit: int) -> int:
    limit = min(limit, len(x) // 2)
    if limit < 1:
        return 0
    size = 1 << (2 * len(x) - 1).bit_length()
    cross = np.fft.rfft(y - y.mean(), size) * np.fft.rfft(x - x.mean(), size).conj()
    cross /= np.abs(cross) ** _WHITENING + np.finfo(np.float64).tiny
    correlation = np.abs(np.fft.irfft(cross, size))
    return _peak_lag(correlation, limit)


def _peak_lag(correlation: _Real, limit: int) -> int:
    """Index of the largest value among the circular lags −limit..limit."""
    lags = np.concatenate([np.arange(limit + 1), np.arange(-limit, 0)])
    return int(lags[np.argmax(correlation[lags])])


@dataclass(frozen=True)
class _Spectra:
    """Averaged spectra of clean and target (`xx`, `yy`, `xy`), bins of a frame of `size` samples."""

    xx: _Real
    yy: _Real
    xy: _Complex
    size: int
    independent_frames: float
    lowest_bin: int
    highest_bin: int

    def latency(self) -> tuple[float, float, float]:
        """Return (samples, signed peak height 0..1, confidence 0..1).

        The estimate is repeated with the delay found so far taken out, because smoothing over
        frequency needs a phase that hardly turns.
        """
        omega = 2.0 * np.pi * np.arange(len(self.xx)) / self.size
        delay = height = 0.0
        for _ in range(_REFINEMENTS):
            weighted = self._excess_phase(delay, omega)
            total = float(np.abs(weighted).sum())
            if total == 0.0:
                return 0.0, 0.0, 0.0
            rest, peak = _peak(weighted, omega, self.size)
            delay += rest
            height = peak / total
        if abs(height) < DISPERSIVE:
            delay, height = _onset(self._excess_phase(0.0, omega), self.size, abs(height))
        coverage = min(1.0, self._coverage(omega) / _FULL_COVERAGE)
        return delay, height, min(1.0, abs(height)) * coverage

    def _coverage(self, omega: _Real) -> float:
        """Share of the bins between the lowest and the highest where target and clean signal cohere."""
        used = int(np.count_nonzero(self._excess_phase(0.0, omega)))
        return used / max(1, self.highest_bin - self.lowest_bin)

    def _excess_phase(self, delay: float, omega: _Real) -> _Complex:
        """The phase that latency explains, as unit phasors weighted by the root of the coherence."""
        low, high = _octave_windows(len(self.xx))
        flat = 1.0 / np.maximum(self.xx, self.xx.max() * 1e-12)
        xx = _window_sums(self.xx * flat, low, high)
        yy = _window_sums(self.yy * flat, low, high)
        xy = _window_sums(self.xy * np.exp(1j * omega * delay) * flat, low, high)
        coherence = np.abs(xy) ** 2 / np.maximum(xx * yy, np.finfo(np.float64).tiny)
        chances = np.maximum(self.independent_frames * (high - low) / 2.0, 1.0)
        valid = coherence * chances > _SIGNIFICANCE
        valid[: self.lowest_bin] = valid[self.highest_bin :] = False
        if np.count_nonzero(valid) < 4:
            return np.zeros(len(xy), np.complex128)
        response = xy / np.maximum(xx, np.finfo(np.float64).tiny)
        own_phase = _minimum_phase(np.abs(response), np.flatnonzero(valid))
        weight = np.where(valid, np.sqrt(coherence), 0.0)
        return np.asarray(weight * np.exp(1j * (np.angle(response) - own_phase)))


def _spectra(x: _Real, y: _Real, rate: int) -> _Spectra | None:
    """Welch spectra of the frames that sound; every frame weighs alike, however loud. None for silence."""
    size = 1 << round(math.log2(_FRAME_SECONDS * rate))
    while size > _SMALLEST_FRAME and len(x) < 4 * size:
        size //= 2
    if len(x) < size:
        return None
    frames_x, frames_y = (np.lib.stride_tricks.sliding_window_view(v, size)[:: size // 4] for v in (x, y))
    power_x, power_y = np.mean(frames_x**2, axis=1), np.mean(frames_y**2, axis=1)
    sounding = (power_x > power_x.max() * _QUIETEST_FRAME) & (power_y > power_y.max() * _QUIETEST_FRAME)
    if not sounding.any():
        return None
    window = scipy.signal.get_window("hann", size)
    spectra_x = np.fft.rfft(frames_x[sounding] * window)
    spectra_y = np.fft.rfft(frames_y[sounding] * window)
    weight = 1.0 / np.sqrt(power_x[sounding] * power_y[sounding])
    return _Spectra(
        xx=weight @ np.abs(spectra_x) ** 2,
        yy=weight @ np.abs(spectra_y) ** 2,
        xy=weight @ (spectra_y * spectra_x.conj()),
        size=size,
        independent_frames=0.4 * float(np.count_nonzero(sounding)),
        lowest_bin=max(1, math.ceil(_LOWEST_HZ * size / rate)),
        highest_bin=int(_HIGHEST_FRACTION * size),
    )


def _octave_windows(bins: int) -> tuple[_Index, _Index]:
    """First and one-past-last bin of the smoothing window around every bin."""
    index = np.arange(bins)
    low = np.floor(index * 2.0**-_HALF_WIDTH_OCTAVES).astype(np.intp)
    high = np.minimum(np.ceil(index * 2.0**_HALF_WIDTH_OCTAVES).astype(np.intp) + 1, bins)
    return low, high


def _window_sums(values: npt.NDArray[np.inexact], low: _Index, high: _Index) -> npt.NDArray[np.inexact]:
    sums = np.concatenate([[0], np.cumsum(values)])
    return np.asarray(sums[high] - sums[low])


def _minimum_phase(magnitude: _Real, valid: _Index) -> _Real:
    """Phase in radians of the minimum-phase system with this magnitude, known at the bins `valid`.

    Between and below them the log magnitude is interpolated over log frequency; above them it goes on
    with the slope of the last octave, because a low-pass does not end where its output drowns.
    """
    bins = len(magnitude)
    octave = np.log2(np.maximum(np.arange(bins), 1))
    log_magnitude = np.log(np.maximum(magnitude, np.finfo(np.float64).tiny))
    curve = np.interp(octave, octave[valid], log_magnitude[valid])
    top = valid[-1]
    last = valid[octave[valid] >= octave[top] - 1.0]
    if len(last) > 3:
        slope = float(np.clip(np.polyfit(octave[last], log_magnitude[last], 1)[0], -3.0, 0.0))
        curve[top + 1 :] = curve[top] + slope * (octave[top + 1 :] - octave[top])
    cepstrum = np.fft.irfft(curve)
    half = len(cepstrum) // 2
    cepstrum[1:half] *= 2.0
    cepstrum[half + 1 :] = 0.0
    return np.asarray(np.fft.rfft(cepstrum).imag)


def _peak(weighted: _Complex, omega: _Real, size: int) -> tuple[float, float]:
    """Delay in samples and signed height of the largest peak of the impulse response of `weighted`."""
    response = np.fft.irfft(weighted, size * _OVERSAMPLING)
    limit = size * _OVERSAMPLING // 4
    delay = _peak_lag(np.abs(response), limit) / _OVERSAMPLING
    for _ in range(8):  # Newton's method on the height as a function of the delay
        turned = weighted * np.exp(1j * omega * delay)
        curvature = float((omega**2 * turned.real).sum())
        if curvature == 0.0:
            break
        delay -= float(np.clip((omega * turned.imag).sum() / curvature, -0.1, 0.1))
    return delay, float((weighted * np.exp(1j * omega * delay)).real.sum())


def _onset(weighted: _Complex, size: int, height: float) -> tuple[float, float]:
    """First whole sample of the impulse response half as high as its peak, and `height` with its sign."""
    response = np.roll(np.fft.irfft(weighted, size), size // 4)[: size // 2]
    first = int(np.argmax(np.abs(response) >= np.abs(response).max() / 2.0))
    return float(first - size // 4), math.copysign(height, response[first])
