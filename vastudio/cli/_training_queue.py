"""vastudio train --queue: work off a file of training requests, one run after the other."""

from __future__ import annotations

import time
from pathlib import Path

from vastudio.app.queue import QueueEntry, TrainingQueue
from vastudio.cli._command import Output
from vastudio.cli._training import report
from vastudio.errors import TrainingError
from vastudio.training.control import Control
from vastudio.training.events import Failed, Finished

_POLL_SECONDS = 0.1


def work_off(path: Path, control: Control, output: Output) -> int:
    """Run what waits in the queue at `path`; a stop keeps the run's best model and the rest for next time.

    Raises
    ------
    TrainingError
        When there is no such queue, and at the end when runs failed.
    """
    if not path.is_file():
        raise TrainingError(f"There is no queue {path}.", "Fill one with vastudio train … --enqueue FILE.")
    queue = TrainingQueue(path)
    while not queue.idle and not control.stopping:
        for entry, event in queue.poll():
            if isinstance(event, Failed):
                output.say(f"{_title(entry)} failed: {event.message} {event.hint}".rstrip())
            elif isinstance(event, Finished):
                output.say(f"{_title(entry)} is trained: {event.model}")
            else:
                report(event, output)
        time.sleep(_POLL_SECONDS)
    queue.close()
    _tell_result(queue.entries, output)
    return 0


def _tell_result(entries: tuple[QueueEntry, ...], output: Output) -> None:
    failed = [entry for entry in entries if entry.state == "failed"]
    if failed:
        raise TrainingError(
            f"{len(failed)} of {len(entries)} runs failed.",
            "Mend what --details names; the file can be run again.",
            "\n".join(f"{_title(entry)}: {entry.message}" for entry in failed),
        )
    record = [{"model": entry.out, "state": entry.state, "run": entry.run_folder} for entry in entries]
    done = sum(entry.state == "finished" for entry in entries)
    output.result({"runs": record}, f"{done} of {len(entries)} runs are trained.")


def _title(entry: QueueEntry) -> str:
    return f"Run {entry.id} ({entry.out.stem})"
