"""Training in a process of its own, seen from the outside.

Activities: the child process runs `vastudio train --events`; a reader thread in this process blocks on its
standard output and puts events on a queue; the caller polls the queue and never blocks. Lines on the child's
standard input pause it, let it go on or stop it (`training.control`); their end (this process died) makes it
keep the best model and finish. What was trained since the last checkpoint is all that a killed child loses.
"""

from __future__ import annotations

import dataclasses
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from vastudio.app.label import ModelLabel
from vastudio.training.config import TrainingConfig, configured
from vastudio.training.events import Event, Failed, Finished, Paused, Resumed, Started, Unpaused, from_json
from vastudio.training.threads import threads_for

GRACE_SECONDS = 20.0
"""How long a stopped child may take to evaluate and write its model before it is ended."""

_OWN_OPTION = ("architecture", "hidden", "minutes", "epochs", "seed", "threads", "device")


@dataclass(frozen=True)
class TrainingRequest:
    """What to train, how, and where the model goes.

    Attributes
    ----------
    label:
        What is written on the model.
    run_folder:
        The run's folder; None: a new one with the user's runs.
    leave_core_free:
        Whether one processor core is left to sound and window, because the engine is running.
    """

    dataset: Path
    out: Path
    config: TrainingConfig
    label: ModelLabel = field(default_factory=ModelLabel)
    run_folder: Path | None = None
    leave_core_free: bool = False

    def command(self) -> list[str]:
        """The command line that does the same without a window."""
        config = self.config
        bound = ("--minutes", config.minutes) if config.epochs is None else ("--epochs", config.epochs)
        words: list[object] = [
            "train", self.dataset, "--out", self.out, "--architecture", config.architecture,
            "--hidden", config.hidden, *bound, "--seed", config.seed,
            "--threads", _threads(config.threads, self.leave_core_free), "--device", config.device,
        ]  # fmt: skip
        usual = configured(architecture=config.architecture)
        for name, value in dataclasses.asdict(config).items():
            if name not in _OWN_OPTION and value != getattr(usual, name):
                words += ["--set", f"{name}={value}"]
        for name, text in dataclasses.asdict(self.label).items():
            words += [f"--{name}={text}"] if text else []
        words += ["--run", self.run_folder] if self.run_folder else []
        return [str(word) for word in words]


@dataclass(frozen=True)
class ResumeRequest:
    """Which run to go on with. `minutes`: train it that much longer than now."""

    run_folder: Path
    out: Path
    minutes: float | None = None
    leave_core_free: bool = False

    def command(self) -> list[str]:
        """The command line that does the same without a window."""
        words: list[object] = ["train", "--resume", self.run_folder, "--out", self.out]
        words += ["--minutes", self.minutes] if self.minutes is not None else []
        words += ["--threads", _threads(0, leave_core_free=True)] if self.leave_core_free else []
        return [str(word) for word in words]


def _threads(asked: int, leave_core_free: bool) -> int:
    return threads_for(asked, leave_core_free=True) if leave_core_free else asked


class TrainingJob:
    """One training run in a child process."""

    def __init__(self, request: TrainingRequest | ResumeRequest) -> None:
        self.request = request
        self.failure: Failed | None = None
        self.finished: Finished | None = None
        self.run_folder: Path | None = request.run_folder
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._stopping = False
        self._paused = False

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
    def paused(self) -> bool:
        """Whether the run rests, as far as its events tell."""
        return self._paused

    @property
    def model_path(self) -> Path | None:
        """The finished model, or None."""
        return self.request.out if self.finished is not None else None

    def poll(self) -> list[Event]:
        """Return the events since the last call. Never blocks."""
        events: list[Event] = []
        while not self._events.empty():
            event = self._events.get()
            self._note(event)
            events.append(event)
        return events

    def _note(self, event: Event) -> None:
        match event:
            case Finished():
                self.finished = event
            case Failed():
                self.failure = event
            case Paused():
                self._paused = True
            case Unpaused():
                self._paused = False

    def pause(self) -> None:
        """Ask the child to rest; `Paused` follows, after the round in progress and a checkpoint."""
        self._say("pause")

    def proceed(self) -> None:
        """Ask a resting child to go on; `Unpaused` follows."""
        self._say("continue")

    def leave_core_free(self, leave: bool = True) -> None:
        """Ask the child to leave one core to sound and window from now on, or to use it again."""
        asked = self.request.config.threads if isinstance(self.request, TrainingRequest) else 0
        self._say(f"threads {_threads(asked, leave)}")

    def stop(self) -> None:
        """Ask the child to keep its best model and finish; `Finished` follows."""
        if self._process is not None and not self._stopping:
            self._stopping = True
            self._say("stop")

    def _say(self, line: str) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        try:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        except (OSError, ValueError):
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
                if isinstance(last, Started | Resumed):
                    self.run_folder = Path(last.folder)
                self._events.put(last)
            said = process.stderr.read().strip().splitlines()
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if not isinstance(last, Finished | Failed):
            self._events.put(_unexpected_end(code, said, self.run_folder if last else None))


def _unexpected_end(code: int, said: list[str], folder: Path | None) -> Failed:
    how = f"by signal {-code}" if code < 0 else f"with code {code}"
    hint = said[-1] if said else "Start it again."
    if folder is not None:
        hint = "Resume the run: it goes on from its last checkpoint, a few seconds earlier."
    return Failed(f"The training process ended unexpectedly {how}.", hint, str(folder or ""))
