"""What a command is, and how it speaks."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from vastudio.engine.quality import Quality
from vastudio.errors import KnobError


@dataclass(frozen=True)
class Output:
    """Where a command's words go."""

    json: bool

    def result(self, record: Mapping[str, Any], text: str | Table = "") -> None:
        """Print the result: `record` as JSON when asked for, else `text`."""
        if self.json:
            sys.stdout.write(json.dumps(_plain(record)) + "\n")
        elif isinstance(text, Table):
            Console(highlight=False).print(text)
        else:
            sys.stdout.write(text.rstrip("\n") + "\n")
        sys.stdout.flush()

    def progress(self, text: str) -> None:
        """Say on standard error what is going on; on a terminal the line is overwritten by the next."""
        end = "\r" if sys.stderr.isatty() else "\n"
        clear = "\x1b[2K" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{clear}{text}{end}")
        sys.stderr.flush()

    def say(self, text: str) -> None:
        """Say on standard error something that stays."""
        clear = "\x1b[2K" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{clear}{text}\n")
        sys.stderr.flush()


@dataclass(frozen=True)
class Command:
    """A command: its one-line help, its arguments, and what it does. `run` returns the exit code."""

    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Output], int]


def _plain(value: Any) -> Any:
    """`value` with what JSON has no word for (infinities, paths, tuples) in plain terms."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def add_knobs(parser: argparse.ArgumentParser) -> None:
    """Add the option `--knob NAME=VALUE`, which may be repeated."""
    parser.add_argument(
        "--knob", action="append", default=[], metavar="NAME=VALUE", help="set a knob; may be repeated"
    )


def add_size(parser: argparse.ArgumentParser) -> None:
    """Add the option `--size`, which chooses among the sizes that some files hold."""
    parser.add_argument(
        "--size", type=_size, default=1.0, metavar="0…1",
        help="of a file that holds several sizes of a network: which one (default 1, the largest)",
    )  # fmt: skip


def add_quality(parser: argparse.ArgumentParser, default: Quality | None = Quality.NORMAL) -> None:
    """Add the option `--quality`: a value of `Quality`."""
    parser.add_argument(
        "--quality", choices=[str(quality) for quality in Quality], default=default,
        help="high: at twice the rate, with far fewer tones that are not of the notes "
        f"(default: {'as the preset has it' if default is None else default})",
    )  # fmt: skip


def _size(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value


def parse_knobs(given: Iterable[str]) -> dict[str, float]:
    """Read `NAME=VALUE` pairs. Raises KnobError for anything else."""
    values: dict[str, float] = {}
    for pair in given:
        name, _, text = pair.partition("=")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not name or not math.isfinite(value):
            raise KnobError(
                f"'{pair}' is not a knob setting.", "Write it as NAME=VALUE, e.g. --knob drive=0.7."
            )
        if name in values:
            raise KnobError(f"Knob '{name}' is set twice.", "Give each knob once.")
        values[name] = value
    return values


def knob_text(values: Mapping[str, float]) -> str:
    """Knob values in one line, e.g. `drive 0.7, tone 0.2`."""
    return ", ".join(f"{name} {value:g}" for name, value in values.items()) or "no knobs"
