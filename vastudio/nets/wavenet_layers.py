"""The layers of a WaveNet by torch's matrix products, for groups of sequences that each have their weights.

Samples of G groups, C channels, T steps and S sequences lie as (G, C, T·S): a step back in time is S numbers
back, so that each tap of a dilated convolution is a product with a shifted view of its input, and nothing is
unfolded. What a convolution still has to know of the past travels from chunk to chunk in a state
(G, numbers, S); no gradient flows into it.

Written as functions with their own gradients: autograd would fill a padded copy of the signal with zeros for
every tap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vastudio.kernels.wavenet_shape import Activation, LayerArray, LeakyRelu
from vastudio.nets.wavenet_layout import layer_parts, pasts


@dataclass(frozen=True)
class Passage:
    """What the layers of an array are run with, besides what gradients flow to.

    Attributes
    ----------
    heard:
        The sound and ones, (G, 2, T·S): what the mixins and the biases are multiplied by.
    before, after:
        The state to go on from, and where the last state is written, both (G, numbers, S).
    goes_on:
        Whether the last layer's output is needed: whether an array follows.
    """

    array: LayerArray
    heard: Tensor
    before: Tensor
    after: Tensor
    goes_on: bool

    @property
    def sequences(self) -> int:
        """S."""
        return self.before.shape[2]

    def steps(self) -> list[int]:
        """How far the taps of the layers' convolutions are apart."""
        return [dilation * self.sequences for dilation in self.array.dilations]


class Layers(torch.autograd.Function):
    """All layers of an array: (signal (G, C, N), sums (G, C, N), θ (G, P)) → sums, signal; N = T·S."""

    @staticmethod
    def forward(
        ctx: Any, passage: Passage, signal: Tensor, sums: Tensor, theta: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Run the layers and write the last state."""
        array, count = passage.array, signal.shape[2]
        layers = layer_parts(theta, array)
        before, after = pasts(passage.before, array), pasts(passage.after, array)
        total = sums.clone()
        inputs, outputs = [_behind(before[0], signal)], []
        for index, (layer, step) in enumerate(zip(layers, passage.steps(), strict=True)):
            source = inputs[-1]
            after[index].copy_(source[:, :, count:])
            out = torch.bmm(torch.stack([layer.mixin, layer.conv_bias], 2), passage.heard)
            activate_(_convolve(out, layer.conv, source, step), array.activations[index])
            total += out
            outputs.append(out)
            if index + 1 < array.layers or passage.goes_on:
                past = before[index + 1] if index + 1 < array.layers else None
                inputs.append(_behind(past, _newest(source, count), layer.mix_bias))
                _newest(inputs[-1], count).baddbmm_(layer.mix, out)
        signal = inputs.pop() if passage.goes_on else signal.new_zeros(())
        ctx.passage, ctx.theta, ctx.inputs, ctx.outputs = passage, theta, inputs, outputs
        return total, signal

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, Tensor, Tensor]:
        """Return the gradients of the signal, the sums and θ."""
        d_sums, d_signal = gradients
        passage: Passage = ctx.passage
        array = passage.array
        d_signal = d_signal.contiguous().clone() if passage.goes_on else torch.zeros_like(d_sums)
        d_theta = torch.zeros_like(ctx.theta)
        layers, slopes, steps = layer_parts(ctx.theta, array), layer_parts(d_theta, array), passage.steps()
        for index in reversed(range(array.layers)):
            layer, slope, out = layers[index], slopes[index], ctx.outputs[index]
            d_out = d_sums
            if index + 1 < array.layers or passage.goes_on:
                slope.mix.copy_(torch.bmm(d_signal, out.transpose(1, 2)))
                slope.mix_bias.copy_(d_signal.sum(2))
                d_out = torch.baddbmm(d_sums, layer.mix.transpose(1, 2), d_signal)
            d_out = _activation_gradient(d_out, out, array.activations[index])
            mixed = torch.bmm(d_out, passage.heard.transpose(1, 2))
            slope.mixin.copy_(mixed[:, :, 0])
            slope.conv_bias.copy_(mixed[:, :, 1])
            _convolve_back(d_out, layer.conv, ctx.inputs[index], steps[index], slope.conv, d_signal)
        return None, d_signal, d_sums, d_theta


class Head(torch.autograd.Function):
    """The head of an array: (sums (G, C, N), weights (G, O, C, taps)) → (G, O, N), without its bias."""

    @staticmethod
    def forward(ctx: Any, passage: Passage, sums: Tensor, weights: Tensor) -> Tensor:
        """Convolve the sums and write the last state."""
        source = _behind(pasts(passage.before, passage.array)[-1], sums)
        pasts(passage.after, passage.array)[-1].copy_(source[:, :, sums.shape[2] :])
        ctx.sequences, ctx.source, ctx.weights = passage.sequences, source, weights
        out = sums.new_zeros(len(sums), weights.shape[1], sums.shape[2])
        return _convolve(out, weights, source, passage.sequences)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, Tensor]:
        """Return the gradients of the sums and the weights."""
        d_out = gradients[0].contiguous()
        d_weights = torch.zeros_like(ctx.weights)
        d_signal = d_out.new_zeros(len(d_out), ctx.weights.shape[2], d_out.shape[2])
        _convolve_back(d_out, ctx.weights, ctx.source, ctx.sequences, d_weights, d_signal)
        return None, d_signal, d_weights


# --- pieces -------------------------------------------------------------------------------------------------


def _newest(signal: Tensor, count: int) -> Tensor:
    """A view of the last `count` numbers of each channel."""
    return signal[:, :, signal.shape[2] - count :]


def _behind(past: Tensor | None, signal: Tensor, plus: Tensor | None = None) -> Tensor:
    """The signal (G, C, N), with `plus` (G, C) added, behind its past."""
    groups, channels, count = signal.shape
    begin = 0 if past is None else past.shape[2]
    joined = signal.new_empty(groups, channels, begin + count)
    if past is not None:
        joined[:, :, :begin] = past
    if plus is None:
        joined[:, :, begin:] = signal
    else:
        torch.add(signal, plus[:, :, None], out=joined[:, :, begin:])
    return joined


def _shifts(source: Tensor, count: int, taps: int, step: int) -> Iterator[Tensor]:
    """What each tap hears, oldest first: views (G, C, count)."""
    for tap in range(taps):
        yield source[:, :, tap * step : tap * step + count]


def _convolve(out: Tensor, weights: Tensor, source: Tensor, step: int) -> Tensor:
    """Add a convolution of `source` to `out`."""
    taps = weights.shape[3]
    for tap, heard in enumerate(_shifts(source, out.shape[2], taps, step)):
        out.baddbmm_(weights[..., tap], heard)
    return out


def _convolve_back(
    d_out: Tensor, weights: Tensor, source: Tensor, step: int, d_weights: Tensor, d_signal: Tensor
) -> None:
    """Write the gradient of the weights, add that of the newest samples of `source` to `d_signal`."""
    count, taps = d_out.shape[2], weights.shape[3]
    for tap, heard in enumerate(_shifts(source, count, taps, step)):
        d_weights[..., tap] = torch.bmm(d_out, heard.transpose(1, 2))
        back = (taps - 1 - tap) * step
        if back < count:
            d_signal[:, :, : count - back].baddbmm_(weights[..., tap].transpose(1, 2), d_out[:, :, back:])


def activate_(z: Tensor, activation: Activation) -> Tensor:
    """Apply an activation in place; tanh by way of the sigmoid, which torch computes four times as fast."""
    if isinstance(activation, LeakyRelu):
        return torch.nn.functional.leaky_relu_(z, activation.slope)
    return z.mul_(2).sigmoid_().mul_(2).sub_(1)


def _activation_gradient(gradient: Tensor, out: Tensor, activation: Activation) -> Tensor:
    """The gradient before an activation whose output was `out`."""
    if isinstance(activation, LeakyRelu):
        return torch.ops.aten.leaky_relu_backward(gradient, out, activation.slope, True)  # type: ignore[no-any-return]
    return torch.ops.aten.tanh_backward(gradient, out)  # type: ignore[no-any-return]
