"""The nouns that every layer shares: audio, knobs, knob values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.errors import KnobError, did_you_mean

Audio: TypeAlias = npt.NDArray[np.float32]
"""Mono audio, shape (frames,), full scale ±1."""

KnobValues: TypeAlias = Mapping[str, float]
"""Knob positions by name, in the units printed on the dial."""

KnobKind: TypeAlias = Literal["continuous", "switch"]

STANDARD_RATE = 48_000
"""The rate, in Hz, of what the studio itself creates (phrases, stimuli, virtual captures)."""


@dataclass(frozen=True)
class Knob:
    """A control of the modelled device, as printed on its panel."""

    name: str
    label: str = ""
    minimum: float = 0.0
    maximum: float = 1.0
    default: float = 0.5
    unit: str = ""
    kind: KnobKind = "continuous"

    def __post_init__(self) -> None:
        if not self.name:
            raise KnobError("A knob has no name.", "Give every knob a name.")
        if not self.minimum < self.maximum:
            raise KnobError(
                f"Knob '{self.name}' has no range: {self.minimum:g} to {self.maximum:g}.",
                "Its maximum must be above its minimum.",
            )
        if not self.minimum <= self.default <= self.maximum:
            raise KnobError(
                f"Knob '{self.name}' rests at {self.default:g}, outside its range {self.range_text}.",
                "Choose a default inside the range.",
            )

    @property
    def title(self) -> str:
        """What a panel shows: the label, or the name in sentence case."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def range_text(self) -> str:
        """The range as text, e.g. `0 to 10 dB`."""
        return f"{self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()

    def normalised(self, value: float) -> float:
        """Map a dial value to 0..1. Raises KnobError when it is outside the dial or not a number."""
        if not self.minimum <= value <= self.maximum:
            raise KnobError(
                f"Knob '{self.name}' cannot be set to {value:g}.", f"Its range is {self.range_text}."
            )
        return (value - self.minimum) / (self.maximum - self.minimum)

    def denormalised(self, fraction: float) -> float:
        """Map 0..1 to the dial."""
        return self.minimum + fraction * (self.maximum - self.minimum)


def knob_vector(knobs: Sequence[Knob], values: KnobValues) -> npt.NDArray[np.float32]:
    """Return the knob positions in 0..1, in the order of `knobs`; a knob not given rests at its default.

    Raises
    ------
    KnobError
        For a name that no knob has, and for a value outside its dial.
    """
    names = [knob.name for knob in knobs]
    for name in values:
        if name not in names:
            hint = did_you_mean(name, names) if names else "This model has no knobs."
            raise KnobError(f"There is no knob '{name}'.", hint)
    return np.array([knob.normalised(values.get(knob.name, knob.default)) for knob in knobs], np.float32)
