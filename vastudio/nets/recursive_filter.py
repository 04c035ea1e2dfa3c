"""Filters of infinite response, for sequences in groups that share their coefficients, with gradients.

A section of order N is y[t] = Σ b_i·x[t − i] − Σ a_j·y[t − j]. Sections follow each other in a cascade of M;
what a sequence remembers are the last N samples of the input and of the output of every section, so that the
coefficients may change between two stretches of a signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from vastudio.kernels.training_filter import Doubles, filter_backward, filter_forward


class Coefficients(NamedTuple):
    """A section of G groups in double precision: b (G, N + 1), a (G, N), the leading 1 left out."""

    b: Tensor
    a: Tensor


def digitised(numerator: Tensor, denominator: Tensor, g: Tensor | float) -> Coefficients:
    """The bilinear transform s = (1 − z⁻¹) / (g·(1 + z⁻¹)) of polynomials (G, N + 1) in s.

    Lowest power first. `g`, a number or (G,), is half a sample's time in the unit in which 1/s counts.
    """
    order = numerator.shape[1] - 1
    powers = torch.as_tensor(g, dtype=torch.float64, device=numerator.device).reshape(-1, 1) ** torch.arange(
        order, -1, -1, device=numerator.device
    )
    transform = _binomials(order).to(numerator.device)
    b, a = ((part.double() * powers) @ transform for part in (numerator, denominator))
    return Coefficients(b / a[:, :1], a[:, 1:] / a[:, :1])


@cache
def _binomials(order: int) -> Tensor:
    """Row i: the coefficients of (1 − z⁻¹)^i·(1 + z⁻¹)^(N − i)."""
    rows = [np.poly([1.0] * i + [-1.0] * (order - i)) for i in range(order + 1)]
    return torch.from_numpy(np.stack(rows))


def memory_rows(order: int, sections: int) -> int:
    """How many numbers of each sequence a cascade remembers."""
    return order * (sections + 1)


def run_cascade(x: Tensor, state: Tensor, cascade: Sequence[Coefficients]) -> tuple[Tensor, Tensor]:
    """Run x (G, T, S) through sections of one order N.

    `state` is (G, `memory_rows(N, M)`, S). Returns output and last state; gradients flow to everything.
    """
    order = cascade[0].a.shape[1]
    past, *later = torch.split(state.double().cpu(), order, 1)
    signal = torch.cat([past, x.double().cpu()], 1)
    states = [signal[:, -order:]]
    for (b, a), before in zip(cascade, later, strict=True):
        signal = run_section(signal, before, b.cpu(), a.cpu())
        states.append(signal[:, -order:])
    return signal[:, order:].to(x), torch.cat(states, 1).to(state)


def run_section(x: Tensor, past: Tensor, b: Tensor, a: Tensor) -> Tensor:
    """Run one section on a processor in double precision.

    Parameters
    ----------
    x:
        (G, N + T, S): N samples of the past in front.
    past:
        The last outputs, (G, N, S).
    b, a:
        As in `Coefficients`.

    Returns
    -------
    y (G, N + T, S), which begins with `past`.
    """
    result: Tensor = _Section.apply(x, past, b, a)  # type: ignore[no-untyped-call]
    return result


def _numbers(tensor: Tensor) -> Doubles:
    numbers: Doubles = tensor.detach().contiguous().numpy()
    return numbers


class _Section(torch.autograd.Function):
    """The compiled kernel as a torch operation."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, past: Tensor, b: Tensor, a: Tensor) -> Tensor:
        y = torch.cat([past, torch.empty_like(x[:, past.shape[1] :])], 1)
        filter_forward(_numbers(b), _numbers(a), _numbers(x), y.numpy())
        ctx.save_for_backward(x, b, a, y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x, b, a, y = (_numbers(part) for part in ctx.saved_tensors)
        order = a.shape[1]
        rates = _numbers(torch.nn.functional.pad(dy[:, order:], (0, 0, order, order)))
        dx, past = np.zeros_like(x), dy[:, :order].numpy().copy()
        sums = np.zeros((len(x), 2 * order + 1, x.shape[2]))
        filter_backward(b, a, x, y, rates, dx, past, sums)
        db, da = torch.split(torch.from_numpy(sums.sum(2)), [order + 1, order], 1)
        return torch.from_numpy(dx), torch.from_numpy(past), db, da
