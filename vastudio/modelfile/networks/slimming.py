"""A narrower WaveNet cut out of a wide one: the first channels of every weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from vastudio.modelfile.checking import Part
from vastudio.modelfile.networks import limits
from vastudio.modelfile.networks.layers import Convolution, Floats
from vastudio.modelfile.networks.wavenet import Film, WaveNet, WaveNetArray, WaveNetLayer


def slim(config: Part, full: WaveNet, widths: Sequence[int]) -> tuple[dict[str, Any], Floats]:
    """Cut every array of a WaveNet to a width; return its `config` and its list of weights.

    A head ends in the width of the array after it; the bottleneck shrinks as the width does.

    Raises
    ------
    ModelFileError
        Where the format has no rule for it: groups, heads of several taps, a last head, a condition.
    """
    parts = config.need("layers").items(limits.MOST_ARRAYS)
    for key in ("head", "condition_dsp"):
        found = config.get(key)
        if found is not None:
            found.wrong("does not go with a WaveNet of several sizes")
    layers: list[dict[str, Any]] = []
    numbers: list[Floats] = []
    for index, (part, array) in enumerate(zip(parts, full.arrays, strict=True)):
        last = index + 1 == len(parts)
        inputs = widths[index - 1] if index else array.rechannel.inputs
        outputs = array.head.outputs if last else widths[index + 1]
        narrow = _Narrow(part, array, widths[index])
        layers.append(narrow.keys(inputs, outputs))
        numbers += narrow.numbers(inputs, outputs)
    numbers.append(np.array([full.head_scale], np.float32))
    return {**config.value, "layers": layers}, np.concatenate([piece.ravel() for piece in numbers])


class _Narrow:
    """One array, cut to `channels`."""

    def __init__(self, part: Part, array: WaveNetArray, channels: int) -> None:
        if array.head.weight.shape[2] != 1:
            part.wrong("has a head of several taps, which does not go with several sizes")
        self._part, self._array, self._channels = part, array, channels
        layer = array.layers[0]
        full = array.rechannel.outputs
        self._width = channels if layer.layer1x1 is None else max(1, layer.width * channels // full)

    def keys(self, inputs: int, outputs: int) -> dict[str, Any]:
        """The keys of the narrow array."""
        keys = {key: value for key, value in self._part.value.items() if key != "slimmable"}
        changed: dict[str, Any] = {
            "channels": self._channels, "bottleneck": self._width, "input_size": inputs,
        }  # fmt: skip
        head = keys.get("head")
        changed |= {"head": {**head, "out_channels": outputs}} if head else {"head_size": outputs}
        return {**keys, **changed}

    def numbers(self, inputs: int, outputs: int) -> Iterator[Floats]:
        """Its weights, in the order of the file."""
        array = self._array
        yield from self._cut(array.rechannel, self._channels, inputs)
        for layer in array.layers:
            yield from self._layer(layer)
        first = array.layers[0]
        summed = self._width if first.head1x1 is None else first.head1x1.outputs
        yield from self._cut(array.head, outputs, summed)

    def _layer(self, layer: WaveNetLayer) -> Iterator[Floats]:
        middle = self._width * (layer.conv.outputs // layer.width)
        yield from self._cut(layer.conv, middle, self._channels)
        yield from self._cut(layer.mixin, middle, layer.mixin.inputs)
        if layer.layer1x1 is not None:
            yield from self._cut(layer.layer1x1, self._channels, self._width)
        if layer.head1x1 is not None:
            yield from self._cut(layer.head1x1, layer.head1x1.outputs, self._width)
        sizes = {
            "conv_pre_film": self._channels,
            "conv_post_film": middle,
            "input_mixin_post_film": middle,
            "activation_pre_film": middle,
            "activation_post_film": self._width,
            "layer1x1_post_film": self._channels,
        }
        for place, film in layer.films.items():
            yield from self._film(film, sizes.get(place))

    def _film(self, film: Film, size: int | None) -> Iterator[Floats]:
        outputs = film.affine.outputs if size is None else size * (2 if film.shift else 1)
        yield from self._cut(film.affine, outputs, film.affine.inputs)

    def _cut(self, convolution: Convolution, outputs: int, inputs: int) -> Iterator[Floats]:
        if convolution.groups != 1:
            self._part.wrong("has groups, which do not go with several sizes")
        yield convolution.weight[:outputs, :inputs]
        if convolution.bias is not None:
            yield convolution.bias[:outputs]
