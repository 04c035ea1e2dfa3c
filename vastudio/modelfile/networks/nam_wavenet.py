"""WaveNets of `.nam` files, with the keys of 2023 and those of 2026; their weights are one list."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, get_args

from vastudio.modelfile.checking import Cutter, Part
from vastudio.modelfile.networks import activations, limits
from vastudio.modelfile.networks.layers import Activation, Convolution
from vastudio.modelfile.networks.wavenet import Film, FilmPlace, Gating, WaveNet, WaveNetArray, WaveNetLayer

_GATINGS: dict[str, Gating] = {"none": "none", "gated": "gated", "blended": "blended"}
_PLACES: tuple[FilmPlace, ...] = get_args(FilmPlace)


@dataclass(frozen=True)
class _LayerKeys:
    """What an array's keys say about one of its layers."""

    kernel: int
    dilation: int
    gating: Gating
    activation: Part
    second: Part | None


@dataclass(frozen=True)
class _Films:
    """Which places have films, whether they shift, their groups."""

    shifts: dict[FilmPlace, bool]
    groups: dict[FilmPlace, int]


@dataclass(frozen=True)
class _ArrayKeys:
    """An array's keys, checked. `layer1x1` and `head1x1`: groups, and None where inactive."""

    inputs: int
    condition: int
    channels: int
    bottleneck: int
    groups: int
    mixin_groups: int
    layers: tuple[_LayerKeys, ...]
    layer1x1: int | None
    head1x1: tuple[int, int] | None
    films: _Films
    head: tuple[int, int, int, bool]


class WaveNetReader:
    """Reads one WaveNet; `cutter` cuts its weights."""

    def __init__(self, cutter: Cutter) -> None:
        self._cutter = cutter

    def read(self, config: Part) -> WaveNet:
        """Read a `config`. Raises ModelFileError naming the key that is wrong."""
        inputs = config.get("in_channels")
        if inputs is not None:
            inputs.whole(1, 1)
        parts = config.need("layers").items(limits.MOST_ARRAYS)
        if not parts:
            config.need("layers").wrong("is empty")
        config.need("head_scale").number()
        keys = [_array_keys(part) for part in parts]
        _check_widths(parts, keys)
        _check_histories(config, keys)
        arrays = tuple(self._array(array, part) for array, part in zip(keys, parts, strict=True))
        head = config.get("head")
        last_head = () if head is None else self._last_head(head, arrays[-1].head.outputs)
        return WaveNet(arrays, float(self._cutter.take(1)[0]), None, last_head)

    def _array(self, keys: _ArrayKeys, part: Part) -> WaveNetArray:
        rechannel = self._convolution(keys.channels, keys.inputs, bias=False)
        layers = tuple(self._layer(keys, layer) for layer in keys.layers)
        outputs, taps, dilation, bias = keys.head
        summed = keys.bottleneck if keys.head1x1 is None else keys.head1x1[0]
        return WaveNetArray(rechannel, layers, self._convolution(outputs, summed, taps, dilation, bias=bias))

    def _layer(self, keys: _ArrayKeys, layer: _LayerKeys) -> WaveNetLayer:
        width = keys.bottleneck
        middle = width if layer.gating == "none" else 2 * width
        conv = self._convolution(middle, keys.channels, layer.kernel, layer.dilation, keys.groups)
        mixin = self._convolution(middle, keys.condition, groups=keys.mixin_groups, bias=False)
        layer1x1 = head1x1 = None
        if keys.layer1x1 is not None:
            layer1x1 = self._convolution(keys.channels, width, groups=keys.layer1x1)
        if keys.head1x1 is not None:
            outputs, groups = keys.head1x1
            head1x1 = self._convolution(outputs, width, groups=groups)
        sizes: dict[FilmPlace, int] = {
            "conv_pre_film": keys.channels,
            "conv_post_film": middle,
            "input_mixin_pre_film": keys.condition,
            "input_mixin_post_film": middle,
            "activation_pre_film": middle,
            "activation_post_film": width,
            "layer1x1_post_film": keys.channels,
            "head1x1_post_film": 0 if keys.head1x1 is None else keys.head1x1[0],
        }
        films = {}
        for place, shift in keys.films.shifts.items():
            outputs = sizes[place] * (2 if shift else 1)
            affine = self._convolution(outputs, keys.condition, groups=keys.films.groups[place])
            films[place] = Film(affine, shift)
        second = None if layer.second is None else activations.read_nam(layer.second, width)
        if layer.gating != "none" and second is None:
            second = Activation("sigmoid")
        activation = activations.read_nam(layer.activation, width)
        return WaveNetLayer(conv, mixin, activation, layer.gating, second, layer1x1, head1x1, films)

    def _last_head(self, part: Part, inputs: int) -> tuple[tuple[Activation, Convolution], ...]:
        given = part.get("in_channels")
        if given is not None and given.whole(1, limits.MOST_CHANNELS) != inputs:
            given.wrong(f"is not the number of channels before it, {inputs}")
        channels = part.need("channels").whole(1, limits.MOST_CHANNELS)
        outputs = part.need("out_channels").whole(1, limits.MOST_CHANNELS)
        kernels = part.need("kernel_sizes").items(limits.MOST_LAYERS)
        if not kernels:
            part.need("kernel_sizes").wrong("is empty")
        stages = []
        for index, kernel in enumerate(kernels):
            width = outputs if index + 1 == len(kernels) else channels
            activation = activations.read_nam(part.need("activation"), inputs)
            taps = kernel.whole(1, limits.LONGEST_MEMORY)
            stages.append((activation, self._convolution(width, inputs, taps)))
            inputs = width
        return tuple(stages)

    def _convolution(
        self,
        outputs: int,
        inputs: int,
        taps: int = 1,
        dilation: int = 1,
        groups: int = 1,
        *,
        bias: bool = True,
    ) -> Convolution:
        weight = self._cutter.take(outputs, inputs // groups, taps)
        return Convolution(weight, self._cutter.take(outputs) if bias else None, dilation, groups)


# --- keys ---------------------------------------------------------------------------------------------------


def _array_keys(part: Part) -> _ArrayKeys:
    channels = part.need("channels").whole(1, limits.MOST_CHANNELS)
    condition = part.need("condition_size").whole(1, limits.MOST_CHANNELS)
    bottleneck = _whole(part, "bottleneck", channels, limits.MOST_CHANNELS)
    layers = _layer_keys(part)
    middles = {bottleneck if layer.gating == "none" else 2 * bottleneck for layer in layers}
    groups = _groups(part, "groups_input", channels, *middles)
    mixin_groups = _groups(part, "groups_input_mixin", condition, *middles)
    layer1x1, head1x1 = _layer1x1(part, bottleneck, channels), _head1x1(part, bottleneck, channels)
    sizes: dict[FilmPlace, tuple[int, ...]] = {
        "conv_pre_film": (channels,),
        "conv_post_film": tuple(middles),
        "input_mixin_pre_film": (condition,),
        "input_mixin_post_film": tuple(middles),
        "activation_pre_film": tuple(middles),
        "activation_post_film": (bottleneck,),
    }
    if layer1x1 is not None:
        sizes["layer1x1_post_film"] = (channels,)
    if head1x1 is not None:
        sizes["head1x1_post_film"] = (head1x1[0],)
    return _ArrayKeys(
        part.need("input_size").whole(1, limits.MOST_CHANNELS),
        condition, channels, bottleneck, groups, mixin_groups, layers, layer1x1, head1x1,
        _films(part, condition, sizes), _head(part),
    )  # fmt: skip


def _layer_keys(part: Part) -> tuple[_LayerKeys, ...]:
    dilations = part.need("dilations").items(limits.MOST_LAYERS)
    if not dilations:
        part.need("dilations").wrong("is empty")
    count = len(dilations)
    several, single = part.get("kernel_sizes"), part.get("kernel_size")
    if several is not None and single is not None:
        single.wrong("stands beside kernel_sizes: there must be one of them")
    kernels = (several or part.need("kernel_size")).each(count)
    gatings, functions = _gatings(part, count), part.need("activation").each(count)
    second = part.get("secondary_activation")
    # A list may hold null where a layer has no gate; a single text may be empty where none has.
    seconds: list[Any] = [None] * count if second is None else second.each(count)
    found = []
    for index, gating in enumerate(gatings):
        gate = seconds[index] if gating != "none" else None
        if gate is not None and gate.value is None:
            gate = None
        kernel = kernels[index].whole(1, limits.LONGEST_MEMORY)
        dilation = dilations[index].whole(1, limits.LONGEST_MEMORY)
        found.append(_LayerKeys(kernel, dilation, gating, functions[index], gate))
    return tuple(found)


def _gatings(part: Part, count: int) -> list[Gating]:
    mode, gated = part.get("gating_mode"), part.get("gated")
    if mode is not None:
        return [item.one_of(_GATINGS) for item in mode.each(count)]
    return ["gated" if gated is not None and gated.flag() else "none"] * count


def _whole(part: Part, key: str, default: int, largest: int) -> int:
    found = part.get(key)
    return default if found is None else found.whole(1, largest)


def _groups(part: Part, key: str, *channels: int) -> int:
    """A number of groups, which must divide the channels that it cuts."""
    found = part.get(key)
    if found is None:
        return 1
    groups = found.whole(1, limits.MOST_CHANNELS)
    for count in channels:
        if count % groups:
            found.wrong(f"is {groups}, which does not divide {count} channels")
    return groups


def _layer1x1(part: Part, bottleneck: int, channels: int) -> int | None:
    found = part.get("layer1x1")
    if found is None or found.need("active").flag():
        return 1 if found is None else _groups(found, "groups", bottleneck, channels)
    if bottleneck != channels:
        found.wrong("is not active, so that bottleneck must equal channels")
    return None


def _head1x1(part: Part, bottleneck: int, channels: int) -> tuple[int, int] | None:
    """Outputs and groups."""
    found = part.get("head1x1")
    if found is None or not found.need("active").flag():
        return None
    outputs = _whole(found, "out_channels", channels, limits.MOST_CHANNELS)
    return outputs, _groups(found, "groups", bottleneck, outputs)


def _films(part: Part, condition: int, sizes: dict[FilmPlace, tuple[int, ...]]) -> _Films:
    films = _Films({}, {})
    for place in _PLACES:
        found = part.get(place)
        if found is None or found.value is False:
            continue
        active, shift = found.get("active"), found.get("shift")
        if active is not None and not active.flag():
            continue
        if place not in sizes:
            found.wrong("is active, but what it works on is not")
        films.shifts[place] = shift is None or shift.flag()
        outputs = [size * (2 if films.shifts[place] else 1) for size in sizes[place]]
        films.groups[place] = _groups(found, "groups", condition, *outputs)
    return films


def _head(part: Part) -> tuple[int, int, int, bool]:
    """Outputs, taps, dilation, and whether there is a bias."""
    found = part.get("head")
    if found is None:
        return part.need("head_size").whole(1, limits.MOST_CHANNELS), 1, 1, part.need("head_bias").flag()
    return (
        found.need("out_channels").whole(1, limits.MOST_CHANNELS),
        found.need("kernel_size").whole(1, limits.LONGEST_MEMORY),
        _whole(found, "head_dilation", 1, limits.LONGEST_MEMORY),
        found.need("bias").flag(),
    )


# --- what has to fit together -------------------------------------------------------------------------------


def _check_widths(parts: list[Part], keys: list[_ArrayKeys]) -> None:
    if keys[0].inputs != 1:
        parts[0].need("input_size").wrong(f"is {keys[0].inputs}; a sound has one channel")
    for index, (before, array) in enumerate(itertools.pairwise(keys), 1):
        if array.inputs != before.channels:
            parts[index].need("input_size").wrong(f"is not the channels before it, {before.channels}")
        summed = array.bottleneck if array.head1x1 is None else array.head1x1[0]
        if before.head[0] != summed:
            parts[index].wrong(f"adds up {summed} channels, but the head before it has {before.head[0]}")
        if array.condition != keys[0].condition:
            parts[index].need("condition_size").wrong(f"is not that of the first array, {keys[0].condition}")


def _check_histories(config: Part, keys: list[_ArrayKeys]) -> None:
    """Refuse what would look back too far, or need too much memory to do so."""
    total = 0
    for array in keys:
        for layer in array.layers:
            memory = (layer.kernel - 1) * layer.dilation
            total += memory * array.channels
            if memory > limits.LONGEST_MEMORY:
                config.need("layers").wrong(f"has a layer that looks {memory} samples back")
        total += (array.head[1] - 1) * array.head[2] * limits.MOST_CHANNELS
    if total > limits.MOST_HISTORY:
        config.need("layers").wrong(f"would keep {total} numbers of the past")
