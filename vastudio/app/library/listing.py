"""The models and datasets that lists offer: the factory's and the person's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vastudio import paths
from vastudio.app.architectures import label_of
from vastudio.app.library.names import esr_text
from vastudio.errors import ModelFileError
from vastudio.modelfile import reading, store
from vastudio.modelfile.schema import ModelFile


@dataclass(frozen=True)
class ModelEntry:
    """A model in the list."""

    path: Path
    title: str
    summary: str
    factory: bool


def models() -> list[ModelEntry]:
    """Every readable model: the factory's first, then the user's, newest first."""
    factory = sorted(paths.factory_models().glob(f"*{store.SUFFIX}"))
    known = reading.suffixes()
    own = [path for path in paths.user_models().glob("*") if path.suffix.lower() in known and path.is_file()]
    own.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    entries = [_entry(path, factory=True) for path in factory] + [_entry(path, factory=False) for path in own]
    return [entry for entry in entries if entry is not None]


def _entry(path: Path, factory: bool) -> ModelEntry | None:
    try:
        model = reading.load(path)
    except ModelFileError:
        return None
    return ModelEntry(path, model.name, summary(model), factory)


def summary(model: ModelFile) -> str:
    """One line about a model: architecture, size and error."""
    text = label_of(model.architecture, model.config.get("hidden"))
    if model.evaluation is not None:
        text += f" · ESR {esr_text(model.evaluation.median_esr)}"
    return text


def datasets(known: tuple[str, ...] = ()) -> list[Path]:
    """Dataset folders: those in the user's folder, and `known` ones elsewhere that still exist."""
    own = sorted(path.parent for path in paths.user_datasets().glob("*/manifest.json"))
    elsewhere = [Path(item) for item in known if (Path(item) / "manifest.json").is_file()]
    return own + [path for path in elsewhere if path not in own]
