"""Models to export: recurrent cells of any kind and skip, WaveNets, with knobs and level laws."""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tests.models import random_cell, random_model
from vastudio.kernels.wavenet_shape import NAM_SIZES, flat_size
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob


def sound(frames: int = 4_800) -> npt.NDArray[np.float32]:
    """Decaying chords behind a moment of silence."""
    t = np.arange(frames) / 48_000
    chord = sum(np.sin(2 * np.pi * f * t) for f in (82.4, 123.5, 164.8, 207.7))
    return np.asarray(0.15 * chord * np.exp(-9 * (t % 0.05)) * (t > 0.002), np.float32)


def cell_model(
    kind: Literal["gru", "lstm"] = "gru", hidden: int = 8, skip: float = 0.3, knobs: int = 2, **changes: Any
) -> ModelFile:
    """A cell all of whose weights turn with the knobs, through a level law where there are knobs."""
    rng = np.random.default_rng(hidden)
    numbers = random_cell(hidden, rng, kind)
    numbers[-1] = skip
    turned = 0.02 * rng.normal(size=(numbers.size, knobs))
    turned[-1] = 0.0
    features = (knobs + 1) * (knobs + 2) // 2
    law = np.zeros((2, features)) if knobs == 0 else rng.normal(size=(2, features))
    law[1] = 0.0  # leaves the skip as it is
    weights = {"conditioner.0.weight": turned, "conditioner.0.bias": numbers, "level_law.weight": law}
    return dataclasses.replace(
        random_model(hidden, knobs),
        name=f"{kind} {hidden}",
        architecture=f"hyper-{kind}",
        config={"cell": kind, "hidden": hidden, "activation": "tanh", "level_law": "quadratic"},
        weights={name: np.asarray(array, np.float32) for name, array in weights.items()},
        **changes,
    )


def concat_model(kind: Literal["gru", "lstm"] = "gru", hidden: int = 8, knobs: int = 2) -> ModelFile:
    """A cell with its knobs as inputs, without a level law."""
    rng = np.random.default_rng(hidden)
    numbers = random_cell(hidden, rng, kind)
    gates = {"gru": 3, "lstm": 4}[kind]
    turned = np.zeros((numbers.size, knobs), np.float32)
    first = gates * hidden * (1 + hidden)
    turned[first : first + gates * hidden] = 0.3 * rng.normal(size=(gates * hidden, knobs))
    weights = {"conditioner.0.weight": turned, "conditioner.0.bias": numbers}
    config = {"cell": kind, "hidden": hidden, "activation": "tanh"}
    made = random_model(hidden, knobs)
    return dataclasses.replace(made, architecture=f"concat-{kind}", config=config, weights=weights)


def wavenet_model(size: str = "A1 nano", knobs: int = 1) -> ModelFile:
    """A WaveNet all of whose numbers turn with the knobs."""
    rng = np.random.default_rng(1)
    count = flat_size(NAM_SIZES[size])
    bias = 0.3 * rng.normal(size=count)
    bias[-1] = 0.2
    weights = {"conditioner.0.weight": 0.02 * rng.normal(size=(count, knobs)), "conditioner.0.bias": bias}
    return ModelFile(
        name=f"WaveNet {size}",
        architecture="wavenet",
        config={"network": "wavenet", "size": size, "activation": "tanh"},
        knobs=tuple(Knob(f"knob_{i + 1}", maximum=10.0, default=5.0) for i in range(knobs)),
        sample_rate=48_000,
        weights={name: np.asarray(array, np.float32) for name, array in weights.items()},
    )
