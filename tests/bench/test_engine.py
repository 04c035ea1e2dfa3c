"""Every kernel at every size beside its rivals. Prints the table; asserts accuracy, never a time."""

from __future__ import annotations

import json
import sys

import pytest

from vastudio import cli

pytestmark = pytest.mark.slow

ACCURATE = 1e-5
BLOCKS = {64, 128, 256}


def test_every_kernel_is_accurate_and_measured_at_every_block(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["bench", "engine", "--full", "--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    figures = [row for row in report["rows"] if row["ratio"] is None]
    for row in report["rows"]:
        sys.stderr.write(json.dumps({key: value for key, value in row.items() if value is not None}) + "\n")
    measured: dict[tuple[str, object], set[int]] = {}
    for row in figures:
        measured.setdefault((row["kernel"], row["size"]), set()).add(row["block"])
    assert len(measured) >= 2 * 8 + 6 + 4 + 3
    assert all(blocks == BLOCKS for blocks in measured.values())
    inaccurate = [
        row for row in figures if row["max_abs_error"] is not None and row["max_abs_error"] > ACCURATE
    ]
    assert inaccurate == []
