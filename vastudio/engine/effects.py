"""Gate, equaliser and cabinet in their slots: settings in musical terms become voices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vastudio.engine.slot import Slot
from vastudio.kernels.voice import GLIDE_SECONDS, Floats, Program, Voice


class Effect(Protocol):
    """Settings of a processor: a frozen value that knows what plays it at a sample rate."""

    @property
    def glides(self) -> bool:
        """Whether playing can move from one setting to another; otherwise they crossfade."""

    def program(self, sample_rate: int) -> Program:
        """Return what plays it."""

    def packed(self, sample_rate: int) -> Floats:
        """Return the settings as the program takes them."""


@dataclass(frozen=True)
class Shaping:
    """What a rack does to the sound besides the model.

    Attributes
    ----------
    trim:
        Gain in front of everything.
    gate, equaliser, cabinet:
        None: nothing.
    model_on:
        Whether the sound goes through the model at all.
    wet:
        Share of the processed sound, 0..1; the rest is the input.
    """

    trim: float = 1.0
    gate: Effect | None = None
    equaliser: Effect | None = None
    cabinet: Effect | None = None
    model_on: bool = True
    wet: float = 1.0


class EffectSlot:
    """A slot of the rack with an effect in it, or none."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._effect: Effect | None = None
        self._rate = 0

    @property
    def effect(self) -> Effect | None:
        """What is played through; None: nothing."""
        return self._effect

    def set(self, effect: Effect | None, sample_rate: int) -> None:
        """Play through `effect` from now on: glide to its settings, or crossfade. None: a wire."""
        before, self._effect = self._effect, effect
        if effect is None:
            self._slot.set_voice(None)
            return
        program = effect.program(sample_rate)
        if type(before) is type(effect) and effect.glides and self._rate == sample_rate:
            self._slot.set_weights(effect.packed(sample_rate), program.glide_steps(sample_rate))
        else:
            # A cabinet begins at rest: it is faded in slowly, so that its beginning is not heard as a click.
            fade = None if effect.glides else round(GLIDE_SECONDS * sample_rate)
            self._slot.set_voice(Voice(program, effect.packed(sample_rate)), fade)
        self._rate = sample_rate

    def follow(self, sample_rate: int) -> None:
        """Play the same effect at another sample rate."""
        if self._effect is not None and self._rate != sample_rate:
            self.set(self._effect, sample_rate)
