"""The compiled dynamic cells and their gradients against a loop in torch, in double precision."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nets.cells import (
    Case,
    CellCase,
    assert_close_to_double,
    dynamic_gru_case,
    dynamic_lstm_case,
    gru_case,
    lstm_case,
    results,
)
from vastudio.kernels.training import use_threads
from vastudio.nets import Blueprint, architecture
from vastudio.nets.dynamic_model import dynamic_cell

Maker = Callable[[Case], CellCase]

every_cell = pytest.mark.parametrize("make", [dynamic_gru_case, dynamic_lstm_case], ids=["gru", "lstm"])


@every_cell
@pytest.mark.parametrize("hidden", [8, 16, 40, 96])
def test_kernel_equals_torch(make: Maker, hidden: int) -> None:
    assert_close_to_double(make(Case(hidden, groups=2, steps=40, sequences=20)))


@every_cell
@settings(max_examples=8, deadline=None)
@given(
    hidden=st.sampled_from([8, 16, 24]),
    inputs=st.integers(1, 3),
    groups=st.integers(1, 3),
    steps=st.integers(1, 40),
    sequences=st.integers(1, 40),
    seed=st.integers(0, 1000),
    scalers=st.sampled_from([4, 8]),
)
def test_kernel_equals_torch_for_any_shape(
    make: Maker, hidden: int, inputs: int, groups: int, steps: int, sequences: int, seed: int, scalers: int
) -> None:
    assert_close_to_double(make(Case(hidden, groups, steps, sequences, inputs, seed, scalers)))


@every_cell
def test_the_loop_in_torch_has_the_gradients_of_its_own_differences(make: Maker) -> None:
    case = make(Case(4, groups=2, steps=5, sequences=2, scalers=2))
    tensors = [tensor.double().requires_grad_() for tensor in (case.x, case.state, case.theta)]
    assert torch.autograd.gradcheck(
        lambda x, state, theta: case.run_in_torch(x, state, case.layout.split(theta)), tensors
    )


@pytest.mark.parametrize(("make", "static"), [(dynamic_gru_case, gru_case), (dynamic_lstm_case, lstm_case)])
def test_without_scales_it_is_the_static_cell(make: Maker, static: Maker) -> None:
    case, other = make(Case(16, 2, 50, 20)), static(Case(16, 2, 50, 20))
    weights = case.layout.split(case.theta)
    weights = weights._replace(scales=torch.zeros_like(weights.scales))
    still = other.layout.split(other.theta)._replace(
        w_in=weights.w_in, w_state=weights.w_state, bias=weights.bias, w_out=weights.w_out
    )
    with torch.no_grad():
        ours, theirs = case.run(case.x, case.state, weights), other.run(case.x, case.state, still)
    for one, another in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, another)


@every_cell
def test_a_state_carried_over_chunks_changes_nothing(make: Maker) -> None:
    case = make(Case(16, groups=2, steps=90, sequences=16))
    x, state, weights = case.arguments()
    with torch.no_grad():
        whole, last = case.run(x, state, weights)
        parts = []
        for part in x.split([1, 16, 33, 40], dim=1):
            y, state = case.run(part, state, weights)
            parts.append(y)
    np.testing.assert_array_equal(torch.cat(parts, 1), whole)
    np.testing.assert_array_equal(state, last)


@every_cell
def test_a_run_without_gradients_gives_the_same_numbers(make: Maker) -> None:
    case = make(Case(16, groups=2, steps=31, sequences=5))
    x, state, weights = case.arguments()
    kept = case.run(x, state.clone().requires_grad_(), weights)
    with torch.no_grad():
        for free, with_history in zip(case.run(x, state, weights), kept, strict=True):
            assert torch.equal(free, with_history)


@every_cell
def test_the_number_of_threads_changes_nothing(make: Maker) -> None:
    case = make(Case(16, groups=1, steps=40, sequences=64))
    several = results(case.run, case.layout, case.x, case.state, case.theta)
    use_threads(1)
    try:
        alone = results(case.run, case.layout, case.x, case.state, case.theta)
    finally:
        use_threads(2)
    for one, other in zip(alone, several, strict=True):
        np.testing.assert_array_equal(one, other)


@every_cell
def test_going_back_twice_is_refused(make: Maker) -> None:
    case = make(Case(8, groups=1, steps=4, sequences=2))
    x, state, weights = case.arguments()
    y, _ = case.run(x, state.requires_grad_(), weights)
    y.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="only once"):
        y.sum().backward()


@every_cell
@pytest.mark.parametrize(("hidden", "scalers"), [(10, 4), (16, 3)])
def test_sizes_the_kernel_does_not_cover_run_in_torch(make: Maker, hidden: int, scalers: int) -> None:
    case = make(Case(hidden, groups=2, steps=20, sequences=3, scalers=scalers))
    for ours, theirs in zip(case.run(*case.arguments()), case.run_in_torch(*case.arguments()), strict=True):
        assert torch.equal(ours, theirs)


def test_weights_are_cut_out_of_theta_in_the_order_of_the_file_format() -> None:
    layout = dynamic_gru_case(Case(8, 1, 1, 1)).layout
    theta = torch.arange(layout.total, dtype=torch.float32)[None]
    weights = layout.split(theta)
    assert torch.cat([part.reshape(-1) for part in weights]).tolist() == theta[0].tolist()
    assert weights.scales.reshape(-1).tolist() == theta[0, layout.scale_numbers].tolist()
    assert weights.scales.shape == (1, 24, 4)
    assert weights.skip.shape == (1, 1)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_training_begins_with_a_static_cell_at_every_knob_position(kind: str) -> None:
    model = architecture(f"dynamic-hyper-{kind}").build(Blueprint(2, 16))
    layout = dynamic_cell("gru" if kind == "gru" else "lstm", 16).layout
    weights = layout.split(model.theta(torch.rand(5, 2)))
    assert not weights.scales.any()  # type: ignore[union-attr]
    assert weights.w_state.any()
