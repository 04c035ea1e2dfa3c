"""The filters that stand for a tone stack, as sections of the equaliser's kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.engine.conditioner import Conditioner, read_layers
from vastudio.kernels.biquads import Section, high_shelf, low_shelf, peaking
from vastudio.kernels.tone_stack import polynomials
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import Doubles, array, unusable
from vastudio.types import STANDARD_RATE

Position = npt.NDArray[np.float32]
Sections = Callable[[Position], list[Section]]
"""From a knob position (K,) in 0..1 to filters in a row."""

POT_END = 1e-3
POTS = 3
LARGEST_EXPONENT = 100.0

LOWEST, HIGHEST = 30 / 48_000, 12_000 / 48_000
MOST_DB = 24.0
LEAST_Q, MOST_Q = 0.3, 3.0
EQ_NUMBERS = (4, 3)


@dataclass(frozen=True)
class PassiveStack:
    """The treble-middle-bass network as a first-order and a second-order section.

    A network of resistors and capacitors has real poles only. The slowest one and the zero at 0 Hz make a
    high-pass; the two others and the two other zeros are left.

    Attributes
    ----------
    components:
        r1 … r4 in ohms, c1 … c3 in farads, at 48,000 samples per second.
    knobs:
        Of treble, middle and bass: the knob's index, None for a pot that stands still.
    tapers, pots:
        The exponents of those that are turned; the positions of those that stand still.
    gain:
        A factor.
    """

    components: Doubles
    knobs: tuple[int | None, ...]
    tapers: Doubles
    pots: Doubles
    gain: float

    def __call__(self, position: Position) -> list[Section]:
        """The two sections at a knob position."""
        pots = [
            fixed if knob is None else float(position[knob]) ** taper
            for knob, taper, fixed in zip(self.knobs, self.tapers, self.pots, strict=True)
        ]
        above, below = polynomials(self.components, *(POT_END + (1 - 2 * POT_END) * pot for pot in pots))
        slow, middle, fast = sorted(np.abs(np.roots([*below, 1.0]).real))
        scale = self.gain / below[0]
        return [_high_pass(slow), _second_order(scale * np.array(above), middle, fast)]


def _high_pass(pole: float) -> Section:
    """s / (s + pole), as a second-order section whose other pole lies on a zero."""
    return Section(pole / (2 * STANDARD_RATE), 2.0, 1.0, -1.0, -1.0)


def _second_order(above: Doubles, first: float, second: float) -> Section:
    """(above · [s², s, 1]) / ((s + first)·(s + second))."""
    corner = math.sqrt(first * second)
    k = (first + second) / corner
    dry = above[0]
    return Section(
        corner / (2 * STANDARD_RATE), k, dry, above[1] / corner - k * dry, above[2] / corner**2 - dry
    )


@dataclass(frozen=True)
class ParametricStack:
    """Low shelf, two bells and a high shelf that `conditioner` sets."""

    conditioner: Conditioner

    def __call__(self, position: Position) -> list[Section]:
        """The four sections at a knob position."""
        numbers = self.conditioner(position).reshape(EQ_NUMBERS)
        low, first, second, high = ((_between(f, LOWEST, HIGHEST), _between(q, LEAST_Q, MOST_Q),
                                     MOST_DB * math.tanh(gain)) for f, gain, q in numbers)  # fmt: skip
        return [low_shelf(*low), peaking(*first), peaking(*second), high_shelf(*high)]


def _between(u: float, least: float, most: float) -> float:
    """A number from `least` to `most`, evenly on a logarithmic scale in σ(u)."""
    return float(least * (most / least) ** (0.5 + 0.5 * math.tanh(0.5 * u)))


def read_tone_stack(model: ModelFile) -> Sections:
    """Read the tone stack of a model. Raises ModelFileError when it is unknown or damaged."""
    kind = model.config.get("tone_stack")
    if kind == "eq":
        return ParametricStack(read_layers(model, math.prod(EQ_NUMBERS), "tone"))
    if kind == "fmv":
        return _read_passive(model)
    raise unusable(model, f"its tone stack '{kind}' is unknown", "Update VA Studio to play it.")


def _read_passive(model: ModelFile) -> PassiveStack:
    components, gain = array(model, "tone.components", (7,)), array(model, "tone.gain", (1,))
    tapers, pots = array(model, "tone.tapers", (POTS,)), array(model, "tone.pots", (POTS,))
    if components.min() <= 0 or tapers.min() <= 0 or tapers.max() > LARGEST_EXPONENT:
        raise unusable(model, "its tone stack has a component or a taper that cannot be")
    if pots.min() < 0 or pots.max() > 1:
        raise unusable(model, "its tone stack has a pot beyond its ends")
    return PassiveStack(components, _knobs(model), tapers, pots, float(gain[0]))


def _knobs(model: ModelFile) -> tuple[int | None, ...]:
    knobs = model.config.get("pots")
    known = (None, *range(len(model.knobs)))
    if not isinstance(knobs, list) or len(knobs) != POTS or any(knob not in known for knob in knobs):
        raise unusable(model, f"its pots {knobs!r} are not knobs of it")
    return tuple(knobs)
