"""JACK servers of the tests' own, without hardware; their device `loopback` is a wire from output to input.

JACK's registry in shared memory has places for eight servers. A server that was killed keeps its place, and
its memory, until one of the same name starts again; after eight of them none can start any more. So servers
are ended gently here, and places are given back by starting the dead server's name once more and ending it
gently, which touches nobody else's.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

RATE = 48_000
NOT_URGENT = ("-r",)
IF_ALLOWED_URGENT = ("-R -P 60", "-r")
"""A server that is not urgent loses blocks on a busy computer; one that is takes the time of others."""

NEEDS_JACK = [
    pytest.mark.device,
    pytest.mark.skipif(shutil.which("jackd") is None, reason="jackd is not installed"),
]

_SHARED = Path("/dev/shm")
_START_SECONDS, _END_SECONDS = 10.0, 5.0


class JackServer:
    """One server, which can be started again under its name. End it with `end`, whatever became of it."""

    def __init__(self, name: str, period: int, urgencies: Sequence[str] = NOT_URGENT) -> None:
        self.name = name
        self._urgencies = urgencies
        self._settings = f"-L 2 -d dummy -r {RATE} -p {period}"
        self._process: subprocess.Popen[bytes] | None = None
        self._was_killed = False

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; where leftovers are in the way, clear them and try again. Else the test is skipped."""
        said = ""
        for attempt in range(2):
            for urgency in self._urgencies:
                self._process, said = _start(self.name, f"{urgency} {self._settings}")
                if self._process is not None:
                    return
            if attempt == 0:
                clear_leftovers()
        pytest.skip(f"a JACK server cannot be started here: {said}")

    def stop(self) -> None:
        """End it gently; kill it only where that does not help."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._was_killed |= process.returncode == -signal.SIGKILL

    def kill(self) -> None:
        """End it as a crash does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """End it, and give its place and its memory back."""
        self.stop()
        if self._was_killed:
            give_back(self.name)
        _remove_files(self.name)  # a client that ended badly leaves its semaphore


@contextmanager
def jack_server(
    monkeypatch: pytest.MonkeyPatch, period: int, urgencies: Sequence[str] = NOT_URGENT
) -> Iterator[JackServer]:
    """A server that this process and its children find as the default one."""
    server = JackServer(f"vastudio-test-{os.getpid()}", period, urgencies)
    monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
    monkeypatch.setenv("JACK_NO_AUDIO_RESERVATION", "1")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    server.start()
    try:
        yield server
    finally:
        server.end()


def clear_leftovers() -> None:
    """Give the places of servers back whose processes are gone; those that run are left alone."""
    uid = os.getuid()
    for socket in _SHARED.glob(f"jack_*_{uid}_0"):
        name = socket.name.removeprefix("jack_").removesuffix(f"_{uid}_0")
        if name not in _running():
            give_back(name)


def give_back(name: str) -> None:
    """Give the place of a server back that was killed: JACK does so when one of its name ends in peace."""
    process, _ = _start(name, f"-r -d dummy -r {RATE} -p 1024")
    if process is not None:
        process.terminate()
        process.wait(_END_SECONDS)
    _remove_files(name)


def _remove_files(name: str) -> None:
    uid = os.getuid()
    for pattern in (f"jack_{name}_{uid}_*", f"jack_sem.{uid}_{name}_*"):
        for left in _SHARED.glob(pattern):
            left.unlink(missing_ok=True)


def _start(name: str, settings: str) -> tuple[subprocess.Popen[bytes] | None, str]:
    """The process once it answers; else None and its last words. It ends when its parent does."""
    leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*leash, "jackd", "-n", name, *settings.split()],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "JACK_NO_AUDIO_RESERVATION": "1"},
        )
        end = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < end:
            if answers(name):
                return process, ""
            time.sleep(0.05)
        process.kill()
        process.wait()
        log.seek(0)
        words = log.read().decode(errors="replace").split("\n")
    return None, next((line for line in words if "rror" in line or "annot" in line), "")


def answers(name: str) -> bool:
    """Whether a server takes connections; asked only once its socket is there."""
    if not any(_SHARED.glob(f"jack_{name}_{os.getuid()}_0")):
        return False
    asked = subprocess.run(["jack_wait", "-s", name, "-c"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() == "running"


def _running() -> set[str]:
    """Names of the JACK servers whose processes live; one that does not tell is the default one."""
    names = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().strip() in ("jackd", "jackdbus"):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                names.add(words[words.index("-n") + 1] if "-n" in words else "default")
        except OSError:
            continue
    return names
