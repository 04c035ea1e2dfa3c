"""A whole rack without a device: what it would have played, faster than it would have taken.

The chain is the one that plays, limiter included, driven by hand: what comes out is what would be heard, bit
for bit, from the first sample on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from vastudio.engine.effects import Effect, EffectSlot
from vastudio.engine.graph import PlayableModel
from vastudio.engine.levels import decibels
from vastudio.engine.rack import Rack
from vastudio.errors import ModelFileError
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
    """Yield what `chain` makes of `clean` (frames,) at `rate` in Hz, block by block.

    Raises
    ------
    ModelFileError
        When the model was made at another rate.
    KnobError
        For knobs that are not the model's.
    """
    rack = _rack(chain, rate)
    silence = np.zeros(2 * int(rack.ints[desk.FADE]), np.float32)
    rack.process(silence, silence.copy())  # fades in
    for begin in range(0, clean.size, block):
        part = np.ascontiguousarray(clean[begin : begin + block], np.float32)
        out = np.empty_like(part)
        rack.process(part, out)
        yield out


def _rack(chain: Chain, rate: int) -> Rack:
    if chain.model is not None and chain.model.sample_rate != rate:
        raise ModelFileError(
            f"The model '{chain.model.name}' was made at {chain.model.sample_rate} Hz, the recording is at"
            f" {rate} Hz.",
            "Convert the recording first.",
        )
    rack = Rack(rate)
    if chain.model is not None:
        rack.model.set_voice(chain.model.voice(chain.values))
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
