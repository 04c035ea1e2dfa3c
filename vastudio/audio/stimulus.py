"""Signals that measure a device: a sweep through all frequencies, and clicks that tell the latency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
_FADE_SECONDS = 0.01


@dataclass(frozen=True)
class BlipDelay:
    """Latency in samples found on the blips, and how far apart the blips' own answers lie."""

    delay_samples: float
    spread_samples: float


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

    Each click is looked for after its own start by correlation with its shape, sub-sample; the median
    counts.

    Raises
    ------
    AudioFileError
        When no click stands out of the noise.
    """
    noise = float(np.abs(recorded[: round(LEAD_SECONDS * rate) // 2]).max(initial=0.0))
    delays = [_one_delay(recorded, start, rate, _NOISE_MARGIN * noise) for start in blip_starts(rate)]
    found = [delay for delay in delays if delay is not None]
    if not found:
        raise AudioFileError(
            "The alignment clicks are not in the recording.",
            "Check that the output is connected to the input and the level is up.",
        )
    return BlipDelay(float(np.median(found)), max(found) - min(found))


def _one_delay(recorded: Audio, start: int, rate: int, threshold: float) -> float | None:
    window = recorded[start : start + round(SPACING_SECONDS * rate)].astype(np.float64)
    if len(window) <= 2 * _BLIP_FRAMES or np.abs(window).max() < max(threshold, _LEAST_PEAK):
        return None
    shape = np.hanning(_BLIP_FRAMES + 1)[:-1]
    match = np.abs(np.correlate(window, shape, "valid"))
    peak = int(np.argmax(match))
    return peak + _parabola(match, peak)


def _parabola(values: npt.NDArray[np.float64], peak: int) -> float:
    """Where the parabola through the peak and its neighbours is highest, relative to the peak."""
    if not 0 < peak < len(values) - 1:
        return 0.0
    left, middle, right = values[peak - 1 : peak + 2]
    bend = left - 2.0 * middle + right
    return float(0.5 * (left - right) / bend) if bend else 0.0


def _fades(frames: int, length: int) -> npt.NDArray[np.float64]:
    gain = np.ones(frames)
    length = min(length, frames // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(1, length))
    gain[:length] = ramp
    gain[frames - length :] = ramp[::-1]
    return gain
