"""Checked access to what a model file holds, for those who build something playable from it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.errors import ModelFileError
from vastudio.modelfile.schema import ModelFile

Doubles = npt.NDArray[np.float64]


def unusable(
    model: ModelFile, reason: str, hint: str = "The file is damaged: export it again."
) -> ModelFileError:
    """The error for a model that cannot be played."""
    return ModelFileError(f"The model '{model.name}' cannot be played: {reason}.", hint)


def array(model: ModelFile, name: str, shape: tuple[int, ...]) -> Doubles:
    """The array `name` in double precision.

    Raises
    ------
    ModelFileError
        When it is missing, of another shape, or not finite.
    """
    if name not in model.weights:
        raise unusable(model, f"it lacks {name}")
    numbers = np.asarray(model.weights[name], np.float64)
    if numbers.shape != shape:
        raise unusable(model, f"{name} has the shape {numbers.shape} instead of {shape}")
    if not np.isfinite(numbers).all():
        raise unusable(model, f"{name} holds numbers that are not finite")
    return numbers


def whole_number(model: ModelFile, name: str, smallest: int, largest: int) -> int:
    """The whole number `name` of the configuration. Raises ModelFileError outside smallest..largest."""
    number = model.config.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or not smallest <= number <= largest:
        raise unusable(model, f"its {name} {number!r} is not a number from {smallest} to {largest}")
    return number


def finite(model: ModelFile) -> None:
    """Raise ModelFileError for arrays with numbers that are not finite."""
    for name, numbers in model.weights.items():
        if not np.isfinite(numbers).all():
            raise unusable(model, f"{name} holds numbers that are not finite")
