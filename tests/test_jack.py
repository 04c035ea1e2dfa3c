"""The JACK servers of the tests clean up after themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jack import NEEDS_JACK, JackServer, answers, jack_server

pytestmark = NEEDS_JACK

PLACES = 8
PERIOD = 1024


def left_of(name: str) -> list[Path]:
    return [path for path in Path("/dev/shm").glob("jack*") if name in path.name]


def test_killed_servers_do_not_keep_others_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = [JackServer(f"vastudio-dead-{os.getpid()}-{number}", PERIOD) for number in range(PLACES - 1)]
    alive = JackServer(f"vastudio-alive-{os.getpid()}", PERIOD)
    alive.start()
    for server in dead:
        server.start()
        server.kill()
    with jack_server(monkeypatch, PERIOD) as mine:
        assert answers(mine.name)
    assert answers(alive.name), "a server that runs is left alone"
    alive.end()
    for server in (mine, alive, *dead):
        assert not left_of(server.name)


def test_a_server_ends_with_the_process_that_started_it() -> None:
    script = (
        "import os; from tests.jack import JackServer;"
        "s = JackServer(f'vastudio-orphan-{os.getpid()}', 1024); s.start();"
        " print(s.name, s.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=-1, text=True, check=False)
    name, pid = done.stdout.split()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() and not left_of(f"jack_{name}_"):
            return
        subprocess.run(["sleep", "0.1"], check=False)
    pytest.fail("the server goes on")
