"""The train command: what it accepts, what it refuses, and a run that is resumed from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.datasets import make_dataset
from vastudio import cli
from vastudio.app.jobs import ResumeRequest, TrainingRequest
from vastudio.app.label import ModelLabel
from vastudio.cli import train
from vastudio.training.config import TrainingConfig

SHORT = ("--hidden", 8, "--epochs", 1, "--threads", 1, "--set", "chunk=512", "--set", "chunks=2")


def _run(capture: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capture.readouterr()
    code = cli.run(["train", *(str(argument) for argument in arguments)])
    return code, *capture.readouterr()


def _refused(capture: pytest.CaptureFixture[str], *arguments: object) -> str:
    code, out, err = _run(capture, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    return err


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data")).path


def test_a_run_is_trained_resumed_and_continued(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, run = tmp_path / "m.vamodel", tmp_path / "run"
    code, said, err = _run(capsys, dataset, "--out", out, "--run", run, *SHORT, "--json")
    assert code == 0, err
    record = json.loads(said)
    assert record["reason"] == "planned"
    assert record["suspicious"] == []
    assert all(set(place) == {"drive"} for place in record["record_next"])
    assert "reached its end" in _refused(capsys, "--resume", run)
    assert "holds a run" in _refused(capsys, dataset, "--out", out, "--run", run, *SHORT)
    code, said, err = _run(capsys, "--resume", run, "--minutes", 0.005, "--json")
    assert code == 0, err
    assert "Resumed" in err
    assert json.loads(said)["model"] == str(out)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--hidden", 16), "--hidden"),
        (("--seed", 1), "--seed"),
        (("--set", "chunk=3"), "--set"),
        (("--name", "x"), "--name"),
        ((), "no training run"),
    ],
)
def test_a_resumed_run_keeps_what_it_began_with(
    arguments: tuple[Any, ...], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert word in _refused(capsys, "--resume", tmp_path, *arguments)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--set", "hiden=8"), "hidden"),
        (("--set", "hidden"), "NAME=VALUE"),
        (("--set", "learning_rate=fast"), "learning_rate"),
        (("--device", "gpu"), "device"),
    ],
)
def test_senseless_options_are_refused(
    arguments: tuple[Any, ...],
    word: str,
    dataset: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert word in _refused(capsys, dataset, "--out", tmp_path / "m.vamodel", *arguments)
    assert not (tmp_path / "m.vamodel").exists()


def test_cuda_without_a_card_is_refused(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    line = _refused(capsys, dataset, "--out", tmp_path / "m.vamodel", "--device", "cuda")
    assert "--device cpu" in line
    assert "needs a dataset" in _refused(capsys)


def test_a_request_becomes_the_command_that_asks_for_the_same(tmp_path: Path) -> None:
    config = TrainingConfig(hidden=24, minutes=3.0, threads=1, device="cpu", learning_rate=1e-3, chunks=3)
    request = TrainingRequest(tmp_path, tmp_path / "m.vamodel", config, ModelLabel("A", notes="-b c"))
    parsed = _parse(request.command())
    assert train._config(parsed) == config
    assert train._label(parsed) == request.label
    again = _parse(ResumeRequest(tmp_path, tmp_path / "m.vamodel", minutes=2.0).command())
    assert (again.resume, again.minutes) == (tmp_path, 2.0)


def _parse(command: list[str]) -> Any:
    parser = cli._Parser()
    train.configure(parser)
    assert command[0] == "train"
    return parser.parse_args(command[1:])


def test_a_queue_is_filled_and_worked_off(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = tmp_path / "queue.json"
    assert "no queue" in _refused(capsys, "--queue", queue)
    for place, name in ((tmp_path / "gone", "a"), (dataset, "b")):
        code, said, _ = _run(
            capsys, place, "--out", tmp_path / f"{name}.vamodel", *SHORT, "--enqueue", queue, "--json"
        )
        assert code == 0
    assert json.loads(said)["waiting"] == 2
    assert not (tmp_path / "b.vamodel").exists()
    code, _, err = _run(capsys, "--queue", queue, "--details")
    assert code == 2
    assert "1 of 2 runs failed" in err
    assert "gone" in err
    assert (tmp_path / "b.vamodel").exists()
    record = json.loads(queue.read_text())
    assert [entry["state"] for entry in record["entries"]] == ["failed", "finished"]
