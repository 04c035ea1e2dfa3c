"""A model measured on a dataset by the engine: what it plays is what is measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vastudio.dataset.manifest import Capture, Split
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import DatasetError
from vastudio.modelfile.schema import CaptureScore, Evaluation
from vastudio.types import KnobValues

SPLITS: dict[str, Split | None] = {"validation": "validation", "train": "train", "all": None}
"""What can be measured, by the word for it."""


def evaluate(
    model: PlayableModel,
    dataset: Dataset,
    split: str = "validation",
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Evaluation:
    """Render every capture of a split at its own knob position and return the ESR of each.

    `esr` of the result takes all captures as one signal; `median_esr` and `worst_esr` are over captures.

    Raises
    ------
    DatasetError
        When the split is unknown or empty, or the knobs do not match.
    ModelFileError
        When the model cannot play at the dataset's rate.
    """
    captures = captures_of(dataset, split)
    model = check_match(model, dataset)
    scores, errors, energies = [], 0.0, 0.0
    for done, capture in enumerate(captures):
        on_progress(done, len(captures))
        error, energy = _measure(model, dataset, capture)
        errors, energies = errors + error, energies + energy
        scores.append(CaptureScore(capture.id, dict(capture.knobs), error / energy))
    on_progress(len(captures), len(captures))
    ratios = [score.esr for score in scores]
    return Evaluation(split, errors / energies, float(np.median(ratios)), max(ratios), tuple(scores))


def captures_of(dataset: Dataset, split: str) -> tuple[Capture, ...]:
    """The captures of a split, one of `SPLITS`. Raises DatasetError for an unknown or an empty one."""
    if split not in SPLITS:
        raise DatasetError(f"There is no split '{split}'.", f"Choose one of {', '.join(SPLITS)}.")
    captures = dataset.captures(SPLITS[split])
    if not captures:
        raise DatasetError(
            f"{dataset.name} has no {split} captures.",
            "Choose another split, or import with held-out positions.",
        )
    return captures


def check_match(model: PlayableModel, dataset: Dataset) -> PlayableModel:
    """Return `model` as it plays `dataset`: at its rate. What rendering resamples is in time.

    Raises DatasetError unless both have the same knobs, ModelFileError where it cannot play at that rate.
    """
    ours = [knob.name for knob in model.knobs]
    theirs = [knob.name for knob in dataset.knobs]
    if ours != theirs:
        raise DatasetError(
            f"The model's knobs ({', '.join(ours) or 'none'}) are not those of {dataset.name} "
            f"({', '.join(theirs) or 'none'}).",
            "Choose the dataset this model was trained on, or one of the same device.",
        )
    return model.at_rate(dataset.sample_rate)


def _measure(model: PlayableModel, dataset: Dataset, capture: Capture) -> tuple[float, float]:
    """Energies of the error and of the target over the clips of a capture."""
    error = energy = 0.0
    knobs: KnobValues = capture.knobs
    for clip in capture.clips:
        clean, target = dataset.read_clip(clip)
        difference = target.astype(np.float64) - render(model, clean, knobs)
        error += float(np.sum(difference**2))
        energy += float(np.sum(target.astype(np.float64) ** 2))
    return error, energy
