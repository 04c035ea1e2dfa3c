"""A network of a kind that other programs play learns from a model that they cannot play.

The model is rendered at the position over stimuli as a device would be recorded over them, and the trainer
does the rest, in a process of its own. Nothing of it stays but the network.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vastudio.app.exporting.rendered_dataset import Take, render_dataset
from vastudio.app.jobs import TrainingJob, TrainingRequest
from vastudio.capture.plan import plan_knobs
from vastudio.engine.graph import PlayableModel
from vastudio.errors import TrainingError, did_you_mean
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.training.config import configured
from vastudio.training.events import Progress, Validated
from vastudio.types import KnobValues

TRAINING_TAKES, TRAINING_SECONDS = 3, 45.0
HELD_OUT_SECONDS = 30.0
"""At one position."""

LIVE_SECONDS = 20.0
"""At each of the positions from which live knobs are learned."""

MINUTES = 5.0
"""Training time unless said otherwise."""

_POLL_SECONDS = 0.2
_GRACE_SECONDS = 1.0


@dataclass(frozen=True)
class Student:
    """A network that can learn: what it is called, its architecture, and the formats that hold it."""

    key: str
    title: str
    architecture: str
    formats: tuple[str, ...]
    hidden: int | None = None


_CELLS = ("nam", "aidax", "guitarml")

STUDENTS: dict[str, Student] = {
    student.key: student
    for student in (
        Student("a1-nano", "WaveNet A1 nano", "wavenet-nano", ("nam",)),
        Student("a1-feather", "WaveNet A1 feather", "wavenet-feather", ("nam",)),
        Student("a1-lite", "WaveNet A1 lite", "wavenet-lite", ("nam",)),
        Student("a1-standard", "WaveNet A1 standard", "wavenet", ("nam",)),
        Student("a2-lite", "WaveNet A2 lite", "wavenet-a2-lite", ("nam",)),
        Student("a2", "WaveNet A2", "wavenet-a2", ("nam",)),
        Student("lstm-16", "LSTM, 16 units", "concat-lstm", _CELLS, 16),
        Student("lstm-32", "LSTM, 32 units", "concat-lstm", _CELLS, 32),
        Student("gru-16", "GRU, 16 units", "concat-gru", ("aidax", "guitarml"), 16),
        Student("gru-32", "GRU, 32 units", "concat-gru", ("aidax", "guitarml"), 32),
    )
}
"""Networks that can learn, from the lightest of each kind."""

USUAL = {"nam": "lstm-16", "aidax": "gru-32", "guitarml": "lstm-32"}
"""Who learns unless said otherwise, by format."""


@dataclass(frozen=True)
class Learning:
    """How far it is: `done` from 0 to 1, what is at hand, and the ESR reached so far."""

    done: float
    stage: str
    esr: float | None = None


def student(key: str, form: str) -> Student:
    """The student called `key`. Raises TrainingError when there is none, or the format does not hold it."""
    if key not in STUDENTS:
        raise TrainingError(f"No network '{key}' can learn a model.", did_you_mean(key, STUDENTS))
    if form not in STUDENTS[key].formats:
        fitting = ", ".join(name for name, other in STUDENTS.items() if form in other.formats)
        raise TrainingError(f"'{key}' does not fit into this format.", f"Choose one of: {fitting}.")
    return STUDENTS[key]


def distil(
    model: ModelFile,
    values: KnobValues,
    learner: Student,
    minutes: float = MINUTES,
    *,
    live: bool = False,
    tell: Callable[[Learning], None] = lambda _learning: None,
    leave_core_free: bool = False,
    settings: Mapping[str, object] | None = None,
) -> ModelFile:
    """Let a network without knobs learn what `model` is at a knob position; return it, evaluated.

    Parameters
    ----------
    live:
        Let it learn all positions instead, with the knobs as inputs beside the sound.
    tell:
        Called several times a second, in the caller's thread; an exception from it ends the training and
        leaves nothing behind.
    leave_core_free:
        Whether sound is played meanwhile.
    settings:
        Other settings of the training, by name.

    Raises
    ------
    KnobError, ModelFileError, TrainingError, OutputError
        For a position or a model that cannot be played; when the training fails.
    """
    player = PlayableModel.from_file(model)
    hidden = {} if learner.hidden is None else {"hidden": learner.hidden}
    kept = {"live_knobs": True} if live else {}
    config = configured(
        architecture=learner.architecture, **{"minutes": minutes, **hidden, **kept, **(settings or {})}
    )
    with tempfile.TemporaryDirectory(prefix="vastudio-export-") as scratch:
        folder = Path(scratch)
        render_dataset(
            player, _takes(player, None if live else values), folder / "dataset",
            player.knobs if live else (),
            tell=lambda done, total: tell(Learning(0.0, f"Rendering {done} of {total}")),
        )  # fmt: skip
        request = TrainingRequest(
            folder / "dataset", folder / f"learned{store.SUFFIX}", config,
            run_folder=folder / "run", leave_core_free=leave_core_free,
        )  # fmt: skip
        _train(request, minutes, tell)
        return store.load(request.out)


def _takes(model: PlayableModel, values: KnobValues | None) -> list[Take]:
    """What is rendered for a position; None: for all of them, planned as a device's captures are."""
    if values is None:
        places = plan_knobs(model.knobs).positions
        return [Take(place.values, LIVE_SECONDS, place.split) for place in places]
    takes = [Take(values, TRAINING_SECONDS, "train") for _ in range(TRAINING_TAKES)]
    return [*takes, Take(values, HELD_OUT_SECONDS, "validation")]


def _train(request: TrainingRequest, minutes: float, tell: Callable[[Learning], None]) -> None:
    job, now = TrainingJob(request), Learning(0.0, "Learning")
    job.start()
    try:
        while job.running:
            time.sleep(_POLL_SECONDS)
            for event in job.poll():
                if isinstance(event, Progress):
                    now = Learning(min(event.seconds / (60 * minutes), 1.0), "Learning", now.esr)
                elif isinstance(event, Validated) and event.is_best:
                    now = Learning(now.done, "Learning", event.esr)
            tell(now)
    finally:
        job.close(_GRACE_SECONDS)
    if job.failure is not None:
        raise TrainingError(job.failure.message, job.failure.hint)
    tell(Learning(1.0, "Checking", now.esr))
