"""From a model file to something that plays: knob positions in, weights for the kernel out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.errors import ModelFileError
from vastudio.kernels import recurrent
from vastudio.kernels.cells import GATE_COUNT, CellWeights, Kind, flat_size
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program, Voice
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob, KnobValues, knob_vector

SMALLEST_HIDDEN, LARGEST_HIDDEN = 1, 96
MOST_LAYERS = 8
LEAK = 0.01

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Conditioner:
    """The map from knob positions to the numbers of a weight set: a small fully connected network.

    Evaluated in double precision on the controlling thread, on a change of a knob.

    Attributes
    ----------
    layers:
        Pairs (weight (out, in), bias (out,)), the last one linear.
    activation:
        `tanh` or `leaky_relu` (slope 0.01), after every layer but the last.
    """

    layers: tuple[tuple[Doubles, Doubles], ...]
    activation: str

    def __call__(self, normalised: npt.NDArray[np.float32]) -> Floats:
        """Map knob positions 0..1, shape (knobs,), to the flat weight set, shape (numbers,)."""
        values = 2.0 * normalised.astype(np.float64) - 1.0
        for index, (weight, bias) in enumerate(self.layers):
            if index:
                values = (
                    np.tanh(values)
                    if self.activation == "tanh"
                    else np.where(values > 0, values, LEAK * values)
                )
            values = weight @ values + bias
        return values.astype(np.float32)


@dataclass(frozen=True)
class PlayableModel:
    """A model that has been checked and can be turned at its knobs."""

    name: str
    knobs: tuple[Knob, ...]
    sample_rate: int
    cell: Kind
    hidden: int
    conditioner: Conditioner

    @classmethod
    def from_file(cls, model: ModelFile) -> PlayableModel:
        """Check a model's configuration and weights.

        Raises
        ------
        ModelFileError
            When the cell is unknown, its size is outside 1..96, an array is missing, of the wrong shape
            or not finite.
        """
        cell, activation = model.config.get("cell"), model.config.get("activation", "tanh")
        if not isinstance(cell, str) or cell not in GATE_COUNT:
            known = ", ".join(GATE_COUNT)
            raise _unusable(model, f"its cell '{cell}' is unknown", f"This version plays: {known}.")
        if activation not in ("tanh", "leaky_relu"):
            raise _unusable(model, f"its activation '{activation}' is unknown")
        hidden = model.config.get("hidden")
        if not isinstance(hidden, int) or not SMALLEST_HIDDEN <= hidden <= LARGEST_HIDDEN:
            raise _unusable(model, f"its size {hidden!r} is not a number from 1 to {LARGEST_HIDDEN}")
        conditioner = Conditioner(_layers(model, flat_size(hidden, cell)), activation)
        return cls(model.name, model.knobs, model.sample_rate, cell, hidden, conditioner)

    def cell_weights(self, values: KnobValues) -> CellWeights:
        """Return the cell at the knob positions `values` (dial values; defaults where not given).

        Raises
        ------
        KnobError
            For an unknown knob and for a value outside its dial.
        """
        numbers = self.conditioner(knob_vector(self.knobs, values))
        return CellWeights.from_flat(numbers, self.hidden, self.cell)

    @property
    def program(self) -> Program:
        """What plays the model: compiled at the first use of its size on this computer, in half a second."""
        return recurrent.program(self.cell, self.hidden)

    @property
    def glide_steps(self) -> int:
        """Steps of a glide from one knob position to another."""
        return self.program.glide_steps(self.sample_rate)

    def voice(self, values: KnobValues) -> Voice:
        """Return a voice at rest with the knobs at `values`. Raises KnobError."""
        return Voice(self.program, self.packed(values))

    def packed(self, values: KnobValues) -> Floats:
        """Return the cell at `values` packed for the kernel, with its rest state. Raises KnobError."""
        return settled(self.cell_weights(values)).packed


def _unusable(
    model: ModelFile, reason: str, hint: str = "The file is damaged: export it again."
) -> ModelFileError:
    return ModelFileError(f"The model '{model.name}' cannot be played: {reason}.", hint)


def _layers(model: ModelFile, numbers: int) -> tuple[tuple[Doubles, Doubles], ...]:
    """Collect and check `conditioner.{i}.weight` and `.bias`, from the knobs to `numbers`."""
    layers: list[tuple[Doubles, Doubles]] = []
    width = len(model.knobs)
    while f"conditioner.{len(layers)}.bias" in model.weights:
        weight, bias = _layer(model, len(layers), width)
        layers.append((weight, bias))
        width = bias.size
    if not layers:
        raise _unusable(model, "it holds no weights")
    if len(layers) > MOST_LAYERS or width != numbers:
        raise _unusable(model, f"its {len(layers)} layers end in {width} numbers instead of {numbers}")
    return tuple(layers)


def _layer(model: ModelFile, index: int, inputs: int) -> tuple[Doubles, Doubles]:
    bias = np.asarray(model.weights[f"conditioner.{index}.bias"], np.float64)
    weight = np.asarray(
        model.weights.get(f"conditioner.{index}.weight", np.zeros((bias.size, 0))), np.float64
    )
    if bias.ndim != 1 or weight.shape != (bias.size, inputs):
        raise _unusable(model, f"layer {index} has the shape {weight.shape} instead of {(bias.size, inputs)}")
    if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
        raise _unusable(model, f"layer {index} holds numbers that are not finite")
    return weight, bias
