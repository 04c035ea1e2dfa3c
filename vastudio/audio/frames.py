"""Short overlapping frames of a long signal, worked on a block at a time by a few threads.

Blocks stay in the processor's cache, and ten minutes do not fill the memory. What is done with them are
numpy's transforms and sums, which run without the interpreter lock. Results come back in the order of time,
so that their sum is the same however many threads there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import scipy

_Real: TypeAlias = npt.NDArray[np.float64]
_Samples = TypeVar("_Samples", bound=np.floating[Any])
_Result = TypeVar("_Result")

_SAMPLES_AT_ONCE = 1 << 17
_WORTH_THREADS = 32  # blocks
_MOST_THREADS = 4  # what is heard meanwhile needs the others


def framed(x: npt.NDArray[_Samples], size: int, hop: int) -> npt.NDArray[_Samples]:
    """View of the frames of `size` samples every `hop` samples that fit into `x`, shape (frames, size)."""
    return np.lib.stride_tricks.sliding_window_view(x, size)[::hop]


def mean_power(x: npt.NDArray[np.floating[Any]], size: int, *, level: bool = False) -> _Real:
    """Mean power spectrum of Hann frames that overlap by half (Welch 1967), shape (size // 2 + 1,).

    Plain squares of the transform, both halves of the spectrum in one: scale them as needed.

    Parameters
    ----------
    x:
        At least `size` samples; what is left after the last whole frame is not looked at.
    level:
        Take the mean of every frame out first.
    """
    frames, window = framed(x, size, size - size // 2), scipy.signal.get_window("hann", size)

    def work(block: slice) -> _Real:
        mean = frames[block].mean(axis=1, keepdims=True, dtype=np.float64) if level else 0.0
        spectra = np.fft.rfft((frames[block] - mean) * window)
        return np.asarray((spectra.real**2 + spectra.imag**2).sum(axis=0))

    return np.asarray(sum(map_blocks(work, frames)) / len(frames))


def map_blocks(work: Callable[[slice], _Result], frames: npt.NDArray[np.floating[Any]]) -> list[_Result]:
    """Call `work` with slices that cover all `frames`, on several threads where there are many.

    Returns what it returned, in the order of time.
    """
    count, size = frames.shape
    step = max(1, _SAMPLES_AT_ONCE // size)
    blocks = [slice(start, min(start + step, count)) for start in range(0, count, step)]
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    if len(blocks) < _WORTH_THREADS or threads == 1:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(threads, thread_name_prefix="frames") as pool:
        return list(pool.map(work, blocks))
