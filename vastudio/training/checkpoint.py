"""Everything a run needs to go on, in one file: tensors, and a record of plain values. No pickle.

The file is safetensors; its header carries the record as JSON, and a digest of the tensors, so that a
damaged file is noticed instead of trained on. It is replaced as a whole: whoever kills the run at any
instant finds the one before or the new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vastudio.atomic import atomic_file
from vastudio.errors import TrainingError

FORMAT = 1
_KEY = "vastudio.checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run between two rounds."""

    tensors: Mapping[str, Tensor]
    record: Mapping[str, Any]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin with `prefix` and a point, without it."""
        start = f"{prefix}."
        return {name.removeprefix(start): t for name, t in self.tensors.items() if name.startswith(start)}


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint atomically. Raises OutputError when the folder cannot be written."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
    record = {"format": FORMAT, "digest": _digest(tensors), **checkpoint.record}
    with atomic_file(path) as temporary:
        save_file(tensors, temporary, {_KEY: json.dumps(record)})


def load(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    TrainingError
        When it is missing, damaged, or was written by a newer version.
    """
    if not path.is_file():
        raise TrainingError(
            f"{path.parent} holds no checkpoint: the run ended before its first.", "Train anew."
        )
    try:
        with safe_open(path, framework="pt") as file:
            record = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(record, dict) or not isinstance(record.get("format"), int):
        raise _damaged(path, "the header has no format")
    if record["format"] > FORMAT:
        raise TrainingError(f"{path} was written by a newer VA Studio.", "Update VA Studio.")
    if record.get("digest") != _digest(tensors):
        raise _damaged(path, "the digest of the tensors does not match")
    return Checkpoint(tensors, record)


def _damaged(path: Path, details: str) -> TrainingError:
    return TrainingError(
        f"The checkpoint {path} is damaged.",
        f"Use {path.parent / 'best.vamodel'} as it is, or train anew.",
        details,
    )


def _digest(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
