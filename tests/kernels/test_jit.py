"""Where compiled kernels are kept, and how wide their vectors are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPORT = """
import os
from vastudio.kernels.jit import CACHED, LANES
print(CACHED, LANES, os.environ.get("NUMBA_CACHE_DIR"))
"""


def report(**environment: str) -> list[str]:
    """Import the module in a fresh interpreter; return whether it caches, the lanes, and the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", REPORT], env=kept | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_kernels_are_kept_under_the_home_and_child_processes_find_the_same_folder(tmp_path: Path) -> None:
    cached, _, folder = report(VASTUDIO_HOME=str(tmp_path))
    assert cached == "True"
    assert Path(folder).is_relative_to(tmp_path)
    assert report(VASTUDIO_HOME=str(tmp_path), NUMBA_CACHE_DIR=folder)[2] == folder


def test_a_named_cache_folder_is_used(tmp_path: Path) -> None:
    assert Path(report(NUMBA_CACHE_DIR=str(tmp_path))[2]).parent == tmp_path


@pytest.mark.parametrize(
    ("environment", "lanes"),
    [
        ({"NUMBA_CPU_NAME": "generic"}, "4"),
        ({"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": ""}, "4"),
        ({"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}, "8"),
        ({"NUMBA_CPU_NAME": "skylake-avx512", "NUMBA_CPU_FEATURES": "+avx2,+avx512f"}, "16"),
    ],
)
def test_vectors_are_as_wide_as_the_processor(
    environment: dict[str, str], lanes: str, tmp_path: Path
) -> None:
    assert report(VASTUDIO_HOME=str(tmp_path), **environment)[1] == lanes
