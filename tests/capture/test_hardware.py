"""Capturing through a real PortAudio device: a JACK server of the test's own, a wire and an amp on it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.capture.amp import AMP, AMP_DELAY, amp_on_jack, has_amp
from tests.capture.material import plan
from tests.cli.test_capture import wait_for
from tests.jack import IF_ALLOWED_URGENT, NEEDS_JACK, RATE, JackServer, jack_server
from vastudio.capture.plan_file import write_plan
from vastudio.capture.session import Session
from vastudio.capture.source import Request, build_source
from vastudio.dataset.store import Dataset
from vastudio.errors import CaptureError
from vastudio.port import Duplex, Wiring
from vastudio.types import Audio

PERIOD = 512
PATIENCE_SECONDS = 180.0
ROUND_TRIP = 2 * PERIOD


class Wire:
    """A port in memory: what is played comes back after some frames."""

    def __init__(self, delay: int) -> None:
        self.delay = delay
        self.played: Audio = np.zeros(0, np.float32)

    def check(self, wiring: Wiring) -> str:
        return wiring.output

    def play_and_record(self, signal: Audio, wiring: Wiring, on_progress: object) -> Duplex:
        self.played = signal
        return Duplex(np.concatenate([np.zeros(self.delay, np.float32), signal])[: signal.size], 3)


def test_silence_is_played_before_and_after_the_signal() -> None:
    port, signal = Wire(100), np.ones(1000, np.float32)
    source = build_source("hardware", Request(options={"send_db": -6.0, "rate": 8000}, port=port))
    recording = source.record(signal, {})
    assert (source.lead, recording.dropouts) == (4000, 3)
    assert not port.played[:4000].any()
    assert not port.played[5000:].any()
    assert port.played.size == 9000
    assert port.played[4000:5000] == pytest.approx(10 ** (-6 / 20))
    np.testing.assert_array_equal(recording.audio[4100:5100], port.played[4000:5000])


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(CaptureError, match="no audio devices"):
        build_source("hardware", Request())
    with pytest.raises(CaptureError, match="clip"):
        build_source("hardware", Request(options={"send_db": 3.0}, port=Wire(0)))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A JACK server with a wire on it."""
    with jack_server(monkeypatch, PERIOD, IF_ALLOWED_URGENT) as server:
        yield server


def end_of(process: subprocess.Popen[str], answers: str = "") -> tuple[int, str]:
    """Return the exit code and what was said; a process that hangs is killed."""
    try:
        _, said = process.communicate(answers, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, said


class Desk:
    """`vastudio capture --source hardware` in processes of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.out = folder / "amp"
        write_plan(plan(folder), folder / "plan.toml")
        self.command = [
            *(sys.executable, "-m", "vastudio", "capture", str(folder / "plan.toml"), "--out", str(self.out)),
            *("--source", "hardware", "--output", name, "--rate", str(RATE), "--block", str(PERIOD)),
        ]

    def start(self, *extra: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.command, *extra],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *extra: str, answers: str = "") -> tuple[int, str]:
        """Return the exit code and what was said."""
        return end_of(self.start(*extra), answers)

    def record_all(self) -> Dataset:
        """Record until every take is good: a busy computer may lose blocks, and the session says so."""
        for _ in range(3):
            code, said = self.run("--yes")
            assert code == 0, said
            with Session.open(self.out) as session:
                if session.state.count("accepted") == len(session.state.slots):
                    return session.dataset()
        pytest.skip("this computer is too busy to record without losing blocks")


@pytest.mark.usefixtures("server")
class TestOnADevice:
    pytestmark = NEEDS_JACK

    def test_a_wire_comes_back_bit_for_bit(self, tmp_path: Path) -> None:
        dataset = Desk(tmp_path, "loopback").record_all()
        for capture in dataset.captures():
            assert capture.clips[0].delay_samples == pytest.approx(ROUND_TRIP, abs=0.01)
            raw = dataset.path / capture.clips[0].output
            assert raw.name.startswith("take-")
            clean, target = dataset.read_clip(capture.clips[0])
            assert np.abs(target - clean).max() < 2.0**-20, "but for 24 bits"
        found = {finding.code for finding in dataset.manifest.all_findings() if finding.severity != "info"}
        assert found == {"unmoved"}, "a wire has no knobs, and nothing else is wrong with it"

    def test_a_person_sets_the_knobs(self, tmp_path: Path) -> None:
        code, said = Desk(tmp_path, "loopback").run(answers="\ns\n\n")
        assert code == 0, said
        assert re.findall(r"take (\d) of 3: set gain (\d+)", said) == [("1", "0"), ("2", "5"), ("3", "10")]
        with Session.open(tmp_path / "amp") as session:
            assert session.state.slots[1].status == "skipped"

    def test_a_device_that_goes_away_costs_one_take(self, tmp_path: Path, server: JackServer) -> None:
        desk = Desk(tmp_path, "loopback")
        process = desk.start("--yes")
        wait_for((desk.out / "manifest.json").exists)
        time.sleep(0.8)
        server.stop()
        code, said = end_of(process)
        if code == 0:
            pytest.skip("the session was faster")
        assert code == 2
        assert re.search(r"is gone|has ended|not connected|No audio|no audio", said), said
        stored = int(re.search(r"(\d) of 3 takes are safe", said)[1])  # type: ignore[index]
        with Session.open(desk.out) as session:
            assert sum(bool(slot.attempts) for slot in session.state.slots) == stored >= 1
        server.start()
        assert len(desk.record_all().captures()) == 3

    @pytest.mark.skipif(not has_amp(), reason="ecasound or caps is not installed")
    def test_a_tube_amp_in_the_path(self, tmp_path: Path) -> None:
        with amp_on_jack(PERIOD):
            dataset = Desk(tmp_path, AMP).record_all()
        clips = [capture.clips[0] for capture in dataset.captures()]
        assert len({clip.delay_samples for clip in clips}) == 1
        assert ROUND_TRIP < clips[0].delay_samples <= ROUND_TRIP + AMP_DELAY
        measured = [clip.measured.delay_samples for clip in clips]
        assert max(measured) - min(measured) < 0.1, "stable from take to take"
