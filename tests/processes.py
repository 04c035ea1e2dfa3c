"""Tests that need a process of their own: what a library keeps for a whole process is then theirs alone."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

import pytest

CANNOT_RUN = 77
"""Exit status of a scenario that finds out that it cannot run on this computer."""

PATIENCE_SECONDS = 60


def ends_in_own_process(
    scenario: Callable[..., None], *arguments: object, patience_seconds: float = PATIENCE_SECONDS
) -> bool:
    """Run a scenario in a new process; its failure is the test's. False where it hangs."""
    process = multiprocessing.get_context("spawn").Process(target=scenario, args=arguments)
    process.start()
    process.join(patience_seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return False
    if process.exitcode == CANNOT_RUN:
        pytest.skip("what it needs cannot be started here")
    assert process.exitcode == 0
    return True


def in_own_process(scenario: Callable[..., None], *arguments: object) -> None:
    """Run a scenario in a new process; its failure, or its hanging, is the test's."""
    if not ends_in_own_process(scenario, *arguments):
        pytest.fail("the process hangs")
