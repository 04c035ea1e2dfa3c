"""The grey box: a recurrent pre-amp, a tone stack of known form, a small recurrent power amp.

    x → cell of `hidden` units → tone stack → cell of `POWER_UNITS` units → y

Tone controls turn the tone stack alone; the other knobs turn the cells and the level law. What the tone
controls do is thus a matter of a few numbers instead of a whole weight set, learned from few positions.
Where no knob is known as a tone control, all knobs turn everything. After Š. Miklánek, A. Wright, V. Välimäki
and J. Schimmel, *Neural grey-box guitar amplifier modelling with limited data* (DAFx 2023).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from vastudio.nets.cell import RecurrentCell, gru_cell
from vastudio.nets.conditioning import AffineStack
from vastudio.nets.conditioning_hyper import HyperConditioning
from vastudio.nets.level_law import quadratic_features
from vastudio.nets.model import KnobModel
from vastudio.nets.tone_stack import LearnedToneStack, over_all_knobs
from vastudio.nets.tone_stack_eq import EqToneStack
from vastudio.nets.tone_stack_fmv import FmvToneStack
from vastudio.nets.tone_stack_roles import roles_of

POWER_UNITS = 8


def tone_stack_for(names: tuple[str, ...], knobs: int, form: str) -> LearnedToneStack:
    """The tone stack of a device: `fmv` where its knobs are named so, else, and for `eq`, the equaliser."""
    roles = roles_of(names)
    if form == "fmv" and roles.is_stack:
        return FmvToneStack(roles)
    return EqToneStack(roles.tone or tuple(range(knobs)), knobs)


class GreyBoxModel(KnobModel):
    """Two GRUs with a tone stack between them, and a level law.

    Parameters
    ----------
    hidden:
        Units of the pre-amp. Hypernetworks write its weights and those of the power amp.
    knobs:
        Number of knobs, 0 or more.
    tone_stack:
        What stands between the cells.
    named:
        Whether the tone stack's knobs are known as tone controls, so that the others leave it alone and
        they leave the others alone.
    """

    def __init__(self, hidden: int, knobs: int, tone_stack: LearnedToneStack, *, named: bool) -> None:
        own = set(tone_stack.knobs) if named else set()
        others = tuple(knob for knob in range(knobs) if knob not in own)
        super().__init__(len(others))
        self._knobs, self._others = knobs, others
        self.tone_stack = tone_stack
        self.pre, self.power = gru_cell(hidden), gru_cell(POWER_UNITS)
        self.pre_conditioning = HyperConditioning(self.pre, len(others))
        self.power_conditioning = HyperConditioning(self.power, len(others))

    @property
    def _parts(self) -> list[int]:
        """Lengths of the parts of θ: pre-amp, tone stack, power amp."""
        return [self.pre.layout.total, self.tone_stack.numbers, self.power.layout.total]

    def fit_levels(self, knobs: Tensor, clean_db: Tensor, target_db: Tensor) -> None:
        """Fit the level law, over the knobs that are no tone controls."""
        super().fit_levels(knobs[:, list(self._others)], clean_db, target_db)

    def theta(self, knobs: Tensor) -> Tensor:
        """θ (G, P): the pre-amp's weights, the tone stack's numbers, the power amp's weights."""
        others = knobs[:, list(self._others)]
        gain_in, gain_out = self.level_law(others).split(1, 1)
        pre, power = self.pre_conditioning(others), self.power_conditioning(others)
        first, last = self.pre.parts.w_in.stop, self.power.parts.output.start
        return torch.cat(
            [
                gain_in * pre[:, :first],
                pre[:, first:],
                self.tone_stack(knobs),
                power[:, :last],
                gain_out * power[:, last:],
            ],
            1,
        )

    def rest(self, theta: Tensor, sequences: int) -> Tensor:
        """The states that the cells settle to, (G, A, S), with silence between them."""
        pre, _, power = torch.split(theta.detach(), self._parts, 1)
        silence = theta.new_zeros(len(theta), self.tone_stack.rows)
        cells = [cell.rest_states(cell.layout.split(part)) for cell, part in self._cells(pre, power)]
        return torch.cat([cells[0], silence, cells[1]], 1)[:, :, None].repeat(1, 1, sequences)

    def _cells(self, pre: Tensor, power: Tensor) -> list[tuple[RecurrentCell, Tensor]]:
        return [(self.pre, pre), (self.power, power)]

    def forward(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run x (G, T, S), whose last sequence is silent, from `state`; return output and last state."""
        pre, numbers, power = torch.split(theta, self._parts, 1)
        rows = [self.pre.layout.hidden, self.tone_stack.rows, self.power.layout.hidden]
        states = torch.split(state, rows, 1)
        driven, first = _run(self.pre, x, states[0], pre)
        toned, second = self.tone_stack.run(driven, states[1], numbers)
        y, third = _run(self.power, toned, states[2], power)
        return y, torch.cat([first, second, third], 1)

    def config(self) -> dict[str, Any]:
        """What a model file says about the shape of this model."""
        return {
            "network": "grey_box",
            "cell": "gru",
            "hidden": self.pre.layout.hidden,
            "power_hidden": self.power.layout.hidden,
            "activation": "tanh",
            "level_law": "quadratic",
            "tone_stack": self.tone_stack.kind,
            **self.tone_stack.config(),
        }

    def tensors(self) -> dict[str, Tensor]:
        """Layers from all knobs to both cells, the tone stack's arrays, and the level law over all knobs."""
        return {
            "level_law.weight": self._law_over_all_knobs(),
            **self._layers("pre", self.pre_conditioning.export()),
            **self.tone_stack.tensors(),
            **self._layers("power", self.power_conditioning.export()),
        }

    def _layers(self, prefix: str, stack: AffineStack) -> dict[str, Tensor]:
        (first, bias), *rest = stack.layers
        layers = [(over_all_knobs(first, self._others, self._knobs), bias), *rest]
        named = {f"{prefix}.{index}.weight": weight for index, (weight, _) in enumerate(layers)}
        return named | {f"{prefix}.{index}.bias": offset for index, (_, offset) in enumerate(layers)}

    def _law_over_all_knobs(self) -> Tensor:
        """The law's coefficients, zero where a product holds a tone control."""
        present = torch.full((1, self._knobs), 0.5)
        present[:, list(self._others)] = 1.0
        chosen = quadratic_features(present)[0] != 0
        law = torch.zeros(2, chosen.numel())
        law[:, chosen] = self.level_law.weight.detach().cpu().float()
        return law


def _run(cell: RecurrentCell, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Run a cell with its direct path; the last sequence, which is silent, stays exactly so."""
    weights = cell.layout.split(theta)
    v, last = cell.run(x, state, weights)
    return v - v[:, :, -1:] + weights.skip[:, :, None] * x, last
