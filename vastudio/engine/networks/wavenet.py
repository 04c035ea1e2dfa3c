"""A WaveNet whose numbers a conditioner writes from the knobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vastudio.engine.conditioner import Conditioner, LevelLaw, read_layers, read_level_law
from vastudio.errors import ModelFileError, did_you_mean
from vastudio.kernels import wavenet
from vastudio.kernels.voice import Floats, Program
from vastudio.kernels.wavenet_shape import (
    NAM_SIZES,
    Activation,
    ArrayWeights,
    LayerArray,
    LeakyRelu,
    Tanh,
    WaveNetShape,
    WaveNetWeights,
    flat_size,
    receptive_field,
)
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import unusable

MOST_ARRAYS, MOST_LAYERS = 8, 128
MOST_CHANNELS, MOST_TAPS = 128, 64
LONGEST_MEMORY = 1 << 18
"""Samples that a network may hear: five seconds at 48 kHz."""


@dataclass(frozen=True)
class WaveNetNetwork:
    """A shape, the conditioner of its list of numbers, and its level law if it has one."""

    size: str
    shape: WaveNetShape
    conditioner: Conditioner
    level_law: LevelLaw | None

    @property
    def title(self) -> str:
        """Such as `WaveNet A1 standard`."""
        return f"WaveNet {self.size}".rstrip()

    @property
    def program(self) -> Program:
        """Compiled at the first use of its shape on this computer, in some seconds."""
        return wavenet.program(self.shape)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The network at a knob position (K,) in 0..1, packed for the kernel, silent at rest."""
        return wavenet.pack(self.silent(position))

    def silent(self, position: npt.NDArray[np.float32]) -> WaveNetWeights:
        """As `weights`, with nothing coming out at rest."""
        return _silenced(self.weights(position))

    def weights(self, position: npt.NDArray[np.float32]) -> WaveNetWeights:
        """The network at a knob position (K,) in 0..1, as any player of such networks takes it."""
        weights = WaveNetWeights.from_flat(self.shape, self.conditioner(position))
        return weights if self.level_law is None else _scaled(weights, *self.level_law(position))


def read(model: ModelFile) -> WaveNetNetwork:
    """Check and read a model.

    Raises
    ------
    ModelFileError
        When its size is unknown, its shape is no shape or too large, an array is missing, of the wrong shape
        or not finite.
    """
    size, shape = _read_shape(model)
    return WaveNetNetwork(size, shape, read_layers(model, flat_size(shape)), read_level_law(model))


# --- numbers ------------------------------------------------------------------------------------------------


def _scaled(weights: WaveNetWeights, gain_in: float, gain_out: float) -> WaveNetWeights:
    """The same network with gains before and after it: on all that the sound is multiplied by, and last."""

    def louder(array: ArrayWeights, first: bool) -> ArrayWeights:
        layers = tuple(replace(layer, mixin=_times(gain_in, layer.mixin)) for layer in array.layers)
        rechannel = _times(gain_in, array.rechannel) if first else array.rechannel
        return replace(array, rechannel=rechannel, layers=layers)

    arrays = tuple(louder(array, not index) for index, array in enumerate(weights.arrays))
    return replace(weights, arrays=arrays, head_scale=gain_out * weights.head_scale)


def _silenced(weights: WaveNetWeights) -> WaveNetWeights:
    """The same network without the constant that it gives at rest: the last head's bias takes it away."""
    rest = weights.rest_output()
    if not rest:
        return weights
    last = weights.arrays[-1]
    bias = (last.head_bias - np.float64(rest) / weights.head_scale).astype(np.float32)
    return replace(weights, arrays=(*weights.arrays[:-1], replace(last, head_bias=bias)))


def _times(gain: float, numbers: Floats) -> Floats:
    return (np.float64(gain) * numbers).astype(np.float32)


# --- shapes -------------------------------------------------------------------------------------------------


class _Array(BaseModel):
    """One array, as a file describes it."""

    model_config = ConfigDict(strict=True)

    channels: int = Field(ge=1, le=MOST_CHANNELS)
    kernel_sizes: list[int] = Field(min_length=1, max_length=MOST_LAYERS)
    dilations: list[int]
    activations: list[str]
    slope: float = Field(default=0.01, ge=0, le=1)
    head_size: int = Field(ge=1, le=MOST_CHANNELS)
    head_kernel: int = Field(default=1, ge=1, le=MOST_TAPS)
    head_bias: bool = False

    def as_array(self) -> LayerArray:
        """The array. Raises ModelFileError when its lists do not fit together or an activation is unknown."""
        if max(self.kernel_sizes) > MOST_TAPS:
            raise ModelFileError(f"A WaveNet's convolution has {max(self.kernel_sizes)} taps.")
        activations = tuple(_activation(name, self.slope) for name in self.activations)
        return LayerArray(
            self.channels, tuple(self.kernel_sizes), tuple(self.dilations), activations,
            self.head_size, self.head_kernel, self.head_bias,
        )  # fmt: skip


def _activation(name: str, slope: float) -> Activation:
    known: Mapping[str, Activation] = {"tanh": Tanh(), "leaky_relu": LeakyRelu(slope)}
    if name not in known:
        raise ModelFileError(f"A WaveNet's activation '{name}' is unknown.")
    return known[name]


def _read_shape(model: ModelFile) -> tuple[str, WaveNetShape]:
    """The name of a published size and its shape, or no name and the shape that `arrays` describes."""
    size, arrays = model.config.get("size"), model.config.get("arrays")
    if arrays is None:
        if not isinstance(size, str) or size not in NAM_SIZES:
            raise unusable(model, f"its size '{size}' is unknown", did_you_mean(str(size), NAM_SIZES))
        return size, NAM_SIZES[size]
    if not isinstance(arrays, list) or len(arrays) > MOST_ARRAYS:
        raise unusable(model, f"its arrays are not a list of {MOST_ARRAYS} at most")
    try:
        shape = WaveNetShape(tuple(_Array.model_validate(array).as_array() for array in arrays))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise unusable(model, f"{place} of its arrays is wrong: {first['msg']}") from error
    except ModelFileError as error:
        raise unusable(model, error.message[:1].lower() + error.message[1:].rstrip(".")) from error
    if receptive_field(shape) > LONGEST_MEMORY:
        raise unusable(model, f"it hears {receptive_field(shape)} samples")
    return size if isinstance(size, str) else "", shape


NETWORK = read
