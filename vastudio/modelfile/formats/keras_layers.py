"""The layers of RTNeural's files, in the layout of Keras.

Matrices stand by input, then output; a convolution's by tap (the oldest first), input and output. A GRU's
gates are z, r, n, its biases a pair of lists, of the input's side and of the state's. An LSTM's gates are
i, f, g, o.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vastudio.modelfile.checking import LEAST_VARIANCE, Part
from vastudio.modelfile.networks import limits
from vastudio.modelfile.networks.activations import leaky
from vastudio.modelfile.networks.layers import Activation, Convolution, Floats, Layer, Recurrent

_ACTIVATIONS: dict[str, Activation | None] = {
    "": None,
    "linear": None,
    "tanh": Activation("tanh"),
    "sigmoid": Activation("sigmoid"),
    "relu": leaky(0.0),
    "elu": Activation("elu", np.array([1.0], np.float32)),
}


def _activation(part: Part) -> list[Layer]:
    name = part.get("activation")
    found: Activation | None = None if name is None else name.one_of(_ACTIVATIONS)
    return [] if found is None else [found]


def _weights(part: Part, *counts: int) -> list[Part]:
    """The arrays of a layer, as many as one of `counts`."""
    found = part.need("weights").items(max(counts))
    if len(found) not in counts:
        part.need("weights").wrong(f"has {len(found)} arrays instead of {' or '.join(map(str, counts))}")
    return found


def _outputs(part: Part, largest: int) -> int:
    """The last number of `shape`."""
    shape = part.need("shape").items(4)
    if not shape:
        part.need("shape").wrong("is empty")
    return shape[-1].whole(1, largest)


def _dense(part: Part, inputs: int) -> list[Layer]:
    arrays = _weights(part, 1, 2)
    outputs = _outputs(part, limits.MOST_CHANNELS)
    matrix = arrays[0].array(inputs, outputs)
    bias = arrays[1].array(outputs) if len(arrays) == 2 else None
    return [Convolution(matrix.T[:, :, None], bias), *_activation(part)]


def _conv1d(part: Part, inputs: int) -> list[Layer]:
    arrays = _weights(part, 1, 2)
    outputs = _outputs(part, limits.MOST_CHANNELS)
    taps = _single(part.need("kernel_size"), limits.LONGEST_MEMORY)
    dilation, strides = part.get("dilation"), part.get("strides")
    if strides is not None and _single(strides, limits.LONGEST_MEMORY) != 1:
        strides.wrong("is not 1: a sound would come out at another rate")
    found = part.get("groups")
    groups = 1 if found is None else found.whole(1, limits.MOST_CHANNELS)
    if found is not None and (inputs % groups or outputs % groups):
        found.wrong(f"is {groups}, which does not divide {inputs} and {outputs} channels")
    kernel = arrays[0].array(taps, inputs // groups, outputs)
    bias = arrays[1].array(outputs) if len(arrays) == 2 else None
    distance = 1 if dilation is None else _single(dilation, limits.LONGEST_MEMORY)
    return [Convolution(kernel.transpose(2, 1, 0), bias, distance, groups), *_activation(part)]


def _single(part: Part, largest: int) -> int:
    """A whole number, or the only one of a list."""
    if not isinstance(part.value, list):
        return part.whole(1, largest)
    numbers = part.items(1)
    if not numbers:
        part.wrong("is empty")
    return numbers[0].whole(1, largest)


def _gru(part: Part, inputs: int) -> list[Layer]:
    hidden = _outputs(part, limits.MOST_UNITS)
    kernel, recurrent, bias = _weights(part, 3)
    w_ih, w_hh = kernel.array(inputs, 3 * hidden), recurrent.array(hidden, 3 * hidden)
    biases = bias.array(2, 3 * hidden)

    def reset_first(numbers: Floats) -> Floats:
        z, r, n = np.split(numbers, 3, axis=-1)
        return np.concatenate([r, z, n], axis=-1)

    w_ih, w_hh, biases = reset_first(w_ih), reset_first(w_hh), reset_first(biases)
    return [Recurrent("gru", w_ih.T, w_hh.T, biases[0], biases[1])]


def _lstm(part: Part, inputs: int) -> list[Layer]:
    hidden = _outputs(part, limits.MOST_UNITS)
    kernel, recurrent, bias = _weights(part, 3)
    w_ih, w_hh = kernel.array(inputs, 4 * hidden), recurrent.array(hidden, 4 * hidden)
    nothing = np.zeros(4 * hidden, np.float32)
    return [Recurrent("lstm", w_ih.T, w_hh.T, bias.array(4 * hidden), nothing)]


def _prelu(part: Part, inputs: int) -> list[Layer]:
    slopes = _weights(part, 1)[0]
    if isinstance(slopes.value, list) and slopes.value and isinstance(slopes.value[0], list):
        slopes = slopes.items(1)[0]
    found = slopes.array(None)
    if found.size not in (1, inputs):
        slopes.wrong(f"has {found.size} slopes for {inputs} channels")
    return [Activation("leaky_relu", np.broadcast_to(found, (inputs,)).reshape(inputs, 1))]


def _batch_norm(part: Part, inputs: int) -> list[Layer]:
    """Fixed numbers scale and shift each channel: a convolution of one tap with every channel a group."""
    arrays = [array.array(inputs).astype(np.float64) for array in _weights(part, 2, 4)]
    gamma, beta = arrays[:2] if len(arrays) == 4 else (np.ones(inputs), np.zeros(inputs))
    mean, variance = arrays[-2:]
    spread = variance + part.need("epsilon").number(0.0)
    if not (spread > LEAST_VARIANCE).all():
        part.need("weights").wrong("hold a variance that is not positive")
    scale = gamma / np.sqrt(spread)
    weight, bias = scale.astype(np.float32), (beta - scale * mean).astype(np.float32)
    return [Convolution(weight[:, None, None], bias, groups=inputs)]


def _function(part: Part, inputs: int) -> list[Layer]:
    return _activation(part)


READERS: dict[str, Callable[[Part, int], list[Layer]]] = {
    "dense": _dense,
    "time-distributed-dense": _dense,
    "conv1d": _conv1d,
    "gru": _gru,
    "lstm": _lstm,
    "prelu": _prelu,
    "batchnorm": _batch_norm,
    "activation": _function,
}
"""By `type`: from a layer and the channels that enter it to what it consists of."""
