"""Frequency response of a device that distorts, from one exponential sweep.

The harmonics of an exponential sweep are the sweep itself, earlier: divided by the sweep's spectrum, the
response shows the linear impulse response at time 0 and those of the harmonics before it, apart from each
other (A. Farina, "Simultaneous measurement of impulse response and distortion with a swept-sine technique",
AES 108, 2000). Cutting the first one out leaves the linear part.
"""

from __future__ import annotations

import numpy as np

from vastudio.audio.stimulus import log_sweep
from vastudio.audio.tones import Complex, Real
from vastudio.types import Audio

LOW_HZ = 10.0
SECONDS = 3.0
TAIL_SECONDS = 0.5

_REGULARISATION = 1e-8
_BEFORE_SECONDS = 0.01
_KEPT = 0.8


def sweep(peak: float, rate: int) -> Audio:
    """Return the sweep, 10 Hz to 0.45 of the rate, `peak` high, with half a second of silence after it."""
    signal = np.float32(peak) * log_sweep(SECONDS, rate, LOW_HZ, _high_hz(rate))
    return np.pad(signal, (0, round(TAIL_SECONDS * rate)))


def linear_response(clean: Audio, heard: Audio, rate: int, hz: Real) -> Complex:
    """Return the complex linear response at `hz` (points,) from a `sweep` and the response to it."""
    size = 1 << (2 * len(clean) - 1).bit_length()
    x, y = (np.fft.rfft(signal.astype(np.float64), size) for signal in (clean, heard))
    strength = np.abs(x) ** 2
    impulse = np.fft.irfft(y * x.conj() / (strength + _REGULARISATION * strength.max()), size)
    return _at(hz, *_cut(impulse, rate), rate)


def octave_steps(rate: int, per_octave: int = 6) -> Real:
    """Return frequencies from 20 Hz up, `per_octave` in each octave, to 20 kHz or 0.4 of the rate."""
    octaves = np.log2(min(20_000.0, 0.4 * rate) / 20.0)
    return np.asarray(20.0 * 2.0 ** (np.arange(int(octaves * per_octave + 1e-9) + 1) / per_octave))


def _high_hz(rate: int) -> float:
    return 0.45 * rate


def _cut(impulse: Real, rate: int) -> tuple[Real, int]:
    """Return the linear impulse response, faded at both ends, and how many of its samples lie before 0."""
    spacing = SECONDS / np.log(_high_hz(rate) / LOW_HZ) * np.log(2.0)  # to the second harmonic
    before, after = round(_BEFORE_SECONDS * rate), round(_KEPT * spacing * rate)
    kept = np.concatenate([impulse[-before:], impulse[:after]])
    kept[:before] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(before) / before)
    half = after // 2
    kept[-half:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(half) / half)
    return kept, before


def _at(hz: Real, impulse: Real, before: int, rate: int) -> Complex:
    times = (np.arange(len(impulse)) - before) / rate
    return np.array([np.sum(impulse * np.exp(-2j * np.pi * f * times)) for f in hz])
