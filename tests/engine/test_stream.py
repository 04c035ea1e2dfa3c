"""The player on the silent clock, the compiled callback on a foreign thread, and a real device."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numba import carray, cfunc, types

from tests.models import random_model
from vastudio.engine import devices
from vastudio.engine.devices import DeviceChoice, list_devices
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.engine.preparation import prepare
from vastudio.engine.rack import Rack
from vastudio.engine.stream import Player
from vastudio.errors import DeviceError, KnobError, ModelFileError
from vastudio.kernels import desk
from vastudio.kernels.callback import native_callback
from vastudio.kernels.chain import process
from vastudio.kernels.memory import pointer
from vastudio.types import Audio

RATE = 48_000
PATIENCE_SECONDS = 20.0


def phrase(frames: int = 12_000) -> Audio:
    return (0.2 * np.random.default_rng(8).normal(size=frames)).clip(-0.8, 0.8).astype(np.float32)


def wait_until(condition: Callable[[], bool]) -> None:
    """Give the driver time; fail when nothing happens at all."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "the stream stands still"
        time.sleep(0.005)


@pytest.fixture
def model() -> PlayableModel:
    return PlayableModel.from_file(random_model(8))


@pytest.fixture
def player() -> Iterator[Player]:
    player = Player(RATE)
    yield player
    player.close()


def assert_plays_the_loop(player: Player, expected: Audio) -> None:
    """The newest output is a piece of the offline rendering of the repeated loop."""
    wait_until(lambda: bool(player.tap(2_000)[1].any()))
    start = player.stats().blocks
    wait_until(lambda: player.stats().blocks > start + 10)
    player.stop()
    heard, made = player.tap(40_000)
    first = int(np.flatnonzero(heard)[0])
    made = made[first:]
    frames = min(made.size, expected.size, 3_000)
    assert frames > 1_000
    assert np.array_equal(made[240:frames], expected[240:frames])


def test_without_a_device_everything_but_the_sound_works(player: Player, model: PlayableModel) -> None:
    assert player.is_silent
    assert player.open(None) == ""
    assert player.is_silent
    player.load_model(model)
    player.set_loop(phrase(), phrase())
    player.set_knobs({"knob_1": 8.0})
    assert not player.playing
    player.play()
    assert player.playing
    wait_until(lambda: player.position > 0 and player.meters().output_peak_db > -60)
    stats = player.stats()
    assert stats.blocks > 0
    assert (stats.sample_rate, stats.block, stats.faults) == (RATE, 480, 0)
    assert player.check() is None
    player.stop()
    wait_until(lambda: not player.tap(64)[1].any())


def test_what_the_player_plays_is_what_is_rendered(player: Player, model: PlayableModel) -> None:
    player.load_model(model)
    player.set_loop(phrase(), None)
    player.open(None)
    player.play()
    assert_plays_the_loop(player, render(model, phrase(), {}))


def test_knobs_are_checked_and_kept(player: Player, model: PlayableModel) -> None:
    with pytest.raises(KnobError):
        player.set_knobs({"knob_1": 1.0})
    player.load_model(model)
    with pytest.raises(KnobError):
        player.set_knobs({"knob_1": 11.0})
    player.set_knobs({"knob_1": 2.0})
    player.set_knobs({"knob_2": 7.0})
    player.set_loop(phrase(), None)
    player.open(None)
    wait_until(lambda: player.stats().blocks > 10)
    player.meters()
    wait_until(lambda: player.stats().blocks > 20)
    player.play()
    assert_plays_the_loop(player, render(model, phrase(), {"knob_1": 2.0, "knob_2": 7.0}))


def test_a_model_of_another_rate_is_resampled(player: Player) -> None:
    other = PlayableModel.from_file(replace(random_model(), sample_rate=44_100))
    player.load_model(other)
    player.set_loop(phrase(), None)
    player.open(None)
    player.play()
    in_time = render(other.at_rate(RATE), phrase(), {})
    assert_plays_the_loop(player, np.pad(in_time, (player.latency, 0))[: in_time.size])


def test_a_model_that_cannot_be_resampled_is_refused(player: Player) -> None:
    other = PlayableModel.from_file(replace(random_model(), sample_rate=44_101))
    with pytest.raises(ModelFileError, match="44101 Hz"):
        player.load_model(other)


def test_a_device_at_a_rate_that_does_not_fit_is_not_opened(player: Player, model: PlayableModel) -> None:
    player.load_model(model)
    message = player.open(DeviceChoice(sample_rate=44_101))
    assert "made at 48000 Hz" in message
    assert player.is_silent
    assert player.sample_rate == RATE


def test_everything_can_be_compiled_beforehand() -> None:
    prepare()
    assert native_callback().address


def test_a_missing_device_falls_back_to_the_clock_and_says_so(player: Player) -> None:
    message = player.open(DeviceChoice("JACK", "no such box"))
    assert message
    assert player.is_silent
    wait_until(lambda: player.stats().blocks > 2)


def test_a_device_that_vanishes_is_noticed(player: Player) -> None:
    class Vanished:
        name, block, is_silent = "Box", 64, False

        def is_alive(self) -> bool:
            return False

        def close(self) -> None:
            return

    player._keeper._driver = Vanished()
    assert not player.is_silent
    news = player.check()
    assert news is not None
    assert not news.is_good
    assert "'Box' is gone" in news.text
    assert player.is_silent
    assert player.check() is None
    wait_until(lambda: player.stats().blocks > 2)


def test_without_portaudio_the_list_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise DeviceError(devices.NO_LIBRARY)

    monkeypatch.setattr(devices, "portaudio", missing)
    assert list_devices() == devices.DeviceList((), devices.NO_LIBRARY)
    assert "libportaudio2" in devices.NO_LIBRARY


def test_listing_devices_never_raises() -> None:
    found = list_devices()
    assert found.devices or found.problem


THREAD_BLOCK = 64
THREAD_BLOCKS = 400


@cfunc(types.voidptr(types.uintp), error_model="numpy")
def audio_thread(user: int) -> int:
    """What an audio driver does: call the chain block after block, on a thread of its own."""
    where = carray(pointer(user), 5, np.int64)
    ints = carray(pointer(where[0]), desk.INTS, np.int64)
    floats = carray(pointer(where[1]), desk.FLOATS, np.float64)
    audio = carray(pointer(where[2]), desk.AUDIO, np.float32)
    inp = carray(pointer(where[3]), THREAD_BLOCK, np.float32)
    out = carray(pointer(where[4]), THREAD_BLOCK * THREAD_BLOCKS, np.float32)
    for block in range(THREAD_BLOCKS):
        process(ints, floats, audio, inp, out[block * THREAD_BLOCK :][:THREAD_BLOCK], THREAD_BLOCK)
    return 0


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "pthread_create"), reason="needs POSIX threads")
def test_sound_goes_on_while_the_interpreter_is_locked(model: PlayableModel) -> None:
    """The interpreter's lock is held while waiting for the audio thread: if it needed it, both would hang."""
    rack, clean = Rack(RATE), phrase(THREAD_BLOCK * THREAD_BLOCKS)
    rack.model.set_voice(model.voice({}))
    rack.set_loop(clean, None)
    rack.set_playing(True)
    inp, out = np.zeros(THREAD_BLOCK, np.float32), np.zeros(clean.size, np.float32)
    arrays = (rack.ints, rack.floats, rack.audio, inp, out)
    table = np.array([array.ctypes.data for array in arrays], np.int64)
    holding_the_lock = ctypes.PyDLL(None)
    thread = ctypes.c_ulong()
    arguments = (ctypes.byref(thread), None, ctypes.c_void_p(audio_thread.address))
    assert holding_the_lock.pthread_create(*arguments, ctypes.c_void_p(table.ctypes.data)) == 0
    assert holding_the_lock.pthread_join(thread, None) == 0
    assert rack.ints[desk.BLOCKS] == THREAD_BLOCKS
    assert np.array_equal(out[240:], render(model, clean, {})[240:])
