"""Layers, with their weights, and networks that are a row of them. Arrays are float32 and are not copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

Function: TypeAlias = Literal[
    "tanh", "sigmoid", "leaky_relu", "hard_tanh", "fast_tanh", "silu", "hard_swish", "softsign", "elu"
]

Cell: TypeAlias = Literal["gru", "lstm"]
GATES: dict[Cell, int] = {"gru": 3, "lstm": 4}


@dataclass(frozen=True)
class Activation:
    """An activation function, one number at a time.

    Attributes
    ----------
    function:
        `leaky_relu` is x where x > 0, else slope·x. `hard_tanh` is straight between minimum and maximum, and
        beyond them too, with other slopes. `fast_tanh` is the rational function near tanh that the Neural Amp
        Modeler has under this name; `hard_swish` is x·min(max(x + 3, 0), 6)/6; `softsign` x/(1 + |x|); `elu`
        factor·(e^x − 1) below 0.
    parameters:
        Shape (count,) for all channels, or (channels, count). `leaky_relu`: slope; `hard_tanh`: minimum,
        maximum, slope below, slope above; `elu`: factor; none for the others.
    """

    function: Function
    parameters: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    @property
    def channels(self) -> int | None:
        """How many channels it is made for; None: any number."""
        return self.parameters.shape[0] if self.parameters.ndim == 2 else None


@dataclass(frozen=True)
class Convolution:
    """A causal convolution, dilated, of neighbouring channels in groups; with one tap a matrix.

    Attributes
    ----------
    weight:
        Shape (outputs, inputs / groups, taps); tap 0 hears the oldest sample.
    bias:
        Shape (outputs,), or None.
    """

    weight: Floats
    bias: Floats | None = None
    dilation: int = 1
    groups: int = 1

    @property
    def outputs(self) -> int:
        """Channels that come out."""
        return int(self.weight.shape[0])

    @property
    def inputs(self) -> int:
        """Channels that go in."""
        return int(self.weight.shape[1] * self.groups)

    @property
    def memory(self) -> int:
        """How many samples back it listens."""
        return int(self.weight.shape[2] - 1) * self.dilation


@dataclass(frozen=True)
class Recurrent:
    """A GRU or LSTM layer in torch's notation, G gates (r, z, n or i, f, g, o) of H units.

    Shapes: `w_ih` (G·H, inputs), `w_hh` (G·H, H), `b_ih` and `b_hh` (G·H,).
    """

    cell: Cell
    w_ih: Floats
    w_hh: Floats
    b_ih: Floats
    b_hh: Floats

    @property
    def inputs(self) -> int:
        """Channels that go in."""
        return int(self.w_ih.shape[1])

    @property
    def hidden(self) -> int:
        """Units, which are the channels that come out."""
        return int(self.w_hh.shape[1])


Layer: TypeAlias = Activation | Convolution | Recurrent


@dataclass(frozen=True)
class Sequential:
    """Layers one after the other.

    Attributes
    ----------
    inputs:
        Channels that enter: the sound, then the knobs in 0..1.
    layers:
        One or more.
    skip:
        What the sound is multiplied by before it is added to the output.
    """

    inputs: int
    layers: tuple[Layer, ...]
    skip: float = 0.0

    @property
    def outputs(self) -> int:
        """Channels that come out."""
        return widths(self.inputs, self.layers)[-1]


def widths(inputs: int, layers: Sequence[Layer]) -> list[int]:
    """Channels that enter the layers, one number for each, and those that come out of the last."""
    found = [inputs]
    for layer in layers:
        if isinstance(layer, Convolution):
            found.append(layer.outputs)
        else:
            found.append(layer.hidden if isinstance(layer, Recurrent) else found[-1])
    return found
