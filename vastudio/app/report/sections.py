"""The parts of a report about sound and numbers, each as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vastudio.app import pictures
from vastudio.app.comparison.comparing import Comparison
from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.pair import position_text
from vastudio.app.comparison.positions import PositionTable
from vastudio.app.comparison.timeline import error_over_time
from vastudio.app.report import html
from vastudio.app.report.html import escape
from vastudio.app.report.material import Material, ModelPart, Shown
from vastudio.app.report.sounds import Excerpt, excerpt, flac
from vastudio.dataset.store import Dataset
from vastudio.types import Audio

_HEADLINES = ("esr", "mfcc_distance", "loudness_difference")


def headline(material: Material) -> str:
    """The numbers a person looks for first, of one model; of several, beside each other in a table."""
    if material.dataset is None:
        return ""
    tables = [part.table for part in material.models if part.table is not None]
    if len(tables) == 1:
        return _large(tables[0])
    head = [
        "Model",
        *(f"{GOALS[name].title}<br>{which}" for name in _HEADLINES for which in ("median", "worst")),
    ]
    rows = [
        [
            escape(table.model_name),
            *(judged(name, values[name]) for name in _HEADLINES for values in (table.median, table.worst)),
        ]
        for table in tables
    ]
    return html.section("Models beside each other", html.table(head, rows, "numbers"))


def _large(table: PositionTable) -> str:
    seen = {"validation": "unseen positions", "train": "training positions"}.get(table.split, "all positions")
    cells = (
        ("esr", table.median, f"median ESR at {seen}"),
        ("esr", table.worst, f"worst ESR at {seen}"),
        ("predicted_mushra", table.median, "predicted MUSHRA of 100, median"),
    )
    return html.figures(
        (GOALS[name].value_text(values[name]), label, word(name, values[name]))
        for name, values, label in cells
    )


def shown(item: Shown, group: str) -> str:
    """One pair in full: players, numbers, pictures."""
    pair = item.pair
    where = f"{pair.title} · {pair.seconds:.1f} s · {Path(pair.origin).name}"
    if any(comparison.knobs != item.comparisons[0].knobs for comparison in item.comparisons):
        where += " · models at knobs of their own"
    parts = [html.paragraph(where)]
    parts += [html.paragraph(note) for note in pair.notes]
    parts += [_listening(item, group), _metrics(item.comparisons)]
    several = len(item.comparisons) > 1
    for comparison in item.comparisons:
        name = f"{comparison.model_name}. " if several else ""
        parts.append(
            html.picture(
                pictures.svg(pictures.waveforms(comparison)),
                f"{name}The whole recording, its loudest 25 ms, and model − target on the same scale.",
            )
        )
    parts.append(
        html.picture(
            pictures.svg(pictures.overlay(item.comparisons)),
            "The loudest 300 samples of the target, and the model over it.",
        )
    )
    for comparison in item.comparisons:
        name = f"{comparison.model_name}. " if several else ""
        parts.append(
            html.picture(
                pictures.svg(pictures.spectrograms(comparison)),
                f"{name}Mel spectrograms over 80 dB; target and model share their colours. In the difference "
                "rose is where the model is louder, blue where it is quieter.",
            )
        )
    parts.append(
        html.pair(
            html.picture(
                pictures.svg(pictures.spectra(item.comparisons)),
                "Average spectra, smoothed by third-octaves.",
            ),
            html.picture(
                pictures.svg(pictures.null_depths(item.comparisons)),
                "Null depth in third-octaves: level of the difference relative to the target.",
            ),
        )
    )
    worst = error_over_time(item.comparisons[0])
    parts.append(
        html.picture(
            pictures.svg(pictures.errors_over_time(item.comparisons)),
            f"Error over time in windows of 50 ms. The worst second begins at {worst.worst_second_s:.2f} s, "
            f"with {minus(f'{worst.worst_second_db:.1f}')} dB.",
        )
    )
    return html.section(item.title, *parts)


def positions(part: ModelPart, dataset: Dataset) -> str:
    """All metrics at every position, the worst first, and the error over the knobs."""
    if part.table is None:
        return ""
    table = part.table
    head = ["Position", *(f"{escape(goal.title)}{_unit(goal.unit)}" for goal in GOALS.values())]
    rows: list[list[str]] = []
    for row in table.rows:
        where = position_text(dataset.knobs, row.knobs) or f"Capture {row.capture}"
        seen = "" if row.split == "validation" else "<small>trained on</small>"
        cells = [judged(name, getattr(row.metrics, name), unit=False) for name in GOALS]
        rows.append([f"{escape(where)}{seen}", *cells])
    for title, values in (("Median", table.median), ("Worst", table.worst)):
        rows.append([f"<b>{title}</b>", *(judged(name, values[name], unit=False) for name in GOALS)])
    rows.append(["Goal", *(escape(goal.without_unit(goal.goal_text)) for goal in GOALS.values())])
    drawn = pictures.of_positions([table], dataset)["positions"]
    return html.section(
        f"{part.name}: every {table.split} position"
        if table.split != "all"
        else f"{part.name}: every position",
        html.paragraph(
            "The worst position comes first. A value that misses its goal is marked with ✗. Each metric "
            "takes all clips of a position together."
        ),
        html.table(head, rows, "numbers"),
        html.pair(html.picture(pictures.svg(drawn), "Error-to-signal ratio over the knobs.")),
    )


def goals() -> str:
    """What every metric means and which value is good."""
    rows = [
        [
            escape(goal.title),
            f"<td class=value>{escape(goal.goal_text) or 'no goal'}</td>",
            f"<td class=words>{escape(f'{goal.meaning} {goal.reason}'.strip())}</td>",
        ]
        for goal in GOALS.values()
    ]
    return html.section("What the numbers mean", html.table(["Metric", "Goal", "In words"], rows))


def judged(metric: str, value: float, *, unit: bool = True) -> str:
    """A cell with a value, marked where it misses its goal."""
    goal = GOALS[metric]
    text = goal.value_text(value) if unit else goal.without_unit(goal.value_text(value))
    if goal.is_met(value) is False:
        return f'<td class="missed">{escape(text)} ✗</td>'
    return f"<td>{escape(text)}</td>"


def word(metric: str, value: float) -> str:
    """A word about a value: what players say of an ESR, else whether the goal is met."""
    if metric == "esr":
        return "great" if value < 0.01 else "good" if value < 0.035 else "usable" if value < 0.1 else "rough"
    met = GOALS[metric].is_met(value)
    return "" if met is None else "goal met" if met else "goal missed"


def minus(text: str) -> str:
    """A number as text with a true minus sign."""
    return text.replace("-", "−")


def _listening(item: Shown, group: str) -> str:
    heard = excerpt(list(item.comparisons))
    rate = heard.sample_rate
    common = [
        ["Clean<small>what goes in</small>", _cell("Clean", heard.clean, rate, "clean", group)],
        ["Target<small>the device</small>", _cell("Target", heard.target, rate, "target", group)],
    ]
    rows = [*common]
    for comparison, model, null, gain in zip(
        item.comparisons, heard.models, heard.nulls, heard.null_gains_db, strict=True
    ):
        name = escape(comparison.model_name)
        rows.append(
            [f"{name}<small>the model</small>", _cell(comparison.model_name, model, rate, "model", group)]
        )
        told = minus(f"{gain:+.0f} dB")
        rows.append(
            [
                f"Null of {name}<small>model − target, raised by {told}</small>",
                _cell(f"Null of {comparison.model_name}", null, rate, "difference", group),
            ]
        )
    return (
        "<h3 class=heard>Listen</h3>"
        + html.paragraph(
            f"{_stretch(heard)} Everything is matched in loudness (ITU-R BS.1770). A player takes over where "
            "another stopped: start one while the other sounds.",
            "heard",
        )
        + html.table([], rows, "listen")
    )


def _stretch(heard: Excerpt) -> str:
    return f"Seconds {heard.start_s:.1f} to {heard.stop_s:.1f}, around the worst second."


def _cell(label: str, audio: Audio, rate: int, kind: str, group: str) -> str:
    return f'<td data-name="{escape(label)}">{html.player(flac(audio, rate), kind, label, group)}</td>'


def _metrics(comparisons: Sequence[Comparison]) -> str:
    head = ["Metric", *(escape(item.model_name) for item in comparisons), "Goal"]
    rows = [
        [
            escape(goal.title),
            *(judged(name, getattr(item.metrics, name)) for item in comparisons),
            escape(goal.goal_text),
        ]
        for name, goal in GOALS.items()
    ]
    return "<h3>Numbers</h3>" + html.table(head, rows, "numbers")


def _unit(unit: str) -> str:
    return f"<br>{escape(unit)}" if unit else ""
