"""A probe comes back from a .vamodel as it went in; files without one are read as before."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from vastudio.errors import ModelFileError
from vastudio.modelfile import store
from vastudio.modelfile.probe import FLOOR_DBFS, Latency, Match, Probe, ProbedPosition
from vastudio.modelfile.schema import Evaluation, ModelFile
from vastudio.types import Knob

PROBE = Probe(
    Latency(0.25, inverted=False, confidence=0.98),
    (ProbedPosition({"drive": 1.0}, -90.0, FLOOR_DBFS, -18.5, -3.0, -19.0, (-60.0, -120.0, -140.0), -95.0),),
    (Match({"drive": 0.5}, -0.01, inverted=False, level_db=0.1, confidence=0.99),),
)
EVALUATION = Evaluation("validation", 0.01, 0.01, 0.01, (), PROBE)


def _model() -> ModelFile:
    weights = {"a": np.ones(2, np.float32)}
    return ModelFile(
        "m", "hyper-gru", {"hidden": 8}, (Knob("drive"),), 48_000, weights, evaluation=EVALUATION
    )


def test_a_probe_survives_the_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    store.save(_model(), path)
    assert store.load(path).evaluation == EVALUATION


def _write(path: Path, version: int, probe: Any) -> None:
    """A file as another program, or an older studio, may have written it."""
    evaluation = asdict(replace(EVALUATION, probe=None))
    del evaluation["probe"]
    header = {
        "schema_version": version, "name": "x", "architecture": "hyper-gru", "config": {}, "knobs": [],
        "sample_rate": 48_000, "evaluation": evaluation | probe,
    }  # fmt: skip
    save_file({"a": np.ones(2, np.float32)}, path, {"vastudio": json.dumps(header)})


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("probe", [{}, {"probe": None}])
def test_files_without_a_probe_are_read(version: int, probe: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    _write(path, version, probe)
    evaluation = store.load(path).evaluation
    assert evaluation is not None
    assert evaluation.probe is None


def test_a_later_studio_may_know_more(tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    known = asdict(PROBE)
    known["latency"]["jitter"] = 3
    _write(path, 2, {"probe": known | {"colour": "blue"}})
    evaluation = store.load(path).evaluation
    assert evaluation is not None
    assert evaluation.probe == PROBE


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"latency": None}, "latency"),
        ({"positions": [{"knobs": {}}]}, "rest_dc_dbfs"),
        ({"latency": {"samples": float("nan"), "inverted": False, "confidence": 1.0}}, "samples"),
    ],
)
def test_a_wrong_probe_is_named(wrong: dict[str, Any], key: str, tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    _write(path, 2, {"probe": asdict(PROBE) | wrong})
    with pytest.raises(ModelFileError, match=f"evaluation.probe.*{key}"):
        store.load(path)
