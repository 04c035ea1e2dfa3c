"""Signals that measure a device: a sweep through all frequencies, and clicks that tell the latency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio.likeness import correlation_peak
from vastudio.errors import AudioFileError
from vastudio.types import Audio

SPACING_SECONDS = 0.25
COUNT = 4
LEAD_SECONDS = 0.25
"""Silence before the first blip: the noise there is the threshold's measure."""

_BLIP_PEAK = 0.5
_BLIP_FRAMES = 16
_NOISE_MARGIN = 8.0
_LEAST_PEAK = 1e-3
_EARLY_SECONDS = 0.05
_EARLIEST_SAMPLES = 0.1
_FADE_SECONDS = 0.01


@dataclass(frozen=True)
class BlipDelay:
    """Latency and polarity of a path, found on the blips.

    Attributes
    ----------
    delay_samples:
        Median over the blips, sub-sample, never negative.
    spread_samples:
        How far apart the blips' own answers lie.
    inverted:
        The path turns the polarity round.
    confidence:
        0..1: how much the answers look like the blips, so 1 for a wire. Below 0.9 the path holds filters,
        and part of the delay is theirs.
    """

    delay_samples: float
    spread_samples: float
    inverted: bool
    confidence: float


def log_sweep(seconds: float, rate: int, low_hz: float = 20.0, high_hz: float = 20_000.0) -> Audio:
    """Return a sine that glides exponentially from `low_hz` to `high_hz`, full scale, faded at both ends.

    A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine
    technique", AES 108, 2000. `high_hz` is kept below 0.45 of the rate.
    """
    ratio = np.log(min(high_hz, 0.45 * rate) / low_hz)
    time = np.arange(round(seconds * rate)) / rate
    phase = 2.0 * np.pi * low_hz * seconds / ratio * np.expm1(time * ratio / seconds)
    sweep = np.sin(phase) * _fades(len(time), round(_FADE_SECONDS * rate))
    return np.asarray(sweep, np.float32)


def blips(rate: int) -> Audio:
    """Return a second and a quarter of silence with four short raised-cosine clicks in it.

    Clicks instead of single samples: a converter's filter keeps their height.
    """
    x = np.zeros(blip_starts(rate)[-1] + round(SPACING_SECONDS * rate), np.float32)
    for start in blip_starts(rate):
        x[start : start + _BLIP_FRAMES] = _BLIP_PEAK * np.hanning(_BLIP_FRAMES + 1)[:-1]
    return x


def blip_starts(rate: int) -> tuple[int, ...]:
    """First frame of each click in `blips`."""
    lead, spacing = round(LEAD_SECONDS * rate), round(SPACING_SECONDS * rate)
    return tuple(lead + spacing * index for index in range(COUNT))


def blip_delay(recorded: Audio, rate: int) -> BlipDelay:
    """Find the latency of a recording of `blips` in either polarity, from 0 to a quarter of a second.

    Each click is looked for around its own start by correlation with its shape, sub-sample; the median
    counts. Exact to some hundredths of a sample on a path that does not bend the phase.

    Raises
    ------
    AudioFileError
        When no click stands out of the noise, or the clicks come before they were played.
    """
    noise = float(np.abs(recorded[: round(LEAD_SECONDS * rate) // 2]).max(initial=0.0))
    answers = [_answer(recorded, start, rate, _NOISE_MARGIN * noise) for start in blip_starts(rate)]
    found = [answer for answer in answers if answer is not None]
    if not found:
        raise AudioFileError(
            "The alignment clicks are not in the recording.",
            "Check that the output is connected to the input and the level is up.",
        )
    delays = [delay for delay, _, _ in found]
    delay = float(np.median(delays))
    if delay < -_EARLIEST_SAMPLES:
        raise AudioFileError(
            f"The recording comes {-delay:.1f} samples before what was played.",
            "Set the interface's latency compensation to 0, or trim both files at the same place.",
        )
    return BlipDelay(
        max(0.0, delay),
        max(delays) - min(delays),
        bool(np.median([height for _, height, _ in found]) < 0.0),
        float(np.median([alike for _, _, alike in found])),
    )


def _answer(recorded: Audio, start: int, rate: int, threshold: float) -> tuple[float, float, float] | None:
    """Delay, signed height and likeness (0..1) of one click's answer; None where there is none."""
    before = round(_EARLY_SECONDS * rate)
    spacing = round(SPACING_SECONDS * rate)
    window = recorded[start - before : start + spacing - before].astype(np.float64)
    if len(window) <= 2 * _BLIP_FRAMES or np.abs(window).max() < max(threshold, _LEAST_PEAK):
        return None
    window -= np.median(window)
    shape = np.hanning(_BLIP_FRAMES + 1)[:-1]
    size = scipy.fft.next_fast_len(2 * len(window), real=True)
    cross = scipy.fft.rfft(window, size) * scipy.fft.rfft(shape, size).conj()
    delay, _ = correlation_peak(np.asarray(cross), size, len(window) - _BLIP_FRAMES)
    height = float(scipy.fft.irfft(cross, size)[round(delay)])
    around = window[max(0, round(delay) - _BLIP_FRAMES) : round(delay) + 4 * _BLIP_FRAMES]
    alike = abs(height) / max(float(np.linalg.norm(around) * np.linalg.norm(shape)), 1e-30)
    return delay - before, height, min(1.0, alike)


def _fades(frames: int, length: int) -> npt.NDArray[np.float64]:
    gain = np.ones(frames)
    length = min(length, frames // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(1, length))
    gain[:length] = ramp
    gain[frames - length :] = ramp[::-1]
    return gain
