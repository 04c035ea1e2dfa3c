"""vastudio check: everything found, as text and as data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.dataset.material import clean, driven, save
from vastudio.cli import run
from vastudio.dataset.checks import dropouts
from vastudio.dataset.importing import Pair, import_dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    x = clean(2.0)
    save(tmp_path / "x.wav", x)
    for drive in range(4):
        y = driven(x, drive / 4, delay=20.0)
        if drive == 2:
            y[48_000:48_256] = 0.0
        save(tmp_path / f"y{drive}.wav", y)
    pairs = [Pair(tmp_path / "x.wav", tmp_path / f"y{drive}.wav", {"drive": drive / 4}) for drive in range(4)]
    return import_dataset(None, tmp_path / "set", pairs=pairs).path


def test_findings_are_data(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (dataset / "manifest.json").read_bytes()
    assert run(["check", str(dataset), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["version"] == 1
    assert report["takes"] == 4
    assert report["checks"]["dropouts"] == dropouts.CHECK.version
    assert report["counts"] == {"error": 0, "warning": 1, "info": 1}
    finding = next(one for one in report["findings"] if one["code"] == "dropout")
    assert finding["capture"] == "002"
    assert np.isclose(finding["at_seconds"], 1.0, atol=0.01)
    assert (dataset / "manifest.json").read_bytes() == before, "nothing is altered"


def test_a_script_can_ask_for_an_exit_code(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(dataset), "--strict"]) == 1
    text = capsys.readouterr().out
    assert "4 takes, 0 errors, 1 warnings" in text
    assert "warning (capture 002): The target stands still" in text


def test_what_is_no_dataset_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path)]) == 2
    assert "is not a dataset" in capsys.readouterr().err
