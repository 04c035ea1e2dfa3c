"""The compiled GRU and its gradients against torch's own, an independent implementation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from vastudio.kernels.jit import LANES
from vastudio.nets.gru import GruLayout, GruWeights, run_gru, run_gru_in_torch


def _case(groups: int, steps: int, sequences: int, hidden: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    layout = GruLayout(hidden)
    theta = torch.stack([layout.initial() for _ in range(groups)])
    theta = (theta + 0.1 * torch.randn(theta.shape, generator=generator)).requires_grad_()
    x = torch.randn(groups, steps, sequences, generator=generator)
    state = (0.5 * torch.randn(groups, hidden, sequences, generator=generator)).requires_grad_()
    return x, state, theta


def _results(run: object, x: Tensor, state: Tensor, theta: Tensor, hidden: int) -> list[np.ndarray]:
    y, last = run(x, state, GruLayout(hidden).split(theta))  # type: ignore[operator]
    weight = torch.linspace(-1, 1, y.numel()).reshape(y.shape)
    loss = (weight * y).sum() + (last * last).sum()
    gradients = torch.autograd.grad(loss, (theta, state))
    return [part.detach().numpy() for part in (y, last, *gradients)]


def _assert_equal(hidden: int, groups: int, steps: int, sequences: int, seed: int) -> None:
    x, state, theta = _case(groups, steps, sequences, hidden, seed)
    ours = _results(run_gru, x, state, theta, hidden)
    theirs = _results(run_gru_in_torch, x, state, theta, hidden)
    for got, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, wanted, atol=2e-5 * np.abs(wanted).max(), rtol=0)


@pytest.mark.parametrize("hidden", [8, 16, 32, 48, 64, 96])
def test_kernel_equals_torch(hidden: int) -> None:
    _assert_equal(hidden, groups=2, steps=100, sequences=LANES, seed=hidden)


@settings(max_examples=25, deadline=None)
@given(
    hidden=st.sampled_from([8, 16, 24]),
    groups=st.integers(1, 3),
    steps=st.integers(1, 70),
    blocks=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_kernel_equals_torch_for_any_shape(
    hidden: int, groups: int, steps: int, blocks: int, seed: int
) -> None:
    _assert_equal(hidden, groups, steps, blocks * LANES, seed)


def test_a_state_carried_over_chunks_changes_nothing() -> None:
    x, state, theta = _case(2, 90, LANES, 16, 1)
    weights = GruLayout(16).split(theta)
    with torch.no_grad():
        whole, last = run_gru(x, state, weights)
        parts = []
        for part in x.split([1, 16, 33, 40], dim=1):
            y, state = run_gru(part, state, weights)
            parts.append(y)
    np.testing.assert_array_equal(torch.cat(parts, 1), whole)
    np.testing.assert_array_equal(state, last)


def test_sizes_the_kernel_does_not_cover_run_in_torch() -> None:
    x, state, theta = _case(2, 20, 3, 10, 2)
    ours = _results(run_gru, x, state, theta, 10)
    theirs = _results(run_gru_in_torch, x, state, theta, 10)
    for got, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_two_graphs_alive_at_once_do_not_share_buffers() -> None:
    x, state, theta = _case(1, 40, LANES, 8, 3)
    layout = GruLayout(8)
    first, _ = run_gru(x, state, layout.split(theta))
    second, _ = run_gru(2 * x, state, layout.split(theta))
    (alone,) = torch.autograd.grad(first.sum(), theta)
    run_gru(3 * x, state, layout.split(theta))
    again, _ = run_gru(x, state, layout.split(theta))
    (fresh,) = torch.autograd.grad(again.sum(), theta)
    np.testing.assert_array_equal(alone, fresh)
    assert second.requires_grad


def test_weights_are_cut_out_of_theta_in_the_order_of_the_file_format() -> None:
    layout = GruLayout(8)
    theta = torch.arange(layout.total, dtype=torch.float32)[None]
    weights: GruWeights = layout.split(theta)
    assert torch.cat([part.reshape(-1) for part in weights]).tolist() == theta[0].tolist()
    assert weights.skip.shape == (1, 1)
