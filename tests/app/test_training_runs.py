"""The list of earlier runs."""

from __future__ import annotations

from pathlib import Path

from tests.datasets import make_dataset
from vastudio import paths
from vastudio.app.runs import read_runs
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Validated
from vastudio.training.loop import train

CONFIG = TrainingConfig(hidden=8, minutes=None, epochs=2, chunk=512, chunks=2, threads=1)


def test_a_run_tells_whether_it_ended_and_can_go_on(tmp_path: Path, studio_home: Path) -> None:
    dataset = make_dataset(tmp_path, positions=((0.5, "train"), (0.5, "validation")), noise=1e-3)
    for event in train(dataset, CONFIG, paths.user_runs() / "1-interrupted"):
        if isinstance(event, Validated) and event.epoch == 1:
            break
    with (paths.user_runs() / "1-interrupted" / "events.jsonl").open("a") as file:
        file.write('{"event": "prog')
    list(train(dataset, CONFIG, paths.user_runs() / "2-finished"))
    (paths.user_runs() / "3-damaged").mkdir()
    (paths.user_runs() / "3-damaged" / "config.json").write_text("{")
    finished, interrupted = read_runs()
    assert (finished.ended, finished.interrupted) == ("planned", False)
    assert (interrupted.ended, interrupted.interrupted) == (None, True)
    for run in (finished, interrupted):
        assert run.dataset_path == dataset.path.resolve()
        assert run.floor is not None
        assert 1e-6 < run.floor < 1e-4
        assert run.model == run.folder / "best.vamodel"
        assert run.resumable
