"""The proof of an export: an independent reader plays the file, and the engine the model.

The reader (`modelfile.exports.reference`) is plain NumPy in double precision and shares no code with the
writers and the kernels. A file that plays anything else is not kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from vastudio.audio import phrase
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import ModelFileError
from vastudio.modelfile.exports.reference import response
from vastudio.types import Audio, KnobValues

LARGEST_ERROR = 1e-4
"""Largest deviation at any sample, of full scale; of the peak of an output that is louder."""

SECONDS = 1.0
LIVE_SECONDS = 0.25
"""At each of several positions, for a file whose knobs stay live."""

_PLACES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Deviation:
    """How far a file is from its model.

    Attributes
    ----------
    largest:
        At any sample, as `LARGEST_ERROR` counts.
    constant:
        Of live knobs: the largest constant by which the two differ besides. A model of the studio is silent
        at rest wherever its knobs stand; elsewhere one constant serves all positions.
    """

    largest: float
    constant: float = 0.0


def at_position(text: str, model: PlayableModel, values: KnobValues) -> Deviation:
    """Compare a document, as it is written, with a model at a knob position.

    Raises ModelFileError when it is further off than `LARGEST_ERROR`.
    """
    sound = _sound(model.sample_rate, SECONDS)
    expected = render(model, sound, values).astype(np.float64)
    return _accepted(Deviation(_largest(_played(text, sound) - expected, expected)))


def with_live_knobs(text: str, model: PlayableModel) -> Deviation:
    """Compare a document with live knobs with a model: at the ends and the middle of its dials.

    Raises ModelFileError as `at_position`.
    """
    sound, found = _sound(model.sample_rate, LIVE_SECONDS), [Deviation(0.0)]
    for place in product(_PLACES, repeat=len(model.knobs)):
        values = {knob.name: knob.denormalised(part) for knob, part in zip(model.knobs, place, strict=True)}
        expected = render(model, sound, values).astype(np.float64)
        difference = _played(text, sound, place) - expected
        constant = float(np.median(difference))
        found.append(Deviation(_largest(difference - constant, expected), abs(constant)))
    return _accepted(Deviation(max(each.largest for each in found), max(each.constant for each in found)))


def _played(text: str, sound: Audio, knobs: Sequence[float] = ()) -> np.typing.NDArray[np.float64]:
    document: dict[str, Any] = json.loads(text)
    try:
        return response(document, sound, knobs)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelFileError(
            "The exported file cannot be read back.", "Nothing was written. Please report this.", str(error)
        ) from error


def _largest(difference: np.typing.NDArray[np.float64], expected: np.typing.NDArray[np.float64]) -> float:
    return float(np.abs(difference).max() / max(1.0, float(np.abs(expected).max())))


def _accepted(deviation: Deviation) -> Deviation:
    if deviation.largest <= LARGEST_ERROR:
        return deviation
    raise ModelFileError(
        f"Read back, the file plays something else than the model: {deviation.largest:.1e} apart, "
        f"more than {LARGEST_ERROR:g}.",
        "Nothing was written. Choose another position or format, or let a network learn it.",
    )


@lru_cache(maxsize=4)
def _sound(rate: int, seconds: float) -> Audio:
    """Guitar chords behind a moment of silence."""
    silence = np.zeros(rate // 100, np.float32)
    return np.concatenate([silence, phrase.render(phrase.RIFF, rate)])[: round(seconds * rate)]
