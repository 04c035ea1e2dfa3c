"""The training loop: a generator of events. Threads, processes and windows are wrappers around it.

Activities: the loop runs in the thread that iterates it and blocks for one round (about a tenth of a
second) between events at most; the compiled kernel spreads over its threads inside a call. `Control` is
looked at once per round.

A checkpoint is written after every validation and at least every `validate_every` seconds, always between
two rounds. A run that is resumed from it repeats the rounds that were lost exactly, as far as its schedule
counts epochs; one bounded by minutes goes on at the minute it had reached.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from vastudio.dataset.store import Dataset
from vastudio.training.checkpoint import load
from vastudio.training.config import TrainingConfig
from vastudio.training.control import Control
from vastudio.training.device import spread_over
from vastudio.training.events import (
    Event,
    Finished,
    Floor,
    Paused,
    Progress,
    Resumed,
    Started,
    Threads,
    Unpaused,
)
from vastudio.training.floor import recording_floor
from vastudio.training.run import Run, check_belongs
from vastudio.training.run_folder import RunFolder
from vastudio.training.schedule import WARM_RESTART, Schedule
from vastudio.training.threads import cores, threads_for

PROGRESS_EVERY = 0.5
"""Seconds between two progress events."""


def train(
    dataset: Dataset, config: TrainingConfig, folder: Path, control: Control | None = None
) -> Generator[Event]:
    """Train a model on `dataset` and keep the best one in `folder`.

    Yields the events of the run, `Finished` last; each is also a line of `folder/events.jsonl`. The best
    model by validation ESR is `folder/best.vamodel` from the first `Validated` on; stopping keeps it.

    Raises
    ------
    TrainingError
        When there is nothing to train on, the device is missing, or the run diverges again and again.
    OutputError
        When `folder` cannot be written.
    """
    run = Run(dataset, config)
    run.begin(RunFolder.create(folder, dataset, run.config))
    minutes, epochs = config.minutes, config.epochs
    started = Started(
        config.architecture, config.hidden, run.learner.model.parameter_count(), len(run.training),
        len(run.validation), 60 * (minutes or 0.0), epochs or 0, config.seed,
        threads_for(config.threads), run.device.type, str(folder), run.left_out,
    )  # fmt: skip
    return _logged(run, _events(run, started, control or Control()))


def resume(
    folder: Path,
    dataset: Dataset,
    config: TrainingConfig,
    *,
    minutes: float | None = None,
    control: Control | None = None,
) -> Generator[Event]:
    """Go on with the run in `folder` from its checkpoint.

    Parameters
    ----------
    dataset, config:
        Those of the run; `threads` and `device` may have changed.
    minutes:
        Train this much longer, counted from the checkpoint: the learning rate rises again, to a part of
        its first peak, and falls once more. None goes on with the schedule as it was.

    Raises
    ------
    TrainingError
        When the checkpoint is missing or damaged, or belongs to another dataset or other settings.
    """
    run_folder = RunFolder.reopen(folder, dataset, config)
    checkpoint = load(run_folder.checkpoint)
    check_belongs(checkpoint, run_folder, dataset, config)
    run = Run(dataset, config)
    run.restore(checkpoint, run_folder)
    run_folder.write_settings()
    continued = minutes is not None
    if continued:
        run.schedule = Schedule(
            config.learning_rate * WARM_RESTART,
            config.final_rate,
            minutes,
            None,
            run.watch.seconds,
            run.epochs,
        )
    planned = run.schedule.start_seconds + 60 * (run.schedule.minutes or 0.0)
    resumed = Resumed(
        run.watch.seconds, run.epoch, run.learner.updates, run.best_esr, continued,
        planned if run.schedule.minutes else 0.0, threads_for(config.threads), run.device.type, str(folder),
    )  # fmt: skip
    return _logged(run, _events(run, resumed, control or Control()))


def _logged(run: Run, events: Iterator[Event]) -> Generator[Event]:
    """Write every event down; the folder is locked until the generator has ended or is closed."""
    try:
        for event in events:
            run.folder.log(event)
            yield event
    finally:
        run.folder.close()


def _events(run: Run, first: Started | Resumed, control: Control) -> Iterator[Event]:
    """Everything from the first event to the last."""
    spread_over(threads_for(run.config.threads), in_torch=run.learner.model.in_torch)
    yield first
    if isinstance(first, Started):
        yield from _floor(run)
    run.learner.compile()
    run.watch.restart()
    if isinstance(first, Started):
        yield from run.validated()
    yield from _rounds(run, control)
    yield from run.validated(last=True)
    reason = "stopped" if run.fraction < 1 else "planned"
    yield Finished(run.watch.seconds, run.learner.updates, reason, run.best_esr, str(run.folder.best))


def _floor(run: Run) -> Iterator[Event]:
    """The lowest ESR the recordings allow, where they tell."""
    floor = recording_floor((*run.training, *run.validation), run.sample_rate)
    if floor is not None:
        yield Floor(floor.esr, floor.worst, floor.method, len(floor.captures))


def _rounds(run: Run, control: Control) -> Iterator[Event]:
    """Round after round, until the time is over or somebody stops the run."""
    told = run.watch.seconds
    esr: list[float] = []
    while run.fraction < 1 and not control.stopping:
        yield from _obey(run, control)
        more = run.round()
        seconds = run.watch.tick()
        if more is None:
            yield run.go_back()
            continue
        esr += more
        if seconds - told >= PROGRESS_EVERY:
            told = seconds
            yield _progress(run, esr)
            esr = []
        if run.is_time_to_validate:
            yield from run.validated()
        elif run.is_time_to_save:
            run.save()
    if esr:
        yield _progress(run, esr)


def _obey(run: Run, control: Control) -> Iterator[Event]:
    """Rest while the run is paused; use other threads when somebody asks for it."""
    count = control.take_threads()
    if count is not None:
        count = threads_for(count or run.config.threads)
        spread_over(count, in_torch=run.learner.model.in_torch)
        yield Threads(count, cores())
    if control.paused:
        run.save()
        yield Paused(run.watch.seconds)
        control.wait()
        run.watch.restart()
        yield Unpaused(run.watch.seconds)


def _progress(run: Run, esr: list[float]) -> Progress:
    return Progress(
        run.watch.seconds, run.epoch, run.learner.updates, sum(esr) / len(esr), run.learner.rate,
        run.schedule.seconds_left(run.watch.seconds, run.epochs),
    )  # fmt: skip
