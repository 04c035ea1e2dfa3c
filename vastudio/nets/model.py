"""A trainable model: a cell whose weights a conditioning writes, and what makes it fall silent.

Silence stays silence by the rest state: for a knob position the cell settles, at zero input, to a state
h_rest, and the output is `w_out·(h − h_rest) + skip·x`. While training, the last sequence of every group
is fed with zeros and stands for h_rest, so that the subtraction is part of what is learned.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from vastudio.nets.cell import RecurrentCell
from vastudio.nets.conditioning import Conditioning
from vastudio.nets.gru import GruLayout
from vastudio.nets.level_law import LevelLaw
from vastudio.nets.lstm import LstmLayout


class KnobModel(nn.Module):
    """A recurrent cell conditioned on knobs, with a level law.

    Parameters
    ----------
    cell:
        What runs.
    knobs:
        Number of knobs, 0 or more.
    conditioning:
        Writes θ from the knobs.
    name:
        The conditioning's name, as the model file stores it.
    """

    def __init__(self, cell: RecurrentCell, knobs: int, conditioning: Conditioning, name: str) -> None:
        super().__init__()
        self.cell = cell
        self.conditioning = conditioning
        self.level_law = LevelLaw(knobs)
        self._name = name

    @property
    def layout(self) -> GruLayout | LstmLayout:
        """Where the parts of the cell lie in θ."""
        return self.cell.layout

    def fit_levels(self, knobs: Tensor, clean_db: Tensor, target_db: Tensor) -> None:
        """Fit the level law before training begins.

        Parameters
        ----------
        knobs:
            Knob positions of the N training captures, (N, K) in 0..1.
        clean_db, target_db:
            Levels of their clean signals and targets, (N,): root mean square in dBFS, −inf for silence.
        """
        self.level_law.fit(knobs, clean_db, target_db)

    def theta(self, knobs: Tensor) -> Tensor:
        """θ (G, P) for knob positions (G, K) in 0..1, the level law included."""
        theta = self.conditioning(knobs)
        gain_in, gain_out = self.level_law(knobs).split(1, 1)
        w_in, w_state, bias, output = (theta[:, part] for part in self.cell.parts)
        return torch.cat([gain_in * w_in, w_state, bias, gain_out * output], 1)

    def rest(self, theta: Tensor, sequences: int) -> Tensor:
        """The rest states of the groups, (G, A, S): where playing starts. No gradient flows to θ."""
        states = self.cell.rest_states(self.layout.split(theta.detach()))
        return states[:, :, None].repeat(1, 1, sequences)

    def forward(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run x (G, T, S), whose last sequence is silent, from `state`; return output and last state."""
        weights = self.layout.split(theta)
        v, last = self.cell.run(x, state, weights)
        return v - v[:, :, -1:] + weights.skip[:, :, None] * x, last

    def config(self) -> dict[str, Any]:
        """What a model file says about the shape of this model."""
        stack = self.conditioning.export()
        shape = {
            "cell": self.cell.kind,
            "hidden": self.layout.hidden,
            "conditioning": self._name,
            "activation": stack.activation,
            "level_law": "quadratic",
        }
        return shape if stack.shared is None else {**shape, "rank": stack.rank}

    def export(self) -> dict[str, Any]:
        """The arrays of a model file, float32, by name."""
        stack = self.conditioning.export()
        tensors: dict[str, Tensor] = {"level_law.weight": self.level_law.weight}
        if stack.shared is not None:
            tensors["conditioner.shared"] = stack.shared
        for index, (weight, bias) in enumerate(stack.layers):
            tensors[f"conditioner.{index}.weight"] = weight
            tensors[f"conditioner.{index}.bias"] = bias
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in tensors.items()}

    def parameter_count(self) -> int:
        """Number of trained numbers."""
        return sum(parameter.numel() for parameter in self.parameters())
