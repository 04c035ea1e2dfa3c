"""A WaveNet whose numbers a conditioning writes.

For a knob position the output settles, at zero input, to a constant, which is subtracted: silence stays
silence.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vastudio.kernels.wavenet_shape import WaveNetShape, receptive_field
from vastudio.nets.conditioning import Conditioning
from vastudio.nets.model import KnobModel
from vastudio.nets.wavenet_layers import Head, Layers, Passage, activate_
from vastudio.nets.wavenet_layout import array_parts, array_states, hears_sound, layer_parts, memories

PIECE = 2048
"""Samples that are run at a time where no gradient is wanted."""


class WaveNetModel(KnobModel):
    """A plain WaveNet conditioned on knobs, with a level law.

    θ (G, P) is the list of numbers of a `.nam` file, one per knob position, its last the scale of the output.
    The state (G, A, S) holds the past of every convolution, array by array, layer by layer.

    Parameters
    ----------
    shape:
        What runs.
    size:
        The name of the shape, as the model file stores it.
    knobs:
        Number of knobs, 0 or more.
    conditioning:
        Writes θ from the knobs.
    """

    in_torch = True

    def __init__(self, shape: WaveNetShape, size: str, knobs: int, conditioning: Conditioning) -> None:
        super().__init__(knobs)
        self.shape = shape
        self.conditioning = conditioning
        self.memory = receptive_field(shape)
        self._size = size
        self.register_buffer("hears_sound", hears_sound(shape), persistent=False)
        self.hears_sound: Tensor

    def theta(self, knobs: Tensor) -> Tensor:
        """θ (G, P) for knob positions (G, K) in 0..1: the sound comes in, and goes out, by the level law."""
        gain_in, gain_out = self.level_law(knobs).split(1, 1)
        theta = self.conditioning(knobs) * (1 + (gain_in - 1) * self.hears_sound)
        return torch.cat([theta[:, :-1], gain_out * theta[:, -1:]], 1)

    @torch.no_grad()
    def rest(self, theta: Tensor, sequences: int) -> Tensor:
        """What the convolutions remember after an endless silence, (G, A, S)."""
        states, signal = [], theta.new_zeros(len(theta), 1)
        sums = theta.new_zeros(len(theta), self.shape.arrays[0].channels)
        for array, part in zip(self.shape.arrays, array_parts(theta, self.shape), strict=True):
            signal = _applied(part.rechannel, signal)
            constants = []
            for layer, activation in zip(layer_parts(part.layers, array), array.activations, strict=True):
                constants.append(signal)
                z = activate_(_applied(layer.conv.sum(3), signal) + layer.conv_bias, activation)
                sums = sums + z
                signal = signal + _applied(layer.mix, z) + layer.mix_bias
            constants.append(sums)
            kept = zip(constants, memories(array), strict=True)
            states += [constant.repeat_interleave(samples, 1) for constant, samples in kept]
            sums = _applied(part.head.sum(3), sums) + part.head_bias
        return torch.cat(states, 1)[:, :, None].repeat(1, 1, sequences)

    def forward(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run x (G, T, S), whose last sequence is silent, from `state`; return output and last state."""
        v, last = self.run(x, state, theta)
        return v - v[:, :, -1:], last

    def run(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run the plain WaveNets θ over x (G, T, S) from `state`; return output and last state.

        Without gradients a long x is run in pieces, so that little memory goes through the caches.
        """
        if torch.is_grad_enabled():
            return self._run(x, state, theta)
        outputs = []
        for piece in torch.split(x, PIECE, 1):
            output, state = self._run(piece, state, theta)
            outputs.append(output)
        return torch.cat(outputs, 1), state

    def _run(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        groups, steps, sequences = x.shape
        sound = x.reshape(groups, 1, steps * sequences)
        heard = torch.cat([sound, torch.ones_like(sound)], 1)
        last, signal = torch.empty_like(state), sound
        sums = sound.new_zeros(groups, self.shape.arrays[0].channels, steps * sequences)
        for array, part, before, after in zip(
            self.shape.arrays,
            array_parts(theta, self.shape),
            array_states(state, self.shape),
            array_states(last, self.shape),
            strict=True,
        ):
            passage = Passage(array, heard, before, after, goes_on=array is not self.shape.arrays[-1])
            signal = torch.bmm(part.rechannel, signal)
            sums, signal = Layers.apply(passage, signal, sums, part.layers)  # type: ignore[no-untyped-call]
            sums = Head.apply(passage, sums, part.head)  # type: ignore[no-untyped-call]
            sums = sums + part.head_bias[:, :, None]
        return theta[:, -1, None, None] * sums.view(groups, steps, sequences), last

    def config(self) -> dict[str, Any]:
        """What a model file says about the shape of this model."""
        stack = self.conditioning.export()
        return {
            "network": "wavenet",
            "size": self._size,
            "activation": stack.activation,
            "level_law": "quadratic",
        }

    def tensors(self) -> dict[str, Tensor]:
        """The layers from the knobs to θ."""
        tensors = {}
        for index, (weight, bias) in enumerate(self.conditioning.export().layers):
            tensors[f"conditioner.{index}.weight"] = weight
            tensors[f"conditioner.{index}.bias"] = bias
        return tensors


def _applied(matrices: Tensor, vectors: Tensor) -> Tensor:
    """Matrices (G, O, I) times vectors (G, I)."""
    return torch.bmm(matrices, vectors[:, :, None])[:, :, 0]
