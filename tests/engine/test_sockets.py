"""Which outputs sound, what the inputs hear, and a device that only stands still."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.engine.test_device import LOOPBACK, PERIOD, on_the_server
from tests.engine.test_stream import RATE, phrase, wait_until
from tests.jack import NEEDS_JACK, JackServer, jack_server
from tests.processes import in_own_process
from vastudio.engine.keeper import DeviceNews
from vastudio.engine.rack import Rack
from vastudio.engine.stream import Player
from vastudio.kernels import desk


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    with jack_server(monkeypatch, PERIOD) as server:
        yield server


@pytest.mark.parametrize(
    ("first", "count", "sounding"), [(0, 2, [0, 1]), (2, 2, [2, 3]), (1, 1, [1]), (3, 2, [3])]
)
def test_only_the_chosen_outputs_sound(first: int, count: int, sounding: list[int]) -> None:
    rack = Rack(RATE)
    rack.connect(1, 4, 0, first, count)
    rack.set_goal(desk.CLEAN_GOAL, 0.0)
    rack.set_loop(np.full(RATE, 0.25, np.float32), None)
    rack.set_playing(True)
    out = np.full(4 * 4_800, 9.0, np.float32)
    rack.process(np.zeros(4_800, np.float32), out)
    heard = np.flatnonzero(np.abs(out.reshape(-1, 4)).max(axis=0) > 0.2)
    assert heard.tolist() == sounding
    silent = [channel for channel in range(4) if channel not in sounding]
    assert not out.reshape(-1, 4)[:, silent].any()


def test_every_input_is_metered_while_somebody_watches() -> None:
    player = Player(RATE)
    rack = player._rack
    rack.connect(3, 1, 0)
    block = np.tile(np.array([0.5, -0.25, np.nan], np.float32), 480)
    player.meters()
    rack.process(block, np.zeros(480, np.float32))
    assert player.meters().inputs_db == ()
    player.watch_inputs(True)
    rack.process(block, np.zeros(480, np.float32))
    first, second, third = player.meters().inputs_db
    assert (first, second) == pytest.approx((20 * np.log10(0.5), 20 * np.log10(0.25)))
    assert third == -np.inf
    rack.process(np.zeros(3 * 480, np.float32), np.zeros(480, np.float32))
    assert player.meters().inputs_db == (-np.inf,) * 3, "peaks begin anew with every reading"


def test_trouble_is_counted_from_where_it_was_forgotten() -> None:
    player = Player(RATE)
    player._rack.ints[desk.DROPOUTS] = 7
    assert player.stats().dropouts == 7
    player.forget_trouble()
    assert player.stats().dropouts == 0
    player._rack.ints[desk.DROPOUTS] = 9
    assert player.stats().dropouts == 2


class Sleeper:
    """A player on a server that can be stopped, as everything is in a computer that sleeps."""

    def __init__(self, server: int) -> None:
        self.server, self.player = server, Player(RATE)
        self.player.set_loop(phrase(), None)
        assert self.player.open(LOOPBACK) == ""
        self.player.play()
        self.goes_on(20)

    def goes_on(self, more: int = 5) -> None:
        blocks = self.player.stats().blocks
        wait_until(lambda: self.player.stats().blocks > blocks + more)

    def news(self) -> DeviceNews:
        told: list[DeviceNews] = []

        def asked() -> bool:
            said = self.player.check()
            told.extend([said] if said else [])
            return bool(told)

        wait_until(asked)
        return told[-1]

    def stop_server(self) -> None:
        os.kill(self.server, signal.SIGSTOP)
        told = self.news()
        assert not told.is_good
        assert "stands still" in told.text
        assert self.player.is_silent
        self.goes_on()

    def wake_server(self) -> None:
        os.kill(self.server, signal.SIGCONT)
        assert self.news().is_good
        assert self.player.device_name == "loopback"
        self.goes_on(20)
        assert self.player.playing
        self.player.close()


def sleep_and_wake(server: int) -> None:
    """Nothing waits for the server: the clock takes over, and the stream is heard again when it goes on."""
    sleeper = Sleeper(server)
    assert sleeper.player.latency_seconds is not None
    try:
        sleeper.stop_server()
    finally:
        sleeper.wake_server()


def open_a_sleeper(server: int) -> None:
    """Opening the device anew does not wait either; it is opened once the server answers."""
    sleeper = Sleeper(server)
    try:
        sleeper.stop_server()
        assert "does not answer" in sleeper.player.open(LOOPBACK)
        assert sleeper.player.is_silent
    finally:
        sleeper.wake_server()


@NEEDS_JACK[0]
@NEEDS_JACK[1]
@pytest.mark.parametrize("scenario", [sleep_and_wake, pytest.param(open_a_sleeper, marks=pytest.mark.slow)])
def test_a_device_that_stands_still_is_taken_up_again(
    server: JackServer, scenario: Callable[[int], None]
) -> None:
    in_own_process(on_the_server, scenario, server.pid)
