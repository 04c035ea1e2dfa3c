"""What the measurements of other trainers share: reading pairs, the error, the time of an update.

Runs in those trainers' own environments, so it needs numpy and soundfile and nothing of ours.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

Audio = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """One clip: audio of shape (frames,), knobs in 0..1, the files it came from."""

    capture: str
    split: str
    knobs: tuple[float, ...]
    clean: Audio
    target: Audio
    clean_path: Path
    target_path: Path


def read_pairs(folder: Path, split: str) -> list[Pair]:
    """Read the clips of one split ("train" or "validation") that `export_pairs.py` wrote."""
    listing = json.loads((folder / "pairs.json").read_text())
    pairs = []
    for entry in listing["pairs"]:
        if entry["split"] != split:
            continue
        clean_path, target_path = folder / entry["clean"], folder / entry["target"]
        clean, target = (soundfile.read(path, dtype="float32")[0] for path in (clean_path, target_path))
        pairs.append(
            Pair(entry["capture"], split, tuple(entry["knobs"]), clean, target, clean_path, target_path)
        )
    return pairs


def error_to_signal(clips: Sequence[tuple[Audio, Audio]]) -> float:
    """Plain ESR of one capture: Σ(y−ŷ)²/Σy² over all samples of its (target, prediction) clips."""
    errors = sum(float(np.sum((target.astype(np.float64) - made) ** 2)) for target, made in clips)
    energies = sum(float(np.sum(target.astype(np.float64) ** 2)) for target, _ in clips)
    return errors / energies


def summary(errors: Mapping[str, float]) -> dict[str, Any]:
    """Median and worst ESR over captures, and all of them by capture."""
    values = list(errors.values())
    return {"median_esr": statistics.median(values), "worst_esr": max(values), "by_capture": dict(errors)}


@dataclass(frozen=True)
class UpdateTime:
    """Seconds of one update, the least over repeats: by the clock, and summed over the threads' work."""

    clock: float
    processor: float


def least_update_time(update: Callable[[], None], seconds: float) -> UpdateTime:
    """Repeat `update` for about `seconds`, three times at least, after one that is not counted."""
    update()
    clocks: list[float] = []
    works: list[float] = []
    end = time.perf_counter() + seconds
    while len(clocks) < 3 or time.perf_counter() < end:
        clock, work = time.perf_counter(), time.process_time()
        update()
        clocks.append(time.perf_counter() - clock)
        works.append(time.process_time() - work)
    return UpdateTime(min(clocks), min(works))


def print_json(**values: Any) -> None:
    """One JSON object on one line of standard output."""
    print(json.dumps(values), flush=True)  # noqa: T201
