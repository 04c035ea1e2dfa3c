"""The names of a run's files, and its settings as they are read back. Free of torch, for lists of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vastudio.errors import TrainingError
from vastudio.training.config import TrainingConfig, from_record

CONFIG = "config.json"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint.safetensors"
BEST = "best.vamodel"


@dataclass(frozen=True)
class Settings:
    """What config.json says: the dataset's folder, and how it is trained on."""

    dataset: Path
    config: TrainingConfig


def read_settings(folder: Path) -> Settings:
    """Read config.json of a run.

    Raises
    ------
    TrainingError
        When `folder` is no run, or its config.json is damaged.
    """
    path = folder / CONFIG
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        dataset = Path(record.pop("dataset"))
    except FileNotFoundError:
        raise TrainingError(
            f"{folder} is no training run.", "Name the folder of a run; it holds config.json."
        ) from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise TrainingError(f"{path} is damaged.", "Restore it, or train anew.", str(error)) from error
    return Settings(dataset, from_record(record))
