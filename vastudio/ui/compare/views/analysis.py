"""What the views draw, worked out in the pool: signals ready to draw, and spectrograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.comparing import Rendering
from vastudio.audio.spectral import Scale, spectrogram
from vastudio.ui.widgets.waveform import Track

Levels: TypeAlias = npt.NDArray[np.floating[Any]]

RANGE_DB = 80.0
"""Levels further below the loudest point of the three are drawn, and compared, as silence."""
DIFFERENCE_DB = 24.0
"""Differences of this much, up or down, have the strongest colours."""


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


def tracks(rendering: Rendering) -> tuple[Track, ...]:
    """Clean, target and model, ready to draw."""
    return (
        Track.of("Clean", "clean", rendering.clean),
        Track.of("Target", "target", rendering.target),
        Track.of("Model", "model", rendering.model),
    )


def spectra(rendering: Rendering, scale: Scale) -> Spectra:
    """Spectrograms of the three signals, and by how much the model is above the target."""
    rate = rendering.sample_rate
    signals = (rendering.clean, rendering.target, rendering.model)
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
