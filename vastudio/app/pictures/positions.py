"""The training and the knob positions as pictures: error over time, error at every position."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from vastudio.app.pictures.canvas import (
    BAD_COLOUR,
    CLEAN,
    DIM,
    FAINT,
    GOOD_COLOUR,
    GREAT_COLOUR,
    GROUND,
    MODEL,
    PANEL,
    TEXT,
    USABLE_COLOUR,
    figure,
    legend,
)
from vastudio.modelfile.schema import CaptureScore
from vastudio.training.events import Event, Progress, Validated
from vastudio.types import Knob

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREAT, GOOD, USABLE = 0.01, 0.035, 0.1
"""ESR below which players speak of a great, a good, a usable capture."""


def training_curve(events: Sequence[Event]) -> Figure:
    """Draw ESR over time, logarithmic: training as it was reported, validation at its points."""
    drawn = figure(5.4, 3.9)
    axes = drawn.add_subplot()
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
    legend(axes)
    return drawn


def positions(scores: Sequence[CaptureScore], held_out: Collection[str], knobs: Sequence[Knob]) -> Figure:
    """Draw the ESR at every knob position: on the plane of two knobs, as bars for any other number."""
    if len(knobs) != 2:
        return _bars(scores, held_out)
    drawn = figure(5.4, 3.9)
    axes = drawn.add_subplot()
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
    legend(axes)
    return drawn


def _bars(scores: Sequence[CaptureScore], held_out: Collection[str]) -> Figure:
    drawn = figure(5.4, 3.9)
    axes = drawn.add_subplot()
    ordered = sorted(scores, key=lambda score: score.esr)
    colours = [_quality_colour(score.esr) for score in ordered]
    edges = [TEXT if score.capture in held_out else PANEL for score in ordered]
    axes.bar([score.capture for score in ordered], [score.esr for score in ordered], color=colours, ec=edges)
    axes.set_yscale("log")
    axes.set_ylabel("ESR")
    axes.set_xlabel("capture; outlined: never seen in training")
    axes.tick_params(axis="x", labelrotation=90)
    return drawn


def _quality_colour(esr: float) -> str:
    """Good green, then yellow, then red: the thresholds players use."""
    return (
        GREAT_COLOUR
        if esr < GREAT
        else GOOD_COLOUR
        if esr < GOOD
        else USABLE_COLOUR
        if esr < USABLE
        else BAD_COLOUR
    )


def _quality_lines(axes: Axes) -> None:
    for level, word in ((GREAT, "great"), (GOOD, "good"), (USABLE, "usable")):
        axes.axhline(level, color=FAINT, lw=0.8, ls=(0, (4, 4)), zorder=1)
        axes.annotate(
            word, (1, level), (5, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            color=DIM, fontsize=8, va="center",
        )  # fmt: skip
