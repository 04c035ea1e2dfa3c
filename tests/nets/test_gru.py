"""The compiled GRU and its gradients against torch's own, an independent implementation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nets.cells import Case, assert_close_to_double, gru_case, results
from vastudio.kernels.training import use_threads
from vastudio.nets.cell_layout import CellLayout, Weights
from vastudio.nets.gru import run_gru, run_gru_in_torch


@pytest.mark.parametrize("hidden", range(8, 97, 8))
def test_kernel_equals_torch(hidden: int) -> None:
    assert_close_to_double(gru_case(Case(hidden, groups=2, steps=60, sequences=20)))


@settings(max_examples=25, deadline=None)
@given(
    hidden=st.sampled_from([8, 16, 24]),
    inputs=st.integers(1, 4),
    groups=st.integers(1, 3),
    steps=st.integers(1, 40),
    sequences=st.integers(1, 40),
    seed=st.integers(0, 1000),
)
def test_kernel_equals_torch_for_any_shape(
    hidden: int, inputs: int, groups: int, steps: int, sequences: int, seed: int
) -> None:
    assert_close_to_double(gru_case(Case(hidden, groups, steps, sequences, inputs, seed)))


def test_a_state_carried_over_chunks_changes_nothing() -> None:
    x, state, weights = gru_case(Case(16, groups=2, steps=90, sequences=16)).arguments()
    with torch.no_grad():
        whole, last = run_gru(x, state, weights)
        parts = []
        for part in x.split([1, 16, 33, 40], dim=1):
            y, state = run_gru(part, state, weights)
            parts.append(y)
    np.testing.assert_array_equal(torch.cat(parts, 1), whole)
    np.testing.assert_array_equal(state, last)


def test_sizes_the_kernel_does_not_cover_run_in_torch() -> None:
    arguments = gru_case(Case(10, groups=2, steps=20, sequences=3)).arguments()
    for ours, theirs in zip(run_gru(*arguments), run_gru_in_torch(*arguments), strict=True):
        assert torch.equal(ours, theirs)


def test_a_run_without_gradients_gives_the_same_numbers() -> None:
    x, state, weights = gru_case(Case(16, groups=2, steps=31, sequences=5)).arguments()
    kept = run_gru(x, state.clone().requires_grad_(), weights)
    with torch.no_grad():
        for free, with_history in zip(run_gru(x, state, weights), kept, strict=True):
            assert torch.equal(free, with_history)


def test_the_number_of_threads_changes_nothing() -> None:
    case = gru_case(Case(16, groups=1, steps=40, sequences=64))
    several = results(run_gru, case.layout, case.x, case.state, case.theta)
    use_threads(1)
    try:
        alone = results(run_gru, case.layout, case.x, case.state, case.theta)
    finally:
        use_threads(2)
    for one, other in zip(alone, several, strict=True):
        np.testing.assert_array_equal(one, other)


def test_going_back_twice_is_refused() -> None:
    x, state, weights = gru_case(Case(8, groups=1, steps=4, sequences=2)).arguments()
    y, _ = run_gru(x, state.requires_grad_(), weights)
    y.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="only once"):
        y.sum().backward()


def test_two_graphs_alive_at_once_do_not_share_buffers() -> None:
    case = gru_case(Case(8, groups=1, steps=40, sequences=16, seed=3))
    x, state, layout, theta = case.x, case.state, case.layout, case.theta.requires_grad_()
    first, _ = run_gru(x, state, layout.split(theta))
    second, _ = run_gru(2 * x, state, layout.split(theta))
    (alone,) = torch.autograd.grad(first.sum(), theta)
    run_gru(3 * x, state, layout.split(theta))
    again, _ = run_gru(x, state, layout.split(theta))
    (fresh,) = torch.autograd.grad(again.sum(), theta)
    np.testing.assert_array_equal(alone, fresh)
    assert second.requires_grad


def test_weights_are_cut_out_of_theta_in_the_order_of_the_file_format() -> None:
    layout = CellLayout("gru", 8)
    theta = torch.arange(layout.total, dtype=torch.float32)[None]
    weights: Weights = layout.split(theta)
    assert torch.cat([part.reshape(-1) for part in weights]).tolist() == theta[0].tolist()
    assert weights.skip.shape == (1, 1)
