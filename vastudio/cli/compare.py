"""vastudio compare: how close models come to a recording, or to every recording of a dataset."""

from __future__ import annotations

import argparse
import math
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table

from vastudio.app import pictures
from vastudio.app.comparison import records
from vastudio.app.comparison.bands import null_by_band
from vastudio.app.comparison.comparing import Comparison, compare
from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.pair import Pair
from vastudio.app.comparison.positions import PositionTable, position_metrics
from vastudio.app.comparison.timeline import error_over_time
from vastudio.app.evaluate import SPLITS
from vastudio.app.studio import OpenedModel
from vastudio.atomic import write_text
from vastudio.cli._command import Command, Output, knob_text
from vastudio.cli._subject import (
    add_subject,
    knob_positions,
    read_clip,
    read_dataset,
    read_files,
    read_models,
)
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NARROWEST, _WIDE = 100, 150
_LINES = 12
"""Lines in which the error over time is told."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_subject(parser)
    parser.add_argument(
        "--capture", metavar="ID", help="capture of the dataset (default: first held-out one)"
    )
    parser.add_argument("--clip", type=int, default=1, help="clip of the capture, counted from 1")
    parser.add_argument(
        "--all", nargs="?", const="validation", choices=list(SPLITS), dest="split", metavar="SPLIT",
        help=f"every position of a split of the dataset: {', '.join(SPLITS)} (default validation)",
    )  # fmt: skip
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the numbers as a table")
    parser.add_argument("--png", type=Path, metavar="FOLDER", help="write the plots as pictures")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Render, measure, tell; the worst comes first."""
    models = read_models(arguments)
    dataset = read_dataset(arguments, models)
    if arguments.split is not None:
        return _run_positions(arguments, models, dataset, output)
    pair = read_clip(dataset, arguments.capture, arguments.clip) if dataset else read_files(arguments)
    if pair is None:
        raise DatasetError("There is nothing to compare with.", "Give --dataset, or --clean and --target.")
    return _run_pair(arguments, models, pair, output)


# --- one pair ---------------------------------------------------------------------------------------------


def _run_pair(arguments: argparse.Namespace, models: list[OpenedModel], pair: Pair, output: Output) -> int:
    positions = knob_positions(arguments, models, pair)
    for note in pair.notes:
        output.say(note)
    comparisons = []
    for opened, values in zip(models, positions, strict=True):
        output.progress(f"measuring {opened.model.name}")
        comparisons.append(compare(opened.playable, pair, values))
    if arguments.csv is not None:
        write_text(arguments.csv, records.comparison_csv(comparisons))
    if arguments.png is not None:
        _write_pictures(arguments.png, pictures.of_comparisons(comparisons))
    record = {
        "pair": records.pair_record(pair),
        "models": [
            {"file": path, **records.comparison_record(item)}
            for path, item in zip(arguments.models, comparisons, strict=True)
        ],
    }
    output.result(record, "" if output.json else _pair_text(pair, comparisons))
    return 0


def _pair_text(pair: Pair, comparisons: Sequence[Comparison]) -> str:
    console = _console()
    with console.capture() as captured:
        console.print(f"{pair.title} ({pair.seconds:.1f} s, {pair.origin})")
        for item in comparisons:
            console.print(f"{item.model_name} at {knob_text(item.knobs)}")
        console.print(_metrics_table(comparisons))
        console.print(_bands_table(comparisons))
        console.print(_timeline_table(comparisons))
    return captured.get()


def _metrics_table(comparisons: Sequence[Comparison]) -> Table:
    table = _table("Metrics", "metric", *(item.model_name for item in comparisons), "goal")
    for name, goal in GOALS.items():
        values = [getattr(item.metrics, name) for item in comparisons]
        table.add_row(goal.title, *(_judged(name, value) for value in values), goal.goal_text)
    return table


def _bands_table(comparisons: Sequence[Comparison]) -> Table:
    bands = [null_by_band(item) for item in comparisons]
    table = _table("Null depth, dB", "Hz", *(item.model_name for item in comparisons))
    for index, centre in enumerate(bands[0].centres_hz):
        table.add_row(f"{centre:.3g}" if centre < 1000 else f"{centre:.0f}", *(
            _number(float(band.depth_db[index])) for band in bands
        ))  # fmt: skip
    return table


def _timeline_table(comparisons: Sequence[Comparison]) -> Table:
    """The windows of the measurement, gathered into a few lines."""
    found = [error_over_time(item) for item in comparisons]
    table = _table("Error over time: worst 50 ms, dB", "from", *(item.model_name for item in comparisons))
    windows = len(found[0].times_s)
    lines = min(_LINES, windows)
    for line in range(lines):
        part = slice(line * windows // lines, (line + 1) * windows // lines)
        start = found[0].times_s[part][0] - found[0].times_s[0]
        table.add_row(f"{start:.2f} s", *(_number(float(item.esr_db[part].max())) for item in found))
    table.add_section()
    table.add_row(
        "worst second", *(f"{item.worst_second_s:.2f} s: {_number(item.worst_second_db)}" for item in found)
    )
    return table


# --- all positions ----------------------------------------------------------------------------------------


def _run_positions(
    arguments: argparse.Namespace, models: list[OpenedModel], dataset: Dataset | None, output: Output
) -> int:
    if dataset is None:
        raise DatasetError("--all is about the positions of a dataset.", "Give --dataset.")
    if arguments.knob or arguments.capture is not None:
        raise DatasetError(
            "With --all every capture is compared at its own position.", "Leave --knob and --capture out."
        )
    tables = [_table_of(opened, dataset, arguments.split, output) for opened in models]
    if arguments.csv is not None:
        write_text(arguments.csv, records.tables_csv(tables))
    if arguments.png is not None:
        _write_pictures(arguments.png, pictures.of_positions(tables, dataset))
    record = {
        "dataset": arguments.dataset,
        "split": arguments.split,
        "models": [
            {"file": path, **records.table_record(table)}
            for path, table in zip(arguments.models, tables, strict=True)
        ],
    }
    output.result(record, "" if output.json else _positions_text(tables))
    return 0


def _table_of(opened: OpenedModel, dataset: Dataset, split: str, output: Output) -> PositionTable:
    def tell(done: int, total: int) -> None:
        output.progress(f"{opened.model.name}: capture {done} of {total}")

    return position_metrics(opened.playable, dataset, split, tell)


def _positions_text(tables: Sequence[PositionTable]) -> str:
    console = _console(_WIDE)
    with console.capture() as captured:
        for found in tables:
            table = _table(f"{found.model_name}: {found.split} positions, the worst first", "capture")
            table.add_column("knobs", no_wrap=True)
            for goal in GOALS.values():
                table.add_column(f"{goal.title} {goal.unit}".rstrip(), justify="right")
            for row in found.rows:
                cells = (_judged(name, getattr(row.metrics, name), unit=False) for name in GOALS)
                table.add_row(row.capture, knob_text(row.knobs), *cells)
            table.add_section()
            for title, values in (("median", found.median), ("worst", found.worst)):
                table.add_row("", title, *(_judged(name, values[name], unit=False) for name in GOALS))
            table.add_row("", "goal", *(goal.without_unit(goal.goal_text) for goal in GOALS.values()))
            console.print(table)
    return captured.get()


# --- both -------------------------------------------------------------------------------------------------


def _write_pictures(folder: Path, drawn: Mapping[str, Figure]) -> None:
    for name, figure in drawn.items():
        pictures.write(folder / f"{name}.png", pictures.png(figure))


def _judged(metric: str, value: float, *, unit: bool = True) -> str:
    """A value, marked where it misses its goal."""
    goal = GOALS[metric]
    text = goal.value_text(value) if unit else goal.without_unit(goal.value_text(value))
    return f"{text} ✗" if goal.is_met(value) is False else text


def _number(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.1f}".replace("-", "−")


def _console(narrowest: int = _NARROWEST) -> Console:
    return Console(width=max(narrowest, shutil.get_terminal_size().columns), highlight=False)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


COMMAND = Command("measure how close models come to a recording", configure, run)
