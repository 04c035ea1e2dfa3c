"""vastudio compare and report: real files, what they write, and what they say to bad input."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.test_commands import Shell
from tests.datasets import clean_signal, device, make_dataset
from tests.models import random_model
from vastudio.dataset.store import Dataset
from vastudio.modelfile import store
from vastudio.types import STANDARD_RATE as RATE
from vastudio.types import Knob


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"), seconds=0.6)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two models with the dataset's knob; the second is far louder."""
    folder = tmp_path_factory.mktemp("models")
    drive = (Knob("drive"),)
    for seed, name in enumerate(("one", "two")):
        model = replace(random_model(knobs=1, seed=seed), name=name, knobs=drive)
        store.save(model, folder / f"{name}.vamodel")
    return folder / "one.vamodel", folder / "two.vamodel"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    clean = clean_signal(1.0)
    paths = tmp_path / "clean.wav", tmp_path / "target.wav"
    for path, audio in zip(paths, (clean, device(clean, 0.5)), strict=True):
        soundfile.write(path, audio, RATE, subtype="FLOAT")
    return paths


# --- compare ----------------------------------------------------------------------------------------------


def test_two_models_beside_each_other_on_a_clip(
    shell: Shell, models: tuple[Path, Path], dataset: Dataset
) -> None:
    record = shell.json("compare", *models, "--dataset", dataset.path)
    assert record["pair"]["knobs"] == {"drive": 0.25}
    assert [item["model"] for item in record["models"]] == ["one", "two"]
    for item in record["models"]:
        assert item["knobs"] == {"drive": 0.25}
        assert item["metrics"]["esr"]["goal"] == 0.01
        assert item["metrics"]["esr"]["met"] == (item["metrics"]["esr"]["value"] <= 0.01)
        assert len(item["null_by_band"]["depth_db"]) == len(item["null_by_band"]["centres_hz"]) > 20
        assert 0.0 <= item["worst_second"]["start_s"] < 0.6
    code, text, _ = shell("compare", *models, "--dataset", dataset.path, "--capture", "000", "--clip", 1)
    assert code == 0
    for word in ("Drive 0", "ESR", "≤ 0.01", "Null depth", "worst second", "one", "two", "✗"):
        assert word in text


def test_knobs_that_are_given_win_over_those_recorded(
    shell: Shell, models: tuple[Path, Path], dataset: Dataset
) -> None:
    record = shell.json("compare", models[0], "--dataset", dataset.path, "--knob", "drive=0.9")
    assert record["models"][0]["knobs"] == {"drive": 0.9}
    assert record["pair"]["knobs"] == {"drive": 0.25}


def test_two_files_are_compared_and_what_was_undone_is_told(
    shell: Shell, models: tuple[Path, Path], pair: tuple[Path, Path]
) -> None:
    soundfile.write(pair[1], -device(clean_signal(1.0), 0.5), RATE, subtype="FLOAT")
    given = ("compare", models[0], "--clean", pair[0], "--target", pair[1], "--knob", "drive=0.5")
    record = shell.json(*given)
    assert record["pair"]["title"] == "clean.wav → target.wav"
    assert record["pair"]["notes"] == ["The target was inverted; this is undone."]
    assert "inverted" in shell(*given)[2]


def test_all_positions_the_worst_first(shell: Shell, models: tuple[Path, Path], dataset: Dataset) -> None:
    record = shell.json("compare", models[0], "--dataset", dataset.path, "--all", "all")
    (table,) = record["models"]
    errors = [row["metrics"]["esr"]["value"] for row in table["positions"]]
    assert errors == sorted(errors, reverse=True)
    assert len(errors) == 4
    assert table["worst"]["esr"] == errors[0]
    code, text, _ = shell("compare", models[0], "--dataset", dataset.path, "--all")
    assert code == 0
    assert "one: validation positions" in text
    assert text.count("drive 0.25") == 1


def test_tables_and_pictures_are_written(
    shell: Shell, models: tuple[Path, Path], dataset: Dataset, tmp_path: Path
) -> None:
    shell.json(
        "compare", *models, "--dataset", dataset.path, "--csv", tmp_path / "a.csv", "--png", tmp_path / "png"
    )
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        measures = {line["measure"] for line in csv.DictReader(file)}
    assert {"esr", "null_by_band", "error_over_time", "spectrum_model"} <= measures
    pictures = {path.name for path in (tmp_path / "png").iterdir()}
    assert pictures == {
        "overlay.png", "spectra.png", "null-by-band.png", "error-over-time.png",
        "waveforms-1.png", "waveforms-2.png", "spectrograms-1.png", "spectrograms-2.png",
    }  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (tmp_path / "png").iterdir())
    shell.json("compare", models[0], "--dataset", dataset.path, "--all", "--csv", tmp_path / "b.csv")
    with (tmp_path / "b.csv").open(newline="", encoding="utf-8") as file:
        (line,) = csv.DictReader(file)
    assert line["knob drive"] == "0.25"


def test_bad_input_ends_in_one_line(
    shell: Shell, models: tuple[Path, Path], dataset: Dataset, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    model, clean, target = models[0], *pair
    silent, broken, early = (tmp_path / f"{name}.wav" for name in ("silent", "broken", "early"))
    signal = device(clean_signal(1.0), 0.5)
    soundfile.write(silent, 0 * signal, RATE, subtype="FLOAT")
    soundfile.write(broken, np.where(np.arange(RATE) == 7, np.float32("nan"), signal), RATE, subtype="FLOAT")
    soundfile.write(early, np.concatenate([signal[200:], signal[:200] * 0]), RATE, subtype="FLOAT")
    assert "nothing to compare with" in shell.refused("compare", model)
    assert "both --clean and --target" in shell.refused("compare", model, "--clean", clean)
    assert "no audio file" in shell.refused(
        "compare", model, "--clean", clean, "--target", tmp_path / "no.wav"
    )
    assert "silent" in shell.refused("compare", model, "--clean", clean, "--target", silent)
    assert "not numbers" in shell.refused("compare", model, "--clean", clean, "--target", broken)
    assert "earlier" in shell.refused("compare", model, "--clean", clean, "--target", early)
    given = ("compare", model, "--dataset", dataset.path)
    assert "Give one of them" in shell.refused(*given, "--clean", clean, "--target", target)
    assert "no capture" in shell.refused(*given, "--capture", "nowhere")
    assert "no clip" in shell.refused(*given, "--clip", 2)
    assert "counted from 1" in shell.refused(*given, "--clip", 0)
    assert "no knob 'gain'" in shell.refused(*given, "--knob", "gain=1")
    assert "cannot be set" in shell.refused(*given, "--knob", "drive=2")
    assert "--all" in shell.refused("compare", model, "--all")
    assert "own position" in shell.refused(*given, "--all", "--knob", "drive=1")


# --- report -----------------------------------------------------------------------------------------------


def test_a_report_is_one_file_without_a_network(
    shell: Shell, models: tuple[Path, Path], dataset: Dataset, tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    record = shell.json("report", models[0], "--dataset", dataset.path, "--split", "all", "--out", out)
    assert record["bytes"] == out.stat().st_size
    assert [item["title"] for item in record["shown"]] == ["The worst position", "A typical position"]
    (model,) = record["models"]
    assert len(model["positions"]["positions"]) == 4
    assert len(model["sha256"]) == 64
    assert model["probe"]["verdicts"]
    text = out.read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', text)
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert sum(source.startswith("data:audio/flac") for source in sources) == 2 * 4
    words = re.sub(r'(src|href)="[^"]*"', "", text)
    for absent in ("http", "nan", "None", "<script src", str(tmp_path.parent)):
        assert absent not in words, absent
    for present in ("Listening tests", "one: probe", model["sha256"], "✗", "Goal"):
        assert present in words, present


def test_a_report_of_files_and_one_of_a_model_alone(
    shell: Shell, models: tuple[Path, Path], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    given = ("report", *models, "--out", out, "--clean", pair[0], "--target", pair[1])
    record = shell.json(*given)
    assert [item["title"] for item in record["shown"]] == ["The recording"]
    assert out.read_text(encoding="utf-8").count("<audio") == 2 + 2 * 2
    shell.json("report", models[0], "--out", out)
    alone = out.read_text(encoding="utf-8")
    assert "<audio" not in alone
    assert "one: probe" in alone


def test_a_report_needs_a_name_and_models_that_exist(
    shell: Shell, models: tuple[Path, Path], tmp_path: Path
) -> None:
    assert ".html" in shell.refused("report", models[0], "--out", tmp_path / "report.pdf")
    assert "no knob" in shell.refused("report", models[0], "--out", tmp_path / "a.html", "--knob", "x=1")
    shell.refused("report", tmp_path / "none.vamodel", "--out", tmp_path / "a.html")
    assert not list(tmp_path.iterdir())
