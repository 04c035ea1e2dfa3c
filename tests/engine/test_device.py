"""The player on a real PortAudio device: a JACK server of the test's own, without hardware.

Every scenario runs in a process of its own, because PortAudio's view of the devices belongs to a process.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.engine.test_stream import PATIENCE_SECONDS, RATE, assert_plays_the_loop, phrase, wait_until
from tests.jack import NEEDS_JACK, JackServer, jack_server
from tests.models import random_model
from tests.processes import CANNOT_RUN, in_own_process
from vastudio.engine.devices import DeviceChoice, list_devices
from vastudio.engine.graph import PlayableModel
from vastudio.engine.keeper import DeviceNews
from vastudio.engine.offline import render
from vastudio.engine.stream import Player

PERIOD = 256
LOOPBACK = DeviceChoice("JACK Audio Connection Kit", "loopback", RATE, PERIOD)

pytestmark = NEEDS_JACK


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A JACK server whose device `loopback` is a wire from its output to its input."""
    with jack_server(monkeypatch, PERIOD) as server:
        yield server


def on_the_server(scenario: Callable[..., None], *arguments: object) -> None:
    """Wait for the JACK server, then run the scenario."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not any(device.name == "loopback" for device in list_devices().devices):
        if time.monotonic() > end:
            sys.exit(CANNOT_RUN)
        time.sleep(0.2)
    scenario(*arguments)


def play_through_the_wire() -> None:
    """The loop is heard as rendered, and again after the device was opened anew."""
    model, player = PlayableModel.from_file(random_model(8)), Player(RATE)
    player.load_model(model)
    player.set_loop(phrase(), None)
    for _ in range(2):
        assert player.open(LOOPBACK) == ""
        assert not player.is_silent
        assert player.device_name == "loopback"
        assert player.stats().block == PERIOD
        player.seek(0)
        player.play()
        assert_plays_the_loop(player, render(model, phrase(), {}))
        assert player.check() is None
        assert list_devices().devices
    player.close()


def listen_to_the_input() -> None:
    """A second player's sound comes back through the wire."""
    source, listener = Player(RATE), Player(RATE)
    source.set_loop(np.full(RATE, 0.25, np.float32), None)
    listener.set_source("live")
    assert source.open(LOOPBACK) == listener.open(LOOPBACK) == ""
    source.play()
    listener.play()
    wait_until(lambda: listener.meters().input_peak_db > -13.0)
    source.close()
    listener.close()


def play_with_the_interpreter_locked() -> None:
    """A thread holds the interpreter's lock for two seconds: the callback goes on, on time."""
    player = Player(RATE)
    player.load_model(PlayableModel.from_file(random_model(32)))
    player.set_loop(phrase(), None)
    assert player.open(LOOPBACK) == ""
    player.play()
    wait_until(lambda: player.stats().blocks > 20)
    before = player.stats()
    ctypes.PyDLL(None).usleep(2_000_000)
    passed = player.stats().blocks - before.blocks
    assert passed > 0.9 * 2 * RATE / PERIOD
    player.close()


def lose_the_server(server: int) -> None:
    """The server ends while playing: it is said, the clock goes on, and the process ends in peace."""
    player = Player(RATE)
    player.set_loop(phrase(), None)
    assert player.open(LOOPBACK) == ""
    player.play()
    wait_until(lambda: player.stats().blocks > 2)
    os.kill(server, signal.SIGTERM)
    news: list[DeviceNews | None] = []
    wait_until(lambda: bool(news.append(player.check()) or news[-1]))
    assert news[-1] is not None
    assert "'loopback' is gone" in news[-1].text
    assert player.is_silent
    assert player.playing
    blocks = player.stats().blocks
    wait_until(lambda: player.stats().blocks > blocks)
    assert "JACK server has ended" in player.open(LOOPBACK)
    assert player.is_silent
    list_devices()


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "scenario", [play_through_the_wire, listen_to_the_input, play_with_the_interpreter_locked]
)
def test_on_a_device(scenario: Callable[[], None]) -> None:
    in_own_process(on_the_server, scenario)


def test_a_server_that_ends_is_noticed(server: JackServer) -> None:
    in_own_process(on_the_server, lose_the_server, server.pid)
