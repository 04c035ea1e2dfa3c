"""Recurrent cells with random weights and signals, and the same runs by torch in double precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vastudio.nets.cell_layout import CellLayout
from vastudio.nets.dynamic import DynamicLayout
from vastudio.nets.dynamic_gru import run_dynamic_gru, run_dynamic_gru_in_torch
from vastudio.nets.dynamic_lstm import run_dynamic_lstm, run_dynamic_lstm_in_torch
from vastudio.nets.gru import run_gru, run_gru_in_torch
from vastudio.nets.lstm import run_lstm, run_lstm_in_torch

TOLERANCE = 1e-5
"""Of the largest number of a result, or of a hundredth where all of them are smaller."""

SMALLEST = 0.01


@dataclass(frozen=True)
class Case:
    """The shape of a run."""

    hidden: int
    groups: int
    steps: int
    sequences: int
    inputs: int = 1
    seed: int = 0
    scalers: int = 4


@dataclass(frozen=True)
class CellCase:
    """A run by the kernel and by torch."""

    run: Callable[..., tuple[Tensor, Tensor]]
    run_in_torch: Callable[..., tuple[Tensor, Tensor]]
    layout: Any
    x: Tensor
    state: Tensor
    theta: Tensor

    def arguments(self) -> tuple[Tensor, Tensor, Any]:
        """What a run takes."""
        return self.x, self.state, self.layout.split(self.theta)


def gru_case(case: Case) -> CellCase:
    """A GRU with random weights."""
    return _case(run_gru, run_gru_in_torch, CellLayout("gru", case.hidden, case.inputs), case, states=1)


def lstm_case(case: Case) -> CellCase:
    """An LSTM with random weights."""
    return _case(run_lstm, run_lstm_in_torch, CellLayout("lstm", case.hidden, case.inputs), case, states=2)


def dynamic_gru_case(case: Case) -> CellCase:
    """A dynamic GRU with random weights."""
    layout = DynamicLayout(CellLayout("gru", case.hidden, case.inputs), case.scalers)
    return _case(run_dynamic_gru, run_dynamic_gru_in_torch, layout, case, states=1)


def dynamic_lstm_case(case: Case) -> CellCase:
    """A dynamic LSTM with random weights."""
    layout = DynamicLayout(CellLayout("lstm", case.hidden, case.inputs), case.scalers)
    return _case(run_dynamic_lstm, run_dynamic_lstm_in_torch, layout, case, states=2)


def _case(run: Any, in_torch: Any, layout: Any, case: Case, states: int) -> CellCase:
    generator = torch.Generator().manual_seed(case.seed)

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    theta = torch.stack([layout.initial() for _ in range(case.groups)])
    channels = () if case.inputs == 1 else (case.inputs,)
    return CellCase(
        run, in_torch, layout,
        random(case.groups, case.steps, *channels, case.sequences),
        0.5 * random(case.groups, states * case.hidden, case.sequences),
        theta + 0.1 * random(*theta.shape),
    )  # fmt: skip


def results(run: Any, layout: Any, *tensors: Tensor) -> list[np.ndarray]:
    """Output, last state and the gradients of x, state and θ for a loss with a weight for every number."""
    x, state, theta = (tensor.clone().requires_grad_() for tensor in tensors)
    y, last = run(x, state, layout.split(theta))
    loss = sum(
        (torch.linspace(-1, 1, part.numel()).reshape(part.shape) * part**2).sum() for part in (y, last)
    )
    gradients = torch.autograd.grad(loss + y.mean(), (x, state, theta))  # type: ignore[arg-type]
    return [part.detach().numpy() for part in (y, last, *gradients)]


def assert_close_to_double(case: CellCase) -> None:
    """Compare the kernel with torch in double precision, part by part of θ."""
    tensors = (case.x, case.state, case.theta)
    ours = results(case.run, case.layout, *tensors)
    wanted = results(case.run_in_torch, case.layout, *(tensor.double() for tensor in tensors))
    split = case.layout.split
    ours[4:] = [part.numpy() for part in split(torch.from_numpy(ours[4]))[:-1]]
    wanted[4:] = [part.numpy() for part in split(torch.from_numpy(wanted[4]))[:-1]]
    for got, expected in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(
            got, expected, atol=TOLERANCE * max(np.abs(expected).max(), SMALLEST), rtol=0
        )
