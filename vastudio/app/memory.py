"""How the process gives memory back that it no longer needs."""

from __future__ import annotations

import ctypes
import sys

LARGE_BYTES = 1 << 20
"""From this size on a block is a mapping of its own, which the system has back as soon as it is freed."""

_M_MMAP_THRESHOLD = -3


def return_large_blocks() -> bool:
    """Have large arrays leave the process when they are freed; return whether that could be arranged.

    glibc keeps what was freed for later by default, and from its first large block on treats ever larger ones
    so (mallopt(3), "dynamic mmap threshold"): after measuring a minute of sound in a worker, hundreds of
    megabytes would stay. Other systems' allocators need no telling.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES))
    except AttributeError:  # another C library
        return False
