"""The queue of training runs: order, failures, crashes of the studio."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.datasets import make_dataset
from vastudio.app.jobs import ResumeRequest, TrainingRequest
from vastudio.app.label import ModelLabel
from vastudio.app.queue import TrainingQueue
from vastudio.errors import TrainingError
from vastudio.modelfile import store
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Failed, Finished, Started

CONFIG = TrainingConfig(hidden=8, minutes=None, epochs=1, chunk=512, chunks=2, threads=1)


class FakeJob:
    """A run whose end the test decides."""

    made: list[FakeJob]

    def __init__(self, request: TrainingRequest | ResumeRequest) -> None:
        self.request = request
        self.run_folder = request.run_folder
        self.events: list[Event] = []
        self.started = self.closed = False
        self.core_free = False
        FakeJob.made.append(self)

    def start(self) -> None:
        if self.request.out.name == "cannot.vamodel":
            raise OSError("no processes left")
        self.started = True

    def begin(self, folder: Path) -> None:
        self.run_folder = folder
        folder.mkdir(exist_ok=True)
        self.events.append(Started("hyper-gru", 8, 1, 1, 1, 0.0, 1, 0, folder=str(folder)))

    def poll(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def close(self, seconds: float = 0.0) -> None:
        self.closed = True

    def leave_core_free(self, leave: bool = True) -> None:
        self.core_free = leave

    @property
    def running(self) -> bool:
        return not self.closed


@pytest.fixture
def queue(tmp_path: Path) -> TrainingQueue:
    FakeJob.made = []
    queue = TrainingQueue(tmp_path / "queue.json", job=FakeJob)
    for name in ("a", "b", "c"):
        queue.add(tmp_path / "data", tmp_path / f"{name}.vamodel", CONFIG, ModelLabel(name))
    return queue


def _states(queue: TrainingQueue) -> list[str]:
    return [entry.state for entry in queue.entries]


def _reopened(queue: TrainingQueue) -> TrainingQueue:
    """The queue as the next studio sees it; the one before is gone, and its locks with it."""
    queue._working.release()
    return TrainingQueue(queue._path, job=FakeJob)


def test_one_run_follows_the_other_and_a_failure_stops_nothing(queue: TrainingQueue, tmp_path: Path) -> None:
    assert queue.poll() == []
    assert _states(queue) == ["running", "waiting", "waiting"]
    first = FakeJob.made[0]
    assert isinstance(first.request, TrainingRequest)
    assert first.request.label.name == "a"
    first.begin(tmp_path / "run")
    first.events.append(Failed("It broke.", "Mend it."))
    told = queue.poll()
    assert [type(event) for _, event in told] == [Started, Failed]
    assert told[-1][0].message == "It broke. Mend it."
    assert first.closed
    queue.poll()
    assert _states(queue) == ["failed", "running", "waiting"]
    FakeJob.made[1].events.append(Finished(1.0, 1, "planned", 0.1, "b.vamodel"))
    queue.poll()
    queue.poll()
    FakeJob.made[2].events.append(Finished(1.0, 1, "planned", 0.1, "c.vamodel"))
    queue.poll()
    assert _states(queue) == ["failed", "finished", "finished"]
    assert queue.idle
    assert queue.poll() == []


def test_a_run_that_cannot_even_start_stops_nothing(tmp_path: Path) -> None:
    FakeJob.made = []
    queue = TrainingQueue(tmp_path / "queue.json", job=FakeJob)
    queue.add(tmp_path, tmp_path / "cannot.vamodel", CONFIG)
    queue.add(tmp_path, tmp_path / "b.vamodel", CONFIG)
    ((entry, event),) = queue.poll()
    assert isinstance(event, Failed)
    assert entry.state == "failed"
    queue.poll()
    assert _states(queue) == ["failed", "running"]


def test_after_a_crash_the_run_is_resumed_and_the_rest_is_in_place(
    queue: TrainingQueue, tmp_path: Path
) -> None:
    queue.poll()
    FakeJob.made[0].begin(tmp_path / "run")
    queue.poll()
    again = _reopened(queue)  # the studio crashed: nobody closed anything
    assert again.entries == queue.entries
    assert _states(again) == ["running", "waiting", "waiting"]
    again.poll()
    assert isinstance(FakeJob.made[-1].request, TrainingRequest)  # no checkpoint yet: from the beginning
    (tmp_path / "run" / "checkpoint.safetensors").touch()
    _reopened(again).poll()
    request = FakeJob.made[-1].request
    assert isinstance(request, ResumeRequest)
    assert request.run_folder == tmp_path / "run"
    assert request.out == tmp_path / "a.vamodel"


def test_closing_the_studio_keeps_the_run_for_the_next_time(queue: TrainingQueue, tmp_path: Path) -> None:
    queue.poll()
    FakeJob.made[0].begin(tmp_path / "run")
    queue.poll()
    queue.close()
    assert FakeJob.made[0].closed
    assert _states(_reopened(queue)) == ["waiting", "waiting", "waiting"]
    assert _reopened(queue).entries[0].run_folder == tmp_path / "run"


def test_the_order_can_be_changed_but_not_under_a_run(queue: TrainingQueue) -> None:
    queue.move(3, 0)
    assert [entry.id for entry in _reopened(queue).entries] == [3, 1, 2]
    assert [entry.label.name for entry in queue.entries] == ["c", "a", "b"]
    queue.poll()
    queue.remove(3)
    queue.remove(1)
    assert [entry.label.name for entry in queue.entries] == ["c", "b"]
    queue.use_core(leave_free=True)
    assert FakeJob.made[0].core_free


def test_a_failure_can_be_tried_again(queue: TrainingQueue) -> None:
    queue.poll()
    FakeJob.made[0].events.append(Failed("It broke.", ""))
    queue.poll()
    queue.retry(1)
    assert _states(queue) == ["waiting", "waiting", "waiting"]
    assert queue.entries[0].message == ""


def test_two_studios_add_to_one_queue_and_nothing_is_lost(queue: TrainingQueue, tmp_path: Path) -> None:
    other = TrainingQueue(queue._path, job=FakeJob)
    queue.add(tmp_path, tmp_path / "mine.vamodel", CONFIG)
    other.add(tmp_path, tmp_path / "theirs.vamodel", CONFIG)
    queue.remove(1)
    names = [entry.out.stem for entry in queue.entries]
    assert names == ["b", "c", "mine", "theirs"]
    assert [entry.out.stem for entry in _reopened(queue).entries] == names
    assert len({entry.id for entry in queue.entries}) == 4


def test_only_one_studio_works_a_queue_off(queue: TrainingQueue, tmp_path: Path) -> None:
    queue.poll()
    other = TrainingQueue(queue._path, job=FakeJob)
    with pytest.raises(TrainingError, match="another VA Studio") as caught:
        other.poll()
    assert caught.value.hint
    assert len(FakeJob.made) == 1
    queue.close()
    other.poll()
    assert len(FakeJob.made) == 2


def test_a_queue_that_is_worked_off_takes_up_what_others_add(queue: TrainingQueue, tmp_path: Path) -> None:
    for _ in "abc":
        queue.poll()
        FakeJob.made[-1].events.append(Finished(1.0, 1, "planned", 0.1, ""))
        queue.poll()
    assert queue.idle
    TrainingQueue(queue._path, job=FakeJob).add(tmp_path, tmp_path / "late.vamodel", CONFIG)
    queue.poll()
    assert _states(queue) == ["finished", "finished", "finished", "running"]


def test_processes_that_add_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Every process appends 10 entries; without the lock some would overwrite others."""
    script = (
        "import sys; from pathlib import Path; from vastudio.app.queue import TrainingQueue, TrainingConfig\n"
        "queue = TrainingQueue(Path(sys.argv[1]))\n"
        "for n in range(10): queue.add(Path('d'), Path(f'{sys.argv[2]}-{n}.vamodel'), TrainingConfig())"
    )
    path = tmp_path / "queue.json"
    processes = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "ab"]
    assert [process.wait() for process in processes] == [0, 0]
    entries = TrainingQueue(path).entries
    assert len({entry.out for entry in entries}) == len({entry.id for entry in entries}) == 20


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"schema_version": 9, "entries": []}',
        '{"schema_version": 1, "entries": [{}]}',
        '{"schema_version": 1, "entries": [{"dataset": "a", "out": "b", "config": {"hiden": 8}}]}',
    ],
)
def test_a_damaged_queue_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "queue.json").write_text(text)
    with pytest.raises(TrainingError) as caught:
        TrainingQueue(tmp_path / "queue.json")
    assert caught.value.hint


def test_a_queue_written_by_hand_trains_in_real_processes(tmp_path: Path) -> None:
    make_dataset(tmp_path, seconds=0.5)
    config = {"hidden": 8, "epochs": 1, "minutes": None, "chunk": 512, "chunks": 2, "threads": 1}
    entries = [
        {"dataset": "missing", "out": "a.vamodel"},
        {"dataset": "clipper", "out": "b.vamodel", "config": config},
    ]
    path = tmp_path / "queue.json"
    path.write_text(json.dumps({"schema_version": 1, "entries": entries}))
    queue = TrainingQueue(path)
    deadline = time.monotonic() + 120
    while not queue.idle:
        queue.poll()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert _states(queue) == ["failed", "finished"]
    assert "missing" in queue.entries[0].message
    assert store.load(tmp_path / "b.vamodel").evaluation is not None
