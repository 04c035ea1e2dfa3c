"""The player on a real PortAudio device: a JACK server of the test's own, without hardware."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.engine.test_stream import PATIENCE_SECONDS, RATE, assert_plays_the_loop, phrase, wait_until
from tests.models import random_model
from vastudio.engine.devices import DeviceChoice, list_devices
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.engine.stream import Player

PERIOD = 256

pytestmark = [
    pytest.mark.device,
    pytest.mark.skipif(shutil.which("jackd") is None, reason="jackd is not installed"),
]


@pytest.fixture
def jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A JACK server whose device `loopback` is a wire from output to input."""
    name = f"vastudio-test-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    monkeypatch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    command = ["jackd", "-r", "-n", name, "-L", "2", "-d", "dummy", "-r", str(RATE), "-p", str(PERIOD)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not any(device.name == "loopback" for device in list_devices().devices):
            if server.poll() is not None or time.monotonic() > end:
                pytest.skip("a JACK server cannot be started here")
            time.sleep(0.2)
        yield server
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


@pytest.fixture
def player(jack: subprocess.Popen[bytes]) -> Iterator[Player]:
    player = Player(RATE)
    yield player
    player.close()


CHOICE = DeviceChoice("JACK Audio Connection Kit", "loopback", RATE, PERIOD)


def test_a_device_plays_what_is_rendered(player: Player) -> None:
    model = PlayableModel.from_file(random_model(8))
    player.load_model(model)
    player.set_loop(phrase(), None)
    assert player.open(CHOICE) == ""
    assert not player.is_silent
    assert player.device_name == "loopback"
    assert player.stats().block == PERIOD
    player.play()
    assert_plays_the_loop(player, render(model, phrase(), {}))


def test_the_live_input_arrives(player: Player) -> None:
    """Through the wire: what was played comes back as the input."""
    player.set_loop(phrase(), None)
    assert player.open(CHOICE) == ""
    player.play()
    wait_until(lambda: bool(player.tap(1_000)[1].any()))
    player.set_source("live")
    wait_until(lambda: player._rack._place_mail.is_delivered)
    assert np.isfinite(player.tap(4_000)[0]).all()
    assert list_devices().devices


def test_a_server_that_ends_is_noticed_and_the_clock_goes_on(
    player: Player, jack: subprocess.Popen[bytes]
) -> None:
    assert player.open(CHOICE) == ""
    wait_until(lambda: player.stats().blocks > 2)
    jack.terminate()
    jack.wait(PATIENCE_SECONDS)
    messages: list[str] = []
    wait_until(lambda: bool(messages.append(player.check()) or messages[-1]))
    assert "'loopback' is gone" in messages[-1]
    assert player.is_silent
    blocks = player.stats().blocks
    wait_until(lambda: player.stats().blocks > blocks)
