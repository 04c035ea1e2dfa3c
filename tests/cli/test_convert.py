"""vastudio convert: files for other programs, one or many, and refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.app.exported import cell_model, concat_model, sound, wavenet_model
from tests.cli.test_commands import Shell
from tests.datasets import make_dataset
from tests.ui.conftest import drive_model
from vastudio.app.exporting import reading_back
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.modelfile import reading, store
from vastudio.modelfile.schema import ModelFile


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture(autouse=True)
def little_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_back, "SECONDS", 0.1)
    monkeypatch.setattr(reading_back, "LIVE_SECONDS", 0.03)


def saved(model: ModelFile, folder: Path) -> Path:
    store.save(model, folder / "in.vamodel")
    return folder / "in.vamodel"


def test_a_model_goes_to_another_program(shell: Shell, tmp_path: Path) -> None:
    path = saved(cell_model(), tmp_path)
    told = shell.json(
        "convert", path, tmp_path / "out.aidax",
        "--knob", "knob_1=7.5", "--name", "Mine", "--gear-type", "amp",
    )  # fmt: skip
    assert (told["format"], told["fidelity"], told["live"], told["name"]) == ("aidax", "exact", False, "Mine")
    assert told["knobs"] == {"knob_1": 7.5, "knob_2": 5.0}
    assert told["error"] < 1e-5
    back = PlayableModel.from_file(reading.load(tmp_path / "out.aidax"))
    source = PlayableModel.from_file(store.load(path))
    np.testing.assert_allclose(render(back, sound()), render(source, sound(), {"knob_1": 7.5}), atol=1e-6)
    said = json.loads((tmp_path / "out.aidax").read_text())["metadata"]
    assert (said["name"], said["based"]) == ("Mine", "amp")


def test_the_name_says_which_format_and_a_wavenet_is_exact(shell: Shell, tmp_path: Path) -> None:
    code, text, _ = shell("convert", saved(wavenet_model(), tmp_path), tmp_path / "out.nam")
    assert code == 0
    assert "out.nam: exact, read back within" in text
    assert "(knob_1 5)" in text


def test_knobs_stay_live_where_they_can(shell: Shell, tmp_path: Path) -> None:
    told = shell.json("convert", saved(concat_model(), tmp_path), tmp_path / "out.json", "--to", "aidax")
    assert (told["live"], told["knobs"]) == (True, {})
    assert len(reading.load(tmp_path / "out.json").knobs) == 2


def test_a_grid_fills_a_folder(shell: Shell, tmp_path: Path) -> None:
    path, out = saved(cell_model(), tmp_path), tmp_path / "made"
    told = shell.json("convert", path, out, "--to", "aidax", "--grid", "knob_1=3", "--knob", "knob_2=2")
    assert [file["knobs"]["knob_1"] for file in told["files"]] == [0.0, 5.0, 10.0]
    assert {file.name for file in out.iterdir()} == {
        f"gru 8 – Knob 1 {place} Knob 2 2.json" for place in (0, 5, 10)
    }
    assert (told["failed"], told["largest_error"] < 1e-5) == ([], True)


def test_the_positions_of_a_dataset_fill_a_folder(shell: Shell, tmp_path: Path) -> None:
    path, dataset = saved(drive_model(), tmp_path), make_dataset(tmp_path / "recorded")
    told = shell.json("convert", path, tmp_path / "made", "--to", "guitarml", "--positions", dataset.path)
    drives = {capture.knobs["drive"] for capture in dataset.captures()}
    assert {file["knobs"]["drive"] for file in told["files"]} == drives


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["out.json"], "--to"),
        (["out.aidax", "--knob", "volume=1"], "no knob 'volume'"),
        (["out.aidax", "--knob", "knob_1=11"], "cannot be set to 11"),
        (["out.aidax", "--knob", "knob_1"], "not a knob setting"),
        (["out.nam"], "knows no GRU"),
        (["out.aidax", "--distil", "a1-nano"], "does not fit into this format"),
        (["made", "--to", "aidax", "--grid", "knob_1=x"], "not a number of places"),
        (["made", "--to", "aidax", "--grid", "knob_1=200", "--grid", "knob_2=2"], "400 positions"),
        (["in.vamodel", "--to", "aidax", "--grid", "knob_1=2"], "is a file"),
        (["made", "--to", "aidax", "--positions", "."], "not a dataset"),
        (["made", "--to", "aidax", "--positions", ".", "--grid", "knob_1=2"], "positions are complete"),
        (["out.vamodel", "--knob", "knob_1=2"], "keeps its knobs"),
        (["out.aidax", "--live"], "level law"),
        (["out.aidax", "--live", "--knob", "knob_1=2"], "stand nowhere"),
        (["/proc/nowhere/out.aidax"], "Cannot write"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    options: list[str], words: str, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(cell_model(), tmp_path)
    monkeypatch.chdir(tmp_path)
    assert words in shell.refused("convert", path, *options)
    assert [file.name for file in tmp_path.iterdir()] == ["in.vamodel"]
