"""vastudio bench: how fast playing and training are on this computer, beside other engines."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from vastudio.app.bench import progress
from vastudio.cli._command import Command, Output

if TYPE_CHECKING:
    from vastudio.app.bench.engine import Report


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("what", choices=["engine", "training"], help="playing, or training")
    parser.add_argument(
        "--full", action="store_true", help="every kernel at every size, for some minutes (engine)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure and print a table."""
    if arguments.what == "engine":
        _engine(output, full=arguments.full)
    else:
        _training(output)
    return 0


def _engine(output: Output, *, full: bool) -> None:
    from vastudio.app.bench import engine  # noqa: PLC0415  # brings torch along

    report = engine.measure(
        engine.full_extent() if full else engine.short_extent(),
        lambda *step: output.progress(progress.line(*step)),
    )
    for note in report.notes:
        output.say(note)
    output.result(dataclasses.asdict(report), _engine_table(report))


def _engine_table(report: Report) -> Table:
    """A line for every kernel: nanoseconds per sample at each block size, the rest at the smallest."""
    machine = report.machine
    table = Table(
        title=f"{machine.processor}, {machine.lanes} numbers to a vector,"
        f" {machine.gmac_per_second:.0f}·10⁹ multiply-adds a second on a core",
        title_justify="left",
        caption="ns per sample, medians; share of a core at 48 kHz; "
        "floor: arithmetic or the latency of the recurrence, whichever is more",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=0,
    )
    figures = [row for row in report.rows if row.ratio is None]
    blocks = sorted({row.block for row in figures})
    table.add_column("kernel", no_wrap=True)
    headings = (*map(str, blocks), "floor", "core %", "ORT", "times", "torch", "error")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    by_block = {(row.kernel, row.size, row.block): row for row in figures}
    for row in figures:
        if row.block == blocks[0]:
            ours = (by_block[row.kernel, row.size, block].ns_per_sample for block in blocks)
            table.add_row(
                f"{row.kernel} {row.size}", *(_figure(value) for value in ours),
                _figure(row.floor_ns), _figure(row.realtime_percent), _figure(row.onnxruntime_ns),
                _figure(row.times_faster_than_onnxruntime), _figure(row.torch_ns),
                "—" if row.max_abs_error is None else f"{row.max_abs_error:.0e}",
            )  # fmt: skip
    table.add_section()
    for row in report.rows:
        if row.ratio is not None:
            table.add_row(f"{row.kernel} {row.size}", f"{row.ratio:.2f} ×")
    return table


def _figure(value: float | None) -> str:
    """A number with about three digits."""
    if value is None:
        return "—"
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def _training(output: Output) -> None:
    from vastudio.app import bench_training  # noqa: PLC0415  # brings torch along
    from vastudio.app.bench import machine  # noqa: PLC0415

    output.progress("measuring for about a minute")
    rows = bench_training.training_rows()
    here = machine.describe()
    table = Table(title=here.processor, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    for heading in ("cell", "units", "sequences", "threads", "µs a step", "torch", "times", "audio s/s"):
        table.add_column(heading, justify="left" if heading == "cell" else "right")
    for row in rows:
        table.add_row(
            row["cell"], str(row["hidden"]), str(row["batch"]), str(row["threads"]),
            *(_figure(row[name]) for name in ("ours_us", "torch_us", "ratio", "audio_seconds_per_second")),
        )  # fmt: skip
    output.result({"machine": dataclasses.asdict(here), "rows": rows}, table)


COMMAND = Command("measure how fast playing and training are here", configure, run)
