"""Every measure of the full probe against devices whose answer is known in closed form."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy

from tests.app import probed
from vastudio.app.bench import timing
from vastudio.app.probe.measure import measures
from vastudio.app.probe.measures import (
    aliasing,
    harmonics,
    intermodulation,
    load,
    resolution,
    response,
    startup,
    transfer,
    zipper,
)
from vastudio.app.probe.subject import BlockPlay, Moves, Subject
from vastudio.audio.level import from_db
from vastudio.modelfile.probe import FLOOR_DBFS
from vastudio.types import Audio, KnobValues

RATE = 48_000
SQUARE, CUBIC = 0.1, 0.2


def polynomial(x: Audio) -> Audio:
    y = x.astype(np.float64)
    return np.asarray(y + SQUARE * y**2 + CUBIC * y**3, np.float32)


def silent(x: Audio) -> Audio:
    return np.zeros_like(x)


def test_every_measure_is_found_and_tells_itself_also_of_silence() -> None:
    found = measures()
    assert set(found) == {
        "aliasing", "harmonics", "intermodulation", "load", "resolution", "response", "startup", "transfer",
        "zipper",
    }  # fmt: skip
    for measure in found.values():
        result = measure.run(probed.subject(silent), {})
        if result is not None:
            grid = measure.grid(result)
            assert all(len(row) == len(grid.columns) for row in grid.rows)
            assert all(math.isfinite(verdict.value) for verdict in measure.judge(result))


def test_harmonics_over_level() -> None:
    result = harmonics.run(probed.subject(polynomial), {})
    assert len(result.points) == len(harmonics.LEVELS_DBFS) * len(harmonics.FUNDAMENTALS_HZ)
    for point in result.points:
        peak = from_db(point.level_dbfs)
        first = peak + 0.75 * CUBIC * peak**3
        second, third = SQUARE * peak**2 / 2, CUBIC * peak**3 / 4
        assert point.thd_percent == pytest.approx(100 * math.hypot(second, third) / first, rel=2e-3, abs=2e-4)
        assert point.harmonics_dbfs[0] == pytest.approx(20 * math.log10(first), abs=0.01)
        assert point.harmonics_dbfs[1] == pytest.approx(20 * math.log10(second), abs=0.05)
    assert result.nearest(1000, -12).fundamental_hz == pytest.approx(1000, abs=10)
    assert harmonics.run(probed.subject(silent), {}).points[0].thd_percent is None


def test_the_transfer_curve_of_a_soft_clipper() -> None:
    result = transfer.run(probed.subject(probed.soft), {})
    for curve in result.curves:
        np.testing.assert_allclose(curve.rising_fs, np.tanh(1.5 * np.array(curve.input_fs)) / 1.5, atol=2e-4)
        assert curve.opening_percent < 0.1
        assert curve.asymmetry_percent == pytest.approx(0.0, abs=0.05)
    assert max(result.curves[2].input_fs) == pytest.approx(1.0, abs=1e-3)
    lopsided = transfer.judge(transfer.run(probed.subject(lambda x: np.clip(x, -0.5, 1.0)), {}))[0]
    assert lopsided.value == pytest.approx(100 / 3, abs=0.5)
    assert "positive" in lopsided.sentence


def test_the_response_of_a_known_filter_at_every_level() -> None:
    sos = scipy.signal.butter(2, [200.0, 4000.0], "band", fs=RATE, output="sos")

    def device(x: Audio) -> Audio:
        return scipy.signal.sosfilt(sos, x.astype(np.float64)).astype(np.float32)

    result = response.run(probed.subject(device), {})
    _, expected = scipy.signal.sosfreqz(sos, result.hertz, fs=RATE)
    expected_db = 20 * np.log10(np.abs(expected))
    for level in result.responses:
        np.testing.assert_allclose(
            np.array(level.gain_db)[expected_db > -40], expected_db[expected_db > -40], atol=0.1
        )
    verdict = response.judge(result)[0]
    assert verdict.value == pytest.approx(0.0, abs=0.05)
    assert "from 202 to 4" in verdict.sentence or "from 20" in verdict.sentence


def test_a_cubic_compresses_by_what_it_takes() -> None:
    """x − 0.4·x³ has a gain of 1 − 0.3·A²."""
    result = response.run(probed.subject(lambda x: x - np.float32(0.4) * x**3), {})
    loud = np.array(result.responses[-1].gain_db)
    middle = loud[len(loud) // 2]
    assert middle == pytest.approx(20 * math.log10(1 - 0.3 * from_db(-12.0)), abs=0.05)


def test_an_alias_of_known_height() -> None:
    """The 21st harmonic of a full sine by a Chebyshev polynomial: it folds from 1143 Hz on."""
    peak, height = from_db(aliasing.LEVEL_DBFS), 0.01

    def device(x: Audio) -> Audio:
        scaled = np.clip(x.astype(np.float64) / peak, -1.0, 1.0)
        return np.asarray(peak * (scaled + height * scipy.special.eval_chebyt(21, scaled)), np.float32)

    result = aliasing.run(probed.subject(device), {})
    for step in (step for step in result.steps if step.fundamental_hz < 5000):
        if step.fundamental_hz * 21 > RATE / 2:
            assert step.alias_to_signal_db == pytest.approx(20 * math.log10(height), abs=0.05)
            assert step.lines_db == pytest.approx(step.alias_to_signal_db, abs=0.01)
        else:
            assert step.alias_to_signal_db < -110.0
        loudest = int(np.argmax(step.picture_dbfs))
        assert loudest == int(step.fundamental_hz / (RATE / 2 / aliasing.BANDS))
        assert max(step.picture_dbfs) == pytest.approx(aliasing.LEVEL_DBFS, abs=0.1)
    assert 1143 < result.worst_hz < aliasing.HIGHEST_NOTE_HZ
    assert result.worst_note == "D#6"
    assert result.median_db < -100.0
    assert result.beyond_steps_db == pytest.approx(-40.0, abs=0.05)
    grain = aliasing.run(probed.subject(probed.eight_bit), {})
    assert grain.worst_db == pytest.approx(10 * math.log10(128.0**-2 / 12 / (peak**2 / 2)), abs=1.0)
    assert grain.beyond_steps_db < grain.worst_db - 4.0


def test_notes_have_their_names() -> None:
    assert [aliasing.note_name(hz) for hz in (82.41, 440.0, 261.63, 1318.5)] == ["E2", "A4", "C4", "E6"]


def test_intermodulation_in_closed_form() -> None:
    result = intermodulation.run(probed.subject(lambda x: x + np.float32(SQUARE) * x**2), {})
    for point in result.points:
        peak = from_db(point.level_dbfs)
        assert point.smpte_percent == pytest.approx(100 * math.sqrt(2) * SQUARE * 0.8 * peak, rel=1e-2)
        assert point.ccif_second_percent == pytest.approx(100 * SQUARE * (peak / 2) ** 2 / peak, rel=1e-2)
        assert point.ccif_third_percent == pytest.approx(0.0, abs=1e-3)
    slow = replace(probed.subject(polynomial), sample_rate=22_050)
    assert intermodulation.run(slow, {}).points[0].smpte_percent is None
    assert intermodulation.run(probed.subject(silent), {}).points[0].smpte_percent is None


@pytest.mark.parametrize(("bits", "grade"), [(8, "bad"), (13, "watch"), (16, "good"), (24, "good")])
def test_resolution_in_bits(bits: int, grade: str) -> None:
    step = np.float32(2.0 ** (1 - bits))
    result = resolution.run(probed.subject(lambda x: np.round(x / step) * step), {})
    assert result.resolution_bits == pytest.approx(bits, abs=0.05)
    assert resolution.judge(result)[0].grade == grade


def test_zipper_noise_of_known_height() -> None:
    """A device that whistles 50 dB below the sine, far from its lines, as long as knobs turn."""

    def turn(audio: Audio, _moves: Moves) -> Audio:
        whistle = from_db(zipper.LEVEL_DBFS - 50.0) * np.sin(2 * np.pi * 1500 * np.arange(audio.size) / RATE)
        return np.asarray(audio + whistle, np.float32)

    whistling = Subject(lambda audio, _values: audio, knobs=(probed.VOLUME,), turn=turn)
    result = zipper.run(whistling, {})
    assert result is not None
    assert result.knobs[0].moving_db == pytest.approx(-50.0, abs=0.05)
    assert result.knobs[0].still_db < -120.0
    assert zipper.judge(result)[0].grade == "watch"
    assert zipper.run(probed.subject(probed.soft), {}) is None


def test_stairs_are_heard_and_glides_are_not() -> None:
    stairs, glides = (zipper.run(probed.turnable(smooth), {}) for smooth in (False, True))
    assert stairs is not None and glides is not None
    assert stairs.knobs[0].moving_db > glides.knobs[0].moving_db + 15.0
    assert zipper.judge(stairs)[0].grade == "bad"
    assert zipper.judge(glides)[0].grade == "good"


def test_what_is_there_without_turning_is_no_zipper_noise() -> None:
    noisy = zipper.Zipper((zipper.ZipperAt("drive", -30.0, -31.0), zipper.ZipperAt("tone", -50.0, -70.0)))
    verdict = zipper.judge(noisy)[0]
    assert (verdict.value, verdict.grade) == (-50.0, "watch")
    assert "tone" in verdict.sentence
    assert zipper.judge(zipper.Zipper(noisy.knobs[:1]))[0].grade == "good"


def test_the_knob_goes_through_its_dial_in_a_tenth_of_a_second() -> None:
    seen: list[Moves] = []

    def turn(audio: Audio, moves: Moves) -> Audio:
        seen.append(moves)
        return audio

    zipper.run(Subject(lambda audio, _values: audio, knobs=(probed.VOLUME,), turn=turn), {"volume": 0.3})
    frames = [frame for frame, _ in seen[0]]
    assert [values["volume"] for _, values in seen[0]] == pytest.approx(np.linspace(0, 1, 11))
    assert np.diff(frames[1:]).tolist() == [480] * 9


def test_pops_of_known_height() -> None:
    result = startup.run(probed.subject(probed.popping), {})
    assert result.load_pop_dbfs == pytest.approx(20 * math.log10(0.02), abs=0.01)
    assert result.jumps == ()

    def turn(audio: Audio, moves: Moves) -> Audio:
        out = audio.copy()
        heights = {2: 0.05 if moves[1][1]["volume"] > 0.5 else 0.02}
        out[moves[-1][0] + 10] = heights.get(len(moves), 0.005)
        return out

    jumping = Subject(lambda audio, _values: audio, knobs=(probed.VOLUME,), turn=turn)
    result = startup.run(jumping, {})
    assert result.load_pop_dbfs == FLOOR_DBFS
    assert result.jumps == (startup.Jump("volume", pytest.approx(20 * math.log10(0.05), abs=0.01)),)
    assert result.turns == (startup.Jump("volume", pytest.approx(20 * math.log10(0.005), abs=0.01)),)
    assert [verdict.grade for verdict in startup.judge(result)] == ["good", "bad", "watch"]


def test_a_steady_hum_and_a_steady_offset_are_no_pop() -> None:
    for device in (probed.humming, probed.offset):
        assert startup.run(probed.subject(device), {}).load_pop_dbfs < -80.0


def test_load_at_every_block_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves by 200 ns for every sample and 1600 ns for every block."""
    now = [0]
    monkeypatch.setattr(timing, "clock", lambda: now[0])
    monkeypatch.setattr(load, "own_clock", lambda: now[0] * 1e-9)
    monkeypatch.setattr(load, "wall_clock", lambda: now[0] * 1.25e-9)

    def stream(_values: KnobValues) -> BlockPlay:
        def play(audio: Audio, block: int) -> Audio:
            now[0] += 200 * audio.size + 1600 * (audio.size // block)
            return audio

        return play

    result = load.run(replace(probed.subject(probed.soft), stream=stream), {})
    assert result is not None
    assert [at.block_frames for at in result.blocks] == list(load.BLOCKS)
    for at in result.blocks:
        expected = 200 + 1600 / at.block_frames
        assert at.nanoseconds_per_sample == pytest.approx(expected, abs=0.1)
        assert at.core_percent == pytest.approx(expected * 48_000 / 1e9 * 100, abs=0.01)
    assert result.waited_percent == pytest.approx(20.0)
    verdict = load.judge(result)[0]
    assert verdict.grade == "good"
    assert "Other work had the core for 20 % of the time" in verdict.sentence
    assert "Other work" not in load.judge(replace(result, waited_percent=5.0))[0].sentence
