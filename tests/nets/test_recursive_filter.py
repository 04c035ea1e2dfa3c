"""The filters of training against a plain recursion in torch, scipy and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.signal import bilinear, lfilter
from torch import Tensor

from vastudio.nets.recursive_filter import Coefficients, digitised, memory_rows, run_cascade, run_section


def coefficients(order: int, groups: int, seed: int = 1) -> Coefficients:
    """Stable sections: real poles in ±0.95."""
    random = np.random.default_rng(seed)
    a = np.stack([np.poly(random.uniform(-0.95, 0.95, order))[1:] for _ in range(groups)])
    return Coefficients(torch.from_numpy(random.standard_normal((groups, order + 1))), torch.from_numpy(a))


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def plain(x: Tensor, past: Tensor, b: Tensor, a: Tensor) -> Tensor:
    """The recursion as it is written, sample by sample."""
    order = a.shape[1]
    outputs = list(past.unbind(1))
    for t in range(order, x.shape[1]):
        feed = sum(b[:, i, None] * x[:, t - i] for i in range(order + 1))
        outputs.append(feed - sum(a[:, j - 1, None] * outputs[t - j] for j in range(1, order + 1)))
    return torch.stack(outputs, 1)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_agrees_with_the_recursion_and_its_gradients(order: int) -> None:
    groups, steps, lanes = 3, 40, 5
    results = []
    for run in (run_section, plain):
        x, past = random(groups, order + steps, lanes), random(groups, order, lanes, seed=1)
        parts = [part.requires_grad_() for part in (x, past, *coefficients(order, groups))]
        y = run(*parts)
        (y * random(*y.shape, seed=2)).sum().backward()
        results.append([y.detach(), *(part.grad for part in parts)])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("order", [2, 3])
def test_gradients_are_right(order: int) -> None:
    parts = (random(2, order + 6, 3), random(2, order, 3, seed=1), *coefficients(order, 2))
    assert torch.autograd.gradcheck(run_section, [part.requires_grad_() for part in parts])


def test_a_cascade_is_scipy_after_scipy() -> None:
    sections = [coefficients(2, 2, seed) for seed in (1, 2, 3)]
    x = random(2, 500, 4)
    y, _ = run_cascade(x, torch.zeros(2, memory_rows(2, 3), 4), sections)
    for group in range(2):
        wanted = x[group].numpy()
        for b, a in sections:
            wanted = lfilter(b[group].numpy(), np.append(1.0, a[group].numpy()), wanted, axis=0)
        np.testing.assert_allclose(y[group].numpy(), wanted, rtol=1e-9, atol=1e-9)


def test_a_state_carries_from_chunk_to_chunk() -> None:
    sections, x = [coefficients(3, 2)], random(2, 60, 3)
    start = random(2, memory_rows(3, 1), 3, seed=4)
    whole, end = run_cascade(x, start, sections)
    first, state = run_cascade(x[:, :1], start, sections)
    second, last = run_cascade(x[:, 1:], state, sections)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, end)


@pytest.mark.parametrize("order", [2, 3])
def test_the_bilinear_transform_is_scipys(order: int) -> None:
    above, below = random(4, order + 1, seed=5), random(4, order + 1, seed=6).abs() + 0.5
    b, a = digitised(above, below, 0.5 / 3.0)
    for row in range(4):
        wanted = bilinear(above[row].numpy()[::-1], below[row].numpy()[::-1], fs=3.0)
        np.testing.assert_allclose(b[row].numpy(), wanted[0], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(a[row].numpy(), wanted[1][1:], rtol=1e-9, atol=1e-12)
