"""A guitar amplifier's passive tone controls as an effect: treble, middle and bass, at any sample rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from functools import cache
from types import MappingProxyType

import numpy as np
import scipy

from vastudio.engine.cabinet import guitar_gain
from vastudio.engine.networks.tone_stack import PassiveStack
from vastudio.errors import KnobError, did_you_mean
from vastudio.kernels import biquads
from vastudio.kernels.tone_stack import ToneStack
from vastudio.kernels.voice import Floats, Program
from vastudio.types import STANDARD_RATE

CIRCUITS: Mapping[str, ToneStack] = MappingProxyType(
    {
        "british": ToneStack(220e3, 1e6, 22e3, 33e3, 470e-12, 22e-9, 22e-9),
        "american": ToneStack(250e3, 1e6, 25e3, 56e3, 250e-12, 20e-9, 20e-9),
    }
)
"""Component values of two classic amplifiers, in ohms and farads."""

_NOON = 0.5


@dataclass(frozen=True)
class PassiveTone:
    """Three pots of a network that can only take away; its loss at noon is made up for.

    Attributes
    ----------
    circuit:
        One of `CIRCUITS`.
    treble, middle, bass:
        Pot positions, 0..1.

    Raises
    ------
    KnobError
        When the circuit is unknown, or a pot is not between 0 and 1.
    """

    circuit: str = "british"
    treble: float = _NOON
    middle: float = _NOON
    bass: float = _NOON

    def __post_init__(self) -> None:
        if self.circuit not in CIRCUITS:
            raise KnobError(f"There is no tone stack '{self.circuit}'.", did_you_mean(self.circuit, CIRCUITS))
        for name in ("treble", "middle", "bass"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise KnobError(f"{name.capitalize()} cannot be {getattr(self, name):g}.", "It is 0 to 1.")

    @property
    def glides(self) -> bool:
        """Settings change without a crossfade."""
        return True

    def program(self, sample_rate: int) -> Program:
        """Return what plays it: the equaliser's kernel."""
        return biquads.program()

    def packed(self, sample_rate: int) -> Floats:
        """Return the settings as the program takes them, for `sample_rate` in Hz."""
        pots = np.array([self.treble, self.middle, self.bass], np.float32)
        # The network gives sections for the standard rate; tan(ω/2) of the plain bilinear transform is ω/2.
        scale = STANDARD_RATE / sample_rate
        return biquads.pack(
            [replace(section, g=section.g * scale) for section in _network(self.circuit)(pots)]
        )


@cache
def _network(circuit: str) -> PassiveStack:
    stack = CIRCUITS[circuit]
    components = np.array(astuple(stack))
    pots = np.full(3, _NOON)
    return PassiveStack(components, (0, 1, 2), np.ones(3), pots, 1.0 / _loss_at_noon(stack))


def _loss_at_noon(stack: ToneStack) -> float:
    """The factor by which the pots at noon change the loudness of a guitar, below 1."""
    impulse = np.zeros(STANDARD_RATE // 4)
    impulse[0] = 1.0
    return guitar_gain(
        scipy.signal.lfilter(*stack.digital(_NOON, _NOON, _NOON, STANDARD_RATE), impulse), STANDARD_RATE
    )
