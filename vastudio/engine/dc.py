"""Direct current: what lies constantly under a model's sound, and models without it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from vastudio.engine.network import Network
from vastudio.kernels import dc_blocker
from vastudio.kernels.voice import Floats, Program
from vastudio.types import Audio

if TYPE_CHECKING:
    from vastudio.engine.graph import PlayableModel

DcBlocking = Literal["auto", "on", "off"]
"""Whether direct current is taken out of a model's sound; `auto`: where there is some (`has_dc`)."""

AT_REST_DBFS, PLAYED_DBFS = -60.0, -45.0
"""Beyond either a model has direct current: at rest it thumps when something is switched, under a note it
takes room and thumps where it begins. What asymmetric distortion makes of a note is less, and passes."""

_REST_SECONDS, _NOTE_SECONDS = 0.05, 0.5
_NOTE_HZ, _LEVEL, _DECAY_SECONDS = 110.0, 0.25, 0.25
_BLOCK = 512


@dataclass(frozen=True)
class BlockedNetwork:
    """A network without direct current, at the rate in Hz at which it plays."""

    network: Network
    rate: int

    @property
    def title(self) -> str:
        """That of the network."""
        return self.network.title

    @cached_property
    def program(self) -> Program:
        """The network's program with a high-pass filter behind it."""
        return dc_blocker.program(self.network.program, self.rate)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The network at a knob position (K,) in 0..1."""
        return self.network.packed(position)


def has_dc(model: PlayableModel) -> bool:
    """Whether direct current lies under `model` with its knobs at their defaults, at rest or under a note.

    Plays half a second of sound: some milliseconds.
    """
    voice = model.voice({})
    rest = voice.process(np.zeros(round(_REST_SECONDS * model.sample_rate), np.float32), _BLOCK)
    played = voice.process(_note(model.sample_rate), _BLOCK)
    limits = ((rest, AT_REST_DBFS), (played, PLAYED_DBFS))
    return any(abs(float(np.mean(sound))) > 10.0 ** (limit / 20.0) for sound, limit in limits)


def _note(rate: int) -> Audio:
    """A low note that dies away."""
    t = np.arange(round(_NOTE_SECONDS * rate)) / rate
    note = _LEVEL * np.sin(2.0 * np.pi * _NOTE_HZ * t) * np.exp(-t / _DECAY_SECONDS)
    return note.astype(np.float32)
