"""A comparison's signals as pictures: waveforms, a few periods over each other, spectrograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.comparing import Rendering
from vastudio.app.pictures.canvas import (
    CLEAN,
    DASHES,
    DIFFERENCE,
    GROUND,
    MODEL,
    MODELS,
    TARGET,
    TEXT,
    figure,
    hz_text,
    legend,
)
from vastudio.audio.envelope import minmax
from vastudio.audio.spectral import Spectrogram, spectrogram
from vastudio.types import Audio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

OVERLAY_FRAMES = 300
"""Samples of the picture that papers show: a few periods of target and model over each other."""

_ZOOM_SECONDS = 0.025
_RANGE_DB = 80.0
_DIFFERENCE_DB = 24.0
_TICKS_HZ = (100, 500, 1000, 2000, 5000, 10_000, 20_000)


def waveforms(rendering: Rendering) -> Figure:
    """Draw the clip as envelopes, its loudest 25 ms in full, and the difference on the same scale."""
    drawn = figure(11.0, 5.4)
    grid = drawn.add_gridspec(2, 2, width_ratios=(1.35, 1.0))
    rate, target, model = rendering.sample_rate, rendering.target, rendering.model
    difference = rendering.difference
    limit = 1.08 * float(max(np.max(np.abs(target)), np.max(np.abs(model)), 1e-6))
    loud = _loudest(target, round(_ZOOM_SECONDS * rate))
    clip, clip_difference = (drawn.add_subplot(grid[row, 0]) for row in (0, 1))
    zoom, zoom_difference = (drawn.add_subplot(grid[row, 1]) for row in (0, 1))
    _envelope(clip, target, rate, TARGET, "Target")
    _outline(clip, model, rate, MODEL, "Model")
    _envelope(clip_difference, difference, rate, DIFFERENCE, "Model − target")
    for axes in (clip, clip_difference):
        axes.axvspan(loud.start / rate, loud.stop / rate, color=TEXT, alpha=0.35, lw=0)
        axes.set_xlim(0, target.size / rate)
    milliseconds = np.arange(loud.stop - loud.start) * 1000.0 / rate
    zoom.plot(milliseconds, target[loud], color=TARGET, lw=2.4, label="Target")
    zoom.plot(milliseconds, model[loud], color=MODEL, lw=1.2, label="Model")
    zoom_difference.plot(milliseconds, difference[loud], color=DIFFERENCE, lw=1.2, label="Model − target")
    for axes in (zoom, zoom_difference):
        axes.set_xlim(0, milliseconds[-1])
        axes.tick_params(labelleft=False)
    for axes in (clip, clip_difference, zoom, zoom_difference):
        axes.set_ylim(-limit, limit)
        axes.grid(axis="y")
        legend(axes)
    clip_difference.set_xlabel("seconds")
    zoom_difference.set_xlabel(f"milliseconds from {loud.start / rate:.2f} s on")
    return drawn


def overlay(renderings: Sequence[Rendering], frames: int = OVERLAY_FRAMES) -> Figure:
    """Draw the loudest `frames` samples of the target, and every model over it."""
    drawn = figure(11.0, 3.2)
    axes = drawn.add_subplot()
    rate, target = renderings[0].sample_rate, renderings[0].target
    loud = _loudest(target, frames)
    milliseconds = np.arange(loud.stop - loud.start) * 1000.0 / rate
    axes.plot(milliseconds, target[loud], color=TARGET, lw=3.2, label="Target", solid_capstyle="round")
    for index, item in enumerate(renderings):
        colour, dash = MODELS[index % len(MODELS)], DASHES[index % len(DASHES)]
        axes.plot(milliseconds, item.model[loud], color=colour, ls=dash, lw=1.4, label=item.model_name)
    axes.set_xlim(0, milliseconds[-1])
    axes.set_xlabel(f"milliseconds from {loud.start / rate:.3f} s on ({loud.stop - loud.start} samples)")
    axes.grid(axis="y")
    legend(axes)
    return drawn


def spectrograms(rendering: Rendering) -> Figure:
    """Draw clean, target, model and model − target on one mel scale; target and model share their colours."""
    drawn = figure(11.0, 3.6)
    rate = rendering.sample_rate
    clean, target, model = (
        spectrogram(audio, rate) for audio in (rendering.clean, rendering.target, rendering.model)
    )
    shared = max(float(target.level_db.max()), float(model.level_db.max()))
    row = drawn.subplots(1, 4, sharey=True)
    for axes, name, found, colour, top in (
        (row[0], "Clean", clean, CLEAN, float(clean.level_db.max())),
        (row[1], "Target", target, TARGET, shared),
        (row[2], "Model", model, MODEL, shared),
    ):
        _bands(axes, name, colour, found, found.level_db, "magma", (top - _RANGE_DB, top))
    floor = shared - _RANGE_DB
    apart = np.maximum(model.level_db, floor) - np.maximum(target.level_db, floor)
    _bands(
        row[3], f"Model − target, ±{_DIFFERENCE_DB:g} dB", DIFFERENCE, target, apart, _difference_colours(),
        (-_DIFFERENCE_DB, _DIFFERENCE_DB),
    )  # fmt: skip
    row[0].set_ylabel("Hz")
    return drawn


def _bands(
    axes: Axes,
    name: str,
    colour: str,
    found: Spectrogram,
    level_db: npt.NDArray[np.floating[Any]],
    colours: Colormap | str,
    limits: tuple[float, float],
) -> None:
    bands = np.arange(found.frequencies_hz.size)
    axes.pcolormesh(
        found.times_s, bands, level_db, cmap=colours, vmin=limits[0], vmax=limits[1],
        shading="nearest", rasterized=True,
    )  # fmt: skip
    axes.set_title(name, color=colour, loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("seconds")
    ticks = [hz for hz in _TICKS_HZ if hz < found.frequencies_hz[-1]]
    axes.set_yticks(np.interp(ticks, found.frequencies_hz, bands))
    axes.set_yticklabels([hz_text(hz) for hz in ticks])


def _difference_colours() -> Colormap:
    """Rose where the model is louder, blue where it is quieter, dark where they agree."""
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    return LinearSegmentedColormap.from_list("difference", [MODELS[2], GROUND, DIFFERENCE])


def _envelope(axes: Axes, audio: Audio, rate: int, colour: str, label: str) -> None:
    seconds, low, high = _extremes(audio, rate, 1200)
    axes.fill_between(seconds, low, high, color=colour, lw=0.4, label=label)


def _outline(axes: Axes, audio: Audio, rate: int, colour: str, label: str) -> None:
    seconds, low, high = _extremes(audio, rate, 400)
    axes.plot(seconds, high, color=colour, lw=1.1, label=label)
    axes.plot(seconds, low, color=colour, lw=1.1)


def _extremes(audio: Audio, rate: int, columns: int) -> tuple[npt.NDArray[np.float64], Audio, Audio]:
    """Return times in seconds and the lowest and highest sample around each."""
    columns = min(columns, audio.size)
    low, high = minmax(audio, columns)
    return (np.arange(columns) + 0.5) * audio.size / columns / rate, low, high


def _loudest(audio: Audio, frames: int) -> slice:
    """Return the stretch of `frames` frames with the most energy."""
    frames = min(frames, audio.size)
    energy = np.concatenate([[0.0], np.cumsum(audio.astype(np.float64) ** 2)])
    start = int(np.argmax(energy[frames:] - energy[:-frames]))
    return slice(start, start + frames)
