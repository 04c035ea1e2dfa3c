"""vastudio devices: list the audio devices PortAudio sees."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from rich.table import Table

from vastudio.cli._command import Command, Output
from vastudio.engine.devices import list_devices


def configure(_parser: argparse.ArgumentParser) -> None:
    """There are no arguments of its own."""


def run(_arguments: argparse.Namespace, output: Output) -> int:
    """List the devices; none at all is not an error, the problem is said."""
    found = list_devices()
    record = {"devices": [asdict(device) for device in found.devices], "problem": found.problem}
    if not found.devices:
        output.result(record, found.problem or "No audio device was found.")
        return 0
    table = Table()
    for heading in ("host", "device", "in", "out", "Hz"):
        table.add_column(heading)
    for device in found.devices:
        table.add_row(
            device.host_api,
            device.name,
            str(device.inputs),
            str(device.outputs),
            f"{device.default_rate:.0f}",
        )
    output.result(record, table)
    return 0


COMMAND = Command("list the audio devices", configure, run)
