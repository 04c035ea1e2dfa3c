"""Recording the virtual amplifier into a dataset, and giving up half-way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vastudio.audio import phrase
from vastudio.capture.plan import KnobPlan, Position, plan_knobs
from vastudio.capture.record import SessionFinished, TakeFinished, TakeStarted, record_plan, recording
from vastudio.capture.source import Request, Source, build_source
from vastudio.dataset.store import Dataset
from vastudio.errors import CaptureError, DatasetError, KnobError, OutputError
from vastudio.kernels import circuit
from vastudio.types import Audio, Knob


@pytest.fixture(scope="module")
def signal() -> Audio:
    return phrase.render(phrase.RIFF)[:24_000]


def small_plan() -> KnobPlan:
    return plan_knobs(circuit.KNOBS, hypercube=0, validation=1)


def virtual_amp() -> Source:
    return build_source("virtual", Request())


def test_plan_becomes_a_dataset(signal: Audio, tmp_path: Path) -> None:
    source, plan, events = virtual_amp(), small_plan(), []
    dataset = record_plan(source, plan, signal, tmp_path / "amp", events.append)
    assert [type(event) for event in events] == [TakeStarted, TakeFinished] * 6 + [SessionFinished]
    assert dataset.knobs == circuit.KNOBS
    assert len(dataset.captures("train")) == 5
    assert len(dataset.captures("validation")) == 1
    for capture, position in zip(Dataset.open(tmp_path / "amp").captures(), plan.positions, strict=True):
        assert capture.knobs == position.values
        clean, target = dataset.read_clip(capture.clips[0])
        np.testing.assert_array_equal(clean, signal)
        np.testing.assert_array_equal(target, source.record(signal, position.values).audio)


def test_cancelled_session_leaves_nothing(signal: Audio, tmp_path: Path) -> None:
    session = recording(virtual_amp(), small_plan(), signal, tmp_path / "amp")
    for _ in range(3):
        next(session)
    session.close()
    assert list(tmp_path.iterdir()) == []


def test_existing_folder_silence_and_empty_plan_are_refused(signal: Audio, tmp_path: Path) -> None:
    source = virtual_amp()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        record_plan(source, small_plan(), signal, tmp_path / "full")
    with pytest.raises(CaptureError, match="no position"):
        record_plan(source, KnobPlan((), ()), signal, tmp_path / "a")
    one = KnobPlan(circuit.KNOBS, (Position({"gain": 0.0}, "train"),))
    with pytest.raises(DatasetError, match="silent"):
        record_plan(source, one, np.zeros(24_000, np.float32), tmp_path / "b")
    assert not (tmp_path / "b").exists()
    foreign = plan_knobs([Knob("presence")])
    with pytest.raises(KnobError, match="no knob 'presence'"):
        record_plan(source, foreign, signal, tmp_path / "c")
