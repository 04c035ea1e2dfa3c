"""Pictures of a comparison and a training run, drawn without a window.

Every function returns a figure; `png` makes a file of it, `svg` a part of a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vastudio.app.comparison.comparing import Rendering
from vastudio.app.comparison.positions import PositionTable
from vastudio.app.pictures.canvas import png, svg, write
from vastudio.app.pictures.curves import errors_over_time, null_depths, spectra
from vastudio.app.pictures.positions import positions, training_curve
from vastudio.app.pictures.signals import overlay, spectrograms, waveforms
from vastudio.dataset.store import Dataset
from vastudio.modelfile.schema import CaptureScore

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "errors_over_time", "null_depths", "of_comparisons", "of_positions", "overlay", "png", "positions",
    "spectra", "spectrograms", "svg", "training_curve", "waveforms", "write",
]  # fmt: skip


def of_comparisons(renderings: Sequence[Rendering]) -> dict[str, Figure]:
    """Draw everything there is to one pair and its models, by name."""
    drawn = {
        "overlay": overlay(renderings),
        "spectra": spectra(renderings),
        "null-by-band": null_depths(renderings),
        "error-over-time": errors_over_time(renderings),
    }
    for number, item in enumerate(renderings, 1):
        suffix = f"-{number}" if len(renderings) > 1 else ""
        drawn[f"waveforms{suffix}"] = waveforms(item)
        drawn[f"spectrograms{suffix}"] = spectrograms(item)
    return drawn


def of_positions(tables: Sequence[PositionTable], dataset: Dataset) -> dict[str, Figure]:
    """Draw the error over the knobs, a picture for each model, by name."""
    drawn = {}
    for number, table in enumerate(tables, 1):
        scores = [CaptureScore(row.capture, row.knobs, row.metrics.esr) for row in table.rows]
        held_out = {row.capture for row in table.rows if row.split == "validation"}
        suffix = f"-{number}" if len(tables) > 1 else ""
        drawn[f"positions{suffix}"] = positions(scores, held_out, dataset.knobs)
    return drawn
