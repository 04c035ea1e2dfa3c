"""Earlier runs, read from their folders: what was trained, how well, the curve, and whether it can go on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vastudio import paths
from vastudio.app.architectures import label_of
from vastudio.training.events import Event, Finished, Floor, Validated, from_json
from vastudio.training.run_files import CHECKPOINT, CONFIG, EVENTS

_MOST_RUNS = 50


@dataclass(frozen=True)
class RunRecord:
    """A run as its folder tells it. ESR values are those of the best validation, None before the first.

    Attributes
    ----------
    dataset_path:
        Where the dataset was; None where the folder does not say.
    ended:
        `planned` or `stopped` for a run that ended with a model, None for one interrupted or going on.
    resumable:
        Whether there is a checkpoint to go on from.
    floor:
        The lowest ESR the recordings allow, None where they do not tell.
    """

    folder: Path
    architecture: str
    hidden: int
    dataset: str
    esr: float | None
    worst_esr: float | None
    model: Path | None
    events: tuple[Event, ...]
    dataset_path: Path | None = None
    ended: str | None = None
    resumable: bool = False
    floor: float | None = None

    @property
    def title(self) -> str:
        """Architecture and size."""
        return label_of(self.architecture, self.hidden)

    @property
    def interrupted(self) -> bool:
        """Whether the run did not end by itself and can go on, or goes on at the moment."""
        return self.ended is None and self.resumable


def read_runs() -> list[RunRecord]:
    """The newest runs first. Folders that are no runs, or are damaged, are left out."""
    folders = sorted(paths.user_runs().glob(f"*/{CONFIG}"), key=lambda path: path.parent.name, reverse=True)
    records = [read_run(path.parent) for path in folders[:_MOST_RUNS]]
    return [record for record in records if record is not None]


def read_run(folder: Path) -> RunRecord | None:
    """The run in `folder`, or None where it is none or is damaged."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        events = tuple(_events(folder / EVENTS))
        architecture, hidden = str(config["architecture"]), int(config["hidden"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    best = min((event for event in events if isinstance(event, Validated)), key=lambda e: e.esr, default=None)
    dataset = config.get("dataset")
    floors = [event.esr for event in events if isinstance(event, Floor)]
    return RunRecord(
        folder=folder,
        architecture=architecture,
        hidden=hidden,
        dataset=Path(str(config.get("dataset", ""))).name,
        esr=best.median_esr if best else None,
        worst_esr=best.worst_esr if best else None,
        model=_model(folder, events),
        events=events,
        dataset_path=Path(str(dataset)) if dataset else None,
        ended=next((event.reason for event in reversed(events) if isinstance(event, Finished)), None),
        resumable=(folder / CHECKPOINT).is_file(),
        floor=floors[-1] if floors else None,
    )


def best_validation(run: RunRecord) -> Validated | None:
    """The validation whose model the run keeps, None before the first."""
    best = [event for event in run.events if isinstance(event, Validated) and event.is_best]
    return best[-1] if best else None


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
