"""What the events of a training run mean to somebody at a terminal."""

from __future__ import annotations

import sys

from vastudio.app.architectures import label_of
from vastudio.cli._command import Output
from vastudio.training.events import (
    Event,
    Floor,
    Paused,
    Progress,
    Restarted,
    Resumed,
    Started,
    Threads,
    Unpaused,
    Validated,
)


def report(event: Event, output: Output) -> None:
    """Say what an event means; those that only a window needs say nothing."""
    if isinstance(event, Progress):
        if sys.stderr.isatty():
            output.progress(
                f"{event.seconds:6.0f} s  epoch {event.epoch:4d}  training ESR {event.train_esr:.5f}  "
                f"about {event.seconds_left / 60:.0f} min left"
            )
        return
    line = _line(event)
    if line:
        output.say(line)


def _line(event: Event) -> str:
    line = ""
    match event:
        case Started():
            line = (
                f"{label_of(event.architecture, event.hidden)}: {event.parameters} parameters, "
                f"{event.captures_train} captures to learn from, {event.captures_validation} held out; "
                f"{_where(event.device, event.threads)}"
            )
            if event.left_out:
                line += f"\nLeft out, for the device says nothing there: {', '.join(event.left_out)}."
        case Resumed():
            line = (
                f"Resumed after {event.seconds:.0f} s and {event.update} updates, best ESR "
                f"{event.best_esr:.5f}; {_where(event.device, event.threads)}"
            )
        case Floor():
            line = f"The recordings allow an ESR of {event.esr:.2g}, {event.worst_esr:.2g} at worst."
        case Validated():
            mark = " ✓" if event.is_best else ""
            line = (
                f"{event.seconds:6.0f} s  epoch {event.epoch:4d}  validation ESR {event.esr:.5f}  "
                f"median {event.median_esr:.5f}  worst {event.worst_esr:.5f}{mark}"
            )
        case Restarted(reason="diverged"):
            line = f"Diverged: back to the last good checkpoint, learning rate {event.learning_rate:.2g}."
        case Restarted():
            line = f"Nothing learned: a new beginning from seed {event.seed}."
        case Paused():
            line = "Paused."
        case Unpaused():
            line = "Training goes on."
        case Threads():
            line = f"Training on {event.count} of {event.cores} cores."
    return line


def _where(device: str, threads: int) -> str:
    return f"{threads} thread{'s' if threads != 1 else ''}" if device == "cpu" else "graphics card"
