"""How the knobs reach a WaveNet: a small network of them writes all numbers of a plain one.

What plays, and what a `.nam` file holds, is that list of numbers, θ, at one knob position. The knobs cost
nothing while they rest, and nothing is lost when a position is written to such a file.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from vastudio.kernels.wavenet_shape import LayerArray, WaveNetShape
from vastudio.nets.conditioning import CALM, WIDTH, AffineStack, Conditioning, KnobNetwork
from vastudio.nets.conditioning_hyper import SPREAD

HEAD_SCALE = 0.02
"""The last of the numbers, which scales the output and is not trained.

Adam moves every weight of the head by as much as any other; so many of them are added up that the output
would run ahead of what comes before it.
"""


class WaveNetConditioning(Conditioning):
    """θ is affine in an embedding of the knobs, as `conditioning_hyper` has it for cells.

    Parameters
    ----------
    shape:
        Says what θ holds.
    knobs:
        Number of knobs, 0 or more.
    width:
        Width of the two layers of the embedding.
    """

    def __init__(self, shape: WaveNetShape, knobs: int, *, width: int = WIDTH) -> None:
        super().__init__()
        start = initial(shape)
        self.network = KnobNetwork(knobs, width)
        self.last = nn.Linear(width, start.numel())
        nn.init.normal_(self.last.weight, std=SPREAD / CALM)
        with torch.no_grad():
            self.last.bias.copy_(start)

    def forward(self, knobs: Tensor) -> Tensor:
        """Return θ (G, P) for G knob positions."""
        trained = self.last(self.network(knobs))
        return torch.cat([trained, trained.new_full((len(trained), 1), HEAD_SCALE)], 1)

    def export(self) -> AffineStack:
        """Three affine layers with tanh between them."""
        weight, bias = self.last.weight, self.last.bias
        weight = torch.cat([weight, weight.new_zeros(1, weight.shape[1])])
        return AffineStack(self.network.then(weight, torch.cat([bias, bias.new_full((1,), HEAD_SCALE)])))


def initial(shape: WaveNetShape) -> Tensor:
    """Numbers (P − 1,) to start training from: all of θ but the scale of the output.

    They are uniform, as wide as torch has them for convolutions.
    """
    arrays = zip(shape.arrays, shape.inputs(), strict=True)
    return torch.cat([_initial_array(array, inputs) for array, inputs in arrays])


def _initial_array(array: LayerArray, inputs: int) -> Tensor:
    width, head = array.channels, array.channels * array.head_kernel
    parts = [_uniform(inputs, width * inputs)]
    for taps in array.kernel_sizes:
        parts.append(_uniform(width * taps, width * width * taps + width))
        parts.append(_uniform(1, width))
        parts.append(_uniform(width, width * width + width))
    return torch.cat([*parts, _uniform(head, array.head_size * (head + array.head_bias))])


def _uniform(fan_in: int, count: int) -> Tensor:
    """`count` numbers for a convolution that adds up `fan_in` products."""
    return (2 * torch.rand(count) - 1) / math.sqrt(fan_in)
