"""Minutes of playing on a real device, with a window, a training run and a held interpreter beside it.

Nothing here asserts a speed: that memory stays flat, that no sample is broken, that both channels are the
same, and that blocks do not begin late more and more often. Run by `make soak`; SOAK_MINUTES sets how long.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import REPOSITORY

MINUTES = float(os.environ.get("SOAK_MINUTES", "3"))
CANNOT_RUN = 77
MEMORY_MIB = 8.0
"""How much more memory a soak may hold at its end than after its first third."""

LATE_SHARE = 0.01
"""By how much of all blocks the second half may have more late ones than the first, on a shared machine."""

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("jackd") is None, reason="jackd is not installed"),
]


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Any:
    log = tmp_path_factory.mktemp("soak") / "log"
    command = [
        sys.executable, str(REPOSITORY / "tools" / "soak.py"), "--minutes", str(MINUTES), "--jack",
        "--repaint", "--train", "--hold-lock", "--log", str(log),
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    if answer.returncode == CANNOT_RUN:
        pytest.skip("a JACK server cannot be started here")
    assert answer.returncode == 0, answer.stderr
    sys.stderr.write(log.read_text())
    assert len(Path(log).read_text().splitlines()) == 1 + len(json.loads(answer.stdout)["lines"])
    return json.loads(answer.stdout)


def _column(summary: Any, name: str) -> Any:
    return np.array([line[name] for line in summary["lines"]])


def test_it_played_to_the_end(summary: Any) -> None:
    assert summary["minutes"] >= MINUTES
    assert (_column(summary, "blocks") > 0).all()
    assert (_column(summary, "control_blocks") > 0).all()
    assert (_column(summary, "longest_block_us") > 0).all()


def test_no_sample_was_broken(summary: Any) -> None:
    assert summary["worst"]["faults"] == 0


def test_the_channels_stay_together(summary: Any) -> None:
    assert summary["worst"]["difference"] == 0.0


def test_memory_stays_flat(summary: Any) -> None:
    memory = _column(summary, "rss_mib")
    settled = memory[len(memory) // 3 :]
    assert settled[-1] - settled[0] < MEMORY_MIB, memory


def test_late_blocks_do_not_become_more(summary: Any) -> None:
    late, blocks = _column(summary, "late"), _column(summary, "expected")
    half = len(late) // 2
    assert late[half:].sum() <= late[:half].sum() + LATE_SHARE * blocks[half:].sum(), late
