"""The metronome: every click on its frame, whatever the block, and only where it is to be heard."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

from tests.engine.test_rack import playing_rack
from vastudio.engine.metronome import Beat, BeatGrid, clicks
from vastudio.engine.rack import Rack
from vastudio.errors import KnobError
from vastudio.types import Audio

RATE = 48_000
CLICKS = clicks(RATE)
ACCENT, BEAT, PART = range(3)


def run(rack: Rack, frames: int, block: int) -> Audio:
    out = np.full(frames, np.nan, np.float32)
    for at in range(0, frames, block):
        part = out[at : at + block]
        rack.process(np.zeros(part.size, np.float32), part)
        rack.flush()
    return out


def started(beat: Beat, rack: Rack | None = None) -> Rack:
    """A rack that has heard of everything, and whose next frame is the first beat."""
    rack = rack or Rack(RATE)
    rack.metronome.set_beat(beat)
    run(rack, 3, 1)
    rack.metronome.set_on(True)
    return rack


def expected(frames: int, beat: Beat, rate: int = RATE) -> Audio:
    """Clicks laid down one by one, their frames in exact fractions."""
    out = np.zeros(frames, np.float32)
    level = np.float32(10 ** (beat.level_db / 20))
    made, part = clicks(rate), Fraction(60 * rate) / (Fraction(beat.bpm) * beat.parts)
    number = 0
    while (at := -(-(part * number) // 1)) < frames:
        kind = PART
        if number % beat.parts == 0:
            kind = ACCENT if beat.beats > 1 and (number // beat.parts) % beat.beats == 0 else BEAT
        piece = made[kind][: frames - at]
        out[at : at + piece.size] = piece * level
        number += 1
    return out


@pytest.mark.parametrize("block", [1, 63, 64, 65, 8193])
def test_every_click_is_on_its_frame_in_any_blocks(block: int) -> None:
    beat = Beat(171.3, beats=3, parts=2, level_db=-3.0)
    rack = started(beat)
    frames = RATE // 4 if block == 1 else 4 * RATE
    assert np.array_equal(run(rack, frames, block), expected(frames, beat))


def beginnings(out: Audio) -> npt.NDArray[np.intp]:
    """Frames in which sound begins after silence."""
    sounding = np.flatnonzero(out)
    return sounding[np.diff(sounding, prepend=-9999) > 1000]


@pytest.mark.parametrize("bpm", [30.0, 119.97, 300.0])
def test_an_hour_does_not_drift(bpm: float) -> None:
    """The clock is set an hour ahead: the beats there are those of the exact fraction."""
    rack = started(Beat(bpm, beats=1, level_db=0.0))
    run(rack, 256, 256)
    grid = rack.metronome.grid
    assert grid is not None
    hour = 3600 * RATE
    period = Fraction(60 * RATE) / Fraction(bpm)
    beats = int(hour / period)
    assert abs(grid.origin - 3 + beats * grid.period - float(beats * period)) < 0.001


def test_another_tempo_goes_on_from_the_same_place() -> None:
    """A quarter of a beat is left when the tempo doubles: the next click comes half as late."""
    rack = started(Beat(60.0, level_db=0.0))
    run(rack, 36_000, 240)
    rack.metronome.set_beat(Beat(120.0, level_db=0.0))
    out = run(rack, 4 * RATE, 240)
    starts = beginnings(out)
    assert starts[0] == 6_000
    assert np.array_equal(np.diff(starts), np.full(starts.size - 1, 24_000))
    assert np.array_equal(out[6_000 : 6_000 + 1440], CLICKS[BEAT])


def test_a_tempo_that_is_turned_all_the_time_misses_no_beat() -> None:
    """The tempo climbs from 60 to 180 in small steps: as many clicks as the sum of all the shares."""
    rack, seconds, beats = started(Beat(60.0, beats=1, level_db=0.0)), 10, 0.0
    parts = [run(rack, 480, 480)]
    for step in range(100 * seconds - 1):
        bpm = 60.0 + 120.0 * step / (100 * seconds)
        rack.metronome.set_beat(Beat(bpm, beats=1, level_db=0.0))
        parts.append(run(rack, 480, 480))
        beats += bpm / 60.0 * 0.01
    starts = beginnings(np.concatenate(parts))
    assert starts.size == pytest.approx(beats, abs=1.0)
    assert np.diff(starts).min() > 60 * RATE / 181
    assert np.diff(starts).max() < 60 * RATE / 59


def test_subdivisions_begin_within_the_beat() -> None:
    rack = started(Beat(60.0, level_db=0.0))
    run(rack, 12_000, 480)
    rack.metronome.set_beat(Beat(60.0, parts=4, level_db=0.0))
    out = run(rack, RATE, 480)
    assert np.array_equal(
        out[: 12_000 + 1440], expected(RATE, Beat(60.0, parts=4, level_db=0.0))[12_000:][:13_440]
    )


def test_it_is_neither_recorded_nor_sent_through_the_rack() -> None:
    plain, clicked = playing_rack(), started(Beat(150.0), playing_rack())
    run(plain, 3, 1)
    dry, wet = run(plain, RATE, 64), run(clicked, RATE, 64)
    np.testing.assert_allclose(wet - dry, expected(RATE, Beat(150.0)), atol=1e-7)
    assert np.array_equal(plain.tap(20_000)[0], clicked.tap(20_000)[0])
    assert np.array_equal(plain.tap(20_000)[1], clicked.tap(20_000)[1])


def test_it_ends_with_the_click_that_sounds() -> None:
    rack = started(Beat(120.0, level_db=0.0))
    run(rack, 480, 480)
    rack.metronome.set_on(False)
    assert rack.metronome.grid is None
    out = run(rack, RATE, 480)
    assert np.array_equal(out[:960], CLICKS[ACCENT][480:])
    assert not out[960:].any()


@pytest.mark.parametrize("wrong", [{"bpm": 29.0}, {"bpm": float("nan")}, {"beats": 0}, {"parts": 5}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(KnobError, match="metronome"):
        Beat(**wrong)  # type: ignore[arg-type]


def test_a_grid_knows_beats_and_bars() -> None:
    grid = BeatGrid(origin=100.5, period=1000.25, beats=4)
    assert grid.nearest_beat(1_200) == 1101
    assert grid.nearest_bar(2_200) == 4102
    assert grid.whole_bars(100) == 4001
    assert grid.whole_bars(6_100) == 8002
    assert grid.beat_at(3_200) == (3, pytest.approx(0.0987, abs=1e-3))
