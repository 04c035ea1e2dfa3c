"""Activation functions by the names that files give them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vastudio.modelfile.checking import Part
from vastudio.modelfile.networks.layers import Activation, Function

STEEPEST = 1e6
"""Largest size of a parameter."""

_PLAIN: dict[str, Function] = {
    "Tanh": "tanh",
    "Fasttanh": "fast_tanh",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "Hardswish": "hard_swish",
    "Softsign": "softsign",
}


def read_nam(part: Part, channels: int) -> Activation:
    """An activation of a `.nam` file, a name or `{"type": name, …}`, for so many channels.

    Raises
    ------
    ModelFileError
        When it is unknown, or a parameter is no number or not one per channel.
    """
    named = part.need("type") if isinstance(part.value, dict) else part
    read: Callable[[Part | None, int], Activation] = named.one_of(_NAM)
    return read(part if isinstance(part.value, dict) else None, channels)


def leaky(slope: float) -> Activation:
    """x where it is positive, else slope·x."""
    return Activation("leaky_relu", np.array([slope], np.float32))


def hard_tanh(low: float = -1.0, high: float = 1.0, below: float = 0.0, above: float = 0.0) -> Activation:
    """x from `low` to `high`, straight lines of the slopes `below` and `above` beyond."""
    return Activation("hard_tanh", np.array([low, high, below, above], np.float32))


def _plain(function: Function) -> Callable[[Part | None, int], Activation]:
    return lambda part, channels: Activation(function)


def _number(part: Part | None, key: str, default: float) -> float:
    found = part.get(key) if part is not None else None
    return default if found is None else found.number(-STEEPEST, STEEPEST)


def _leaky_relu(part: Part | None, channels: int) -> Activation:
    return leaky(_number(part, "negative_slope", 0.01))


def _prelu(part: Part | None, channels: int) -> Activation:
    slopes = part.get("negative_slopes") if part is not None else None
    if slopes is None:
        return leaky(_number(part, "negative_slope", 0.01))
    return Activation("leaky_relu", slopes.array(channels).reshape(channels, 1))


def _leaky_hard_tanh(part: Part | None, channels: int) -> Activation:
    low, high = _number(part, "min_val", -1.0), _number(part, "max_val", 1.0)
    if part is not None and not low <= high:
        part.wrong("has its min_val above its max_val")
    return hard_tanh(low, high, _number(part, "min_slope", 0.01), _number(part, "max_slope", 0.01))


_NAM: dict[str, Callable[[Part | None, int], Activation]] = {
    **{name: _plain(function) for name, function in _PLAIN.items()},
    "ReLU": lambda part, channels: leaky(0.0),
    "LeakyReLU": _leaky_relu,
    "PReLU": _prelu,
    "Hardtanh": lambda part, channels: hard_tanh(),
    "LeakyHardtanh": _leaky_hard_tanh,
    "LeakyHardTanh": _leaky_hard_tanh,
}
