"""What a probed model is held against: stretches of the recordings of its device."""

from __future__ import annotations

from vastudio.app.evaluate import check_match
from vastudio.app.probe.quick import Recording
from vastudio.audio.level import rms_db
from vastudio.audio.resample import resample
from vastudio.dataset.manifest import Split
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel

SECONDS = 4.0
QUIETEST_DBFS = -70.0
"""A quieter stretch tells neither delay nor level."""


def recordings(dataset: Dataset, split: Split, most: int = 6) -> tuple[Recording, ...]:
    """Return the beginnings of clips at up to `most` knob positions of a split, spread over the captures.

    Raises
    ------
    DatasetError, AudioFileError
        When a recording is missing or damaged.
    """
    captures = dataset.captures(split)
    step = max(1, -(-len(captures) // most))
    found = []
    for capture in captures[::step]:
        clean, target = (
            audio[: round(SECONDS * dataset.sample_rate)] for audio in dataset.read_clip(capture.clips[0])
        )
        if min(rms_db(clean), rms_db(target)) > QUIETEST_DBFS:
            found.append(Recording(clean, target, capture.knobs))
    return tuple(found)


def held_out(model: PlayableModel, dataset: Dataset) -> tuple[Recording, ...]:
    """Return `recordings` of the held-out captures of a dataset; of the others where none are held out.

    They are resampled to the model's rate where theirs is another.

    Raises
    ------
    DatasetError, AudioFileError
        When model and dataset do not belong together; when a recording is missing or damaged.
    """
    check_match(model, dataset)
    found = recordings(dataset, "validation" if dataset.captures("validation") else "train")
    if model.sample_rate == dataset.sample_rate:
        return found
    rates = dataset.sample_rate, model.sample_rate
    return tuple(
        Recording(resample(part.clean, *rates), resample(part.target, *rates), part.knobs) for part in found
    )
