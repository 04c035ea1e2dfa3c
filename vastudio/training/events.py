"""What a training run says while it works: frozen events, one JSON line each in `events.jsonl`.

The loop yields them, the command line prints them, the window draws them: the same objects.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Started:
    """Training begins. `seconds_planned` is 0 where the run is bounded by epochs."""

    architecture: str
    hidden: int
    parameters: int
    captures_train: int
    captures_validation: int
    seconds_planned: float
    epochs_planned: int
    seed: int


@dataclass(frozen=True)
class Progress:
    """A point of the training curve: mean ESR of the updates since the last one."""

    seconds: float
    epoch: int
    update: int
    train_esr: float
    learning_rate: float
    seconds_left: float


@dataclass(frozen=True)
class Validated:
    """ESR at the validation captures: all of them as one signal, the median and the worst capture."""

    seconds: float
    epoch: int
    update: int
    esr: float
    median_esr: float
    worst_esr: float
    is_best: bool


@dataclass(frozen=True)
class Finished:
    """Training ended and the best model is kept in `model`. `reason`: `planned` or `stopped`."""

    seconds: float
    updates: int
    reason: str
    best_esr: float
    model: str


@dataclass(frozen=True)
class Failed:
    """Training ended without a model."""

    message: str
    hint: str


Event: TypeAlias = Started | Progress | Validated | Finished | Failed

_KINDS: dict[str, type[Any]] = {
    kind.__name__.lower(): kind for kind in (Started, Progress, Validated, Finished, Failed)
}


def to_json(event: Event) -> str:
    """Return one line of JSON: the event's fields and its kind under `event`."""
    return json.dumps({"event": type(event).__name__.lower(), **dataclasses.asdict(event)})


def from_json(line: str) -> Event:
    """Read a line written by `to_json`. Raises ValueError for anything else; unknown fields are ignored."""
    record = json.loads(line)
    kind = _KINDS.get(record.pop("event", "")) if isinstance(record, dict) else None
    if kind is None:
        raise ValueError(f"not a training event: {line[:80]!r}")
    known = {item.name for item in dataclasses.fields(kind)}
    event: Event = kind(**{name: value for name, value in record.items() if name in known})
    return event
