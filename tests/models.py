"""Small random models for tests: stable cells with an audible effect, in the form the model file stores."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from vastudio.modelfile.schema import ModelFile
from vastudio.types import STANDARD_RATE, Knob

CONDITIONER_WIDTH = 12


def parameter_count(hidden: int, kind: Literal["gru", "lstm"] = "gru") -> int:
    """Numbers in one weight set: w_ih, w_hh, bias, w_out, skip."""
    gates = {"gru": 3, "lstm": 4}[kind]
    return gates * hidden + gates * hidden * hidden + 4 * hidden + hidden + 1


def random_cell(
    hidden: int, rng: np.random.Generator, kind: Literal["gru", "lstm"] = "gru"
) -> npt.NDArray[np.float32]:
    """A flat weight set of the size and spread that training starts from, shape (parameter_count,)."""
    gates = {"gru": 3, "lstm": 4}[kind]
    spread = 1.0 / np.sqrt(hidden)
    w_ih = rng.uniform(-1.5, 1.5, gates * hidden)
    w_hh = rng.uniform(-spread, spread, gates * hidden * hidden)
    bias = rng.uniform(-spread, spread, 4 * hidden)
    w_out = rng.uniform(-spread, spread, hidden)
    return np.concatenate([w_ih, w_hh, bias, w_out, [0.3]]).astype(np.float32)


def random_model(
    hidden: int = 8,
    knobs: int = 2,
    conditioning: Literal["hyper", "concat"] = "hyper",
    seed: int = 0,
) -> ModelFile:
    """A playable model with `knobs` knobs named knob_1, knob_2, … from 0 to 10.

    `hyper` turns every weight of the cell with the knobs through one hidden layer, `concat` the biases
    only, as trained models of these architectures do.
    """
    rng = np.random.default_rng(seed)
    cell = random_cell(hidden, rng)
    if conditioning == "hyper" and knobs:
        weights = {
            "conditioner.0.weight": rng.normal(size=(CONDITIONER_WIDTH, knobs)),
            "conditioner.0.bias": rng.normal(size=CONDITIONER_WIDTH),
            "conditioner.1.weight": rng.normal(size=(cell.size, CONDITIONER_WIDTH)) * 0.1 / np.sqrt(hidden),
            "conditioner.1.bias": cell,
        }
    else:
        turned = np.zeros((cell.size, knobs))
        bias_rows = slice(3 * hidden + 3 * hidden * hidden, -hidden - 1)
        turned[bias_rows] = rng.normal(size=(4 * hidden, knobs)) * 0.3
        weights = {"conditioner.0.weight": turned, "conditioner.0.bias": cell}
    return ModelFile(
        name=f"Random {hidden}",
        architecture=f"{conditioning}-gru",
        config={"cell": "gru", "hidden": hidden, "activation": "tanh", "conditioning": conditioning},
        knobs=tuple(Knob(f"knob_{i + 1}", maximum=10.0, default=5.0) for i in range(knobs)),
        sample_rate=STANDARD_RATE,
        weights={name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()},
    )
