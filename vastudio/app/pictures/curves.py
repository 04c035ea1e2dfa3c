"""What was measured as curves, models over each other: spectra, null by band, error over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.bands import null_by_band
from vastudio.app.comparison.comparing import Rendering
from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.spectrum import average_spectra
from vastudio.app.comparison.timeline import error_over_time
from vastudio.app.pictures.canvas import (
    CLEAN,
    DASHES,
    FAINT,
    MODELS,
    TARGET,
    TEXT,
    figure,
    frequency_axis,
    legend,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_RANGE_DB = 90.0
_MOST_POINTS = 1500


def spectra(renderings: Sequence[Rendering]) -> Figure:
    """Draw average spectra, smoothed by third-octaves: clean, target, and every model."""
    drawn = figure(5.4, 3.4)
    axes = drawn.add_subplot()
    found = [average_spectra(item, smoothed=True) for item in renderings]
    hz = found[0].frequencies_hz
    axes.plot(hz, found[0].clean_db, color=CLEAN, lw=1.2, label="Clean")
    axes.plot(hz, found[0].target_db, color=TARGET, lw=2.6, label="Target")
    for index, (item, spectrum) in enumerate(zip(renderings, found, strict=True)):
        axes.plot(hz, spectrum.model_db, label=_name(item, renderings), **_line(index))
    top = max(float(np.max(found[0].target_db)), float(np.max(found[0].clean_db))) + 3.0
    axes.set_ylim(top - _RANGE_DB, top)
    axes.set_ylabel("dB")
    frequency_axis(axes, renderings[0].sample_rate / 2.0)
    axes.grid()
    legend(axes)
    return drawn


def null_depths(renderings: Sequence[Rendering]) -> Figure:
    """Draw the null depth in third-octaves; lower is nearer."""
    drawn = figure(5.4, 3.4)
    axes = drawn.add_subplot()
    for index, item in enumerate(renderings):
        bands = null_by_band(item)
        axes.plot(
            bands.centres_hz, bands.depth_db, marker="o", ms=3, label=_name(item, renderings), **_line(index)
        )
    _goal_line(axes)
    axes.set_ylabel("dB relative to the target")
    frequency_axis(axes, renderings[0].sample_rate / 2.0)
    axes.grid()
    legend(axes)
    return drawn


def errors_over_time(renderings: Sequence[Rendering]) -> Figure:
    """Draw the error of short windows over the time, with the worst second of the first model."""
    drawn = figure(11.0, 3.0)
    axes = drawn.add_subplot()
    for index, item in enumerate(renderings):
        found = error_over_time(item)
        times, levels = _thinned(found.times_s, found.esr_db)
        axes.plot(times, levels, label=_name(item, renderings), **_line(index))
        if index == 0:
            stop = min(found.worst_second_s + 1.0, item.pair.seconds)
            axes.axvspan(found.worst_second_s, stop, color=TEXT, alpha=0.18, lw=0, label="worst second")
    _goal_line(axes)
    axes.set_xlim(0, renderings[0].pair.seconds)
    axes.set_xlabel("seconds")
    axes.set_ylabel("ESR, dB")
    axes.grid(axis="y")
    legend(axes)
    return drawn


def _goal_line(axes: Axes) -> None:
    goal = GOALS["null_depth_db"].limit
    assert goal is not None  # ESR and null depth have the same one
    axes.axhline(
        goal, color=FAINT, lw=1.0, ls=(0, (4, 4)), zorder=1, label=f"goal {goal:g} dB".replace("-", "−")
    )


def _name(item: Rendering, renderings: Sequence[Rendering]) -> str:
    return item.model_name if len(renderings) > 1 else "Model"


def _line(index: int) -> dict[str, Any]:
    return {"color": MODELS[index % len(MODELS)], "ls": DASHES[index % len(DASHES)], "lw": 1.4}


def _thinned(
    times: npt.NDArray[np.float64], levels: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """No more points than a picture shows: the highest of every few."""
    step = -(-len(times) // _MOST_POINTS)
    starts = np.arange(0, len(times), step)
    return times[starts], np.maximum.reduceat(levels, starts)
