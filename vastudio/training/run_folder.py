"""A run's folder: config.json, events.jsonl, best.vamodel. Everything in it can be opened by a person."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import numpy
import torch

import vastudio
from vastudio import atomic
from vastudio.dataset.store import Dataset
from vastudio.errors import OutputError
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.nets.model import KnobModel
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, to_json


class RunFolder:
    """Writes what a run leaves behind.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """

    def __init__(self, path: Path, dataset: Dataset, config: TrainingConfig) -> None:
        self.path = path
        self._dataset = dataset
        self._config = config
        record = {"dataset": str(dataset.path), **dataclasses.asdict(config)}
        atomic.write_text(path / "config.json", json.dumps(record, indent=2) + "\n")

    @property
    def best(self) -> Path:
        """The best model so far."""
        return self.path / "best.vamodel"

    def log(self, event: Event) -> None:
        """Append an event to events.jsonl."""
        try:
            with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
                file.write(to_json(event) + "\n")
        except OSError as error:
            raise OutputError(
                f"Cannot write {self.path}: {error.strerror}.", "Free some space and train again."
            ) from error

    def keep(self, model: KnobModel, architecture: str) -> None:
        """Write the model as the best so far."""
        store.save(
            ModelFile(
                name=self._dataset.name,
                architecture=architecture,
                config=model.config(),
                knobs=tuple(self._dataset.knobs),
                sample_rate=self._dataset.sample_rate,
                weights=model.export(),
                provenance=self._provenance(),
            ),
            self.best,
        )

    def _provenance(self) -> dict[str, Any]:
        return {
            "dataset": self._dataset.name,
            "dataset_hash": self._dataset.content_hash,
            "training": dataclasses.asdict(self._config),
            "versions": {
                "vastudio": vastudio.__version__,
                "torch": torch.__version__,
                "numpy": numpy.__version__,
                "python": platform.python_version(),
            },
        }
