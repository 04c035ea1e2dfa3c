"""Training in a process of its own, seen from the outside.

Activities: the child process runs `vastudio train --events`; a reader thread in this process blocks on its
standard output and puts events on a queue; the caller polls the queue and never blocks. "stop" on the
child's standard input, or its end (this process died), makes the child keep the best model and finish.
"""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Failed, Finished, from_json

GRACE_SECONDS = 20.0
"""How long a stopped child may take to evaluate and write its model before it is ended."""


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, how, and where the model goes."""

    dataset: Path
    out: Path
    config: TrainingConfig

    def command(self) -> list[str]:
        """The command line that does the same without a window."""
        config = self.config
        bound = ("--minutes", config.minutes) if config.epochs is None else ("--epochs", config.epochs)
        words = (
            "train", self.dataset, "--out", self.out, "--architecture", config.architecture,
            "--hidden", config.hidden, *bound, "--seed", config.seed, "--threads", config.threads,
        )  # fmt: skip
        return [str(word) for word in words]


class TrainingJob:
    """One training run in a child process."""

    def __init__(self, request: TrainingRequest) -> None:
        self.request = request
        self.failure: Failed | None = None
        self.finished: Finished | None = None
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._stopping = False

    def start(self) -> None:
        """Start the child process. Its events arrive through `poll`."""
        command = [sys.executable, "-m", "vastudio", *self.request.command(), "--events"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, name="training-events", daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        """Whether the run has neither finished nor failed yet."""
        return self._process is not None and self.finished is None and self.failure is None

    @property
    def stopping(self) -> bool:
        """Whether `stop` was asked for."""
        return self._stopping

    @property
    def model_path(self) -> Path | None:
        """The finished model, or None."""
        return self.request.out if self.finished is not None else None

    def poll(self) -> list[Event]:
        """Return the events since the last call. Never blocks."""
        events: list[Event] = []
        while not self._events.empty():
            event = self._events.get()
            if isinstance(event, Finished):
                self.finished = event
            elif isinstance(event, Failed):
                self.failure = event
            events.append(event)
        return events

    def stop(self) -> None:
        """Ask the child to keep its best model and finish; `Finished` follows."""
        process = self._process
        if process is None or process.stdin is None or self._stopping:
            return
        self._stopping = True
        try:
            process.stdin.write("stop\n")
            process.stdin.flush()
        except (BrokenPipeError, ValueError):
            return  # it has just ended by itself

    def close(self, seconds: float = GRACE_SECONDS) -> None:
        """Stop, wait for the model to be written, and free the process. Blocks up to `seconds`."""
        process = self._process
        if process is None:
            return
        self.stop()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not None:
            self._reader.join()
        self.poll()

    def _read(self) -> None:
        """Reader thread: turn the child's lines into events until it ends."""
        process = self._process
        assert process is not None and process.stdout is not None and process.stderr is not None
        last: Event | None = None
        with process.stdout, process.stderr:
            for line in process.stdout:
                try:
                    last = from_json(line)
                except ValueError:
                    continue
                self._events.put(last)
            said = process.stderr.read().strip().splitlines()
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if not isinstance(last, Finished | Failed):
            self._events.put(_unexpected_end(code, said))


def _unexpected_end(code: int, said: list[str]) -> Failed:
    how = f"by signal {-code}" if code < 0 else f"with code {code}"
    return Failed(
        f"The training process ended unexpectedly {how}.",
        said[-1] if said else "The best model up to then lies in the folder of the run.",
    )
