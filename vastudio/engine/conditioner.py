"""From knob positions to the numbers of a network, as a model file describes it; no torch.

Evaluated in double precision on the controlling thread whenever a knob moves; see `docs/file-format.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import Doubles, array, unusable

MOST_LAYERS = 8
LEAK = 0.01

Layers = tuple[tuple[Doubles, Doubles], ...]
Position = npt.NDArray[np.float32]
"""Knob positions in 0..1, shape (knobs,)."""


@dataclass(frozen=True)
class LowRank:
    """Deltas to shared numbers, those of the state weights as a product of two factors.

    Attributes
    ----------
    shared:
        The flat weight set (numbers,) that the deltas are added to.
    rows, hidden, rank:
        The state weights are (rows, hidden), their delta is L (rows, rank) · R (hidden, rank)ᵀ.
    """

    shared: Doubles
    rows: int
    hidden: int
    rank: int

    @property
    def size(self) -> int:
        """How many numbers describe the deltas."""
        return self.shared.size - self.rows * self.hidden + (self.rows + self.hidden) * self.rank

    def __call__(self, deltas: Doubles) -> Doubles:
        """Map [input weights | L | R | the rest], (size,), to the flat weight set (numbers,)."""
        ends = np.cumsum([self.rows, self.rows * self.rank, self.hidden * self.rank])
        before, left, right, after = np.split(deltas, ends)
        state = left.reshape(self.rows, self.rank) @ right.reshape(self.hidden, self.rank).T
        moved: Doubles = self.shared + np.concatenate([before, state.reshape(-1), after])
        return moved


@dataclass(frozen=True)
class LevelLaw:
    """Gains of input and output in dB, quadratic in the knobs.

    `coefficients` (2, (K + 1)·(K + 2) / 2) are for 1, c and the products c_i·c_j with i ≤ j, in this order,
    at the knob position c in −1..1.
    """

    coefficients: Doubles

    def __call__(self, position: Position) -> tuple[float, float]:
        """The factors of input and output at a knob position."""
        c = 2.0 * position.astype(np.float64) - 1.0
        first, second = np.triu_indices(c.size)
        features = np.concatenate([[1.0], c, c[first] * c[second]])
        gain_in, gain_out = 10.0 ** (self.coefficients @ features / 20.0)
        return float(gain_in), float(gain_out)


@dataclass(frozen=True)
class Conditioner:
    """The map from knob positions to numbers.

    Attributes
    ----------
    layers:
        Pairs (weight (out, in), bias (out,)), the last one linear.
    activation:
        `tanh` or `leaky_relu` (slope 0.01), after every layer but the last.
    finish:
        What follows the layers, where something does.
    """

    layers: Layers
    activation: str
    finish: Callable[[Doubles], Doubles] | None = None

    def then(self, finish: Callable[[Doubles], Doubles]) -> Conditioner:
        """The same layers with something after them."""
        return replace(self, finish=finish)

    def __call__(self, position: Position) -> Doubles:
        """Map a knob position to the numbers, shape (numbers,)."""
        values = 2.0 * position.astype(np.float64) - 1.0
        for index, (weight, bias) in enumerate(self.layers):
            if index:
                values = self._activate(values)
            values = weight @ values + bias
        return values if self.finish is None else self.finish(values)

    def _activate(self, values: Doubles) -> Doubles:
        return np.tanh(values) if self.activation == "tanh" else np.where(values > 0, values, LEAK * values)


def read_layers(model: ModelFile, numbers: int, prefix: str = "conditioner") -> Conditioner:
    """Read `prefix.{i}.weight` and `.bias`, which lead from the knobs to `numbers` numbers.

    Raises
    ------
    ModelFileError
        When the activation is unknown, an array is missing, of the wrong shape or not finite.
    """
    activation = model.config.get("activation", "tanh")
    if activation not in ("tanh", "leaky_relu"):
        raise unusable(model, f"its activation '{activation}' is unknown")
    layers: list[tuple[Doubles, Doubles]] = []
    width = len(model.knobs)
    while f"{prefix}.{len(layers)}.bias" in model.weights:
        weight, bias = _layer(model, f"{prefix}.{len(layers)}", width)
        layers.append((weight, bias))
        width = bias.size
    if not layers:
        raise unusable(model, "it holds no weights")
    if len(layers) > MOST_LAYERS or width != numbers:
        raise unusable(model, f"its {len(layers)} layers end in {width} numbers instead of {numbers}")
    return Conditioner(tuple(layers), activation)


def read_level_law(model: ModelFile) -> LevelLaw | None:
    """Read the level law of a model that has one. Raises ModelFileError when it is unknown or damaged."""
    kind = model.config.get("level_law")
    if kind is None:
        return None
    if kind != "quadratic":
        raise unusable(model, f"its level law '{kind}' is unknown", "Update VA Studio to play it.")
    knobs = len(model.knobs)
    return LevelLaw(array(model, "level_law.weight", (2, (knobs + 1) * (knobs + 2) // 2)))


def _layer(model: ModelFile, name: str, inputs: int) -> tuple[Doubles, Doubles]:
    """One affine layer; one that stands after no inputs may leave its weight out."""
    outputs = int(np.size(model.weights[f"{name}.bias"]))
    bias = array(model, f"{name}.bias", (outputs,))
    if inputs == 0 and f"{name}.weight" not in model.weights:
        return np.zeros((outputs, 0)), bias
    return array(model, f"{name}.weight", (outputs, inputs)), bias
