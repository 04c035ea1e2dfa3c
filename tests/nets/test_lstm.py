"""The compiled LSTM and its gradients against torch's own, an independent implementation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nets.cells import Case, assert_close_to_double, lstm_case
from vastudio.nets.cell_layout import CellLayout, rest_states
from vastudio.nets.lstm import run_lstm, run_lstm_in_torch

SETTLING = 20_000


@pytest.mark.parametrize("hidden", range(8, 97, 8))
def test_kernel_equals_torch(hidden: int) -> None:
    assert_close_to_double(lstm_case(Case(hidden, groups=2, steps=60, sequences=20)))


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
    assert_close_to_double(lstm_case(Case(hidden, groups, steps, sequences, inputs, seed)))


def test_a_state_carried_over_chunks_changes_nothing() -> None:
    x, state, weights = lstm_case(Case(16, groups=2, steps=90, sequences=16)).arguments()
    with torch.no_grad():
        whole, last = run_lstm(x, state, weights)
        parts = []
        for part in x.split([1, 16, 33, 40], dim=1):
            y, state = run_lstm(part, state, weights)
            parts.append(y)
    np.testing.assert_array_equal(torch.cat(parts, 1), whole)
    np.testing.assert_array_equal(state, last)


def test_sizes_the_kernel_does_not_cover_run_in_torch() -> None:
    arguments = lstm_case(Case(10, groups=2, steps=20, sequences=3)).arguments()
    for ours, theirs in zip(run_lstm(*arguments), run_lstm_in_torch(*arguments), strict=True):
        assert torch.equal(ours, theirs)


def test_the_rest_state_is_where_silence_leads() -> None:
    _, _, weights = lstm_case(Case(8, groups=2, steps=1, sequences=1)).arguments()
    with torch.no_grad():
        _, last = run_lstm(torch.zeros(2, SETTLING, 1), torch.zeros(2, 16, 1), weights)
    torch.testing.assert_close(rest_states("lstm", weights), last[:, :, 0], atol=1e-5, rtol=0)


def test_weights_are_cut_out_of_theta_in_order_and_the_forget_gate_remembers() -> None:
    layout = CellLayout("lstm", 8, inputs=2)
    theta = torch.arange(layout.total, dtype=torch.float32)[None]
    weights = layout.split(theta)
    assert torch.cat([part.reshape(-1) for part in weights]).tolist() == theta[0].tolist()
    assert weights.w_in.shape == (1, 32, 2)
    assert torch.equal(theta[0, layout.bias_rows], weights.bias[0])
    bias = layout.split(layout.initial()[None]).bias[0].reshape(4, 8)
    assert bias.sum(1).tolist() == [0.0, 8.0, 0.0, 0.0]
