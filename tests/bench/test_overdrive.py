"""Training to a target on real recordings. Slow: run by `make bench`; results go to docs/benchmarks.md."""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from vastudio import cli
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.modelfile import store

pytestmark = pytest.mark.slow

MINUTES = 10
GOAL = 0.03


@pytest.fixture(scope="module")
def trained(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The overdrive imported and trained on all cores, through the command line."""
    folder = tmp_path_factory.mktemp("overdrive")
    dataset, model = folder / "overdrive", folder / "overdrive.vamodel"
    source = shared_data / "overdrive" / "captures.csv"
    assert cli.run(["import", str(source), "--out", str(dataset)]) == 0
    run = [
        "train",
        str(dataset),
        "--out",
        str(model),
        "--minutes",
        str(MINUTES),
        "--run",
        str(folder / "run"),
    ]
    assert cli.run(run) == 0
    return dataset, model


def test_error_at_positions_never_seen(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    dataset, model = trained
    assert cli.run(["evaluate", str(model), str(dataset), "--json"]) == 0
    score = json.loads(capsys.readouterr().out)
    sys.stderr.write(f"\n{MINUTES} min: median {score['median_esr']:.5f}, worst {score['worst_esr']:.5f}\n")
    assert all(math.isfinite(capture["esr"]) for capture in score["captures"])
    assert score["median_esr"] <= GOAL


def test_silence_in_silence_out_over_the_whole_dial(trained: tuple[Path, Path]) -> None:
    playable = PlayableModel.from_file(store.load(trained[1]))
    for drive, tone in itertools.product(np.linspace(0, 1, 11), repeat=2):
        output = render(playable, np.zeros(48_000, np.float32), {"drive": float(drive), "tone": float(tone)})
        assert np.abs(output).max() < 1e-6  # −120 dBFS
