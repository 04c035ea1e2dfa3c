"""What is heard in a listening test: the same stretch of every signal, equally loud, looping without a click.

Everything that could give a sound away but the sound itself is made equal. The models are moved by whole
samples to where the target is, every signal gets the same ramps whether it needs them or not, loudness is
matched after ITU-R BS.1770 on the excerpt as it is played, and one gain for all keeps the loudest below
full scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import signal

from vastudio.audio import align
from vastudio.audio.level import from_db, gain_to_loudness, integrated_loudness, peak_db
from vastudio.errors import ListeningError
from vastudio.types import Audio

SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 5.0
RAMP_SECONDS = 0.02
MATCHED_WITHIN_LU = 0.1
HIGHEST_PEAK_DB = -1.0
LARGEST_MOVE_SECONDS = 0.02
"""A model that seems later than this is not moved: the measurement is to be doubted, not the model."""

TARGET = "target"
CLEAN = "clean"
LOW_PASS = "low-pass 3.5 kHz"
SOFT_CLIPPER = "soft clipper"

_SURE = 0.9  # confidence of a measured delay; the same signal with an error of −10 dB has more
_ANCHOR_HZ = (3_500.0, 4_000.0)
_ANCHOR_STOP_DB = 60.0
_CLIPPER_DRIVE = 8.0


@dataclass(frozen=True)
class Excerpt:
    """A stretch in seconds. Raises ListeningError unless it takes 1 to 5 seconds."""

    start: float
    seconds: float

    def __post_init__(self) -> None:
        if not (SHORTEST_SECONDS <= self.seconds <= LONGEST_SECONDS and self.start >= 0.0):
            raise ListeningError(
                f"An excerpt of {self.seconds:g} s cannot be used for a listening test.",
                f"Choose {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g} s.",
            )


@dataclass(frozen=True)
class Treatment:
    """What was done to a signal before it was heard.

    Attributes
    ----------
    gain_db:
        The whole gain: loudness match and headroom together.
    lufs:
        Integrated loudness as played.
    moved_samples:
        By how many samples it was moved earlier to meet the target.
    """

    gain_db: float
    lufs: float
    moved_samples: int = 0


@dataclass(frozen=True)
class Material:
    """The sounds of one test by name, each (frames,), all of one length, and what was done to them."""

    sample_rate: int
    sounds: Mapping[str, Audio]
    treatments: Mapping[str, Treatment] = field(default_factory=dict)


def abx_material(
    target: Audio, model: Audio, rate: int, excerpt: Excerpt, clean: Audio | None = None
) -> Material:
    """Cut `target` and `model`, and `clean` for the sanity check, into the sounds of an ABX test.

    Whole signals are given, (frames,) from the same start: what lies beside the excerpt moves into it where
    a model is late. Raises ListeningError where the excerpt lies outside, or a sound is silent there.
    """
    cuts = {TARGET: (_cut(target, rate, excerpt), 0), "model": _aligned(target, model, rate, excerpt)}
    if clean is not None:
        cuts[CLEAN] = (_cut(clean, rate, excerpt), 0)
    return _prepared(cuts, rate)


def mushra_material(
    clean: Audio, target: Audio, models: Mapping[str, Audio], rate: int, excerpt: Excerpt
) -> Material:
    """Cut target, models and the two anchors into the sounds of a rating; errors as `abx_material`.

    The anchors are the target without what lies above 3.5 kHz, and the clean signal through a memoryless
    soft clipper, which has the distortion but not the tone. They are matched in loudness like the others.
    """
    reserved = {TARGET, CLEAN, LOW_PASS, SOFT_CLIPPER} & set(models)
    if reserved or not models:
        raise ListeningError("The models to be rated need names of their own.", "Rename them.")
    cuts = {TARGET: (_cut(target, rate, excerpt), 0)}
    cuts |= {name: _aligned(target, model, rate, excerpt) for name, model in models.items()}
    cuts[LOW_PASS] = (_cut(low_pass_anchor(target, rate), rate, excerpt), 0)
    cuts[SOFT_CLIPPER] = (_cut(soft_clipper_anchor(clean), rate, excerpt), 0)
    return _prepared(cuts, rate)


def low_pass_anchor(x: Audio, rate: int) -> Audio:
    """Return `x` low-passed at 3.5 kHz without delay, the low anchor of ITU-R BS.1534.

    Asked for are a ripple within ±0.1 dB, 25 dB at 4 kHz and 50 dB at 4.5 kHz; this filter keeps 0.01 dB
    and reaches 60 dB at 4 kHz (linear phase, Kaiser window).
    """
    low, high = _ANCHOR_HZ
    taps, beta = signal.kaiserord(_ANCHOR_STOP_DB + 3.0, (high - low) / (rate / 2.0))
    response = signal.firwin(taps | 1, (low + high) / 2.0, window=("kaiser", beta), fs=rate)
    return np.asarray(signal.oaconvolve(x.astype(np.float64), response, mode="same"), np.float32)


def soft_clipper_anchor(clean: Audio) -> Audio:
    """Return tanh of `clean`, driven 18 dB above where its peak reaches 1; silence stays silence."""
    peak = float(np.max(np.abs(clean), initial=0.0))
    return np.asarray(np.tanh(clean * (_CLIPPER_DRIVE / peak)) if peak else clean, np.float32)


def ramped(x: Audio, rate: int) -> Audio:
    """Return `x` with raised-cosine ramps of 20 ms from and to zero, so that its end meets its beginning."""
    frames = min(round(RAMP_SECONDS * rate), x.size // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / max(1, frames))).astype(np.float32)
    faded = x.copy()
    faded[:frames] *= ramp
    faded[x.size - frames :] *= ramp[::-1]
    return faded


def _cut(x: Audio, rate: int, excerpt: Excerpt, later: int = 0) -> Audio:
    start, frames = round(excerpt.start * rate), round(excerpt.seconds * rate)
    if start + frames > x.size:
        raise ListeningError(
            f"The excerpt ends at {excerpt.start + excerpt.seconds:g} s, after the recording "
            f"({x.size / rate:.1f} s).",
            "Choose an earlier one.",
        )
    places = np.arange(start + later, start + later + frames)
    return np.where((places >= 0) & (places < x.size), x[np.clip(places, 0, x.size - 1)], np.float32(0.0))


def _aligned(target: Audio, model: Audio, rate: int, excerpt: Excerpt) -> tuple[Audio, int]:
    """The excerpt of the model, from as many whole samples later as the model lags behind the target."""
    found = align.measure(target, model, rate)
    sure = found.confidence >= _SURE and abs(found.delay_samples) <= LARGEST_MOVE_SECONDS * rate
    later = round(found.delay_samples) if sure else 0
    return _cut(model, rate, excerpt, later), later


def _prepared(cuts: Mapping[str, tuple[Audio, int]], rate: int) -> Material:
    sounds = {name: ramped(x, rate) for name, (x, _) in cuts.items()}
    reference = integrated_loudness(sounds[TARGET], rate)
    gains = {name: _matching_gain(name, x, rate, reference) for name, x in sounds.items()}
    loudest = max(peak_db(x) + gains[name] for name, x in sounds.items())
    headroom = min(0.0, HIGHEST_PEAK_DB - loudest)
    gains = {name: gain + headroom for name, gain in gains.items()}
    played = {name: np.asarray(x * np.float32(from_db(gains[name]))) for name, x in sounds.items()}
    treatments = {
        name: Treatment(gains[name], integrated_loudness(x, rate), cuts[name][1])
        for name, x in played.items()
    }
    return Material(rate, played, treatments)


def _matching_gain(name: str, x: Audio, rate: int, lufs: float) -> float:
    """Gain in dB for that loudness."""
    gain = gain_to_loudness(x, rate, lufs)
    if gain is None:
        raise ListeningError(f"The {name} is silent in this excerpt.", "Choose another one.")
    return gain
