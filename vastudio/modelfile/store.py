"""Reading and writing .vamodel files: safetensors with a JSON header, never a pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from vastudio.atomic import atomic_file
from vastudio.errors import ModelFileError, StudioError
from vastudio.modelfile.migrations import to_current
from vastudio.modelfile.schema import (
    SCHEMA_VERSION,
    CaptureScore,
    Evaluation,
    Header,
    ModelFile,
    Snapshot,
)
from vastudio.types import Knob

SUFFIX = ".vamodel"
_HEADER_KEY = "vastudio"
_SNAPSHOT_INPUT = "snapshot.input"
_SNAPSHOT_OUTPUT = "snapshot.output"
_LARGEST_FILE = 512 * 1024 * 1024

Array = npt.NDArray[np.float32]


def save(model: ModelFile, path: Path) -> None:
    """Write `model` to `path` atomically.

    Raises
    ------
    ModelFileError
        When a weight is not a finite number: such a model must not reach a player.
    OutputError
        When the folder cannot be written.
    """
    tensors = {name: np.ascontiguousarray(array, np.float32) for name, array in model.weights.items()}
    if model.snapshot is not None:
        tensors[_SNAPSHOT_INPUT] = np.ascontiguousarray(model.snapshot.input, np.float32)
        tensors[_SNAPSHOT_OUTPUT] = np.ascontiguousarray(model.snapshot.output, np.float32)
    _check_finite(tensors, str(path))
    metadata = {_HEADER_KEY: json.dumps(_header_of(model), allow_nan=False)}
    with atomic_file(path) as temporary:
        save_file(tensors, temporary, metadata)


def load(path: Path) -> ModelFile:
    """Read a .vamodel.

    Raises
    ------
    ModelFileError
        When the file is missing, truncated, not a .vamodel, from a newer version, or inconsistent.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelFileError(f"There is no file {path}.", "Check the name, or choose another model.")
    if path.stat().st_size > _LARGEST_FILE:
        raise ModelFileError(f"{path} is too large for a .vamodel.", "Choose a file made by VA Studio.")
    text, tensors = _read_safetensors(path)
    header = _parse_header(text, str(path))
    _check_finite(tensors, str(path))
    return _model_of(header, tensors, str(path))


def _read_safetensors(path: Path) -> tuple[str, dict[str, Array]]:
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(_HEADER_KEY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"{path} is damaged or is not a .vamodel.",
            "Get the file again; part of it may be missing.",
            str(error),
        ) from error
    if text is None:
        raise ModelFileError(
            f"{path} is not a .vamodel: it carries no studio header.", "Choose a model made by VA Studio."
        )
    for name, array in tensors.items():
        if array.dtype != np.float32:
            raise ModelFileError(
                f"{path}: '{name}' is {array.dtype}, not float32.", "Export it again from VA Studio."
            )
    return text, tensors


def _parse_header(text: str, path: str) -> Header:
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict):
            raise TypeError("the header is not an object")
        return Header.model_validate(to_current(raw, path))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelFileError(
            f"{path}: header key '{key}' is wrong: {first['msg']}.",
            "Export it again from VA Studio.",
            str(error),
        ) from error
    except (json.JSONDecodeError, TypeError) as error:
        raise ModelFileError(
            f"{path} has an unreadable header.", "Export it again from VA Studio.", str(error)
        ) from error


def _check_finite(tensors: dict[str, Array], path: str) -> None:
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise ModelFileError(
                f"{path}: '{name}' holds values that are not numbers.", "Train or export the model again."
            )


def _header_of(model: ModelFile) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "name": model.name,
        "architecture": model.architecture,
        "config": dict(model.config),
        "knobs": [asdict(knob) for knob in model.knobs],
        "sample_rate": model.sample_rate,
        "levels": dict(model.levels),
        "provenance": dict(model.provenance),
        "evaluation": asdict(model.evaluation) if model.evaluation else None,
        "snapshot_knobs": dict(model.snapshot.knobs) if model.snapshot else None,
        "licence": model.licence,
        "author": model.author,
        "notes": model.notes,
    }


def _model_of(header: Header, tensors: dict[str, Array], path: str) -> ModelFile:
    try:
        knobs = tuple(Knob(**part.model_dump()) for part in header.knobs)
    except StudioError as error:
        raise ModelFileError(f"{path}: {error.message}", "Export it again from VA Studio.") from error
    if len({knob.name for knob in knobs}) != len(knobs):
        raise ModelFileError(f"{path}: two knobs have the same name.", "Export it again from VA Studio.")
    snapshot_input = tensors.pop(_SNAPSHOT_INPUT, None)
    snapshot_output = tensors.pop(_SNAPSHOT_OUTPUT, None)
    snapshot = None
    if header.snapshot_knobs is not None and snapshot_input is not None and snapshot_output is not None:
        snapshot = Snapshot(header.snapshot_knobs, snapshot_input, snapshot_output)
    return ModelFile(
        name=header.name,
        architecture=header.architecture,
        config=header.config,
        knobs=knobs,
        sample_rate=header.sample_rate,
        weights=tensors,
        levels=header.levels,
        provenance=header.provenance,
        evaluation=_evaluation_of(header),
        snapshot=snapshot,
        licence=header.licence,
        author=header.author,
        notes=header.notes,
    )


def _evaluation_of(header: Header) -> Evaluation | None:
    part = header.evaluation
    if part is None:
        return None
    scores = tuple(CaptureScore(score.capture, score.knobs, score.esr) for score in part.captures)
    return Evaluation(part.split, part.esr, part.median_esr, part.worst_esr, scores, part.probe)
