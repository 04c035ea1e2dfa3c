"""A trainable model: a cell whose weights a conditioning writes, and what makes it fall silent.

Silence stays silence by the rest state: for a knob position the cell settles, at zero input, to a state
h_rest, and the output is `w_out·(h − h_rest) + skip·x`. While training, the last sequence of every group
is fed with zeros and stands for h_rest, so that the subtraction is part of what is learned.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from vastudio.nets.conditioning import Conditioning
from vastudio.nets.gru import GruLayout, rest_states, run_gru


class KnobModel(nn.Module):
    """A GRU conditioned on knobs.

    Parameters
    ----------
    layout:
        Where the parts of the cell lie in θ.
    conditioning:
        Writes θ from the knobs.
    name:
        The conditioning's name, as the model file stores it.
    """

    def __init__(self, layout: GruLayout, conditioning: Conditioning, name: str) -> None:
        super().__init__()
        self.layout = layout
        self.conditioning = conditioning
        self._name = name

    def theta(self, knobs: Tensor) -> Tensor:
        """θ (G, P) for knob positions (G, K) in 0..1."""
        theta: Tensor = self.conditioning(knobs)
        return theta

    def rest(self, theta: Tensor, sequences: int) -> Tensor:
        """The rest states of the groups, (G, H, S): where playing starts. No gradient flows to θ."""
        states = rest_states(self.layout.split(theta.detach()))
        return states[:, :, None].repeat(1, 1, sequences)

    def forward(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run x (G, T, S), whose last sequence is silent, from `state`; return output and last state."""
        weights = self.layout.split(theta)
        v, last = run_gru(x, state, weights)
        return v - v[:, :, -1:] + weights.skip[:, :, None] * x, last

    def config(self) -> dict[str, Any]:
        """What a model file says about the shape of this model."""
        return {
            "cell": "gru",
            "hidden": self.layout.hidden,
            "conditioning": self._name,
            "activation": self.conditioning.export().activation,
        }

    def export(self) -> dict[str, Any]:
        """The arrays of a model file, float32, by name."""
        arrays = {}
        for index, (weight, bias) in enumerate(self.conditioning.export().layers):
            arrays[f"conditioner.{index}.weight"] = weight.cpu().numpy().copy()
            arrays[f"conditioner.{index}.bias"] = bias.cpu().numpy().copy()
        return arrays

    def parameter_count(self) -> int:
        """Number of trained numbers."""
        return sum(parameter.numel() for parameter in self.parameters())
