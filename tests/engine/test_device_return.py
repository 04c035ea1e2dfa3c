"""A device that goes away while playing and comes back: a PulseAudio server of the test's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engine.test_stream import RATE, phrase, wait_until
from tests.processes import ends_in_own_process
from vastudio.engine.devices import DeviceChoice, is_connected
from vastudio.engine.equaliser import Equaliser
from vastudio.engine.keeper import DeviceNews
from vastudio.engine.stream import Player

BOX = DeviceChoice("ALSA", "box", RATE, 256)

_SERVER = ["pulseaudio", "-n", "--exit-idle-time=20", "--daemonize=no", "--use-pid-file=no"]
_NOT_IN_A_HURRY = ["--realtime=no", "--high-priority=no"]
_MODULES = ("module-null-sink sink_name=box rate=48000", "module-native-protocol-unix")

ATTEMPTS = 3

pytestmark = [
    pytest.mark.device,
    pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="pulseaudio is not installed"),
]


def connect() -> subprocess.Popen[bytes]:
    """Plug the box in: start the server and wait until PortAudio can see it."""
    options = [option for module in _MODULES for option in ("-L", module)]
    server = subprocess.Popen(
        [*_SERVER, *_NOT_IN_A_HURRY, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_until(lambda: is_connected(BOX))
    return server


def pull_out(server: subprocess.Popen[bytes]) -> None:
    server.kill()
    server.wait()


def news_of(player: Player) -> DeviceNews:
    news: list[DeviceNews | None] = []
    wait_until(lambda: bool(news.append(player.check()) or news[-1]))
    assert news[-1] is not None
    return news[-1]


def lose_it_and_find_it_again() -> None:
    server = connect()
    player = Player(RATE)
    player.set_loop(phrase(), None)
    player.play()
    assert player.open(BOX) == ""
    wait_until(lambda: player.stats().blocks > 20)
    pull_out(server)
    lost = news_of(player)
    assert not lost.is_good
    assert "'box' is gone" in lost.text
    assert player.is_silent
    assert player.playing
    server = connect()
    found = news_of(player)
    assert found.is_good
    assert player.device_name == "box"
    assert player.playing
    blocks = player.stats().blocks
    wait_until(lambda: player.stats().blocks > blocks + 20)
    player.close()
    pull_out(server)


def start_without_it() -> None:
    player = Player(RATE)
    player.set_loop(phrase(), None)
    assert "not connected" in player.open(BOX)
    assert player.is_silent
    server = connect()
    assert news_of(player).is_good
    assert player.open(None) == ""
    time.sleep(0.1)
    assert player.check() is None
    player.close()
    pull_out(server)


def play_on(player: Player) -> None:
    """Wait for more blocks; this kind of device may end a stream by itself, then the player comes back."""
    before = player.stats().blocks

    def goes_on() -> bool:
        player.check()
        return not player.is_silent and player.stats().blocks > before + 20

    wait_until(goes_on)


def change_rate_and_block() -> None:
    server = connect()
    player = Player(RATE)
    player.set_equaliser(Equaliser())
    player.set_loop(phrase(), None)
    player.play()
    for rate, block in ((RATE, 512), (44_100, 1024), (96_000, 512)):
        assert player.open(replace(BOX, sample_rate=rate, block=block)) == ""
        assert player.sample_rate == player.stats().sample_rate == rate
        assert player.stats().block == block
        play_on(player)
        assert player.stats().faults == 0
    player.close()
    pull_out(server)


@pytest.mark.parametrize("scenario", [lose_it_and_find_it_again, start_without_it, change_rate_and_block])
def test_the_device_comes_back(
    scenario: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ALSA's plug-in for PulseAudio sometimes never returns when its server dies: then try once more."""
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"none-{os.getpid()}")
    for attempt in range(ATTEMPTS):
        home = tmp_path / str(attempt)
        home.mkdir(mode=0o700)
        (home / ".asoundrc").write_text("pcm.box { type pulse }\nctl.box { type pulse }\n", "utf-8")
        for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"):
            monkeypatch.setenv(name, str(home))
        if ends_in_own_process(scenario):
            return
    pytest.fail("the process hangs every time")
