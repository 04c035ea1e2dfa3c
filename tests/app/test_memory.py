"""Memory that is no longer needed goes back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_KEEPS = """
import threading
import numpy as np
from vastudio.app.memory import return_large_blocks

def resident():
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * 4096 / 2**20

assert return_large_blocks()
pinned = []

def work():
    np.ones(3 << 20)  # glibc learns from this that 24 MiB are nothing large
    blocks = []
    for _ in range(20):
        blocks.append(np.ones(1 << 20))
        pinned.append(np.ones(1 << 10))

before = resident()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="this is about glibc's allocator")
def test_large_blocks_leave_the_process() -> None:
    """Without being told, glibc keeps all 160 MiB."""
    answer = subprocess.run([sys.executable, "-c", _KEEPS], capture_output=True, text=True, check=True)
    assert float(answer.stdout) < 10.0
