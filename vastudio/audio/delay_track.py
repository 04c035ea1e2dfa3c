"""How the delay between a clean signal and its recording moves within a take.

A recording that starts in time may end early: two devices' clocks differ (the delay glides), or samples
were lost or repeated (it jumps). The device's own filters are the same from beginning to end, so each
second of the take is compared with the take's own transfer function: what differs is movement, whatever
the device.

1. The take is cut into half-overlapping segments; in each, a partly whitened cross-correlation gives a lag in
   whole samples.
2. The segments' cross-spectra, turned back by these lags, are averaged: the device's phase.
3. The cross-spectrum of each segment against that phase (a generalised cross-correlation, Knapp & Carter
   1976) peaks at the segment's own delay; then 2 and 3 again, with better lags.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.types import Audio

_Real = npt.NDArray[np.float64]
_Complex = npt.NDArray[np.complex128]
_Index = npt.NDArray[np.intp]

SEGMENT_SECONDS = 0.5
_HOP_SECONDS = 0.25
_REACH_SECONDS = 0.04
_WHITENING = 0.7
_FRAME = 2048
_HOP = 512
_LOWEST_HZ = 60.0
_HIGHEST_HZ = 12_000.0
_QUIETEST = 1e-4  # power relative to the loudest segment
_SPREAD = 0.01
"""Share of a segment that has to sound: a click alone shows another phase than music does."""

_LEAST_HEIGHT = 0.3
_FEWEST_BINS = 20.0
_LEAST_SHARE = 0.75  # of the usual height
_ROUNDS = 3
_OVERSAMPLING = 4
_NEARBY = 64  # samples around the lag of the segment's neighbours
_SHORT, _LONG = 5, 13  # segments
_CLEARLY = 0.05


@dataclass(frozen=True)
class DelayTrack:
    """Delays over a take.

    Attributes
    ----------
    times_s:
        Middle of each segment that could be measured, ascending, shape (segments,).
    delays:
        In samples, relative to the take's typical delay, shape (segments,).
    heights:
        0..1: how well each segment agrees with the others, shape (segments,).
    """

    times_s: _Real
    delays: _Real
    heights: _Real


def track_delay(clean: Audio, target: Audio, rate: int, lag: int) -> DelayTrack:
    """Follow the delay of `target` against `clean`, both mono at `rate` Hz, which is `lag` samples or so.

    Movements of up to 40 ms either way are followed. Segments in which one of the two is silent are left
    out.
    """
    segments = _Segments(clean, target, rate, lag)
    if len(segments.starts) < 2:
        nothing = np.zeros(0)
        return DelayTrack(nothing, nothing, nothing)
    delays = np.array([float(segments.coarse(index)) for index in range(len(segments.starts))])
    heights = np.zeros(len(delays))
    for _ in range(_ROUNDS):
        # A long note looks alike one period later: what a longer stretch says is tried beside it.
        tried = [segments.locate(_running_median(delays, width)) for width in (_LONG, _SHORT)]
        better = tried[1][1] > tried[0][1] + _CLEARLY
        delays, heights = (np.where(better, tried[1][part], tried[0][part]) for part in (0, 1))
    kept = heights > max(_LEAST_HEIGHT, _LEAST_SHARE * float(np.median(heights)))
    times, delays = (segments.starts + segments.frames / 2.0)[kept] / rate, delays[kept]
    return DelayTrack(times, delays - np.median(delays) if kept.any() else delays, heights[kept])


class _Segments:
    """The stretches of a take that sound, and their spectra."""

    def __init__(self, clean: Audio, target: Audio, rate: int, lag: int) -> None:
        self.frames = round(SEGMENT_SECONDS * rate)
        self.reach = round(_REACH_SECONDS * rate)
        self._clean = np.asarray(clean, np.float64)
        self._target = np.asarray(target, np.float64)
        self._lag = lag
        self._rate = rate
        self.starts = self._sounding(round(_HOP_SECONDS * rate))

    def _sounding(self, hop: int) -> _Index:
        margin = self.reach + _FRAME
        first = max(0, margin - self._lag)
        last = min(len(self._clean), len(self._target) - self._lag - margin) - self.frames
        starts = np.arange(first, max(first, last), hop)
        x, y = (
            _powers(self._clean, starts, self.frames),
            _powers(self._target, starts + self._lag, self.frames),
        )
        if not len(starts):
            return starts
        peaky = x**2 < _SPREAD * self.frames * _powers(self._clean**2, starts, self.frames)
        sounding = (x > _QUIETEST * x.max()) & (y > _QUIETEST * y.max()) & (y > 0.0) & ~peaky
        return np.asarray(starts[sounding], np.intp)

    def coarse(self, index: int) -> int:
        """Lag of the segment relative to the take's, in whole samples."""
        start = int(self.starts[index])
        x = self._clean[start : start + self.frames] * np.hanning(self.frames)
        begin = start + self._lag - self.reach
        y = self._target[begin : begin + self.frames + 2 * self.reach]
        y = y * scipy.signal.windows.tukey(len(y), 0.25)  # two cut ends would correlate, too
        size = scipy.fft.next_fast_len(len(y) + self.frames, real=True)
        cross = scipy.fft.rfft(y, size) * scipy.fft.rfft(x, size).conj()
        cross /= np.abs(cross) ** _WHITENING + 1e-30
        correlation = np.abs(scipy.fft.irfft(cross, size)[: 2 * self.reach + 1])
        lags = np.arange(-self.reach, self.reach + 1)
        return int(lags[np.argmax(correlation * np.exp(-np.abs(lags) / self.reach))])

    def locate(self, expected: _Real) -> tuple[_Real, _Real]:
        """Delay of each segment near the `expected` extra lag in samples, and its height."""
        whole = np.rint(expected).astype(np.intp)
        cross, powers = self._cross_spectra(whole)
        fine, heights = _against_average(cross, powers, expected - whole, self._rate)
        return whole + fine, heights

    def _cross_spectra(self, extra: _Index) -> tuple[_Complex, _Real]:
        """Cross-spectra of all segments with `extra` samples of lag, and the clean ones' powers."""
        window = scipy.signal.get_window("hann", _FRAME)
        offsets = np.arange(0, self.frames - _FRAME, _HOP)
        x_all = np.lib.stride_tricks.sliding_window_view(self._clean, _FRAME)
        y_all = np.lib.stride_tricks.sliding_window_view(self._target, _FRAME)
        cross, powers = [], []
        for start, more in zip(self.starts, extra, strict=True):
            x = scipy.fft.rfft(x_all[start + offsets] * window)
            y = scipy.fft.rfft(y_all[start + offsets + self._lag + more] * window)
            cross.append((y * x.conj()).sum(axis=0))
            powers.append((np.abs(x) ** 2).sum(axis=0))
        return np.array(cross), np.array(powers)


def _powers(x: _Real, starts: _Index, frames: int) -> _Real:
    sums = np.concatenate([[0.0], np.cumsum(x**2)])
    return np.asarray(sums[starts + frames] - sums[starts])


def _against_average(cross: _Complex, powers: _Real, rest: _Real, rate: int) -> tuple[_Real, _Real]:
    """Delay in samples and height of each segment's cross-spectrum against the others' average phase."""
    omega = 2.0 * np.pi * np.arange(cross.shape[1]) / _FRAME
    hertz = omega * rate / (2.0 * np.pi)
    band = (hertz > _LOWEST_HZ) & (hertz < _HIGHEST_HZ)
    turned = cross * np.exp(1j * omega * rest[:, None]) / (powers.sum(axis=1, keepdims=True) + 1e-30)
    phase = turned.sum(axis=0)
    # Where segments disagree the phase is noise; where one has no energy its bin says nothing.
    agreement = np.abs(phase) / (np.abs(turned).sum(axis=0) + 1e-30)
    weight = band * agreement**2 * (powers / (powers.max(axis=1, keepdims=True) + 1e-30)) ** 0.25
    unit = cross / (np.abs(cross) + 1e-30) * np.exp(-1j * np.angle(phase)) * weight
    total = weight.sum(axis=1) + 1e-30
    few = total**2 < _FEWEST_BINS * (weight**2).sum(axis=1)  # a tone looks alike whenever its period is over
    response = np.roll(scipy.fft.irfft(unit, _FRAME * _OVERSAMPLING, axis=1), _NEARBY * _OVERSAMPLING, axis=1)
    peaks = np.argmax(response[:, : 2 * _NEARBY * _OVERSAMPLING + 1], axis=1)
    delays = peaks / _OVERSAMPLING - _NEARBY
    for _ in range(6):  # Newton's method on the height as a function of the delay
        at = unit * np.exp(1j * omega * delays[:, None])
        curvature = (omega**2 * at.real).sum(axis=1)
        slope = (omega * at.imag).sum(axis=1)
        delays -= np.where(curvature > 0.0, np.clip(slope / np.maximum(curvature, 1e-30), -0.2, 0.2), 0.0)
    heights = (unit * np.exp(1j * omega * delays[:, None])).real.sum(axis=1) / total
    return delays, np.where(few, 0.0, heights)


def _running_median(delays: _Real, width: int) -> _Real:
    """The median over `width` segments around each: one segment alone does not move a clock."""
    padded = np.pad(delays, width // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1))
