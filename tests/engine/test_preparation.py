"""The start of the engine: what is compiled, what is found, what is not even loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import dataclasses, json, sys
from vastudio.engine.preparation import prepare, report
assert report() is None
made = prepare()
assert report() == made
heavy = [name for name in ("scipy.linalg", "torch", "librosa") if name in sys.modules]
print(json.dumps({**dataclasses.asdict(made), "heavy": heavy}))
"""


def start(home: Path) -> dict[str, Any]:
    """Prepare the engine in a new process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=kept | {"VASTUDIO_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_the_first_start_compiles_and_the_next_finds_everything(tmp_path: Path) -> None:
    first, second = start(tmp_path), start(tmp_path)
    assert first["compiled"] > 0
    assert first["kept"] == first["compiled"] == second["kept"]
    assert second["compiled"] == 0
    assert second["heavy"] == []
