"""Model files with dynamic cells: what can be played, and what is refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from vastudio.engine.graph import PlayableModel
from vastudio.engine.networks.dynamic import DynamicNetwork
from vastudio.errors import ModelFileError
from vastudio.kernels.cells import flat_size
from vastudio.modelfile.schema import ModelFile
from vastudio.types import STANDARD_RATE, Knob

HIDDEN, SCALERS = 8, 3


def model(**config: Any) -> ModelFile:
    numbers = flat_size(HIDDEN, "lstm", SCALERS)
    theta = np.random.default_rng(0).normal(size=(numbers, 2)).astype(np.float32)
    return ModelFile(
        name="m",
        architecture="dynamic-hyper-lstm",
        config={"network": "dynamic", "cell": "lstm", "hidden": HIDDEN, "scalers": SCALERS, **config},
        knobs=(Knob("drive"),),
        sample_rate=STANDARD_RATE,
        weights={"conditioner.0.weight": theta[:, :1].copy(), "conditioner.0.bias": theta[:, 1].copy()},
    )


def test_the_scales_lie_between_state_weights_and_biases() -> None:
    file = model()
    network = PlayableModel.from_file(file).network
    assert isinstance(network, DynamicNetwork)
    assert network.title == "Dynamic LSTM-8"
    weights = network.weights(np.full(1, 0.5, np.float32))
    theta, start = file.weights["conditioner.0.bias"], 4 * HIDDEN * (1 + HIDDEN)
    assert weights.scales is not None
    np.testing.assert_array_equal(weights.scales.reshape(-1), theta[start:][: 4 * HIDDEN * SCALERS])
    np.testing.assert_array_equal(weights.w_hh.reshape(-1), theta[4 * HIDDEN : start])
    np.testing.assert_array_equal(weights.bias, theta[start + 4 * HIDDEN * SCALERS :][: 4 * HIDDEN])


def test_a_level_law_scales_input_and_output_alone() -> None:
    file = model()
    law = np.array([[6.0, 0.0, 0.0], [-12.0, 0.0, 0.0]], np.float32)
    loud = replace(
        file,
        config={**file.config, "level_law": "quadratic"},
        weights={**file.weights, "level_law.weight": law},
    )
    position = np.full(1, 0.3, np.float32)
    plain, scaled = (PlayableModel.from_file(each).network.weights(position) for each in (file, loud))  # type: ignore[attr-defined]
    np.testing.assert_allclose(scaled.w_ih, 10**0.3 * plain.w_ih, rtol=1e-6)
    np.testing.assert_allclose(scaled.w_out, 10**-0.6 * plain.w_out, rtol=1e-6)
    np.testing.assert_allclose(scaled.skip, 10**-0.6 * plain.skip, rtol=1e-6)
    np.testing.assert_array_equal(scaled.scales, plain.scales)
    np.testing.assert_array_equal(scaled.bias, plain.bias)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"scalers": 0}, "scalers 0"),
        ({"scalers": 9}, "scalers 9"),
        ({"scalers": None}, "scalers None"),
        ({"scalers": 4}, "layers end in"),
        ({"hidden": 97}, "hidden 97"),
        ({"cell": "rnn"}, "cell 'rnn'"),
    ],
)
def test_files_that_cannot_be_played_say_why(config: dict[str, Any], reason: str) -> None:
    with pytest.raises(ModelFileError, match=reason):
        PlayableModel.from_file(model(**config))
