"""The two numbers by which players of `.nam` files level their models.

Their trainer measures them on one second of noise of its own. Here the studio's own noise of the same level
and colour stands in for it, as `docs/formats.md` tells how closely.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vastudio.audio.level import from_db, to_db
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.types import Audio, KnobValues

LEVEL_DBFS = -14.97
"""Root mean square of the noise."""

LOWEST_HERTZ = 5.0
"""From here on the noise is pink: as much in every octave."""

STEPS = 11


@dataclass(frozen=True)
class Loudness:
    """`loudness_db`: root mean square of the response in dBFS, None for silence.

    `gain`, 0…1, is how much the model compresses.
    """

    loudness_db: float | None
    gain: float


def measure(model: PlayableModel, values: KnobValues) -> Loudness:
    """Measure a model at a knob position.

    With y_k the root mean square of the response to k tenths of the sound and m = 11·y_10,
    gain = (Σ y − m/2) / (m − m/2): 0 for a linear device, 1 for one that is always equally loud.
    """
    sound = _sound(model.sample_rate)
    levels = np.array([_rms(render(model, sound * np.float32(g), values)) for g in np.linspace(0, 1, STEPS)])
    full = STEPS * levels[-1]
    gain = 0.0 if full <= 0 else float(np.clip((levels.sum() - full / 2) / (full / 2), 0, 1))
    return Loudness(to_db(float(levels[-1])) if levels[-1] > 0 else None, gain)


def _rms(audio: Audio) -> float:
    return float(np.sqrt(np.mean(audio.astype(np.float64) ** 2)))


@lru_cache(maxsize=2)
def _sound(rate: int) -> Audio:
    """One second of pink noise, equal on every call."""
    rng, hertz = np.random.default_rng(0), np.fft.rfftfreq(rate, 1.0 / rate)
    audible = hertz >= LOWEST_HERTZ
    spectrum = rng.normal(size=hertz.size) + 1j * rng.normal(size=hertz.size)
    spectrum[audible] /= np.sqrt(hertz[audible])
    noise = np.fft.irfft(np.where(audible, spectrum, 0.0), rate)
    return np.asarray(noise * (from_db(LEVEL_DBFS) / np.sqrt(np.mean(noise**2))), np.float32)
