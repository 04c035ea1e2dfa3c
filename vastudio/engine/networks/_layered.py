"""Networks as other programs describe them, written down for the kernel that plays any network of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from vastudio.kernels.layered import Builder, Layered, Rows
from vastudio.modelfile.networks.layers import Activation, Convolution, Layer, Recurrent, Sequential
from vastudio.modelfile.networks.wavenet import FilmPlace, Network, WaveNet, WaveNetArray, WaveNetLayer

Position = npt.NDArray[np.float32]


def build(network: Network) -> Layered:
    """Write a network of one input and one output down."""
    builder = Builder()
    if isinstance(network, WaveNet):
        _wavenet(builder, network, builder.output)
    else:
        _sequential(builder, network, builder.output)
    return builder.finish()


def at_knobs(network: Sequential, position: Position) -> Sequential:
    """The network with the sound as its only input that `network` is while knobs stand at a position (K,).

    What they add to the first layer's sums does not change with time: a bias.
    """
    if network.inputs == 1:
        return network
    first, knobs = network.layers[0], position.astype(np.float64)
    if isinstance(first, Recurrent):
        bias = first.b_ih + first.w_ih[:, 1:].astype(np.float64) @ knobs
        first = replace(first, w_ih=first.w_ih[:, :1], b_ih=bias.astype(np.float32))
    elif isinstance(first, Convolution):
        first = _convolution_at(first, knobs)
    else:
        raise TypeError("knobs that enter an activation")
    return Sequential(1, (first, *network.layers[1:]), network.skip)


def takes_knobs(network: Sequential) -> bool:
    """Whether `at_knobs` can be asked: the first layer adds up what the knobs are multiplied by."""
    first = network.layers[0]
    grouped = isinstance(first, Convolution) and first.groups > 1
    return network.inputs == 1 or not (isinstance(first, Activation) or grouped)


def _convolution_at(first: Convolution, knobs: npt.NDArray[np.float64]) -> Convolution:
    constant = first.weight[:, 1:].astype(np.float64).sum(axis=2) @ knobs
    bias = constant if first.bias is None else first.bias + constant
    return replace(first, weight=first.weight[:, :1], bias=bias.astype(np.float32))


def _convolve(
    builder: Builder,
    rows: Rows,
    convolution: Convolution,
    *,
    onto: Rows | None = None,
    into: Rows | None = None,
    scale: float = 1.0,
) -> Rows:
    bias = None if convolution.bias is None else np.float64(scale) * convolution.bias
    weight = np.float64(scale) * convolution.weight
    return builder.convolve(
        rows, weight, bias, dilation=convolution.dilation, groups=convolution.groups, onto=onto, into=into
    )


# --- a row of layers ----------------------------------------------------------------------------------------


def _sequential(builder: Builder, network: Sequential, output: Rows) -> None:
    rows = _run(builder, builder.input, network.layers[:-1])
    last = network.layers[-1]
    if isinstance(last, Convolution):
        _convolve(builder, rows, last, into=output)
    else:
        builder.copy(_run(builder, rows, [last]), output)
    if network.skip:
        builder.convolve(builder.input, np.array([[network.skip]]), onto=output, into=output)


def _run(builder: Builder, rows: Rows, layers: Sequence[Layer]) -> Rows:
    for layer in layers:
        if isinstance(layer, Convolution):
            rows = _convolve(builder, rows, layer)
        elif isinstance(layer, Recurrent):
            rows = builder.recur(rows, layer.cell, layer.w_ih, layer.w_hh, layer.b_ih, layer.b_hh)
        else:
            rows = _on_a_copy(builder, rows)
            builder.activate(rows, layer)
    return rows


def _on_a_copy(builder: Builder, rows: Rows) -> Rows:
    """The same rows to write on: what the input holds is still needed."""
    if rows.buffer != builder.input.buffer:
        return rows
    copied = builder.rows(rows.count)
    builder.copy(rows, copied)
    return copied


# --- WaveNet ------------------------------------------------------------------------------------------------


def _wavenet(builder: Builder, network: WaveNet, output: Rows) -> None:
    condition = builder.input if network.condition is None else _condition(builder, network.condition)
    rows, sums = builder.input, None
    last = len(network.arrays) - 1
    for index, array in enumerate(network.arrays):
        scale = network.head_scale if index == last else 1.0
        into = output if index == last and not network.last_head else None
        rows, sums = _array(builder, array, rows, condition, sums, scale, into)
    for index, (activation, convolution) in enumerate(network.last_head):
        assert sums is not None
        builder.activate(sums, activation)
        is_last = index + 1 == len(network.last_head)
        sums = _convolve(builder, sums, convolution, into=output if is_last else None)


def _condition(builder: Builder, network: Network) -> Rows:
    rows = builder.rows(network.outputs)
    if isinstance(network, WaveNet):
        _wavenet(builder, network, rows)
    else:
        _sequential(builder, network, rows)
    return rows


def _array(
    builder: Builder,
    array: WaveNetArray,
    rows: Rows,
    condition: Rows,
    sums: Rows | None,
    scale: float,
    into: Rows | None,
) -> tuple[Rows, Rows]:
    """Write an array down; return what enters the next one, and its head."""
    rows = _convolve(builder, rows, array.rechannel)
    total = builder.rows(array.head.inputs)
    if sums is not None:
        builder.copy(sums, total)
    for index, layer in enumerate(array.layers):
        following = rows if layer.layer1x1 is None else builder.rows(rows.count)
        with builder.layer():
            _Layer(builder, layer, condition).write(rows, following, total, begins=sums is None and not index)
        rows = following
    return rows, _convolve(builder, total, array.head, into=into, scale=scale)


class _Layer:
    """Writes one layer down."""

    def __init__(self, builder: Builder, layer: WaveNetLayer, condition: Rows) -> None:
        self._builder = builder
        self._layer = layer
        self._condition = condition

    def write(self, rows: Rows, following: Rows, total: Rows, *, begins: bool) -> None:
        """From the layer's input to what follows it, and to the sums of all layers; the first begins them."""
        builder, layer = self._builder, self._layer
        made = self._activated(self._mixed(rows))
        self._film("activation_post_film", made)
        if layer.head1x1 is None:
            if begins:
                builder.copy(made, total)
            else:
                builder.add(total, made)
        elif "head1x1_post_film" in layer.films:
            summed = _convolve(builder, made, layer.head1x1)
            self._film("head1x1_post_film", summed)
            if begins:
                builder.copy(summed, total)
            else:
                builder.add(total, summed)
        else:
            _convolve(builder, made, layer.head1x1, onto=None if begins else total, into=total)
        if layer.layer1x1 is None:
            return
        if layer.gating == "blended" and "layer1x1_post_film" in layer.films:
            mixed = _convolve(builder, made, layer.layer1x1)
            self._film("layer1x1_post_film", mixed)
            builder.copy(rows, following)
            builder.add(following, mixed)
        else:
            _convolve(builder, made, layer.layer1x1, onto=rows, into=following)

    def _mixed(self, rows: Rows) -> Rows:
        """The convolution's and the condition's share of what is activated."""
        builder, layer, condition = self._builder, self._layer, self._condition
        heard = self._filmed_copy("conv_pre_film", rows)
        z = _convolve(builder, heard, layer.conv)
        self._film("conv_post_film", z)
        said = self._filmed_copy("input_mixin_pre_film", condition)
        if "input_mixin_post_film" in layer.films:
            mixed = _convolve(builder, said, layer.mixin)
            self._film("input_mixin_post_film", mixed)
            builder.add(z, mixed)
        else:
            _convolve(builder, said, layer.mixin, onto=z, into=z)
        self._film("activation_pre_film", z)
        return z

    def _activated(self, z: Rows) -> Rows:
        """What the activation and the gate make of z."""
        builder, layer = self._builder, self._layer
        made, gate = z.part(0, layer.width), z.part(layer.width, z.count - layer.width)
        raw = None
        if layer.gating == "blended":
            raw = builder.rows(layer.width)
            builder.copy(made, raw)
        builder.activate(made, layer.activation)
        if layer.second is not None and layer.gating != "none":
            builder.activate(gate, layer.second)
        if raw is not None:
            builder.blend(made, raw, gate)
        elif layer.gating == "gated":
            builder.multiply(made, gate)
        return made

    def _filmed_copy(self, place: FilmPlace, rows: Rows) -> Rows:
        """Rows behind a film, which must not change the rows themselves; the rows where there is none."""
        if place not in self._layer.films:
            return rows
        copied = self._builder.rows(rows.count)
        self._builder.copy(rows, copied)
        self._film(place, copied)
        return copied

    def _film(self, place: FilmPlace, rows: Rows) -> None:
        """Scale and shift rows, if there is a film at this place."""
        film = self._layer.films.get(place)
        if film is None:
            return
        factors = _convolve(self._builder, self._condition, film.affine)
        self._builder.multiply(rows, factors.part(0, rows.count))
        if film.shift:
            self._builder.add(rows, factors.part(rows.count, rows.count))
