"""The rack's values: kept, read again, sent; and switching everything at once does not click."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy

from tests.engine.test_rack import RATE, model, run
from vastudio.app import impulses
from vastudio.app.rack import (
    CabinetSettings,
    MicrophoneSettings,
    RackState,
    Rig,
    ToneSettings,
    read_rig,
    rig_record,
)
from vastudio.app.rack_player import Memory, RackPlayer, load_memory, memory_file, save_memory
from vastudio.audio import io
from vastudio.engine.equaliser import GUITAR_BANDS
from vastudio.engine.gate import Gate
from vastudio.engine.stream import Player
from vastudio.errors import AudioFileError, KnobError, PresetError
from vastudio.types import Audio

TONE = ToneSettings("bands", tuple(replace(band, gain_db=6.0) for band in GUITAR_BANDS))


def response(path: Path, seed: int = 0, frames: int = 2_400, rate: int = RATE) -> Path:
    """A decaying noise up to 5 kHz, as a loudspeaker's answer is, as a file."""
    decay = np.exp(-np.arange(frames) / (frames / 8))
    audio = np.random.default_rng(seed).normal(size=frames) * decay
    audio = scipy.signal.sosfilt(scipy.signal.butter(2, 5_000, fs=rate, output="sos"), audio)
    io.write(path, (0.3 * audio).astype(np.float32), rate)
    return path


def full(first: str, second: str = "") -> RackState:
    return RackState(
        gate_on=True,
        gate=Gate(threshold_db=-50.0),
        tone_on=True,
        tone=TONE,
        cabinet_on=True,
        cabinet=CabinetSettings(MicrophoneSettings(first), MicrophoneSettings(second, -3.0, 0.5, True)),
        output_db=-3.0,
        mix=0.8,
    )


def test_a_rig_is_the_same_after_writing_and_reading() -> None:
    rig = Rig(full("a.wav", "b.wav"), "/models/x.vamodel", {"gain": 6.5})
    assert read_rig(json.loads(json.dumps(rig_record(rig))), "it") == rig


@pytest.mark.parametrize(
    "record",
    [[], {"rack": {"mix": 2}}, {"rack": {"gate": {"threshold_db": 5}}}, {"rack": {"trim_db": float("nan")}}],
)
def test_settings_that_cannot_be_are_refused(record: object) -> None:
    with pytest.raises(PresetError, match="it holds settings"):
        read_rig(record, "it")


def test_levels_have_ranges() -> None:
    with pytest.raises(KnobError, match="output"):
        RackState(output_db=40.0)


def test_the_memory_survives_a_restart() -> None:
    assert load_memory() == Memory()
    memory = Memory("b").holding(Rig(full("x.wav"), "m", {"gain": 1.0}))
    save_memory(memory)
    assert load_memory() == memory
    assert memory.a == Rig()
    assert memory.copied().a == memory.b


def test_a_damaged_memory_is_set_aside() -> None:
    save_memory(Memory())
    memory_file().write_text('{"slot": "a"')
    assert load_memory() == Memory()
    assert memory_file().with_suffix(".json.damaged").is_file()


def test_a_response_is_kept_once_and_outlives_its_file(tmp_path: Path) -> None:
    source = response(tmp_path / "Green Back 57.wav")
    name = impulses.keep(source)
    assert impulses.keep(source) == name
    assert impulses.title(name) == "Green Back 57.wav"
    source.unlink()
    made = impulses.mix(CabinetSettings(MicrophoneSettings(name)), RATE)
    assert made is not None
    assert made.taps(RATE).size > 1_000


@pytest.mark.parametrize("name", ["", "../rack.json", "gone~12345678.wav"])
def test_a_response_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(AudioFileError, match="gone"):
        impulses.path_of(name)


@pytest.mark.parametrize("broken", [b"", b"not audio at all"])
def test_what_is_no_response_is_not_kept(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "cab.wav"
    path.write_bytes(broken)
    with pytest.raises(AudioFileError) as caught:
        impulses.keep(path)
    assert caught.value.hint
    assert not list(impulses.folder().glob("*"))


def test_a_song_is_no_response(tmp_path: Path) -> None:
    io.write(tmp_path / "song.wav", np.ones(11 * 8_000, np.float32), 8_000)
    with pytest.raises(AudioFileError, match=r"11\.0 s long"):
        impulses.keep(tmp_path / "song.wav")


def playing(clean: Audio) -> tuple[Player, RackPlayer]:
    player = Player(RATE)
    player.load_model(model())
    player.set_loop(clean, None)
    run(player._rack, 64)
    player.play()
    return player, RackPlayer(player)


def click_db(audio: Audio) -> float:
    """Peak above 6 kHz from 50 ms on, where low sines leave nothing but clicks."""
    high = scipy.signal.butter(6, 6_000, "high", fs=RATE, output="sos")
    heard = scipy.signal.sosfilt(high, audio.astype(float))[RATE // 20 :]
    return float(20 * np.log10(np.max(np.abs(heard))))


def chord(frames: int = 2 * RATE) -> Audio:
    at = np.arange(frames) / RATE
    waves = [np.sin(2 * np.pi * hertz * at) for hertz in (82.0, 123.0, 164.0)]
    return np.asarray(0.1 * np.sum(waves, axis=0), np.float32)


def test_switching_between_two_racks_does_not_click(tmp_path: Path) -> None:
    """Every slot changes at once, there and back, twelve times, wherever the wave happens to be."""
    names = [impulses.keep(response(tmp_path / f"{seed}.wav", seed)) for seed in (1, 2)]
    a, b = full(names[0]), RackState(tone_on=True, tone=ToneSettings("stack"))
    mixes = [impulses.mix(state.cabinet, RATE) for state in (a, b)]
    player, rack = playing(chord())
    rack.send(a, mixes[0])
    run(player._rack, RATE // 2)
    parts = [run(player._rack, 4_800)]
    for turn in range(12):
        state, mix = (b, mixes[1]) if turn % 2 == 0 else (a, mixes[0])
        rack.send(state, mix)
        parts.append(run(player._rack, 4_800 + 137 * turn))
    assert click_db(np.concatenate(parts)) < -70


def test_another_preset_with_another_model_does_not_click(tmp_path: Path) -> None:
    """Model, knobs and rack at once, as a preset is recalled."""
    state = full(impulses.keep(response(tmp_path / "cab.wav")))
    presets = [(model(0), RackState(), None), (model(3), state, impulses.mix(state.cabinet, RATE))]
    player, rack = playing(chord())
    rack.send(RackState(), None)
    run(player._rack, RATE // 2)
    parts = [run(player._rack, 4_800)]
    for turn in range(1, 9):
        playable, settings, mix = presets[turn % 2]
        player.load_model(playable)
        rack.send(settings, mix)
        parts.append(run(player._rack, 4_800 + 137 * turn))
    assert click_db(np.concatenate(parts)) < -70


@pytest.mark.parametrize("name", ["gate_on", "model_on", "tone_on", "cabinet_on"])
def test_bypassing_a_slot_does_not_click(tmp_path: Path, name: str) -> None:
    state = full(impulses.keep(response(tmp_path / "cab.wav")))
    mix = impulses.mix(state.cabinet, RATE)
    player, rack = playing(chord())
    rack.send(state, mix)
    run(player._rack, RATE // 2)
    parts = [run(player._rack, 4_800)]
    for on in (False, True, False):
        rack.send(replace(state, **{name: on}), mix)  # type: ignore[arg-type]
        parts.append(run(player._rack, 6_000))
    assert click_db(np.concatenate(parts)) < -70


def test_while_measured_the_model_gets_the_input_as_it_is() -> None:
    clean = chord()
    player, rack = playing(clean)
    player.load_model(None)
    state = RackState(gate_on=True, gate=Gate(threshold_db=0.0), mix=0.0)
    rack.send(state, None)
    rack.set_measured(True, state)
    run(player._rack, 4_800)
    assert np.allclose(run(player._rack, 4_800), clean[4_800:9_600], atol=1e-6)
    rack.set_measured(False, state)
    run(player._rack, 24_000)
    player.set_mix(1.0)
    run(player._rack, 4_800)
    assert not run(player._rack, 4_800).any()
