"""`vastudio bench`: a table for people, one JSON object for programs."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.app.test_bench_engine import MOMENT
from vastudio import cli
from vastudio.app import bench_training
from vastudio.app.bench import engine, loads


@pytest.fixture(autouse=True)
def only_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "TAIL_SECONDS", 0.1)
    monkeypatch.setattr(engine, "short_extent", lambda: MOMENT)


def test_a_program_gets_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bench", "engine", "--json"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    row = next(row for row in report["rows"] if row["block"] == 64)
    assert (row["kernel"], row["size"]) == ("gru", 4)
    assert {
        "ns_per_sample",
        "realtime_percent",
        "onnxruntime_ns",
        "torch_ns",
        "max_abs_error",
        "floor_ns",
    } <= set(row)
    assert report["machine"]["gmac_per_second"] > 0
    assert "0 of " in err and "gru 4, block 64" in err


def test_a_person_gets_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bench", "engine"]) == 0
    out, _ = capsys.readouterr()
    lines = out.splitlines()
    assert any(line.split()[:2] == ["gru", "4"] for line in lines)
    assert any(line.split()[0:1] == ["knob-turning"] and "×" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_what_to_measure_has_to_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bench", "speed"]) == 2
    assert "engine" in capsys.readouterr().err


def test_training_is_measured_as_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = partial(bench_training.training_rows, (8,), (16,), (1,), steps=4, turns=1)
    monkeypatch.setattr(bench_training, "training_rows", few)
    assert cli.run(["bench", "training", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [(row["cell"], row["hidden"], row["batch"]) for row in report["rows"]] == [
        ("gru", 8, 16),
        ("lstm", 8, 16),
    ]
    assert report["machine"]["cores"] > 0
    assert cli.run(["bench", "training"]) == 0
    assert "audio s/s" in capsys.readouterr().out
