"""The passive treble-middle-bass stack with component values and tapers of the pots to be learned.

A circuit of resistors and capacitors: whatever their values, it is stable, and it turns at every position of
its knobs as the device does once the values are right. That is why few positions suffice to learn it.
"""

from __future__ import annotations

import math
from dataclasses import astuple
from typing import Any

import torch
from torch import Tensor, nn

from vastudio.kernels.tone_stack import ToneStack, polynomials
from vastudio.nets.conditioning import CALM
from vastudio.nets.recursive_filter import Coefficients, digitised
from vastudio.nets.tone_stack import LearnedToneStack
from vastudio.nets.tone_stack_roles import Roles
from vastudio.types import STANDARD_RATE

HALF_SAMPLE = 0.5 / STANDARD_RATE
"""Seconds. Component values are those of a device recorded at this rate: at another one they are scaled."""

POT_END = 1e-3
"""A pot moves between this and 1 minus this: at the very ends the circuit would lose a pole."""

TAPERS = (1.0, 1.0, 2.0)
"""Exponents to start from, treble, middle, bass: bass pots usually have an audio taper."""

COMPONENTS = 7
POTS = 3


class FmvToneStack(LearnedToneStack):
    """Component values in log space, pot tapers p = knob^exponent, and a make-up gain.

    What is trained are the deviations of the logarithms from usual values, scaled by `CALM`: everything
    passes through these few numbers, and they must not be thrown about by every update.

    The numbers of a position are the natural logarithms of r1 … r4 (ohms) and c1 … c3 (farads), the positions
    of the pots treble, middle, bass, and the gain's logarithm.

    Parameters
    ----------
    roles:
        The pots' knobs. A pot without one stands still, at a place that is learned.
    """

    kind = "fmv"
    numbers = COMPONENTS + POTS + 1
    order, sections = 3, 1

    def __init__(self, roles: Roles) -> None:
        super().__init__()
        self._pots = roles.pots
        turned = [pot for pot, knob in enumerate(roles.pots) if knob is not None]
        self._turned, self._fixed = turned, [pot for pot in range(POTS) if pot not in turned]
        self.knobs = tuple(knob for knob in roles.pots if knob is not None)
        nominal = torch.tensor(astuple(ToneStack()), dtype=torch.float64)
        self._components = nominal.log().float()
        self._tapers = torch.tensor([math.log(TAPERS[pot]) for pot in turned])
        self.components = nn.Parameter(torch.zeros(COMPONENTS))
        self.tapers = nn.Parameter(torch.zeros(len(turned)))
        if self._fixed:
            self.fixed = nn.Parameter(torch.zeros(len(self._fixed)))
        self.gain = nn.Parameter(torch.tensor([-self._loss()]))

    @torch.no_grad()
    def _loss(self) -> float:
        """The logarithm of the stack's gain half-way up, mean over 100 Hz to 5 kHz."""
        start = self._numbers(torch.full((1, POTS), 0.5), torch.zeros(1))
        (b, a), w = self.cascade(start)[0], torch.logspace(2, math.log10(5000), 64, dtype=torch.float64)
        z = torch.exp(-2j * math.pi * w[:, None] / STANDARD_RATE * torch.arange(4))
        response = (z @ b[0].to(z)) / (z @ torch.cat([b.new_ones(1), a[0]]).to(z))
        return float(response.abs().log().mean())

    def forward(self, knobs: Tensor) -> Tensor:
        """The numbers (G, 11) at positions (G, K) in 0..1 of all knobs of the device."""
        pots = knobs.new_empty(len(knobs), POTS)
        pots[:, self._turned] = knobs[:, list(self.knobs)] ** self._exponents()
        if self._fixed:
            pots[:, self._fixed] = torch.sigmoid(self.fixed)
        return self._numbers(POT_END + (1 - 2 * POT_END) * pots, self.gain)

    def _numbers(self, pots: Tensor, gain: Tensor) -> Tensor:
        shared = [part.expand(len(pots), -1) for part in (self._logarithms(), gain)]
        return torch.cat([shared[0], pots, shared[1]], 1)

    def _logarithms(self) -> Tensor:
        """Of the component values."""
        return self._components.to(self.components) + CALM * self.components

    def _exponents(self) -> Tensor:
        """Of the pots that are turned."""
        return torch.exp(self._tapers.to(self.tapers) + CALM * self.tapers)

    def cascade(self, numbers: Tensor) -> list[Coefficients]:
        """One filter of third order."""
        components, pots, gain = torch.split(numbers.double(), [COMPONENTS, POTS, 1], 1)
        above, below = polynomials(components.exp().unbind(1), *pots.unbind(1))
        nothing = torch.zeros_like(above[0])
        numerator = gain.exp() * torch.stack([nothing, *above[::-1]], 1)
        return [digitised(numerator, torch.stack([nothing + 1, *below[::-1]], 1), HALF_SAMPLE)]

    def config(self) -> dict[str, Any]:
        """The knobs of treble, middle and bass."""
        return {"pots": list(self._pots)}

    def tensors(self) -> dict[str, Tensor]:
        """Component values, exponents and fixed positions of the pots, and the gain."""
        tapers, fixed = torch.ones(POTS), torch.zeros(POTS)
        tapers[self._turned] = self._exponents().detach().cpu().float()
        if self._fixed:
            fixed[self._fixed] = torch.sigmoid(self.fixed).detach().cpu().float()
        return {
            "tone.components": self._logarithms().detach().exp(),
            "tone.tapers": tapers,
            "tone.pots": fixed,
            "tone.gain": self.gain.detach().exp(),
        }
