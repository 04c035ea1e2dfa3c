"""Model files become playable models, or say why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.models import random_model
from vastudio.engine.graph import PlayableModel
from vastudio.engine.networks.recurrent import RecurrentNetwork
from vastudio.errors import KnobError, ModelFileError
from vastudio.kernels.cells import CellWeights
from vastudio.modelfile.schema import ModelFile
from vastudio.types import knob_vector


def cell_at(file: ModelFile, values: dict[str, float]) -> CellWeights:
    network = PlayableModel.from_file(file).network
    assert isinstance(network, RecurrentNetwork)
    return network.weights(knob_vector(file.knobs, values))


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu"])
def test_the_conditioner_equals_torch(activation: str) -> None:
    file = random_model(hidden=8, knobs=3)
    file = replace(file, config={**file.config, "activation": activation})
    weights = {name: torch.from_numpy(np.array(array)).double() for name, array in file.weights.items()}
    knobs = {"knob_1": 2.5, "knob_2": 10.0, "knob_3": 0.0}
    inner = weights["conditioner.0.weight"] @ torch.tensor([-0.5, 1.0, -1.0]).double()
    inner = inner + weights["conditioner.0.bias"]
    inner = torch.tanh(inner) if activation == "tanh" else torch.nn.functional.leaky_relu(inner, 0.01)
    flat = (weights["conditioner.1.weight"] @ inner + weights["conditioner.1.bias"]).numpy()
    cell = cell_at(file, knobs)
    parts = [cell.w_ih, cell.w_hh.reshape(-1), cell.bias, cell.w_out, [cell.skip]]
    np.testing.assert_allclose(np.concatenate(parts), flat, atol=1e-6)


def test_a_model_without_knobs_is_its_bias() -> None:
    file = random_model(knobs=0)
    cell = cell_at(file, {})
    assert np.array_equal(cell.w_ih, file.weights["conditioner.0.bias"][:24])


def test_concat_models_turn_their_biases_only() -> None:
    model = random_model(conditioning="concat")
    low, high = cell_at(model, {"knob_1": 0.0}), cell_at(model, {"knob_1": 10.0})
    assert np.array_equal(low.w_hh, high.w_hh)
    assert not np.array_equal(low.bias, high.bias)


def test_knobs_out_of_range_are_refused() -> None:
    model = PlayableModel.from_file(random_model())
    with pytest.raises(KnobError, match="cannot be set to 11"):
        model.packed({"knob_1": 11.0})
    with pytest.raises(KnobError, match="There is no knob 'gain'"):
        model.packed({"gain": 1.0})


def with_level_law(file: ModelFile, coefficients: Any) -> ModelFile:
    weights = {**file.weights, "level_law.weight": np.asarray(coefficients, np.float32)}
    return replace(file, config={**file.config, "level_law": "quadratic"}, weights=weights)


def with_deltas(file: ModelFile, rank: Any = 2) -> ModelFile:
    """`file` (GRU-8) as shared numbers, with deltas of rank 2 that its second layer writes."""
    shared = file.weights["conditioner.1.bias"]
    size = 24 + 2 * (24 + 8) + 32 + 9
    rng = np.random.default_rng(3)
    last = 0.1 * rng.normal(size=(size, file.weights["conditioner.1.weight"].shape[1]))
    weights = {
        **file.weights,
        "conditioner.1.weight": last.astype(np.float32),
        "conditioner.1.bias": np.zeros(size, np.float32),
        "conditioner.shared": shared,
    }
    return replace(file, config={**file.config, "rank": rank}, weights=weights)


def test_the_level_law_scales_input_and_output_in_decibels() -> None:
    file = random_model(knobs=2)
    plain = file
    law = with_level_law(file, [[1, 0, 6, 0, 0, 0], [0, 0, 0, 0, 20, 0]])
    values = {"knob_1": 10.0, "knob_2": 2.5}
    before, after = cell_at(plain, values), cell_at(law, values)
    np.testing.assert_allclose(after.w_ih, 10 ** (-2 / 20) * before.w_ih, rtol=1e-5)
    np.testing.assert_allclose(after.w_out, 10 ** (-10 / 20) * before.w_out, rtol=1e-5)
    assert after.skip == pytest.approx(10 ** (-10 / 20) * before.skip)
    assert np.array_equal(after.w_hh, before.w_hh)
    assert np.array_equal(after.bias, before.bias)


def test_low_rank_deltas_are_added_to_the_shared_numbers() -> None:
    file = random_model(knobs=2)
    model = with_deltas(file)
    shared = file.weights["conditioner.1.bias"][24 : 24 + 192].reshape(24, 8)
    deltas = [cell_at(model, {"knob_1": value}).w_hh - shared for value in (0.0, 10.0)]
    singular = [np.linalg.svd(delta, compute_uv=False) for delta in deltas]
    assert not np.allclose(deltas[0], deltas[1])
    for values in singular:
        assert values[1] > 1e-3
        assert values[2] < 1e-5


def config(**changes: Any) -> Callable[[ModelFile], ModelFile]:
    return lambda file: replace(file, config={**file.config, **changes})


def weights(**changes: Any) -> Callable[[ModelFile], ModelFile]:
    def spoil(file: ModelFile) -> ModelFile:
        changed = {f"conditioner.{name[1:].replace('_', '.')}": array for name, array in changes.items()}
        return replace(file, weights={**file.weights, **changed})

    return spoil


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (config(cell="rnn"), "its cell 'rnn' is unknown"),
        (config(activation="relu"), "its activation 'relu' is unknown"),
        (config(hidden=4096), "its hidden 4096"),
        (config(hidden="8"), "its hidden '8'"),
        (config(hidden=9), "instead of"),
        (weights(_0_weight=np.zeros((12, 5), np.float32)), "conditioner.0.weight has the shape"),
        (weights(_0_bias=np.full(12, np.nan, np.float32)), "not finite"),
        (lambda file: replace(file, weights={}), "holds no weights"),
        (config(level_law="cubic"), "its level law 'cubic' is unknown"),
        (config(level_law="quadratic"), "it lacks level_law.weight"),
        (lambda file: with_level_law(file, np.zeros((2, 5))), r"level_law.weight has the shape \(2, 5\)"),
        (lambda file: with_level_law(file, np.full((2, 6), np.inf)), "not finite"),
        (config(rank=2), "it lacks conditioner.shared"),
        (lambda file: with_deltas(file, 0), "its rank 0 is not a number"),
        (lambda file: with_deltas(file, "2"), "its rank '2' is not a number"),
        (lambda file: with_deltas(file, 3), "instead of"),
    ],
)
def test_a_damaged_model_says_what_is_wrong(spoil: Callable[[ModelFile], ModelFile], reason: str) -> None:
    with pytest.raises(ModelFileError, match=reason):
        PlayableModel.from_file(spoil(random_model()))
