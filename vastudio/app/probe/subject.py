"""What is probed: anything that plays at knob positions, most often a model in the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render, render_automation
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues

Moves: TypeAlias = Sequence[tuple[int, KnobValues]]
"""(frame, knob values) in order of time, as `render_automation` takes them."""

BlockPlay: TypeAlias = Callable[[Audio, int], Audio]
"""Plays (audio, block size) on from where it stopped."""


class Play(Protocol):
    """Playing at one knob position."""

    def __call__(self, audio: Audio, values: KnobValues, /) -> Audio:
        """Return the response (frames,) to `audio` (frames,), starting from rest."""


@dataclass(frozen=True)
class Subject:
    """Something that plays, and what has to be known to probe it.

    Attributes
    ----------
    play:
        Plays from rest with the knobs standing still.
    turn:
        Plays while knobs move; None where that cannot be done, and then is not measured.
    stream:
        Gives something that plays on in blocks, to be timed; None likewise.
    """

    play: Play
    sample_rate: int = STANDARD_RATE
    knobs: tuple[Knob, ...] = ()
    name: str = ""
    turn: Callable[[Audio, Moves], Audio] | None = None
    stream: Callable[[KnobValues], BlockPlay] | None = None

    @classmethod
    def of(cls, model: PlayableModel) -> Subject:
        """A model as the engine plays it."""
        return cls(
            play=lambda audio, values: render(model, audio, values),
            sample_rate=model.sample_rate,
            knobs=model.knobs,
            name=model.name,
            turn=lambda audio, moves: render_automation(model, audio, moves),
            stream=lambda values: model.voice(values).process,
        )
