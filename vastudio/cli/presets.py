"""vastudio presets: what the presets of training cost on this computer."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from rich import box
from rich.table import Table

from vastudio.app.presets import load_text, round_minutes, time_text
from vastudio.cli._command import Command, Output
from vastudio.dataset.store import Dataset
from vastudio.training.presets import PRESETS


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("dataset", type=Path, nargs="?", help="dataset whose training time is wanted")
    parser.add_argument("--again", action="store_true", help="measure, even what is known")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Measure what is not known yet, and print a table."""
    from vastudio.app.preset_measuring import cost_of  # noqa: PLC0415  # brings torch along

    positions = len(Dataset.open(arguments.dataset).captures("train")) if arguments.dataset else None
    rows = []
    table = Table("preset", "architecture", "to play", "to train", box=box.SIMPLE_HEAD)
    for preset in PRESETS:
        output.progress(f"measuring {preset.title}")
        config = preset.config()
        cost = cost_of(config, again=arguments.again)
        minutes = round_minutes(cost.training_seconds(preset.updates, positions))
        table.add_row(preset.title, config.label, load_text(cost.load), time_text(minutes))
        rows.append({
            "preset": preset.key, "architecture": config.label, "updates": preset.updates,
            "update_seconds": cost.update_seconds(positions), "minutes": minutes, **asdict(cost),
        })  # fmt: skip
    output.result({"presets": rows}, table)
    return 0


COMMAND = Command("measure what the presets of training cost on this computer", configure, run)
