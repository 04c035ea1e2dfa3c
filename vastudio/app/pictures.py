"""Pictures of a comparison and a training run as PNG, drawn without a window.

matplotlib is loaded when the first picture is drawn, with its own memory canvas: no display, no global
state. Colours mean what they mean everywhere: clean slate, target amber, model teal, difference rose.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vastudio import paths
from vastudio.app.comparison.comparing import Comparison
from vastudio.atomic import atomic_file
from vastudio.audio.envelope import minmax
from vastudio.audio.spectral import spectrogram
from vastudio.modelfile.schema import CaptureScore
from vastudio.training.events import Event, Progress, Validated
from vastudio.types import Audio, Knob

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLEAN, TARGET, MODEL, DIFFERENCE = "#8494AB", "#F2A83B", "#3CC8B4", "#E5577B"
GROUND, PANEL, LINE, TEXT, DIM, FAINT = "#121417", "#191C20", "#2F353C", "#E8EAED", "#9CA5AF", "#68717B"

GREAT, GOOD, USABLE = 0.01, 0.035, 0.1
"""ESR below which players speak of a great, a good, a usable capture."""

_DPI = 160
_ZOOM_SECONDS = 0.025
_RANGE_DB = 80.0
_TICKS_HZ = (100, 500, 1000, 2000, 5000, 10_000, 20_000)


def write(path: Path, png: bytes) -> Path:
    """Write a picture atomically and return its path. Raises OutputError."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(png)
    return path


def waveforms(comparison: Comparison) -> bytes:
    """Draw the clip as envelopes, its loudest 25 ms in full, and the difference on the same scale."""
    figure = _figure(11.0, 5.4)
    grid = figure.add_gridspec(2, 2, width_ratios=(1.35, 1.0))
    rate, target, model = comparison.sample_rate, comparison.target, comparison.model
    difference = model - target
    limit = 1.08 * float(max(np.max(np.abs(target)), np.max(np.abs(model)), 1e-6))
    loud = _loudest(target, round(_ZOOM_SECONDS * rate))
    clip, clip_difference = (figure.add_subplot(grid[row, 0]) for row in (0, 1))
    zoom, zoom_difference = (figure.add_subplot(grid[row, 1]) for row in (0, 1))
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
        _legend(axes)
    clip_difference.set_xlabel("seconds")
    zoom_difference.set_xlabel(f"milliseconds from {loud.start / rate:.2f} s on")
    return _png(figure)


def spectrograms(comparison: Comparison) -> bytes:
    """Draw clean, target and model on one mel scale; target and model share the colour scale."""
    figure = _figure(11.0, 4.1)
    rate = comparison.sample_rate
    parts = [("Clean", comparison.clean, CLEAN), ("Target", comparison.target, TARGET)]
    parts.append(("Model", comparison.model, MODEL))
    spectra = [spectrogram(audio, rate) for _, audio, _ in parts]
    shared = max(float(spectrum.level_db.max()) for spectrum in spectra[1:])
    tops = (float(spectra[0].level_db.max()), shared, shared)
    row = figure.subplots(1, 3, sharey=True)
    for axes, (name, _, colour), spectrum, top in zip(row, parts, spectra, tops, strict=True):
        bands = np.arange(spectrum.frequencies_hz.size)
        axes.pcolormesh(
            spectrum.times_s, bands, spectrum.level_db, cmap="magma", vmin=top - _RANGE_DB, vmax=top,
            shading="nearest", rasterized=True,
        )  # fmt: skip
        axes.set_title(name, color=colour, loc="left", fontsize=11, fontweight="bold")
        axes.set_xlabel("seconds")
        ticks = [hz for hz in _TICKS_HZ if hz < spectrum.frequencies_hz[-1]]
        axes.set_yticks(np.interp(ticks, spectrum.frequencies_hz, bands))
        axes.set_yticklabels([f"{hz / 1000:g}k" if hz >= 1000 else str(hz) for hz in ticks])
    row[0].set_ylabel("Hz")
    return _png(figure)


def training_curve(events: Sequence[Event]) -> bytes:
    """Draw ESR over time, logarithmic: training as it was reported, validation at its points."""
    figure = _figure(5.4, 3.9)
    axes = figure.add_subplot()
    progress = [event for event in events if isinstance(event, Progress)]
    validated = [event for event in events if isinstance(event, Validated) and math.isfinite(event.esr)]
    axes.set_yscale("log")
    axes.set_ylim(GREAT / 2.0, 2.0)
    axes.set_autoscaley_on(True)
    _quality_lines(axes)
    if progress:
        seconds, esr = [event.seconds for event in progress], [event.train_esr for event in progress]
        axes.plot(seconds, esr, color=CLEAN, lw=1, label="Training")
    if validated:
        axes.plot(
            [v.seconds for v in validated], [v.esr for v in validated],
            color=MODEL, lw=1.8, marker="o", ms=3.5, label="Validation",
        )  # fmt: skip
        best = min(validated, key=lambda event: event.esr)
        axes.plot(best.seconds, best.esr, "o", ms=9, mfc="none", mec=TEXT, mew=1.3)
        axes.annotate(
            f"best {best.esr:.2g}", (best.seconds, best.esr), (-2, 10), textcoords="offset points",
            ha="right", color=TEXT, fontsize=9,
        )  # fmt: skip
    axes.set_xlabel("seconds of training")
    axes.set_ylabel("ESR")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.grid(axis="y")
    _legend(axes)
    return _png(figure)


def positions(scores: Sequence[CaptureScore], held_out: Collection[str], knobs: Sequence[Knob]) -> bytes:
    """Draw the ESR at every knob position: on the plane of two knobs, as bars for any other number."""
    if len(knobs) != 2:
        return _bars(scores, held_out)
    figure = _figure(5.4, 3.9)
    axes = figure.add_subplot()
    across, up = knobs
    for score in scores:
        x, y = score.knobs[across.name], score.knobs[up.name]
        unseen = score.capture in held_out
        axes.plot(
            x, y, "D" if unseen else "o", ms=11 if unseen else 8, color=_quality_colour(score.esr),
            mec=TEXT if unseen else GROUND, mew=1.4 if unseen else 0.6, zorder=3, clip_on=False,
        )  # fmt: skip
        axes.annotate(
            f"{score.esr:.2g}", (x, y), (0, 8), textcoords="offset points", ha="center",
            color=TEXT if unseen else DIM, fontsize=8.5,
            fontweight="bold" if unseen else "normal",
        )  # fmt: skip
    axes.set_xlim(across.denormalised(-0.05), across.denormalised(1.05))
    axes.set_ylim(up.denormalised(-0.05), up.denormalised(1.1))
    axes.set_xlabel(across.title)
    axes.set_ylabel(up.title)
    axes.plot([], [], "D", color=DIM, mec=TEXT, ms=8, label="never seen in training")
    axes.plot([], [], "o", color=DIM, mec=GROUND, ms=7, label="trained on")
    axes.grid()
    _legend(axes)
    return _png(figure)


def _bars(scores: Sequence[CaptureScore], held_out: Collection[str]) -> bytes:
    figure = _figure(5.4, 3.9)
    axes = figure.add_subplot()
    ordered = sorted(scores, key=lambda score: score.esr)
    colours = [_quality_colour(score.esr) for score in ordered]
    edges = [TEXT if score.capture in held_out else PANEL for score in ordered]
    axes.bar([score.capture for score in ordered], [score.esr for score in ordered], color=colours, ec=edges)
    axes.set_yscale("log")
    axes.set_ylabel("ESR")
    axes.set_xlabel("capture; outlined: never seen in training")
    axes.tick_params(axis="x", labelrotation=90)
    return _png(figure)


def _figure(width: float, height: float) -> Figure:
    os.environ.setdefault("MPLCONFIGDIR", str(paths.user_cache() / "matplotlib"))
    from matplotlib.figure import Figure  # noqa: PLC0415 the window and the player never need it

    return Figure((width, height), dpi=_DPI, facecolor=PANEL, layout="constrained")


def _png(figure: Figure) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    for axes in figure.axes:
        _style(axes)
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()


def _style(axes: Axes) -> None:
    axes.set_facecolor(GROUND)
    axes.tick_params(colors=DIM, labelsize=9, length=0, which="both")
    axes.tick_params(color=LINE)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(DIM)
        label.set_fontsize(9)
    for line in (*axes.get_xgridlines(), *axes.get_ygridlines()):
        line.set_color(LINE)
        line.set_linewidth(0.7)
    axes.set_axisbelow(True)


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.1, borderpad=0.2,
            handlelength=1.4, fontsize=9, labelcolor=TEXT, frameon=False,
        )  # fmt: skip


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


def _quality_colour(esr: float) -> str:
    """Good green, then yellow, then red: the thresholds players use."""
    return "#5BC46B" if esr < GREAT else "#A9C35A" if esr < GOOD else "#F2C14E" if esr < USABLE else "#E5484D"


def _quality_lines(axes: Axes) -> None:
    for level, word in ((GREAT, "great"), (GOOD, "good"), (USABLE, "usable")):
        axes.axhline(level, color=FAINT, lw=0.8, ls=(0, (4, 4)), zorder=1)
        axes.annotate(
            word, (1, level), (5, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            color=DIM, fontsize=8, va="center",
        )  # fmt: skip
