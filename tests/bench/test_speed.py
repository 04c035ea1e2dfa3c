"""How fast training is, beside torch in the same run. Prints a table; asserts no times."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest
import torch

from vastudio.kernels.training import use_threads
from vastudio.nets.gru import GruLayout, run_gru

pytestmark = pytest.mark.slow

GROUPS, SEQUENCES, STEPS = 8, 16, 512
REPEATS = 5


def seconds(work: Callable[[], object]) -> float:
    """The best of some runs, after one to warm up."""
    work()
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


@pytest.mark.parametrize("hidden", [16, 32, 48])
@pytest.mark.parametrize("threads", [1, 2])
def test_training(hidden: int, threads: int) -> None:
    use_threads(threads)
    torch.set_num_threads(threads)
    layout = GruLayout(hidden)
    theta = torch.stack([layout.initial() for _ in range(GROUPS)]).requires_grad_()
    x, state = torch.randn(GROUPS, STEPS, SEQUENCES), torch.zeros(GROUPS, hidden, SEQUENCES)

    def ours() -> None:
        run_gru(x, state, layout.split(theta))[0].sum().backward()  # type: ignore[no-untyped-call]

    gru, linear = torch.nn.GRU(1, hidden), torch.nn.Linear(hidden, 1)
    same = torch.randn(STEPS, GROUPS * SEQUENCES, 1)

    def theirs() -> None:
        linear(gru(same)[0]).sum().backward()

    here, there = seconds(ours) / STEPS, seconds(theirs) / STEPS
    sys.stderr.write(
        f"\ntraining GRU-{hidden}, {GROUPS * SEQUENCES} sequences, {threads} thread(s): "
        f"{1e6 * here:.0f} µs per step with {GROUPS} weight sets, "
        f"torch.nn.GRU {1e6 * there:.0f} µs with one, {there / here:.1f} times\n"
    )
