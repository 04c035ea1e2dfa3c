"""vastudio probe: a report for a person, and one for a program."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.datasets import make_dataset
from tests.models import random_model
from vastudio import cli
from vastudio.modelfile import store
from vastudio.modelfile.probe import Latency, Probe, ProbedPosition
from vastudio.modelfile.schema import Evaluation, ModelFile
from vastudio.types import Knob


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "random.vamodel"
    model = random_model(hidden=8, knobs=1)
    store.save(ModelFile(**{**vars(model), "knobs": (Knob("drive"),)}), path)
    return path


def numbers(part: Any) -> Iterator[float]:
    if isinstance(part, dict | list):
        for item in part.values() if isinstance(part, dict) else part:
            yield from numbers(item)
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield part


def test_a_model_is_probed_for_a_program(
    model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = make_dataset(tmp_path / "dataset")
    command = ["probe", str(model_path), "--knob", "drive=0.25", "--dataset", str(dataset.path), "--json"]
    assert cli.run(command) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["model"] == "Random 8"
    assert record["knobs"] == {"drive": 0.25}
    assert record["basics"]["matches"][0]["knobs"] == {"drive": 0.25}
    assert {verdict["measure"] for verdict in record["verdicts"]} >= {
        "delay", "polarity", "dc", "rest_noise", "residue", "peak", "match_delay", "match_polarity",
        "match_level", "aliasing", "harmonics", "intermodulation", "load", "resolution", "response",
        "startup_pop", "jump_pop", "transfer", "zipper",
    }  # fmt: skip
    assert all(map(math.isfinite, numbers(record)))


def test_a_model_is_probed_for_a_person(model_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["probe", str(model_path)]) == 0
    said = capsys.readouterr()
    for words in ("Random 8 at drive 0.5", "Latency", "Aliasing", "% of a core", "1024"):
        assert words in said.out
    assert "corner of the knobs" in said.err


def test_info_tells_what_was_found_to_be_wrong(
    model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ProbedPosition({"drive": 0.5}, -30.0, -150.0, -20.0, -6.0, -21.0, (-80.0, -120.0, -140.0), -95.0)
    probe = Probe(Latency(1.5, inverted=False, confidence=0.99), (place,))
    path = tmp_path / "bad.vamodel"
    evaluation = Evaluation("validation", 0.01, 0.01, 0.01, (), probe)
    store.save(replace(store.load(model_path), evaluation=evaluation), path)
    assert cli.run(["info", str(path)]) == 0
    said = capsys.readouterr().out
    assert "probe at 1 position: 4 of 6 measures good, latency 1.50 samples" in said
    assert [line.split(".")[0] for line in said.splitlines() if line.startswith("bad")] == [
        "bad: Latency 1", "bad: DC -30 dBFS",
    ]  # fmt: skip
    assert cli.run(["info", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["evaluation"]["probe"]["positions"][0]["rest_dc_dbfs"] == -30.0


def test_wrong_settings_are_refused(
    model_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.vamodel"
    store.save(random_model(hidden=8, knobs=2), other)
    dataset = make_dataset(tmp_path / "dataset", seconds=0.5)
    for command, word in (
        ([str(model_path), "--knob", "drive=3"], "range"),
        ([str(model_path), "--knob", "tone=0"], "tone"),
        ([str(other), "--dataset", str(dataset.path)], "knobs"),
        ([str(tmp_path / "none.vamodel")], "no file"),
    ):
        assert cli.run(["probe", *command]) == 2
        said = capsys.readouterr()
        assert word in said.err
        assert said.out == ""
