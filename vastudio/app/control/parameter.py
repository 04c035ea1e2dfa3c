"""What can be controlled: one parameter with its name, its range, and how it is read and set."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["continuous", "switch", "trigger", "number"]
"""A knob; on or off; something that happens; one of many, counted from 0."""


def _nothing() -> float:
    return 0.0


@dataclass(frozen=True, eq=False)
class Parameter:
    """One thing that a controller can move.

    Attributes
    ----------
    key:
        Its name for other programs, words joined by points: `rack.trim_db`, `model.knob.gain`.
    title:
        Its name for a person.
    minimum, maximum, unit:
        The range of a continuous parameter and of a number, as printed on the dial.
    get, set:
        Read it and change it, in those units; a switch is 0 or 1, a trigger is set to 1. Both belong to the
        thread that steers the player.
    is_log:
        Whether equal turns are equal ratios.
    """

    key: str
    title: str
    kind: Kind
    set: Callable[[float], None]
    get: Callable[[], float] = _nothing
    minimum: float = 0.0
    maximum: float = 1.0
    unit: str = ""
    is_log: bool = False

    @property
    def value(self) -> float:
        """Where it stands."""
        return self.get()

    def accepts(self, value: float) -> bool:
        """Whether a value lies in the range; what is no number lies in none."""
        return self.minimum <= value <= self.maximum

    def normalised(self, value: float) -> float:
        """Map a value to 0..1."""
        value = min(max(value, self.minimum), self.maximum)
        if self.is_log:
            return math.log(value / self.minimum) / math.log(self.maximum / self.minimum)
        return (value - self.minimum) / (self.maximum - self.minimum)

    def denormalised(self, fraction: float) -> float:
        """Map 0..1 to a value."""
        fraction = min(max(fraction, 0.0), 1.0)
        if self.is_log:
            value = self.minimum * math.exp(fraction * math.log(self.maximum / self.minimum))
            return min(max(value, self.minimum), self.maximum)
        return self.minimum + fraction * (self.maximum - self.minimum)


Parameters = Mapping[str, Parameter]
"""Parameters by key."""


def table(*parameters: Parameter) -> dict[str, Parameter]:
    """Parameters by key. Raises ValueError when two have the same."""
    found = {parameter.key: parameter for parameter in parameters}
    if len(found) != len(parameters):
        raise ValueError("two parameters have one key")
    return found
