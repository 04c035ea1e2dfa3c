"""Where a run computes: on the processor, with how many threads, or on a graphics card."""

from __future__ import annotations

import torch

from vastudio.errors import TrainingError, did_you_mean
from vastudio.kernels.training import use_threads

DEVICES = ("auto", "cpu", "cuda")


def choose_device(name: str) -> torch.device:
    """The device for `auto`, `cpu` or `cuda`; `auto` takes the graphics card where torch sees one.

    Raises
    ------
    TrainingError
        For another name, and for `cuda` where torch sees no card.
    """
    if name not in DEVICES:
        raise TrainingError(f"There is no device '{name}'.", did_you_mean(name, DEVICES))
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise TrainingError(
            "There is no CUDA graphics card that torch can use.",
            "Train with --device cpu, or install a CUDA build of torch and the card's driver.",
        )
    return torch.device("cuda" if name != "cpu" and available else "cpu")


def spread_over(count: int, *, in_torch: bool = False) -> None:
    """Use `count` threads from now on, for a model that torch computes or one of the compiled kernels.

    Beside the kernels torch gets one: what is left to it is small, and its threads wait for each other
    longer than they work.
    """
    use_threads(count)
    torch.set_num_threads(count if in_torch else 1)
