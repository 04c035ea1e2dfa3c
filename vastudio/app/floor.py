"""The lowest ESR a dataset's recordings allow, without a training run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vastudio.dataset.store import Dataset

if TYPE_CHECKING:
    from vastudio.training.floor import RecordingFloor


def dataset_floor(dataset: Dataset) -> RecordingFloor | None:
    """Measure the floor over all captures (`training.floor`); None where the recordings tell nothing.

    Decodes the whole dataset: seconds, not for the thread of a window.
    """
    from vastudio.training.batches import load_material  # noqa: PLC0415 (torch takes a second to import)
    from vastudio.training.floor import recording_floor  # noqa: PLC0415

    material = (*load_material(dataset, "train"), *load_material(dataset, "validation"))
    return recording_floor(material, dataset.sample_rate)
