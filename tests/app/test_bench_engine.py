"""The measurement as a whole, on small networks and for moments only: its rows, not its times."""

from __future__ import annotations

import dataclasses
import json
from functools import partial

import numpy as np
import pytest

from vastudio.app.bench import engine, instruments, loads
from vastudio.app.bench.engine import Extent
from vastudio.app.bench.timing import Plan
from vastudio.kernels.voice import STEPS_LEFT

MOMENT = Extent((partial(instruments.recurrent_cell, "gru", 4),), Plan(1e-4, 3), (64,), 0.05, 1)
ACCURATE = 1e-5


@pytest.fixture
def few_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "TAIL_SECONDS", 0.5)
    monkeypatch.setattr(loads, "LOADS", loads.LOADS[1:])


@pytest.mark.usefixtures("few_loads")
def test_rows_and_progress() -> None:
    steps: list[tuple[int, int, str]] = []
    report = engine.measure(MOMENT, lambda *step: steps.append(step))
    figures = [row for row in report.rows if row.ratio is None]
    assert [(row.kernel, row.size, row.block) for row in figures] == [("gru", 4, b) for b in (64, 128, 256)]
    assert [row.torch_ns is not None for row in figures] == [True, False, False]
    for row in figures:
        assert row.ns_per_sample >= row.ns_per_sample_min > 0
        assert row.realtime_percent == pytest.approx(row.ns_per_sample * 48e-4)
        assert row.max_abs_error is not None and row.max_abs_error < ACCURATE
        assert row.floor_ns == max(row.arithmetic_floor_ns or 0, row.latency_floor_ns or 0)
    assert {row.kernel for row in report.rows if row.ratio is not None} == {"knob-turning", "tail"}
    assert [done for done, _, _ in steps] == list(range(len(steps)))
    assert steps[-1][0] == steps[-1][1]
    assert json.loads(json.dumps(dataclasses.asdict(report)))["machine"]["lanes"] == report.machine.lanes


@pytest.mark.usefixtures("few_loads")
def test_without_onnxruntime_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (engine, instruments):
        monkeypatch.setattr(module, "missing_rivals", lambda: ["onnxruntime"])
    report = engine.measure(MOMENT)
    assert all(
        row.onnxruntime_ns is None and row.times_faster_than_onnxruntime is None for row in report.rows
    )
    assert report.notes == ("There is no comparison with onnxruntime: pip install onnxruntime",)


@pytest.mark.usefixtures("few_loads")
def test_it_ends_where_progress_raises() -> None:
    def cancel(done: int, _total: int, _text: str) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.measure(MOMENT, cancel)


def test_the_common_sizes_are_there() -> None:
    common = {(make().kernel, make().size) for make in instruments.common()}
    cells = {("gru", 16), ("gru", 32), ("gru", 64), ("lstm", 16), ("lstm", 32), ("lstm", 40)}
    assert common >= cells


def test_a_tail_dies_away_through_subnormal_numbers_into_silence() -> None:
    dying, steady = loads.tail_signals()
    half = dying.size // 2
    assert not dying[half:].any()
    subnormal = np.abs(dying[:half]) < np.finfo(np.float32).tiny
    assert (subnormal & (dying[:half] != 0)).sum() > 1000
    assert np.abs(steady).max() == pytest.approx(0.1, rel=1e-3)


def test_knobs_turn_a_hundred_times_a_second() -> None:
    voice = instruments.recurrent_cell("gru", 4).voice
    assert voice is not None
    here, there = voice.weights.copy(), voice.weights + np.float32(1.0)
    audio = np.zeros(loads.TURN_FRAMES, np.float32)
    arguments = (audio, np.empty_like(audio), here.ctypes.data, there.ctypes.data)
    loads._turn_knobs(voice.at, *arguments, 0)
    np.testing.assert_array_equal(voice.weights, here)
    loads._turn_knobs(voice.at, *arguments, voice.program.glide_steps(48_000))
    assert not np.array_equal(voice.weights, here)
    assert voice.numbers[STEPS_LEFT] > 0
