"""A small dataset of a device with one knob, made in a moment, for tests of training and comparing."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile

from vastudio.dataset.importing import import_dataset
from vastudio.dataset.store import Dataset
from vastudio.types import STANDARD_RATE, Audio

Positions: TypeAlias = Sequence[tuple[float, str]]
"""Drive and split of every capture."""

POSITIONS: Positions = ((0.0, "train"), (0.5, "train"), (1.0, "train"), (0.25, "validation"))


def device(clean: Audio, drive: float) -> Audio:
    """A soft clipper whose gain goes from 1 to 8 with the knob."""
    gain = 1 + 7 * drive
    return (np.tanh(gain * clean) / np.tanh(gain)).astype(np.float32)


def clean_signal(seconds: float, seed: int = 0) -> Audio:
    """Decaying plucks of random pitch with a little noise, peak 0.5."""
    random = np.random.default_rng(seed)
    time = np.arange(int(0.25 * STANDARD_RATE)) / STANDARD_RATE
    plucks = [
        np.exp(-6 * time) * sum(np.sin(2 * np.pi * k * f * time) / k for k in (1, 2, 3))
        for f in random.uniform(80, 600, int(np.ceil(seconds / 0.25)))
    ]
    signal = np.concatenate(plucks) + 0.003 * random.normal(size=len(plucks) * len(time))
    return (0.5 * signal / np.abs(signal).max())[: int(seconds * STANDARD_RATE)].astype(np.float32)


def write_source(
    folder: Path, seconds: float = 1.5, positions: Positions = POSITIONS, noise: float = 0.0
) -> Path:
    """Write recordings and their captures.csv; return the csv's path.

    Every take has noise of its own, with standard deviation `noise`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clean = clean_signal(seconds)
    soundfile.write(folder / "clean.wav", clean, STANDARD_RATE, subtype="FLOAT")
    path = folder / "captures.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["input", "input_start", "output", "length", "drive", "split"])
        for index, (drive, split) in enumerate(positions):
            name = f"target_{index}.wav"
            hiss = noise * np.random.default_rng(index).normal(size=len(clean))
            target = device(clean, drive) + hiss.astype(np.float32)
            soundfile.write(folder / name, target, STANDARD_RATE, subtype="FLOAT")
            writer.writerow(["clean.wav", 0, name, len(clean), drive, split])
    return path


def make_dataset(
    folder: Path, seconds: float = 1.5, positions: Positions = POSITIONS, noise: float = 0.0
) -> Dataset:
    """Make the dataset `folder/clipper`."""
    return import_dataset(write_source(folder / "source", seconds, positions, noise), folder / "clipper")
