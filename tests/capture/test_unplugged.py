"""An audio device other than JACK goes away in a take and comes back: a PulseAudio server of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from tests.capture.material import plan
from tests.engine.test_device_return import connect, pull_out
from tests.processes import ends_in_own_process
from vastudio.capture.record import TakeFinished, capturing
from vastudio.capture.session import Session
from vastudio.capture.session_file import Setup, SourceChoice
from vastudio.capture.source import Request, Source, build_source
from vastudio.engine.duplex import PortAudioPort
from vastudio.errors import DatasetError, DeviceError

ATTEMPTS = 3
PATIENCE_SECONDS = 150.0
OPTIONS = {"host_api": "ALSA", "output": "box", "block": 1024}

pytestmark = [
    pytest.mark.device,
    pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="pulseaudio is not installed"),
]


def source_for(session_plan: object) -> Source:
    knobs = session_plan.knobs  # type: ignore[attr-defined]
    return build_source("hardware", Request(knobs, OPTIONS, "box", PortAudioPort()))


def take_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "audio").glob("take-*"))}


def go_on(folder: Path, wanted: object) -> set[int]:
    """
    Record what is left and return the takes made now.

    This kind of device may lose blocks in every take, and on a busy computer it ends streams by itself;
    then what the error says is done: the take is recorded again, in a session opened anew.
    """
    taken: set[int] = set()
    for _ in range(ATTEMPTS):
        with Session.open(folder) as session, contextlib.suppress(DatasetError, DeviceError):
            assert session.state.slots[0].attempts, "what was taken is still there"
            for event in capturing(session, source_for(wanted)):
                if isinstance(event, TakeFinished):
                    taken.add(event.index)
        with Session.open(folder) as session:
            if all(slot.attempts for slot in session.state.slots):
                break
    return taken


def lose_it_in_a_take(folder: Path) -> None:
    """The first take is kept as it was, the second is lost; the session goes on there, the device back."""
    wanted = plan(folder)
    source = source_for(wanted)
    server = connect()
    session = Session.create(folder / "out", wanted, Setup.of(source, SourceChoice("hardware", OPTIONS)))
    events = capturing(session, source)
    first = next(event for event in events if isinstance(event, TakeFinished))
    assert first.index == 0
    kept = take_files(session.folder)
    assert kept
    threading.Timer(0.5, pull_out, [server]).start()
    started = time.monotonic()
    with pytest.raises(DeviceError, match=r"'box' is (gone|not connected)"):
        while time.monotonic() - started < PATIENCE_SECONDS:
            next(events)
    session.close()
    assert take_files(folder / "out") == kept, "nothing half-written, nothing lost"

    server = connect()
    assert go_on(folder / "out", wanted) >= {1, 2}, "it goes on where it was"
    now = take_files(folder / "out")
    assert {name: now[name] for name in kept} == kept
    pull_out(server)


def test_one_take_is_lost_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ALSA's plug-in for PulseAudio sometimes never returns when its server dies: then try once more."""
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    monkeypatch.setenv("JACK_DEFAULT_SERVER", f"none-{os.getpid()}")
    for attempt in range(ATTEMPTS):
        home = tmp_path / str(attempt)
        home.mkdir(mode=0o700)
        (home / ".asoundrc").write_text("pcm.box { type pulse }\nctl.box { type pulse }\n", "utf-8")
        for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"):
            monkeypatch.setenv(name, str(home))
        if ends_in_own_process(lose_it_in_a_take, home, patience_seconds=PATIENCE_SECONDS):
            return
    pytest.fail("the process hangs every time")
