"""Earlier runs, read from their folders: what was trained, how well, and the curve."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vastudio import paths
from vastudio.training.events import Event, Finished, Validated, from_json

_MOST_RUNS = 50


@dataclass(frozen=True)
class RunRecord:
    """A run as its folder tells it. ESR values are those of the best validation, None before the first."""

    folder: Path
    architecture: str
    hidden: int
    dataset: str
    esr: float | None
    worst_esr: float | None
    model: Path | None
    events: tuple[Event, ...]

    @property
    def title(self) -> str:
        """Architecture and size."""
        return f"{self.architecture}-{self.hidden}"


def read_runs() -> list[RunRecord]:
    """The newest runs first. Folders that are no runs, or are damaged, are left out."""
    folders = sorted(paths.user_runs().glob("*/config.json"), key=lambda path: path.parent.name, reverse=True)
    records = [_read(path.parent) for path in folders[:_MOST_RUNS]]
    return [record for record in records if record is not None]


def _read(folder: Path) -> RunRecord | None:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        events = tuple(_events(folder / "events.jsonl"))
        architecture, hidden = str(config["architecture"]), int(config["hidden"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    best = min((event for event in events if isinstance(event, Validated)), key=lambda e: e.esr, default=None)
    return RunRecord(
        folder=folder,
        architecture=architecture,
        hidden=hidden,
        dataset=Path(str(config.get("dataset", ""))).name,
        esr=best.median_esr if best else None,
        worst_esr=best.worst_esr if best else None,
        model=_model(folder, events),
        events=events,
    )


def _events(path: Path) -> list[Event]:
    """The events of a run; a last line that was not written to its end is left out."""
    events: list[Event] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            events.append(from_json(line))
        except ValueError:
            continue
    return events


def _model(folder: Path, events: tuple[Event, ...]) -> Path | None:
    """The model the run wrote for its user, or the best one in its folder."""
    named = [Path(event.model) for event in events if isinstance(event, Finished) and event.model]
    return next((path for path in (*named, folder / "best.vamodel") if path.is_file()), None)
