"""What a loop needs to be judged by ear: clean, target and model equally loud, the null not too loud.

Everything is measured on the stretch that goes round, as it goes round: with the fades at its seam, and with
the model in the state that the signal in front of the stretch leaves it in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from vastudio.app.comparison.comparing import LOUDEST_GAIN_DB, MatchGains
from vastudio.audio.fade import faded_ends
from vastudio.audio.level import from_db, gain_to_loudness, integrated_loudness, peak_db
from vastudio.engine.effects import Shaping
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import DEFAULT_BLOCK, apply
from vastudio.engine.stream import HIGHEST_NULL_GAIN_DB, SEAM_SECONDS
from vastudio.kernels.voice import Voice
from vastudio.types import Audio, KnobValues

HIGHEST_PEAK_DB = -1.0
"""Where the player's limiter begins: what is louder would not be heard as it is."""

RUN_UP_SECONDS = 10.0
"""How much in front of a stretch the model hears: no amplifier remembers longer."""

Name: TypeAlias = Literal["clean", "target", "model"]


@dataclass(frozen=True, eq=False)
class Loop:
    """What is to be measured: a stretch of a clean signal, of its target if there is one, and a model.

    Attributes
    ----------
    start, stop:
        The stretch, in frames.
    values:
        Where the model's knobs stand, all of them.
    shaping:
        What stands around the model.
    """

    clean: Audio
    target: Audio | None
    rate: int
    start: int
    stop: int
    model: PlayableModel
    values: KnobValues
    shaping: Shaping = field(default_factory=Shaping)


@dataclass(frozen=True, eq=False)
class LoudnessMatch:
    """What was measured of a loop.

    Attributes
    ----------
    gains:
        What brings clean, target and model to one loudness, peaks no higher than −1 dBFS; in dB.
    lufs:
        That loudness, after ITU-R BS.1770; −inf where the loop is silent.
    off_db:
        By how much each stays away from it all the same: a nearly silent signal is not blown up.
    null_gain_db:
        What the null can be amplified by before it clips or is louder than the target, 0 to 60.
    entry:
        The model at the beginning of the stretch, for `Player.set_entry`; None where the signal begins there.
    """

    loop: Loop
    gains: MatchGains
    lufs: float
    off_db: Mapping[Name, float]
    null_gain_db: float
    entry: Voice | None


def measure(loop: Loop) -> LoudnessMatch:
    """Render the stretch and measure it: for a worker, it may take a second. Raises KnobError."""
    sounds, entry = _as_heard(loop)
    lufs = {name: integrated_loudness(sound, loop.rate) for name, sound in sounds.items()}
    reference = lufs.get("target", -math.inf)
    reference = reference if math.isfinite(reference) else lufs["model"]
    gains = {name: _gain(sound, loop.rate, reference) for name, sound in sounds.items()}
    loudest = max(peak_db(sound) + gains[name] for name, sound in sounds.items())
    headroom = min(0.0, HIGHEST_PEAK_DB - loudest)
    gains = {name: gain + headroom for name, gain in gains.items()}
    off = {
        name: integrated_loudness(_louder(sound, gains[name]), loop.rate) - reference - headroom
        for name, sound in sounds.items()
        if math.isfinite(lufs[name]) and math.isfinite(reference)
    }
    return LoudnessMatch(
        loop,
        MatchGains(gains["clean"], gains.get("target", 0.0), gains["model"]),
        reference + headroom,
        off,
        _null_gain(sounds, loop.rate),
        entry,
    )


def _as_heard(loop: Loop) -> tuple[dict[Name, Audio], Voice | None]:
    """Clean, target and model over the stretch as the chain plays them, and the model at its beginning."""
    shaping, late = loop.shaping, loop.model.latency
    frames = loop.stop - loop.start
    run_up = min(loop.start, round(RUN_UP_SECONDS * loop.rate))
    clean = loop.clean[loop.start - run_up : loop.stop + late] * np.float32(shaping.trim)
    clean = np.pad(clean, (0, run_up + frames + late - clean.size))
    driven = clean if shaping.gate is None else apply(shaping.gate, clean, loop.rate)
    model, entry = _through_model(loop, driven, run_up, late)
    dry = clean[run_up : run_up + frames]
    sounds: dict[Name, Audio] = {"clean": dry}
    if loop.target is not None:
        sounds["target"] = _shaped(loop.target[loop.start : loop.stop], loop)
    wet = np.float32(shaping.wet)
    sounds["model"] = wet * _shaped(model, loop) + (1 - wet) * dry
    seam = round(SEAM_SECONDS * loop.rate)
    return {name: faded_ends(sound, seam) for name, sound in sounds.items()}, entry


def _through_model(loop: Loop, driven: Audio, run_up: int, late: int) -> tuple[Audio, Voice | None]:
    """What the model makes of the stretch, and the model where that begins, after the run-up."""
    voice, entry = loop.model.voice(loop.values), None
    if run_up:
        entry = loop.model.voice(loop.values)
        entry.process(driven[:run_up], DEFAULT_BLOCK)
        voice.follow(entry)
    if not loop.shaping.model_on:
        return driven[run_up : driven.size - late], entry
    return voice.process(driven[run_up:], DEFAULT_BLOCK)[late:], entry


def _shaped(sound: Audio, loop: Loop) -> Audio:
    """A sound behind equaliser and cabinet, which begin at rest."""
    for effect in (loop.shaping.equaliser, loop.shaping.cabinet):
        if effect is not None:
            sound = apply(effect, sound, loop.rate)
    return sound


def _gain(sound: Audio, rate: int, lufs: float) -> float:
    gain = gain_to_loudness(sound, rate, lufs)
    return 0.0 if gain is None else min(gain, LOUDEST_GAIN_DB)


def _null_gain(sounds: Mapping[Name, Audio], rate: int) -> float:
    if "target" not in sounds:
        return 0.0
    null = sounds["model"] - sounds["target"]
    loudness = integrated_loudness(null, rate)
    room = HIGHEST_PEAK_DB - peak_db(null)
    if math.isfinite(loudness):
        room = min(room, integrated_loudness(sounds["target"], rate) - loudness)
    return min(max(room, 0.0), HIGHEST_NULL_GAIN_DB)


def _louder(sound: Audio, gain_db: float) -> Audio:
    return np.asarray(sound * np.float32(from_db(gain_db)))
