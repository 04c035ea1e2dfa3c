"""What a training run says while it works: frozen events, one JSON line each in `events.jsonl`.

The loop yields them, the command line prints them, the window draws them: the same objects.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args


@dataclass(frozen=True)
class Started:
    """Training begins. `seconds_planned` is 0 where the run is bounded by epochs; `folder` is the run's.

    `left_out` are the ids of captures in which the device says nothing (`training.batches`).
    """

    architecture: str
    hidden: int
    parameters: int
    captures_train: int
    captures_validation: int
    seconds_planned: float
    epochs_planned: int
    seed: int
    threads: int = 0
    device: str = "cpu"
    folder: str = ""
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Resumed:
    """A run goes on from its checkpoint. `continued`: it had reached its end and gets more time.

    `seconds` is the time trained so far, `seconds_planned` where the run will end (0: by epochs).
    """

    seconds: float
    epoch: int
    update: int
    best_esr: float
    continued: bool
    seconds_planned: float
    threads: int
    device: str
    folder: str


@dataclass(frozen=True)
class Floor:
    """The lowest ESR the recordings allow (`training.floor`): over all captures, and at the worst one.

    `method`: `repeats` (several takes of one position) or `silence` (the noise where nothing is played).
    """

    esr: float
    worst_esr: float
    method: str
    captures: int


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
    """ESR at the validation captures: their mean, their median and the worst of them.

    `captures` holds the ESR of each by its id. `training_captures` holds those of the training captures as
    the updates since the last validation saw them: without extra work, from the stretches drawn.
    """

    seconds: float
    epoch: int
    update: int
    esr: float
    median_esr: float
    worst_esr: float
    is_best: bool
    captures: dict[str, float] = field(default_factory=dict)
    training_captures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Restarted:
    """The run went back and tries again. `reason`: `diverged` or `stalled`; `attempt` counts from 1.

    After a divergence it goes on from the last good checkpoint with half the learning rate; a run that
    stalled begins anew. Both take the new `seed`. `learning_rate` is the peak of the schedule now.
    """

    seconds: float
    update: int
    reason: str
    attempt: int
    learning_rate: float
    seed: int


@dataclass(frozen=True)
class Paused:
    """The run rests, its checkpoint is written."""

    seconds: float


@dataclass(frozen=True)
class Unpaused:
    """The run goes on after a pause."""

    seconds: float


@dataclass(frozen=True)
class Threads:
    """The run uses `count` threads of `cores` from now on."""

    count: int
    cores: int


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
    """Training ended without a model. `folder` names a run that can be resumed, empty where none can."""

    message: str
    hint: str
    folder: str = ""


Event: TypeAlias = (
    Started
    | Resumed
    | Floor
    | Progress
    | Validated
    | Restarted
    | Paused
    | Unpaused
    | Threads
    | Finished
    | Failed
)

_KINDS: dict[str, type[Any]] = {kind.__name__.lower(): kind for kind in get_args(Event)}


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
    try:
        event: Event = kind(**{name: value for name, value in record.items() if name in known})
    except TypeError as error:
        raise ValueError(f"an incomplete training event: {line[:80]!r}") from error
    return event
