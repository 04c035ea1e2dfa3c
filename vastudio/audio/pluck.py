"""A plucked electric string, by the extended Karplus–Strong method.

A loop of one period's delay with a little loss is a string; what is fed in decides how it was plucked. After
D. Jaffe and J. O. Smith, "Extensions of the Karplus–Strong plucked-string algorithm" (Computer Music Journal
7/2, 1983): tuning allpass, decay and brightness by the loop filter, pick position by a comb. The loop is
linear and fixed for a note, so it is one recursive filter; bends and vibrato warp the finished note's time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

Floats = npt.NDArray[np.float64]

_POLARISATION_CENTS = 0.7
"""The string swings in two planes of slightly different pitch; the sum breathes."""


@dataclass(frozen=True)
class Pluck:
    """How a note is played.

    Attributes
    ----------
    velocity:
        0..1: level (20 dB) and brightness.
    muted:
        Palm mute, 0 (open) to 1 (dead).
    pick_position:
        Where the pick meets the string, as a fraction of its length from the bridge.
    bend:
        Semitones the note rises by, between 0.15 s and 0.4 s after its start.
    vibrato:
        Depth in semitones, at 5.5 Hz, growing from 0.3 s on.
    """

    velocity: float = 0.8
    muted: float = 0.0
    pick_position: float = 0.13
    bend: float = 0.0
    vibrato: float = 0.0


def frequency(midi: float) -> float:
    """Return the frequency in Hz of a MIDI note number (A4 = 69 = 440 Hz)."""
    return 440.0 * float(2.0 ** ((midi - 69.0) / 12.0))


def pluck(midi: float, seconds: float, rate: int, style: Pluck, rng: np.random.Generator) -> Floats:
    """Return one note, shape (round(seconds · rate),), ending in a damped fade.

    Parameters
    ----------
    midi:
        Pitch as a MIDI note number, 24 to 96; fractions are cents.
    rng:
        Source of the pick's noise; the same generator state gives the same note.
    """
    frames = round(seconds * rate)
    excitation = _excitation(frequency(midi), frames, rate, style, rng)
    planes = [_string(excitation, midi + cents / 100.0, rate, style) for cents in (0.0, _POLARISATION_CENTS)]
    note = 0.65 * planes[0] + 0.35 * planes[1]
    if style.bend or style.vibrato:
        note = _warp(note, rate, style)
    return note * _damping(frames, rate)


def _excitation(hertz: float, frames: int, rate: int, style: Pluck, rng: np.random.Generator) -> Floats:
    """Return the pick's push: a short dark-to-bright pulse and a scrape of noise, combed by its position."""
    pulse = np.zeros(frames)
    scrape = min(frames, round(0.004 * rate))
    pulse[:scrape] = 0.02 * style.velocity * rng.standard_normal(scrape) * np.hanning(2 * scrape)[scrape:]
    pulse[0] += 1.0
    brightness = (1.0 - 0.75 * style.muted) * (700.0 + 2600.0 * style.velocity**2)
    pole = math.exp(-2.0 * math.pi * brightness / rate)
    # A pickup hears velocity, which a pick leaves falling by 6 dB per octave: hence the leaky integrator.
    leak = math.exp(-2.0 * math.pi * 0.8 * hertz / rate)
    pulse = np.asarray(scipy.signal.lfilter([1.0 - pole], [1.0, -pole], pulse))
    pulse = np.asarray(scipy.signal.lfilter([1.0 - leak], [1.0, -leak], pulse))
    combed = pulse.copy()
    delay = max(1, round(style.pick_position * rate / hertz))
    combed[delay:] -= pulse[:-delay]
    even = (110.0 / hertz) ** 0.85 * (1.0 + 2.5 * style.muted)  # high, low and muted notes equally loud
    return np.asarray(combed * even * 10.0 ** (style.velocity - 1.0))


def _string(excitation: Floats, midi: float, rate: int, style: Pluck) -> Floats:
    """Feed the excitation into the string's loop: whole delay, two-point loss filter, tuning allpass."""
    hertz = frequency(midi)
    ring = 4.5 * (110.0 / hertz) ** 0.35  # seconds to −60 dB at the fundamental
    ring = ring * (0.05 ** (style.muted**0.5)) if style.muted else ring
    loss = 10.0 ** (-3.0 / (ring * hertz))
    # Weight of the older sample in the loss filter: how much faster the highs decay.
    dull = min(0.5, 0.2 * (110.0 / hertz) ** 0.5 * (1.0 + 2.0 * style.muted))
    delay = rate / hertz - dull
    whole = int(delay - 0.2)
    fraction = delay - whole  # 0.2 to 1.2, where the allpass is flat
    allpass = (1.0 - fraction) / (1.0 + fraction)
    loop = np.convolve([loss * (1.0 - dull), loss * dull], [allpass, 1.0])
    denominator = np.zeros(whole + 3)
    denominator[:2] = 1.0, allpass
    denominator[whole:] -= loop
    return np.asarray(scipy.signal.lfilter([1.0, allpass], denominator, excitation))


def _warp(note: Floats, rate: int, style: Pluck) -> Floats:
    """Read the note at a varying speed: a bend upwards and vibrato."""
    seconds = np.arange(note.size) / rate
    rise = np.clip((seconds - 0.15) / 0.25, 0.0, 1.0)
    semitones = style.bend * rise * rise * (3.0 - 2.0 * rise)
    depth = style.vibrato * np.clip((seconds - 0.3) / 0.4, 0.0, 1.0)
    semitones = semitones + depth * 0.5 * (1.0 - np.cos(2.0 * math.pi * 5.5 * np.maximum(seconds - 0.3, 0.0)))
    read_at = np.cumsum(2.0 ** (semitones / 12.0))
    read_at -= read_at[0]
    whole = np.minimum(read_at.astype(int), note.size - 3)
    return _cubic(note, whole, read_at - whole) * (read_at < note.size - 3)


def _cubic(x: Floats, whole: npt.NDArray[np.int64], fraction: Floats) -> Floats:
    """Return `x` between samples by four-point Lagrange interpolation; flat in the guitar's band."""
    before, here, after, beyond = (x[np.clip(whole + k, 0, x.size - 1)] for k in (-1, 0, 1, 2))
    f = fraction
    outer = (f + 1.0) * (f - 2.0)
    return (
        -before * f * (f - 1.0) * (f - 2.0) / 6.0
        + here * (f - 1.0) * outer / 2.0
        - after * f * outer / 2.0
        + beyond * (f + 1.0) * f * (f - 1.0) / 6.0
    )


def _damping(frames: int, rate: int) -> Floats:
    """Return the envelope of the hand that ends the note: 1, and in the last 25 ms down to 0."""
    envelope = np.ones(frames)
    fade = min(frames, round(0.025 * rate))
    envelope[frames - fade :] = 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fade))
    return envelope
