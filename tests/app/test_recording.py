"""Recordings: what was played, whole at every instant; and the same take through another rack."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.app.test_rack_state import full, response
from tests.engine.test_rack import KNOBS, RATE, model, run, sine
from tests.models import random_model
from vastudio.app import impulses, recording
from vastudio.app.rack import RackState, Rig
from vastudio.app.reamp import chain_of, read_take, reamp, reamp_all, reamp_timed
from vastudio.app.recording import Recording, TakeWriter
from vastudio.audio import io
from vastudio.audio.resample import resample
from vastudio.engine.bounce import Chain, bounce
from vastudio.engine.gate import Gate
from vastudio.engine.offline import apply, render
from vastudio.engine.rack import Rack
from vastudio.engine.stream import Player
from vastudio.errors import ModelFileError, OutputError
from vastudio.kernels import desk
from vastudio.modelfile import store
from vastudio.types import Audio


def two(frames: int, seed: int = 0) -> tuple[Audio, Audio]:
    clean, processed = np.random.default_rng(seed).normal(size=(2, frames)).astype(np.float32)
    return clean, processed


def test_the_file_is_whole_after_every_write(tmp_path: Path) -> None:
    """A copy made at any moment opens and holds everything that was written."""
    writer = TakeWriter(tmp_path / "a" / "take.wav", 44_100)
    written = [np.zeros((0, 2), np.float32)]
    for step in range(5):
        clean, processed = two(1_000 + step, step)
        writer.write(clean, processed)
        written.append(np.stack([clean, processed], axis=1))
        copy = shutil.copy(writer.path, tmp_path / "copy.wav")
        audio, rate = soundfile.read(copy, dtype="float32")
        assert rate == 44_100
        assert np.array_equal(audio, np.concatenate(written))
    writer.close()


@pytest.mark.parametrize("lost_bytes", [1, 3, 8, 1_001])
def test_a_file_cut_off_by_a_power_failure_opens(tmp_path: Path, lost_bytes: int) -> None:
    """The disk had the header, but not the end of the sound."""
    path = tmp_path / "take.wav"
    clean, processed = two(5_000)
    with TakeWriter(path, RATE) as writer:
        writer.write(clean, processed)
    os.truncate(path, path.stat().st_size - lost_bytes)
    again, _, _ = read_take(path)
    frames = 5_000 - -(-lost_bytes // 8)
    assert np.array_equal(again, clean[:frames])


def test_sound_that_the_header_does_not_know_yet_does_no_harm(tmp_path: Path) -> None:
    """The process ended between the sound and the lengths."""
    path = tmp_path / "take.wav"
    clean, processed = two(5_000)
    with TakeWriter(path, RATE) as writer:
        writer.write(clean, processed)
    with path.open("ab") as file:
        file.write(b"\x55" * 1_003)
    assert np.array_equal(read_take(path)[0], clean)


def test_a_recording_never_replaces_another(tmp_path: Path) -> None:
    TakeWriter(tmp_path / "take.wav", RATE).close()
    with pytest.raises(OutputError, match=r"take\.wav"):
        TakeWriter(tmp_path / "take.wav", RATE)


def recorded(player: Player, frames: int) -> recording.TakeReport:
    """Record while the rack is driven by hand."""
    take = Recording(player, recording.new_path())
    for _ in range(frames // 4_800):
        run(player._rack, 4_800)
        time.sleep(0.001)
    return take.stop()


def test_what_is_played_is_recorded_from_now_on() -> None:
    player, clean = Player(RATE), sine(2 * RATE)
    player.load_model(model())
    player.set_knobs(KNOBS)
    player.set_loop(clean, None)
    run(player._rack, 64)
    player.play()
    run(player._rack, 9_600)
    report = recorded(player, 48_000)
    assert report.lost_frames == 0
    assert report.problem is None
    assert report.seconds == pytest.approx(1.0)
    heard, made, rate = read_take(report.paths[0])
    assert rate == RATE
    assert made is not None
    np.testing.assert_allclose(heard, clean[9_600:57_600], atol=1e-6)
    expected = render(model(), clean, KNOBS)[9_600:57_600]
    np.testing.assert_allclose(made, expected, atol=1e-4)
    assert recording.takes() == list(report.paths)


def test_what_came_too_fast_is_silence_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_PAUSE_SECONDS", 30.0)
    player = Player(RATE)
    player.set_loop(sine(RATE), None)
    run(player._rack, 64)
    player.play()
    report = recorded(player, 144_000)
    assert report.lost_frames == 144_000 - desk.RING + desk.CHUNK
    heard, _, _ = read_take(report.paths[0])
    assert heard.size == 144_000
    assert not heard[: report.lost_frames].any()
    assert np.array_equal(heard[-1_000:], np.tile(sine(RATE), 4)[143_000:144_000])


def test_a_full_file_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LARGEST_BYTES", 100_000)
    monkeypatch.setattr(recording, "_PAUSE_SECONDS", 0.001)
    player = Player(RATE)
    player.set_loop(sine(RATE), None)
    player.play()
    report = recorded(player, 48_000)
    assert len(report.paths) > 1
    parts = [read_take(path)[0] for path in report.paths]
    assert sum(part.size for part in parts) == 48_000


def test_a_rack_without_a_device_plays_what_is_heard(tmp_path: Path) -> None:
    state = full(impulses.keep(response(tmp_path / "cab.wav")))
    cabinet = impulses.mix(state.cabinet, RATE)
    assert cabinet is not None
    clean = sine(24_000, level=0.1)
    chain = Chain(model(), KNOBS, state.gate, state.tone.effect, cabinet, 0.8, -3.0)
    out = np.concatenate(list(bounce(chain, clean, RATE, 1_000)))
    expected = render(model(), apply(state.gate, clean, RATE), KNOBS)
    for effect in (state.tone.effect, cabinet):
        expected = apply(effect, expected, RATE)
    mixed = 10 ** (-3 / 20) * (0.8 * expected + 0.2 * clean)
    np.testing.assert_allclose(out, mixed, atol=2e-5)
    assert np.max(np.abs(out)) < 0.89


def test_the_limiter_is_part_of_it() -> None:
    out = np.concatenate(list(bounce(Chain(output_db=12.0), sine(4_800, level=0.9), RATE)))
    assert 0.95 < np.max(np.abs(out)) <= 1.0


def test_a_model_that_cannot_play_at_a_rate_is_refused() -> None:
    with pytest.raises(ModelFileError, match="8000"):
        list(bounce(Chain(model()), sine(100), 8_000))


def test_a_take_is_played_through_another_rack(tmp_path: Path) -> None:
    path = tmp_path / "Small.vamodel"
    store.save(random_model(8, seed=0), path)
    take = tmp_path / "Take 1.wav"
    clean = sine(24_000)
    io.write(take, np.stack([clean, 0 * clean], axis=1), RATE)
    steps: list[int] = []
    rig = Rig(RackState(trim_db=6.0), str(path), KNOBS)
    out = reamp(take, rig, lambda done, total, text: steps.append(done))
    assert out == tmp_path / "Take 1 re-amped.wav"
    heard, made, rate = read_take(out)
    assert (rate, steps[0]) == (RATE, 0)
    assert np.array_equal(heard, clean)
    assert made is not None
    np.testing.assert_allclose(made, render(model(), clean, KNOBS), atol=1e-4)


def test_a_take_of_another_rate_is_converted(tmp_path: Path) -> None:
    take = tmp_path / "Take 1.wav"
    io.write(take, sine(44_100), 44_100)
    heard, made, rate = read_take(
        reamp(take, Rig(RackState(gate_on=True, gate=Gate(-40.0))), lambda *_: None)
    )
    assert rate == RATE
    assert heard.size == 48_000
    assert made is not None


def test_ending_it_leaves_nothing_behind(tmp_path: Path) -> None:
    class EndedError(Exception):
        pass

    def report(done: int, _total: int, _text: str) -> None:
        if done:
            raise EndedError

    take = tmp_path / "Take 1.wav"
    io.write(take, sine(24_000), RATE)
    with pytest.raises(EndedError):
        reamp(take, Rig(), report)
    assert list(tmp_path.iterdir()) == [take]


def test_rings_are_read_from_now_on() -> None:
    rack = Rack(RATE)
    run(rack, 1_000)
    now = rack.read(1 << 62)
    assert (now.end, now.lost, now.input.size) == (1_000, 0, 0)


def test_a_take_is_re_amped_part_by_part_as_in_one_piece(tmp_path: Path) -> None:
    """Another rate, and a length that is no multiple of anything: as resampled and played at once."""
    take, frames = tmp_path / "take.wav", 2 * 44_100 + 1_237
    noise = (0.1 * np.random.default_rng(0).normal(size=frames)).astype(np.float32)
    io.write(take, noise, 44_100)
    rig = Rig(RackState(gate_on=True, gate=Gate(-40.0), output_db=-6.0))
    made = reamp_timed(take, rig, lambda *_: None)
    clean, processed, rate = read_take(made.path)
    assert rate == RATE
    whole = resample(noise, 44_100, RATE)
    np.testing.assert_allclose(clean, whole, atol=1e-6)
    assert processed is not None
    chain, _ = chain_of(rig)
    np.testing.assert_array_equal(processed, np.concatenate(list(bounce(chain, clean, RATE))))
    assert made.seconds == clean.size / RATE
    assert made.speed > 0.0


def test_a_take_goes_through_several_presets(tmp_path: Path) -> None:
    take = tmp_path / "take.wav"
    io.write(take, sine(4_800), RATE)
    rigs = [("Quiet", Rig(RackState(output_db=-20.0))), ("A/B: as it is", Rig())]
    quiet, plain = reamp_all(take, rigs, lambda *_: None)
    assert (quiet.path.name, plain.path.name) == (
        "take re-amped Quiet.wav",
        "take re-amped A-B- as it is.wav",
    )
    levels = [np.abs(io.read_channels(each.path)[0][:, 1]).max() for each in (quiet, plain)]
    assert levels[0] == pytest.approx(0.1 * levels[1], rel=1e-3)


@pytest.mark.slow
def test_an_hour_is_re_amped_in_little_memory(tmp_path: Path) -> None:
    """`pytest -m slow -s` says how many times faster than real time."""
    take = tmp_path / "hour.wav"
    io.write(take, np.tile(sine(RATE), 3_600), RATE, "PCM_24")
    path = tmp_path / "m.vamodel"
    store.save(random_model(32), path)
    rig = Rig(RackState(gate_on=True, tone_on=True), str(path))
    reamp_timed(take, replace(rig, model=""), lambda done, *_: None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = reamp_timed(take, rig, lambda *_: None)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    sys.stdout.write(
        f"\n1 h in {made.took_seconds:.1f} s, {made.speed:.0f} times real time, {grown:.0f} MiB more\n"
    )
    assert made.seconds == 3_600
    assert grown < 64
