"""A .vamodel comes back as it went in, and nothing but a sound .vamodel comes back at all."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from vastudio.errors import ModelFileError, OutputError
from vastudio.modelfile import store
from vastudio.modelfile.schema import SCHEMA_VERSION, CaptureScore, Evaluation, ModelFile, Snapshot
from vastudio.types import Knob


@pytest.fixture
def model() -> ModelFile:
    random = np.random.default_rng(0)
    return ModelFile(
        name="Crunch",
        architecture="hyper-gru",
        config={"cell": "gru", "hidden": 8, "activation": "tanh"},
        knobs=(Knob("drive", maximum=10, default=3, unit="dB"), Knob("bright", kind="switch", default=0)),
        sample_rate=48_000,
        weights={"a": random.normal(size=(3, 4)).astype(np.float32), "b": np.zeros(0, np.float32)},
        levels={"input_dbu": 12.5},
        provenance={"seed": 3, "versions": {"torch": "2"}},
        evaluation=Evaluation("validation", 0.01, 0.02, 0.03, (CaptureScore("000", {"drive": 1.0}, 0.02),)),
        snapshot=Snapshot({"drive": 2.0}, np.ones(5, np.float32), np.zeros(5, np.float32)),
        licence="MIT",
        author="someone",
        notes="ünïcode ♪",
    )


def test_a_model_survives_the_round_trip(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    store.save(model, path)
    back = store.load(path)
    for name, array in model.weights.items():
        np.testing.assert_array_equal(back.weights[name], array)
    assert model.snapshot is not None and back.snapshot is not None
    np.testing.assert_array_equal(back.snapshot.input, model.snapshot.input)
    plain = {"weights": {}, "snapshot": None}
    assert replace(back, **plain) == replace(model, **plain)  # type: ignore[arg-type]


def test_every_truncation_is_refused_in_one_line(model: ModelFile, tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.vamodel", tmp_path / "part.vamodel"
    store.save(model, whole)
    content = whole.read_bytes()
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError) as caught:
            store.load(path)
        assert "\n" not in str(caught.value)
        assert caught.value.hint


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_flipped_bytes_give_a_model_or_a_clear_error(data: st.DataObject, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "m.vamodel"
    knobs = (Knob("drive"),)
    store.save(ModelFile("m", "hyper-gru", {"hidden": 8}, knobs, 48_000, {"a": np.ones(4, np.float32)}), path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        store.load(path)
    except ModelFileError as error:
        assert "\n" not in error.message


def _rewrite(path: Path, **changes: Any) -> None:
    """Write a file with a header changed by hand, as another program might."""
    header = {
        "schema_version": SCHEMA_VERSION, "name": "x", "architecture": "hyper-gru", "config": {}, "knobs": [],
        "sample_rate": 48_000,
    } | changes  # fmt: skip
    save_file({"a": np.ones(2, np.float32)}, path, {"vastudio": json.dumps(header)})


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"schema_version": 99}, "Update VA Studio"),
        ({"schema_version": "1"}, "version"),
        ({"schema_version": 0}, "version"),
        ({"sample_rate": -1}, "sample_rate"),
        ({"sample_rate": None}, "sample_rate"),
        ({"knobs": [{"name": "", "minimum": 0, "maximum": 1, "default": 0}]}, "knobs.0.name"),
        ({"knobs": [{"name": "a", "minimum": 2, "maximum": 1, "default": 0}]}, "no range"),
        ({"knobs": [{"name": "a", "minimum": 0, "maximum": 1, "default": 0}] * 2}, "same name"),
        ({"name": 3}, "name"),
    ],
)
def test_a_wrong_header_is_named(changes: dict[str, Any], word: str, tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    _rewrite(path, **changes)
    with pytest.raises(ModelFileError, match=word):
        store.load(path)


def test_keys_of_other_programs_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    _rewrite(path, colour="blue")
    assert store.load(path).name == "x"


def test_a_header_that_is_no_object_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    for text in ("[]", "3", "{", '"x"'):
        save_file({"a": np.ones(2, np.float32)}, path, {"vastudio": text})
        with pytest.raises(ModelFileError, match="header"):
            store.load(path)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    save_file({"a": np.ones(2, np.float32)}, path)
    with pytest.raises(ModelFileError, match="no studio header"):
        store.load(path)
    path.write_text("hello")
    with pytest.raises(ModelFileError, match="damaged"):
        store.load(path)
    with pytest.raises(ModelFileError, match="no file"):
        store.load(tmp_path / "missing.vamodel")


def test_weights_must_be_finite_floats(model: ModelFile, tmp_path: Path) -> None:
    path = tmp_path / "m.vamodel"
    with pytest.raises(ModelFileError, match="not numbers"):
        store.save(replace(model, weights={"a": np.array([np.nan], np.float32)}), path)
    assert list(tmp_path.iterdir()) == []
    save_file({"a": np.ones(2, np.float64)}, path, {"vastudio": "{}"})
    with pytest.raises(ModelFileError, match="float64"):
        store.load(path)


def test_an_unwritable_place_leaves_nothing_behind(model: ModelFile, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError):
        store.save(model, tmp_path / "file" / "m.vamodel")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]
