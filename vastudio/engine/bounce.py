"""A whole rack without a device: what it would have played, faster than it would have taken.

The chain is the one that plays, limiter included, driven by hand: what comes out is what would be heard, bit
for bit, from the first sample on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from vastudio.engine.effects import Effect, EffectSlot
from vastudio.engine.graph import PlayableModel
from vastudio.engine.levels import decibels
from vastudio.engine.rack import Rack
from vastudio.kernels import desk
from vastudio.types import Audio, KnobValues

BLOCK = 4096


@dataclass(frozen=True)
class Chain:
    """What stands in a rack.

    Attributes
    ----------
    model, values:
        None: the sound passes.
    gate, equaliser, cabinet:
        None: bypassed.
    mix:
        Share of the processed sound, 0..1; the rest is the input.
    output_db:
        Level behind everything.
    """

    model: PlayableModel | None = None
    values: KnobValues = field(default_factory=dict)
    gate: Effect | None = None
    equaliser: Effect | None = None
    cabinet: Effect | None = None
    mix: float = 1.0
    output_db: float = 0.0


def bounce(chain: Chain, clean: Audio, rate: int, block: int = BLOCK) -> Iterator[Audio]:
    """Yield what `chain` makes of `clean` (frames,), block by block; as `bounce_parts`."""
    return bounce_parts(chain, (clean[begin : begin + block] for begin in range(0, clean.size, block)), rate)


def bounce_parts(chain: Chain, parts: Iterable[Audio], rate: int) -> Iterator[Audio]:
    """Yield what `chain` makes of a sound at `rate` in Hz that comes in parts (frames,), in time with it.

    As many frames come out as went in. A model of another rate is resampled; what it and high quality are
    late by is left out.

    Raises
    ------
    ModelFileError
        When the model cannot play at this rate (`PlayableModel.at_rate`).
    KnobError
        For knobs that are not the model's.
    """
    model = None if chain.model is None else chain.model.at_rate(rate)
    rack, early = _rack(chain, model, rate), 0 if model is None else model.latency
    silence = np.zeros(2 * int(rack.ints[desk.FADE]), np.float32)
    rack.process(silence, silence.copy())  # fades in
    for part in itertools.chain(parts, [np.zeros(early, np.float32)]):
        out = np.empty(part.size, np.float32)
        rack.process(np.ascontiguousarray(part, np.float32), out)
        yield out[early:]
        early = max(early - out.size, 0)


def _rack(chain: Chain, model: PlayableModel | None, rate: int) -> Rack:
    rack = Rack(rate)
    if model is not None:
        rack.model.set_voice(model.voice(chain.values))
    for slot, effect in (
        (rack.gate, chain.gate), (rack.equaliser, chain.equaliser), (rack.cabinet, chain.cabinet),
    ):  # fmt: skip
        if effect is not None:
            EffectSlot(slot).set(effect, rate)
    rack.set_goal(desk.MODEL_GOAL, decibels(chain.mix))
    rack.set_goal(desk.CLEAN_GOAL, decibels(1.0 - chain.mix))
    rack.set_goal(desk.OUTPUT_GOAL, chain.output_db)
    rack.set_source("live")
    rack.set_playing(True)
    return rack
