"""A parametric equaliser that a small network of the knobs sets: a tone stack of unknown circuit.

Low shelf, two bells, high shelf, as in R. Bristow-Johnson's "Audio EQ Cookbook". Knob-conditioned parametric
sections in place of a circuit: S. Nercessian, A. Sarroff & K. J. Werner, *Lightweight and interpretable
neural modeling of an audio distortion effect using hyperconditioned differentiable biquads* (ICASSP 2021).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from vastudio.nets.conditioning import CALM, KnobNetwork
from vastudio.nets.recursive_filter import Coefficients, digitised
from vastudio.nets.tone_stack import LearnedToneStack, over_all_knobs

WIDTH = 16
SECTIONS = 4
NUMBERS = 3

LOWEST, HIGHEST = 30 / 48_000, 12_000 / 48_000
"""Range of the sections' frequencies, as fractions of the sample rate."""

MOST_DB = 24.0
LEAST_Q, MOST_Q = 0.3, 3.0

FREQUENCIES = (100 / 48_000, 400 / 48_000, 1500 / 48_000, 4000 / 48_000)
QS = (0.7, 0.9, 0.9, 0.7)
"""Where the sections begin; their gain begins at 0 dB."""


class EqToneStack(LearnedToneStack):
    """Numbers of a position: u_f, u_gain, u_q for low shelf, bell, bell, high shelf.

    Frequency and Q are f = LOWEST·(HIGHEST / LOWEST)^σ(u_f) and q = LEAST_Q·(MOST_Q / LEAST_Q)^σ(u_q), the
    gain is MOST_DB·tanh(u_gain) in dB.

    Parameters
    ----------
    chosen:
        Indices of the knobs that turn it.
    knobs:
        Number of knobs of the device.
    """

    kind = "eq"
    numbers = NUMBERS * SECTIONS
    order, sections = 2, SECTIONS

    def __init__(self, chosen: tuple[int, ...], knobs: int) -> None:
        super().__init__()
        self.knobs = chosen
        self._all = knobs
        self.network = KnobNetwork(len(chosen), WIDTH)
        self.last = nn.Linear(WIDTH, self.numbers)
        start = torch.zeros(SECTIONS, NUMBERS)
        start[:, 0] = _inverse(torch.tensor(FREQUENCIES), LOWEST, HIGHEST)
        start[:, 2] = _inverse(torch.tensor(QS), LEAST_Q, MOST_Q)
        nn.init.normal_(self.last.weight, std=0.02 / CALM)
        with torch.no_grad():
            self.last.bias.copy_(start.flatten())

    def forward(self, knobs: Tensor) -> Tensor:
        """The numbers (G, 12) at positions (G, K) in 0..1 of all knobs of the device."""
        numbers: Tensor = self.last(self.network(knobs[:, list(self.knobs)]))
        return numbers

    def cascade(self, numbers: Tensor) -> list[Coefficients]:
        """Four filters of second order."""
        u = numbers.double().reshape(-1, SECTIONS, NUMBERS)
        g = torch.tan(math.pi * _between(u[..., 0], LOWEST, HIGHEST))
        root = 10 ** (MOST_DB / 40 * torch.tanh(u[..., 1]))
        k = 1 / _between(u[..., 2], LEAST_Q, MOST_Q)
        shapes = (_low_shelf, _bell, _bell, _high_shelf)
        return [shape(g[:, i], k[:, i], root[:, i]) for i, shape in enumerate(shapes)]

    def config(self) -> dict[str, Any]:
        """Nothing: its shape is always the same."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        """The layers from all knobs to the numbers."""
        (first, bias), *layers = self.network.then(self.last.weight.detach(), self.last.bias.detach())
        layers = [(over_all_knobs(first, self.knobs, self._all), bias), *layers]
        named = {f"tone.{index}.weight": weight for index, (weight, _) in enumerate(layers)}
        return named | {f"tone.{index}.bias": offset for index, (_, offset) in enumerate(layers)}


def _between(u: Tensor, least: float, most: float) -> Tensor:
    """A number from `least` to `most`, evenly on a logarithmic scale in σ(u)."""
    return least * (most / least) ** torch.sigmoid(u)


def _inverse(value: Tensor, least: float, most: float) -> Tensor:
    return torch.logit((value / least).log() / math.log(most / least))


def _section(g: Tensor, k: Tensor, above: tuple[Tensor, Tensor, Tensor]) -> Coefficients:
    """(above[0] + above[1]·s + above[2]·s²) / (1 + k·s + s²) with s in units of the corner frequency."""
    one = torch.ones_like(k)
    return digitised(torch.stack(above, 1), torch.stack([one, k, one], 1), g)


def _bell(g: Tensor, k: Tensor, root: Tensor) -> Coefficients:
    one = torch.ones_like(k)
    return _section(g, k / root, (one, k * root, one))


def _low_shelf(g: Tensor, k: Tensor, root: Tensor) -> Coefficients:
    return _section(g / root.sqrt(), k, (root**2, k * root, torch.ones_like(k)))


def _high_shelf(g: Tensor, k: Tensor, root: Tensor) -> Coefficients:
    return _section(g * root.sqrt(), k, (torch.ones_like(k), k * root, root**2))
