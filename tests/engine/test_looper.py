"""The looper, driven by hand: what goes round is what was played, seams and changes do not click."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import signal

from vastudio.engine.looper import Looper
from vastudio.engine.rack import Rack
from vastudio.kernels import desk
from vastudio.types import Audio

RATE = 48_000
FADE = 240
RISE = (np.arange(FADE) / FADE) ** 2 * (3 - 2 * np.arange(FADE) / FADE)


class Playing:
    """A rack without anything in it on the live input, which plays `live`, and what was heard so far."""

    def __init__(self, live: Audio, block: int = 64) -> None:
        self.rack, self.live, self.block = Rack(RATE), live, block
        self.rack.set_source("live")
        self.rack.set_playing(True)
        self.looper.set_on()
        self.heard = np.zeros(0, np.float32)
        self.to(2_000)

    @property
    def looper(self) -> Looper:
        return self.rack.looper

    def to(self, frame: int) -> Playing:
        """Go on up to a frame."""
        parts = [self.heard]
        for at in range(self.heard.size, frame, self.block):
            count = min(self.block, frame - at)
            out = np.full(count, np.nan, np.float32)
            self.rack.process(np.ascontiguousarray(self.live[at : at + count]), out)
            self.looper.refresh()
            self.rack.flush()
            parts.append(out)
        self.heard = np.concatenate(parts)
        return self

    def silence(self, start: int) -> Playing:
        """From a frame on nobody plays."""
        self.live = self.live.copy()
        self.live[start:] = 0.0
        return self


def noise(frames: int, seed: int = 4) -> Audio:
    return (0.1 * np.random.default_rng(seed).normal(size=frames)).astype(np.float32)


def tone(frames: int, hertz: float = 181.7) -> Audio:
    return (0.2 * np.sin(2 * np.pi * hertz * np.arange(frames) / RATE)).astype(np.float32)


def seamed(x: Audio, start: int, length: int) -> Audio:
    """The loop by its definition: the last frames lead to those in front of the first."""
    weights = 0.5 - 0.5 * np.cos(np.pi * (np.arange(FADE) + 0.5) / FADE)
    loop = x[start : start + length].astype(np.float64)
    loop[-FADE:] = loop[-FADE:] * (1 - weights) + x[start - FADE : start] * weights
    return loop.astype(np.float32)


@pytest.mark.parametrize("block", [1, 63, 64, 65, 8193])
def test_what_was_played_goes_round_in_any_blocks(block: int) -> None:
    """Also across the moment in which the loop is copied out of the ring."""
    start, length, end = 2_500, 4_900, 16_000 if block == 1 else 60_000
    playing = Playing(noise(80_000), block).silence(start + length)
    playing.looper.begin(start)
    playing.to(5_000)
    playing.looper.close(length)
    playing.to(end)
    loop, first = seamed(playing.live, start, length), start + length
    passes = np.tile(loop, 11)[: end - first]
    passes[:FADE] *= RISE.astype(np.float32)
    np.testing.assert_allclose(playing.heard[first:], passes, atol=1e-6)
    np.testing.assert_array_equal(playing.heard[2_500:first], playing.live[2_500:first])
    assert playing.looper.audio is not None
    np.testing.assert_allclose(playing.looper.audio, loop, atol=1e-7)


def click_db(x: Audio) -> float:
    """The peak above 6 kHz in dBFS: the tone has nothing there."""
    highs = signal.sosfiltfilt(signal.butter(8, 6_000, "high", fs=RATE, output="sos"), x.astype(np.float64))
    return float(20 * np.log10(np.abs(highs[200:-200]).max()))


ACTIONS: dict[str, Callable[[Looper], None]] = {
    "close": lambda looper: looper.close(),
    "overdub": lambda looper: looper.overdub(True),
    "end overdub": lambda looper: looper.overdub(False),
    "undo": lambda looper: looper.undo(),
    "redo": lambda looper: looper.redo(),
    "stop": lambda looper: looper.stop(),
    "play": lambda looper: looper.play(),
    "last": lambda looper: looper.keep_last(7_777),
    "clear": lambda looper: looper.clear(),
}


@pytest.mark.parametrize("block", [64, 1024])
def test_nothing_clicks(block: int) -> None:
    """A steady tone, everything done in turn at frames that fit nothing: nothing above 6 kHz."""
    playing = Playing(tone(400_000), block)
    playing.looper.begin()
    for number, act in enumerate(ACTIONS.values()):
        playing.to(2_000 + 23_457 * (number + 1))
        act(playing.looper)
        playing.rack.flush()
    playing.to(300_000)
    assert np.abs(playing.heard[30_000:200_000]).max() > 0.25
    assert click_db(playing.heard[1_000:]) < -70.0
    np.testing.assert_array_equal(playing.heard[-40_000:], playing.live[260_000:300_000])


def test_what_is_played_onto_it_stays_and_can_be_taken_back() -> None:
    playing = Playing(noise(200_000))
    looper = playing.looper
    looper.begin(4_000)
    playing.to(16_000)
    looper.close(12_000)
    playing.to(20_000)
    loop = seamed(playing.live, 4_000, 12_000)
    looper.overdub(True)
    assert (looper.state, looper.layer_count, looper.can_undo) == ("overdubbing", 2, True)
    playing.to(44_000)
    looper.overdub(False)
    playing.to(45_000).silence(45_000)
    assert looper.state == "playing"
    playing.to(100_000)
    live = np.zeros(48_000, np.float32)
    live[20_000:45_000] = playing.live[20_000:45_000]
    shares = np.zeros(48_000, np.float32)
    shares[20_000:44_000] = 1.0
    shares[20_000 : 20_000 + FADE] = RISE
    shares[44_000 : 44_000 + FADE] = 1 - RISE
    added = (live * shares).reshape(4, 12_000).sum(axis=0)
    begun = np.roll(loop, 4_000) + added  # the loop at frames 0, 1, … of the clock
    np.testing.assert_allclose(playing.heard[60_000:72_000], begun, atol=1e-5)
    looper.undo()
    assert (looper.can_undo, looper.can_redo) == (False, True)
    playing.to(130_000)
    np.testing.assert_allclose(playing.heard[108_000:120_000], np.roll(loop, 4_000), atol=1e-6)
    looper.redo()
    playing.to(160_000)
    np.testing.assert_allclose(playing.heard[144_000:156_000], begun, atol=1e-5)


def test_the_last_seconds_can_be_kept_after_they_were_played() -> None:
    playing = Playing(noise(120_000)).to(50_000).silence(50_000)
    playing.looper.keep_last(24_000)
    playing.to(100_000)
    loop = seamed(playing.live, 26_000, 24_000)
    np.testing.assert_allclose(playing.heard[74_000:98_000], loop, atol=1e-6)


def test_no_more_is_kept_than_was_played() -> None:
    playing = Playing(noise(20_000)).to(12_000)
    playing.looper.keep_last(10 * RATE)
    assert playing.looper.length == 12_000
    assert playing.looper.kept_seconds == 0.25


def test_a_stopped_loop_begins_at_its_start_and_a_cleared_one_is_gone() -> None:
    playing = Playing(noise(200_000)).to(30_000)
    playing.looper.keep_last(12_000)
    playing.to(45_000).silence(45_000)
    playing.looper.stop()
    playing.to(60_000)
    assert playing.looper.state == "stopped"
    assert not playing.heard[46_000:].any()
    playing.looper.play()
    playing.to(80_000)
    begin = 60_000 + round(0.02 * RATE)
    loop = seamed(playing.live, 18_000, 12_000)
    assert not playing.heard[46_000 : begin + 1].any()
    np.testing.assert_allclose(playing.heard[begin + FADE : begin + 12_000], loop[FADE:], atol=1e-6)
    playing.looper.clear()
    playing.to(90_000)
    assert (playing.looper.state, playing.looper.length, playing.looper.audio) == ("empty", 0, None)
    assert not playing.heard[80_000 + FADE :].any()


def test_the_loop_belongs_to_the_live_input() -> None:
    """The DI loop is heard without it, and the history is silent meanwhile."""
    playing = Playing(noise(120_000)).to(30_000)
    playing.looper.keep_last(12_000)
    playing.rack.set_loop(np.zeros(5_000, np.float32), None)
    playing.rack.set_source("loop")
    playing.to(60_000)
    assert not playing.heard[40_000:].any()
    playing.rack.set_source("live")
    playing.to(90_000)
    assert np.abs(playing.heard[70_000:]).max() > 0.3


def test_a_loop_that_is_recorded_for_too_long_closes_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vastudio.engine.looper.LONGEST_SECONDS", 0.5)
    playing = Playing(noise(120_000))
    playing.looper.begin()
    playing.to(60_000)
    assert (playing.looper.state, playing.looper.length) == ("playing", 24_000)


def test_another_rate_forgets_the_loop() -> None:
    playing = Playing(noise(60_000)).to(30_000)
    playing.looper.keep_last(12_000)
    playing.to(40_000)
    playing.rack.set_rate(44_100)
    playing.to(50_000)
    assert playing.looper.state == "empty"
    np.testing.assert_array_equal(playing.heard[41_000:], playing.live[41_000:50_000])
    assert playing.rack.ints[desk.LOOPER_NOW + desk.LOOPER_MASK] == playing.looper._history.size - 1
