"""Figures without a window: colours, style, and how they become PNG or SVG.

matplotlib is loaded when the first picture is drawn, with its own memory canvas: no display, no global
state. Colours mean what they mean everywhere: clean slate, target amber, model teal, difference rose.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from vastudio import paths
from vastudio.atomic import atomic_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLEAN, TARGET, MODEL, DIFFERENCE = "#8494AB", "#F2A83B", "#3CC8B4", "#E5577B"
GROUND, PANEL, LINE, TEXT, DIM, FAINT = "#121417", "#191C20", "#2F353C", "#E8EAED", "#9CA5AF", "#68717B"
GREAT_COLOUR, GOOD_COLOUR, USABLE_COLOUR, BAD_COLOUR = "#5BC46B", "#A9C35A", "#F2C14E", "#E5484D"

MODELS = (MODEL, "#A78BFA", "#5EA8F2", "#D0D66B")
"""Colours of models beside each other; `DASHES` tells them apart without colour."""
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 2, 1.5, 2)))

VARIABLES = {
    GROUND: "ground", PANEL: "panel", LINE: "line", TEXT: "text", DIM: "dim", FAINT: "faint",
    CLEAN: "clean", TARGET: "target", MODEL: "model", DIFFERENCE: "difference",
    MODELS[1]: "model-2", MODELS[2]: "model-3", MODELS[3]: "model-4",
    GREAT_COLOUR: "great", GOOD_COLOUR: "good", USABLE_COLOUR: "usable", BAD_COLOUR: "bad",
}  # fmt: skip
"""The page's variable (`resources/web/page.css`) for every colour: pictures follow its light and dark."""

_DPI = 160


def figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches."""
    os.environ.setdefault("MPLCONFIGDIR", str(paths.user_cache() / "matplotlib"))
    from matplotlib.figure import Figure  # noqa: PLC0415 the window and the player never need it

    return Figure((width, height), dpi=_DPI, facecolor=PANEL, layout="constrained")


def png(drawn: Figure) -> bytes:
    """Encode a figure as PNG, in the dark theme."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    _style(drawn)
    buffer = io.BytesIO()
    FigureCanvasAgg(drawn).print_png(buffer)
    return buffer.getvalue()


def svg(drawn: Figure) -> str:
    """Encode a figure as SVG to stand in a page: text stays text, colours are the page's variables."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415

    _style(drawn)
    buffer = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "vastudio", "path.simplify": True}):
        FigureCanvasSVG(drawn).print_svg(buffer, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' xmlns(:\w+)?="[^"]*"', "", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return re.sub(r"#[0-9a-f]{6}", _variable, text)


def write(path: Path, content: bytes) -> Path:
    """Write a picture atomically and return its path. Raises OutputError."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)
    return path


def legend(axes: Axes) -> None:
    """Name what is drawn, above the axes."""
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=6, borderaxespad=0.1, borderpad=0.2,
            handlelength=1.8, columnspacing=1.4, fontsize=9, labelcolor=TEXT, frameon=False,
        )  # fmt: skip


def frequency_axis(axes: Axes, highest_hz: float, lowest_hz: float = 30.0) -> None:
    """Octaves evenly spaced, with round numbers."""
    axes.set_xscale("log")
    axes.set_xlim(lowest_hz, highest_hz)
    ticks = [hz for hz in (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000) if hz < highest_hz]
    axes.set_xticks(ticks, [hz_text(hz) for hz in ticks])
    axes.minorticks_off()
    axes.set_xlabel("Hz")


def hz_text(hz: float) -> str:
    """A frequency on an axis: 500, 2k."""
    return f"{hz / 1000:g}k" if hz >= 1000 else f"{hz:g}"


def _variable(match: re.Match[str]) -> str:
    name = VARIABLES.get(match[0].upper())
    return f"var(--{name})" if name else match[0]


def _style(drawn: Figure) -> None:
    for axes in drawn.axes:
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
