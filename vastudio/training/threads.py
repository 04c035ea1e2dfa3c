"""How many processor threads a run may use. Free of torch: the window asks too."""

from __future__ import annotations

import os


def cores() -> int:
    """Processor cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(asked: int, *, leave_core_free: bool = False) -> int:
    """Threads to use on this machine where `asked` were wanted (0: all cores), at least 1.

    `leave_core_free` keeps one core for sound and window.
    """
    most = max(1, cores() - 1) if leave_core_free else cores()
    return min(asked, most) if asked else most
