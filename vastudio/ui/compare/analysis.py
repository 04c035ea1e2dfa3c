"""What the Compare page shows, worked out in the pool: signals ready to draw, and spectrograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.comparing import Comparison, compare
from vastudio.app.comparison.pair import dataset_pair
from vastudio.app.evaluate import check_match
from vastudio.audio.spectral import Scale, spectrogram
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.types import KnobValues
from vastudio.ui.widgets.waveform import Track

Levels: TypeAlias = npt.NDArray[np.floating[Any]]

RANGE_DB = 80.0
"""Levels further below the loudest point of the three are drawn, and compared, as silence."""
DIFFERENCE_DB = 24.0
"""Differences of this much, up or down, have the strongest colours."""


@dataclass(frozen=True)
class Analysis:
    """A comparison and its signals, ready to draw: clean, target, model."""

    comparison: Comparison
    tracks: tuple[Track, ...]


@dataclass(frozen=True)
class Spectra:
    """Levels in dB of shape (bins, frames) on a common scale that ends at `top_db`."""

    times_s: Levels
    frequencies_hz: Levels
    clean: Levels
    target: Levels
    model: Levels
    difference: Levels
    top_db: float


def analyse(model: PlayableModel, dataset: Dataset, capture: str, clip: int, values: KnobValues) -> Analysis:
    """Render, measure and prepare one clip. Raises what `dataset_pair` and `compare` raise."""
    check_match(model, dataset)
    result = compare(model, dataset_pair(dataset, capture, clip), values)
    tracks = (
        Track.of("Clean", "clean", result.clean),
        Track.of("Target", "target", result.target),
        Track.of("Model", "model", result.model),
    )
    return Analysis(result, tracks)


def spectra(comparison: Comparison, scale: Scale) -> Spectra:
    """Spectrograms of the three signals, and by how much the model is above the target."""
    rate = comparison.sample_rate
    signals = (comparison.clean, comparison.target, comparison.model)
    clean, target, model = (spectrogram(signal, rate, scale=scale) for signal in signals)
    top = float(max(target.level_db.max(), model.level_db.max()))
    floor = top - RANGE_DB
    difference = np.maximum(model.level_db, floor) - np.maximum(target.level_db, floor)
    return Spectra(
        times_s=target.times_s,
        frequencies_hz=target.frequencies_hz,
        clean=clean.level_db,
        target=target.level_db,
        model=model.level_db,
        difference=difference,
        top_db=top,
    )
