"""Playing and recording in one pass: the compiled callback by hand, and through a real PortAudio device."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.test_device import PERIOD, on_the_server, server
from tests.jack import NEEDS_JACK, RATE, JackServer
from tests.processes import in_own_process
from vastudio.app.device_test import measure_round_trip
from vastudio.app.settings import AudioSettings
from vastudio.engine.duplex import PortAudioPort
from vastudio.errors import DeviceError
from vastudio.kernels import duplex
from vastudio.kernels.memory import address, aligned
from vastudio.port import Wiring
from vastudio.types import Audio

__all__ = ["server"]

WIRE = Wiring("JACK Audio Connection Kit", "loopback", "", 2, 2, RATE, PERIOD)


def noise(frames: int, seed: int = 0) -> Audio:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, frames).astype(np.float32)


@pytest.mark.parametrize("block", [1, 63, 64, 5000])
def test_the_callback_keeps_both_signals_in_step(block: int) -> None:
    played, recorded, heard = noise(3000), np.zeros(3000, np.float32), noise(30_000, 1)
    ints, peak = aligned(duplex.INTS, np.int64), aligned(1, np.float64)
    ints[[duplex.IN_CHANNELS, duplex.OUT_CHANNELS]] = 3, 2
    ints[[duplex.IN_CHANNEL, duplex.OUT_CHANNEL]] = 2, 1
    ints[[duplex.FRAMES, duplex.PLAYED, duplex.RECORDED]] = 3000, address(played), address(recorded)
    quiet, begin, out = noise(2 * block), 0, []
    for turn in range(duplex.WARM_UP_BLOCKS + 3000 // block + 2):
        source, sink = np.full(3 * block, 9.0, np.float32), quiet.copy()
        if turn >= duplex.WARM_UP_BLOCKS:
            source[2::3] = heard[begin : begin + block]
            begin += block
        is_troubled = turn in (3, duplex.WARM_UP_BLOCKS)
        duplex.pass_block(ints, peak, source, sink, block, is_troubled)
        assert not sink[0::2].any(), "only one channel sounds"
        out.append(sink[1::2])
    sound = np.concatenate(out)[duplex.WARM_UP_BLOCKS * block :]
    np.testing.assert_array_equal(sound[:3000], played)
    assert not sound[3000:].any()
    np.testing.assert_array_equal(recorded, heard[:3000])
    assert ints[duplex.POSITION] == 3000
    assert ints[duplex.DROPOUTS] == 1, "trouble while the stream starts does not count"


def through_the_wire() -> None:
    """What is played comes back bit for bit, two periods late, every time."""
    port, played, seen = PortAudioPort(), noise(RATE), []
    assert port.check(WIRE) == "loopback"
    for _ in range(3):
        heard = port.play_and_record(played, WIRE, lambda done, peak: seen.append((done, peak)))
        if heard.dropouts:  # a busy computer; nothing can be said then
            continue
        np.testing.assert_array_equal(heard.audio[2 * PERIOD :], played[: -2 * PERIOD])
        assert not heard.audio[: 2 * PERIOD].any()
    assert seen[-1][0] == 1.0
    assert 0.3 < max(peak for _, peak in seen) <= 0.5


def refuse_what_is_not_there() -> None:
    port = PortAudioPort()
    for wiring, words in (
        (Wiring(output="Scarlett"), "'Scarlett' is not connected"),
        (Wiring(output="loopback", input="Scarlett"), "no input 'Scarlett'"),
        (Wiring(output="loopback", output_channel=9), "no channel 9"),
        (Wiring(output="loopback", input_channel=9), "no channel 9|no input"),
        (Wiring(output="loopback", sample_rate=44_100), "cannot be opened at 44100"),
    ):
        with pytest.raises(DeviceError, match=words):
            port.play_and_record(noise(100), wiring, lambda *_: None)


def try_the_device() -> None:
    """A tone on one output, with an input or without; the wire is two periods long, as JACK has it."""
    seen: list[float] = []
    PortAudioPort().play(noise(RATE // 4), replace(WIRE, input_channel=64), lambda done, _: seen.append(done))
    assert seen[-1] == 1.0
    with pytest.raises(DeviceError, match="no channel 9"):
        PortAudioPort().play(noise(100), replace(WIRE, output_channel=9), lambda *_: None)
    box = AudioSettings(WIRE.host_api, "loopback", RATE, PERIOD)
    found = measure_round_trip(box, lambda *_: None)
    if not found.dropouts:
        assert found.samples == pytest.approx(2 * PERIOD, abs=0.02)
        assert not found.inverted


def lose_the_server(pid: int) -> None:
    """The server ends during a take: it is said, and the process ends in peace."""
    started = time.monotonic()

    def pull(done: float, _peak: float) -> None:
        if 0.1 < done < 0.9 and time.monotonic() - started < 3.0:
            os.kill(pid, signal.SIGTERM)

    with pytest.raises(DeviceError, match="is gone"):
        PortAudioPort().play_and_record(noise(5 * RATE), WIRE, pull)
    with pytest.raises(DeviceError, match=r"JACK server has ended|not connected"):
        PortAudioPort().check(WIRE)


class TestOnADevice:
    pytestmark = NEEDS_JACK

    @pytest.mark.usefixtures("server")
    @pytest.mark.parametrize("scenario", [through_the_wire, refuse_what_is_not_there, try_the_device])
    def test_what_it_does(self, scenario: object) -> None:
        in_own_process(on_the_server, scenario)

    def test_a_server_that_ends(self, server: JackServer) -> None:
        in_own_process(on_the_server, lose_the_server, server.pid)
