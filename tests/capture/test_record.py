"""Recording the virtual amplifier into a dataset, and giving up half-way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vastudio.audio import phrase
from vastudio.capture.plan import KnobPlan, Position, plan_knobs
from vastudio.capture.record import SessionFinished, TakeFinished, TakeStarted, record_plan, recording
from vastudio.capture.source import sources
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError, KnobError, OutputError
from vastudio.kernels import circuit
from vastudio.types import Audio


@pytest.fixture(scope="module")
def signal() -> Audio:
    return phrase.render(phrase.RIFF)[:24_000]


def small_plan() -> KnobPlan:
    return plan_knobs(circuit.KNOBS, hypercube=0, validation=1)


def test_every_source_keeps_the_contract(signal: Audio) -> None:
    assert "virtual_amp" in sources()
    for source in sources().values():
        recorded = source.record(signal, {knob.name: knob.maximum for knob in source.knobs})
        assert recorded.shape == signal.shape
        assert recorded.dtype == np.float32
        np.testing.assert_array_equal(
            source.record(signal, {}), source.record(signal, {k.name: k.default for k in source.knobs})
        )
        with pytest.raises(KnobError):
            source.record(signal, {"no such knob": 1.0})


def test_plan_becomes_a_dataset(signal: Audio, tmp_path: Path) -> None:
    source, plan, events = sources()["virtual_amp"], small_plan(), []
    dataset = record_plan(source, plan, signal, tmp_path / "amp", events.append)
    assert [type(event) for event in events] == [TakeStarted, TakeFinished] * 6 + [SessionFinished]
    assert dataset.knobs == circuit.KNOBS
    assert len(dataset.captures("train")) == 5
    assert len(dataset.captures("validation")) == 1
    for capture, position in zip(Dataset.open(tmp_path / "amp").captures(), plan.positions, strict=True):
        assert capture.knobs == position.values
        clean, target = dataset.read_clip(capture.clips[0])
        np.testing.assert_array_equal(clean, signal)
        np.testing.assert_array_equal(target, source.record(signal, position.values))


def test_cancelled_session_leaves_nothing(signal: Audio, tmp_path: Path) -> None:
    session = recording(sources()["virtual_amp"], small_plan(), signal, tmp_path / "amp")
    for _ in range(3):
        next(session)
    session.close()
    assert list(tmp_path.iterdir()) == []


def test_existing_folder_silence_and_empty_plan_are_refused(signal: Audio, tmp_path: Path) -> None:
    source = sources()["virtual_amp"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        record_plan(source, small_plan(), signal, tmp_path / "full")
    with pytest.raises(DatasetError, match="no position"):
        record_plan(source, KnobPlan((), ()), signal, tmp_path / "a")
    one = KnobPlan(circuit.KNOBS, (Position({"gain": 0.0}, "train"),))
    with pytest.raises(DatasetError, match="silent"):
        record_plan(source, one, np.zeros(24_000, np.float32), tmp_path / "b")
    assert not (tmp_path / "b").exists()
