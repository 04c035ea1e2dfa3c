"""The tuner on recorded strings, whose pitch is measured another way: from the phases of their partials."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import scipy

from vastudio.app.tuner import WINDOW_SECONDS, Tuner
from vastudio.audio import io

Doubles = npt.NDArray[np.float64]

PARTIALS = 8
LOUD = 10.0 ** (-45.0 / 20.0)
STEADY_CENTS = 2.0
STEADY_READINGS = 7


def partial(x: Doubles, rate: float, near: float) -> tuple[float, float]:
    """Frequency and power of the partial near a frequency: how far its phase goes in a third of `x`."""
    frames = x.size * 2 // 3
    later = x.size - frames
    wave = np.exp(-2j * np.pi * near / rate * np.arange(frames)) * np.hanning(frames)
    first = np.dot(x[:frames], wave)
    second = np.dot(x[later : later + frames], wave) * np.exp(-2j * np.pi * near / rate * later)
    turned = np.angle(second * np.conj(first))
    return near + turned * rate / (2 * np.pi * later), abs(first) ** 2


def pitch(x: Doubles, rate: float, near: float) -> float:
    """One over the period at which the partials, as measured, are most alike: stiff strings are no combs."""
    found = []
    for number in range(1, PARTIALS + 1):
        if number * near * 1.1 > rate / 2:
            break
        hertz, power = partial(x, rate, number * near)
        if abs(1200 * math.log2(hertz / (number * near))) < 50:
            found.append((number, hertz, power))
    numbers, hertz_of, powers = np.array(found).T
    period = 1 / near
    for _ in range(5):
        phase = 2 * np.pi * (hertz_of * period - numbers)
        slope = np.sum(powers * hertz_of * np.sin(phase))
        period -= slope / np.sum(2 * np.pi * powers * hertz_of**2 * np.cos(phase))
    return float(1 / period)


def errors_cents(path: Path) -> Doubles:
    """By how much the tuner is off, thirty times a second, wherever the string stands still."""
    audio, rate = io.read(path)
    frames, factor = round(WINDOW_SECONDS * rate), rate // 8_000
    low = scipy.signal.decimate(audio.astype(float), factor, ftype="fir")
    tuner, read, measured = Tuner(), [], []
    for at in range(0, audio.size - frames, frames // 6):
        reading = tuner.read(audio[at : at + frames], rate)
        heard = low[at // factor : (at + frames) // factor]
        if reading is None or np.sqrt(np.mean(heard**2)) < LOUD:
            read.append(math.nan)
            measured.append(math.nan)
        else:
            read.append(reading.frequency_hz)
            measured.append(pitch(heard, rate / factor, reading.frequency_hz))
    errors = []
    for at in range(STEADY_READINGS, len(read)):
        last = np.array(measured[at - STEADY_READINGS + 1 : at + 1])
        if 1200 * np.log2(last.max() / last.min()) < STEADY_CENTS:
            errors.append(1200 * math.log2(read[at] / np.median(last[-5:])))
    return np.abs(errors)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most", "share"),
    [("Downtown - Bass.wav", 0.5, 95), ("Jazz Trot - Guitar.wav", 1.0, 50)],
)
def test_recorded_strings_are_read_to_a_cent(shared_data: Path, name: str, most: float, share: int) -> None:
    """A bass, note for note; a guitar part with chords in it, of which the better half is single notes."""
    errors = errors_cents(shared_data / "di" / "tone3000_wasm" / name)
    told = ", ".join(f"{part} % within {np.percentile(errors, part):.2f}" for part in (50, 75, 95))
    sys.stdout.write(f"\n{name}: {errors.size} readings, {told} cents\n")
    assert errors.size > 50
    assert np.percentile(errors, share) < most
