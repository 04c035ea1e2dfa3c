"""A recurrent cell whose weights a conditioning writes.

For a knob position the cell settles, at zero input, to a state h_rest, and the output is
`w_out·(h − h_rest) + skip·x`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from vastudio.nets.cell import Layout, RecurrentCell
from vastudio.nets.conditioning import Conditioning
from vastudio.nets.fir import LearnedFir
from vastudio.nets.level_law import LevelLaw
from vastudio.nets.model import KnobModel


class RecurrentModel(KnobModel):
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
    taps:
        Length of a learned filter in front of everything, the direct path included; 0 for none.
    levels_follow_knobs:
        Whether the level law does; else it is the same at every position.
    """

    def __init__(
        self,
        cell: RecurrentCell,
        knobs: int,
        conditioning: Conditioning,
        name: str,
        *,
        taps: int = 0,
        levels_follow_knobs: bool = True,
    ) -> None:
        super().__init__(knobs)
        self._law_knobs = knobs if levels_follow_knobs else 0
        self._features = self.level_law.weight.shape[1]
        if not levels_follow_knobs:
            self.level_law = LevelLaw(0)
        self.cell = cell
        self.conditioning = conditioning
        self._name = name
        self.fir = LearnedFir(taps) if taps else None

    def fit_levels(self, knobs: Tensor, clean_db: Tensor, target_db: Tensor) -> None:
        """Fit the level law before training begins, as far as it follows the knobs."""
        super().fit_levels(knobs[:, : self._law_knobs], clean_db, target_db)

    @property
    def layout(self) -> Layout:
        """Where the parts of the cell lie in θ."""
        return self.cell.layout

    def theta(self, knobs: Tensor) -> Tensor:
        """θ (G, P), the cell's flat weight set, for knob positions (G, K) in 0..1."""
        theta = self.conditioning(knobs)
        gain_in, gain_out = self.level_law(knobs[:, : self._law_knobs]).split(1, 1)
        w_in, w_state, bias, output = (theta[:, part] for part in self.cell.parts)
        return torch.cat([gain_in * w_in, w_state, bias, gain_out * output], 1)

    def rest(self, theta: Tensor, sequences: int) -> Tensor:
        """The states that the cells settle to, (G, A, S)."""
        states = self.cell.rest_states(self.layout.split(theta.detach()))
        if self.fir is not None:
            states = torch.cat([states.new_zeros(len(states), self.fir.rows), states], 1)
        return states[:, :, None].repeat(1, 1, sequences)

    def forward(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run x (G, T, S), whose last sequence is silent, from `state`; return output and last state."""
        if self.fir is None:
            return self._run(x, state, theta)
        heard, state = state.tensor_split([self.fir.rows], 1)
        x, heard = self.fir(x, heard)
        y, last = self._run(x, state, theta)
        return y, torch.cat([heard, last], 1)

    def _run(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
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
        if self.fir is not None:
            shape |= self.fir.config()
        return shape if stack.shared is None else {**shape, "rank": stack.rank}

    def tensors(self) -> dict[str, Tensor]:
        """The layers from the knobs to θ, what low-rank deltas are added to, and the filter in front."""
        stack = self.conditioning.export()
        tensors = {} if stack.shared is None else {"conditioner.shared": stack.shared}
        for index, (weight, bias) in enumerate(stack.layers):
            tensors[f"conditioner.{index}.weight"] = weight
            tensors[f"conditioner.{index}.bias"] = bias
        return tensors if self.fir is None else {**tensors, **self.fir.tensors()}

    def export(self) -> dict[str, Any]:
        """All arrays of a model file; coefficients that the level law does not have are 0."""
        arrays = super().export()
        law = arrays["level_law.weight"]
        arrays["level_law.weight"] = np.pad(law, ((0, 0), (0, self._features - law.shape[1])))
        return arrays
