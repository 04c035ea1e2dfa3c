"""A run's folder: config.json, events.jsonl, checkpoint.safetensors, best.vamodel.

Everything in it can be opened by a person, and none of it can be caught half written: whole files are
replaced atomically, and what follows the last complete line of the events is left out.
"""

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
from vastudio.errors import OutputError, TrainingError
from vastudio.lock import FolderLock
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.nets.model import KnobModel
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, to_json
from vastudio.training.run_files import BEST, CHECKPOINT, CONFIG, EVENTS

PATIENCE_SECONDS = 30.0
"""How long a process whose window has gone may take to measure and write its model."""


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
        self._lock = FolderLock(path)
        self._busy = TrainingError(
            f"The run {path} goes on in another process.", "Wait for its end, or stop it."
        )

    @classmethod
    def create(cls, path: Path, dataset: Dataset, config: TrainingConfig) -> RunFolder:
        """Begin a run in `path`; what an earlier one left there goes."""
        folder = cls(path, dataset, config)
        folder._lock.acquire(folder._busy)
        folder._remove(EVENTS, CHECKPOINT, BEST)
        folder.write_settings()
        return folder

    @classmethod
    def reopen(cls, path: Path, dataset: Dataset, config: TrainingConfig) -> RunFolder:
        """Go on in `path`; half-written files of a process that was killed go.

        Waits for the process that wrote there, should it be just ending.
        """
        folder = cls(path, dataset, config)
        folder._lock.acquire(folder._busy, PATIENCE_SECONDS)
        leftovers = (*path.glob(f".{Path(BEST).stem}-*"), *path.glob(f".{Path(CHECKPOINT).stem}-*"))
        folder._remove(*(leftover.name for leftover in leftovers))
        return folder

    def write_settings(self) -> None:
        """Write down where the dataset is and how it is trained on."""
        record = {"dataset": str(self._dataset.path.resolve()), **dataclasses.asdict(self._config)}
        atomic.write_text(self.path / CONFIG, json.dumps(record, indent=2) + "\n")

    def close(self) -> None:
        """Let other processes write into the folder."""
        self._lock.release()

    def _remove(self, *names: str) -> None:
        try:
            for name in names:
                (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._refuse(error) from error

    @property
    def best(self) -> Path:
        """The best model so far."""
        return self.path / BEST

    @property
    def checkpoint(self) -> Path:
        """The newest checkpoint."""
        return self.path / CHECKPOINT

    @property
    def events_size(self) -> int:
        """Bytes of the events so far."""
        path = self.path / EVENTS
        return path.stat().st_size if path.is_file() else 0

    def log(self, event: Event) -> None:
        """Append an event to the events."""
        try:
            with (self.path / EVENTS).open("a", encoding="utf-8", newline="\n") as file:
                file.write(to_json(event) + "\n")
        except OSError as error:
            raise self._refuse(error) from error

    def cut_events(self, size: int) -> None:
        """Forget the events after the first `size` bytes: those of work that is lost, and a broken line."""
        path = self.path / EVENTS
        if self.events_size <= size:
            return
        try:
            with path.open("r+b") as file:
                file.truncate(size)
        except OSError as error:
            raise self._refuse(error) from error

    def _refuse(self, error: OSError) -> OutputError:
        return OutputError(
            f"Cannot write {self.path}: {error.strerror}.", "Free some space and resume the run."
        )

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
