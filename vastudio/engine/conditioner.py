"""From knob positions to the numbers of a cell, as a model file describes it; no torch.

Evaluated in double precision on the controlling thread whenever a knob moves; see `docs/file-format.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.errors import ModelFileError
from vastudio.kernels.cells import GATE_COUNT, Kind, flat_size
from vastudio.kernels.voice import Floats
from vastudio.modelfile.schema import ModelFile

MOST_LAYERS = 8
LARGEST_RANK = 96
LEAK = 0.01

Doubles = npt.NDArray[np.float64]
Layers = tuple[tuple[Doubles, Doubles], ...]


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

    Attributes
    ----------
    coefficients:
        (2, (K + 1)·(K + 2) / 2), for 1, c and the products c_i·c_j with i ≤ j, in this order.
    rows, outputs:
        How many numbers of the flat weight set the input's gain scales at its start, the output's at its end.
    """

    coefficients: Doubles
    rows: int
    outputs: int

    def scale(self, numbers: Doubles, position: Doubles) -> None:
        """Scale the flat weight set in place at the knob position c in −1..1, shape (K,)."""
        first, second = np.triu_indices(position.size)
        features = np.concatenate([[1.0], position, position[first] * position[second]])
        gain_in, gain_out = 10.0 ** (self.coefficients @ features / 20.0)
        numbers[: self.rows] *= gain_in
        numbers[numbers.size - self.outputs :] *= gain_out


@dataclass(frozen=True)
class Conditioner:
    """The map from knob positions to the flat weight set of a cell.

    Attributes
    ----------
    layers:
        Pairs (weight (out, in), bias (out,)), the last one linear.
    activation:
        `tanh` or `leaky_relu` (slope 0.01), after every layer but the last.
    low_rank, level_law:
        What follows the layers, where the model has it.
    """

    layers: Layers
    activation: str
    low_rank: LowRank | None = None
    level_law: LevelLaw | None = None

    def __call__(self, normalised: npt.NDArray[np.float32]) -> Floats:
        """Map knob positions 0..1, shape (knobs,), to the flat weight set, shape (numbers,)."""
        position = 2.0 * normalised.astype(np.float64) - 1.0
        values = position
        for index, (weight, bias) in enumerate(self.layers):
            if index:
                values = self._activate(values)
            values = weight @ values + bias
        if self.low_rank is not None:
            values = self.low_rank(values)
        if self.level_law is not None:
            self.level_law.scale(values, position)
        return values.astype(np.float32)

    def _activate(self, values: Doubles) -> Doubles:
        return np.tanh(values) if self.activation == "tanh" else np.where(values > 0, values, LEAK * values)


def read_conditioner(model: ModelFile, cell: Kind, hidden: int) -> Conditioner:
    """Read and check the conditioner of a model.

    Raises
    ------
    ModelFileError
        When the activation, the rank or the level law is unknown, an array is missing, of the wrong shape
        or not finite.
    """
    activation = model.config.get("activation", "tanh")
    if activation not in ("tanh", "leaky_relu"):
        raise unusable(model, f"its activation '{activation}' is unknown")
    numbers = flat_size(hidden, cell)
    low_rank = _low_rank(model, cell, hidden)
    layers = _layers(model, numbers if low_rank is None else low_rank.size)
    return Conditioner(layers, activation, low_rank, _level_law(model, cell, hidden))


def unusable(
    model: ModelFile, reason: str, hint: str = "The file is damaged: export it again."
) -> ModelFileError:
    """The error for a model that cannot be played."""
    return ModelFileError(f"The model '{model.name}' cannot be played: {reason}.", hint)


def _low_rank(model: ModelFile, cell: Kind, hidden: int) -> LowRank | None:
    rank = model.config.get("rank")
    if rank is None:
        return None
    if not isinstance(rank, int) or not 1 <= rank <= LARGEST_RANK:
        raise unusable(model, f"its rank {rank!r} is not a number from 1 to {LARGEST_RANK}")
    shared = _array(model, "conditioner.shared", (flat_size(hidden, cell),))
    return LowRank(shared, GATE_COUNT[cell] * hidden, hidden, rank)


def _level_law(model: ModelFile, cell: Kind, hidden: int) -> LevelLaw | None:
    kind = model.config.get("level_law")
    if kind is None:
        return None
    if kind != "quadratic":
        raise unusable(model, f"its level law '{kind}' is unknown", "Update VA Studio to play it.")
    knobs = len(model.knobs)
    coefficients = _array(model, "level_law.weight", (2, (knobs + 1) * (knobs + 2) // 2))
    return LevelLaw(coefficients, GATE_COUNT[cell] * hidden, hidden + 1)


def _layers(model: ModelFile, numbers: int) -> Layers:
    """Collect and check `conditioner.{i}.weight` and `.bias`, from the knobs to `numbers`."""
    layers: list[tuple[Doubles, Doubles]] = []
    width = len(model.knobs)
    while f"conditioner.{len(layers)}.bias" in model.weights:
        weight, bias = _layer(model, len(layers), width)
        layers.append((weight, bias))
        width = bias.size
    if not layers:
        raise unusable(model, "it holds no weights")
    if len(layers) > MOST_LAYERS or width != numbers:
        raise unusable(model, f"its {len(layers)} layers end in {width} numbers instead of {numbers}")
    return tuple(layers)


def _layer(model: ModelFile, index: int, inputs: int) -> tuple[Doubles, Doubles]:
    bias = np.asarray(model.weights[f"conditioner.{index}.bias"], np.float64)
    weight = np.asarray(
        model.weights.get(f"conditioner.{index}.weight", np.zeros((bias.size, 0))), np.float64
    )
    if bias.ndim != 1 or weight.shape != (bias.size, inputs):
        raise unusable(model, f"layer {index} has the shape {weight.shape} instead of {(bias.size, inputs)}")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise unusable(model, f"layer {index} holds numbers that are not finite")
    return weight, bias


def _array(model: ModelFile, name: str, shape: tuple[int, ...]) -> Doubles:
    if name not in model.weights:
        raise unusable(model, f"it lacks {name}")
    array = np.asarray(model.weights[name], np.float64)
    if array.shape != shape:
        raise unusable(model, f"{name} has the shape {array.shape} instead of {shape}")
    if not np.isfinite(array).all():
        raise unusable(model, f"{name} holds numbers that are not finite")
    return array
