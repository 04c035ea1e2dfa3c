"""Tapping a tempo, phrases from files of every kind, loops that keep to the beat, and what is remembered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.engine.test_looper import noise
from vastudio.app import recording
from vastudio.app.practice import store
from vastudio.app.practice.loops import keep_last, press
from vastudio.app.practice.phrases import read_phrase
from vastudio.app.practice.tap import TapTempo
from vastudio.engine.metronome import Beat
from vastudio.engine.stream import Player
from vastudio.errors import AudioFileError

RATE = 48_000


def taps(*times: float) -> float | None:
    tempo, bpm = TapTempo(), None
    for seconds in times:
        bpm = tempo.tap(seconds)
    return bpm


def test_the_tempo_is_the_median_of_the_taps() -> None:
    assert taps(1.0) is None
    assert taps(1.0, 1.5) == pytest.approx(120.0)
    assert taps(0.0, 0.49, 1.0, 1.52, 2.0, 2.5) == pytest.approx(120.0, rel=0.01)


def test_one_tap_that_went_wrong_changes_nothing() -> None:
    steady = [0.5 * k for k in range(6)]
    assert taps(*steady, 2.5 + 0.9) == pytest.approx(120.0)
    assert taps(*steady, 2.5 + 0.9, 3.9, 4.4) == pytest.approx(120.0)
    assert taps(*steady, 2.51) == pytest.approx(120.0)


def test_another_tempo_is_taken_over_with_its_second_interval() -> None:
    assert taps(0.0, 0.5, 1.0, 1.5, 2.5, 3.5) == pytest.approx(60.0)


def test_a_pause_begins_anew() -> None:
    assert taps(0.0, 0.5, 1.0, 10.0) is None
    assert taps(0.0, 0.5, 1.0, 10.0, 10.4) == pytest.approx(150.0)


def test_a_tempo_stays_within_what_the_metronome_can() -> None:
    assert taps(0.0, 2.1) == 30.0
    assert taps(0.0, 0.15) == 300.0


def tone(seconds: float, rate: int) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "rate", "subtype"),
    [
        ("a.wav", 44_100, "PCM_16"), ("a.flac", 96_000, "PCM_24"), ("a.aiff", 48_000, "PCM_24"),
        ("a.ogg", 44_100, "VORBIS"), ("a.mp3", 44_100, "MPEG_LAYER_III"), ("a.wav", 8_000, "ULAW"),
    ],
)  # fmt: skip
def test_any_audio_file_is_a_phrase_at_the_player_s_rate(
    tmp_path: Path, name: str, rate: int, subtype: str
) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(1.0, rate), rate, subtype=subtype)
    phrase = read_phrase(path, RATE)
    assert phrase.title == "a"
    assert phrase.loop.clean.size == pytest.approx(RATE, rel=0.06)  # coders put silence in front
    spectrum = np.abs(np.fft.rfft(phrase.loop.clean[5_000:45_000] * np.hanning(40_000)))
    assert int(spectrum.argmax()) * RATE / 40_000 == pytest.approx(220, abs=1.2)


def test_of_two_channels_the_mean_is_taken_and_of_a_take_the_clean_one(tmp_path: Path) -> None:
    left, right = tone(0.5, RATE), noise(RATE // 2)
    both = np.stack([left, right], axis=1)
    soundfile.write(tmp_path / "both.wav", both, RATE, subtype="FLOAT")
    phrase = read_phrase(tmp_path / "both.wav", RATE)
    np.testing.assert_allclose(phrase.loop.clean, (left + right) / 2, atol=1e-7)
    assert phrase.loop.target is None
    recording.folder().mkdir(parents=True)
    soundfile.write(recording.folder() / "Take.wav", both, RATE, subtype="FLOAT")
    take = read_phrase(recording.folder() / "Take.wav", RATE)
    np.testing.assert_array_equal(take.loop.clean, left)
    np.testing.assert_array_equal(take.loop.target, right)


def test_files_that_are_none_are_told(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="no audio file"):
        read_phrase(tmp_path / "gone.wav", RATE)
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no music " * 100)
    with pytest.raises(AudioFileError, match="not an audio file"):
        read_phrase(broken, RATE)
    long = tmp_path / "long.flac"
    soundfile.write(long, np.zeros(1_201 * 4_000, np.int16), 4_000)
    with pytest.raises(AudioFileError, match="20 minutes long"):
        read_phrase(long, RATE)
    short = tmp_path / "short.wav"
    soundfile.write(short, np.zeros(10, np.float32), RATE)
    with pytest.raises(AudioFileError, match="shorter"):
        read_phrase(short, RATE)


class Practising:
    """A player driven by hand on the live input."""

    def __init__(self) -> None:
        self.player, self.live, self.at = Player(RATE), noise(600_000), 0
        self.player.set_source("live")
        self.player.play()
        self.player.looper.set_on()
        self.heard: list[np.ndarray] = []
        self.to(4_800)

    def to(self, frame: int) -> None:
        while self.at < frame:
            out = np.empty(min(480, frame - self.at), np.float32)
            self.player._rack.process(self.live[self.at : self.at + out.size], out)
            self.player.looper.refresh()
            self.player.meters()
            self.at += out.size
            self.heard.append(out)

    def click(self, bpm: float, beats: int = 4) -> None:
        self.player.metronome.set_beat(Beat(bpm, beats, level_db=-60.0))
        self.player.metronome.set_on(True)


def test_without_a_beat_a_loop_is_as_long_as_between_the_presses() -> None:
    practising = Practising()
    looper = practising.player.looper
    for frame, state in (
        (10_000, "recording"),
        (40_000, "playing"),
        (60_000, "overdubbing"),
        (90_000, "playing"),
    ):
        practising.to(frame)
        press(practising.player)
        assert looper.state == state
    assert looper.length == 30_000
    looper.stop()
    press(practising.player)
    assert looper.state == "playing"


@pytest.mark.parametrize(("first", "second"), [(46_000, 140_000), (49_900, 146_500)])
def test_with_a_beat_a_loop_begins_on_one_and_has_whole_bars(first: int, second: int) -> None:
    """Pressed too early or too late by up to a tenth of a second: two bars of 3/4 at 90."""
    practising = Practising()
    practising.click(90.0, beats=3)
    practising.to(10_000)
    grid = practising.player.metronome.grid
    assert grid is not None
    practising.to(first)
    press(practising.player)
    practising.to(second)
    press(practising.player)
    looper = practising.player.looper
    assert looper.length == 96_000
    assert looper._start in {round(grid.origin + k * 32_000) for k in range(10)}
    practising.to(looper._start + 3 * 96_000)
    expected = practising.live[looper._start : looper._start + 96_000]
    assert looper.audio is not None
    np.testing.assert_array_equal(looper.audio[:-240], expected[:-240])


def test_what_was_just_played_is_kept_in_seconds_or_in_bars() -> None:
    practising = Practising()
    practising.to(200_000)
    keep_last(practising.player, 2.0)
    assert practising.player.looper.length == 96_000
    practising.player.looper.clear()
    practising.click(120.0)
    practising.to(350_000)
    keep_last(practising.player, 1.0)
    grid, looper = practising.player.metronome.grid, practising.player.looper
    assert grid is not None
    assert looper.length == 96_000
    assert (looper._asked[2] - grid.origin) % 24_000 == pytest.approx(0.0, abs=1.0)


def test_what_is_practised_is_remembered_and_damage_set_aside() -> None:
    settings = store.PracticeSettings(Beat(97.5, 7, 2, -12.0), counts_in=True)
    for number in range(14):
        settings = settings.with_recent(Path(f"/music/{number % 12}.wav"))
    assert len(settings.recent) == 10
    assert settings.recent[:2] == ("/music/1.wav", "/music/0.wav")
    store.save(settings)
    assert store.load() == settings
    for text in ("", '{"practice": {"beat": {"bpm": 1000}}}'):
        store.practice_file().write_text(text)
        assert store.load() == store.PracticeSettings()
        assert store.practice_file().with_suffix(".json.damaged").read_text() == text
