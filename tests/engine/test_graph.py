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
from vastudio.errors import KnobError, ModelFileError
from vastudio.modelfile.schema import ModelFile


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
    cell = PlayableModel.from_file(file).cell_weights(knobs)
    parts = [cell.w_ih, cell.w_hh.reshape(-1), cell.bias, cell.w_out, [cell.skip]]
    np.testing.assert_allclose(np.concatenate(parts), flat, atol=1e-6)


def test_a_model_without_knobs_is_its_bias() -> None:
    file = random_model(knobs=0)
    cell = PlayableModel.from_file(file).cell_weights({})
    assert np.array_equal(cell.w_ih, file.weights["conditioner.0.bias"][:24])


def test_concat_models_turn_their_biases_only() -> None:
    model = PlayableModel.from_file(random_model(conditioning="concat"))
    low, high = model.cell_weights({"knob_1": 0.0}), model.cell_weights({"knob_1": 10.0})
    assert np.array_equal(low.w_hh, high.w_hh)
    assert not np.array_equal(low.bias, high.bias)


def test_knobs_out_of_range_are_refused() -> None:
    model = PlayableModel.from_file(random_model())
    with pytest.raises(KnobError, match="cannot be set to 11"):
        model.cell_weights({"knob_1": 11.0})
    with pytest.raises(KnobError, match="There is no knob 'gain'"):
        model.cell_weights({"gain": 1.0})


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
        (config(hidden=4096), "its size 4096"),
        (config(hidden="8"), "its size '8'"),
        (config(hidden=9), "instead of"),
        (weights(_0_weight=np.zeros((12, 5), np.float32)), "layer 0 has the shape"),
        (weights(_0_bias=np.full(12, np.nan, np.float32)), "not finite"),
        (lambda file: replace(file, weights={}), "holds no weights"),
    ],
)
def test_a_damaged_model_says_what_is_wrong(spoil: Callable[[ModelFile], ModelFile], reason: str) -> None:
    with pytest.raises(ModelFileError, match=reason):
        PlayableModel.from_file(spoil(random_model()))
