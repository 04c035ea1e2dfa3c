"""The rack's filters as other processors play them: with 8 and with 4 numbers in a vector."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = ["test_biquads.py", "test_fft.py", "test_convolution.py", "test_doubled.py"]
CHOSEN = "cookbook and 48000 or numpy and 512 or scipy or contract and not 21000"


@pytest.mark.parametrize(("processor", "lanes"), [("haswell", "8"), ("generic", "4")])
def test_filters_are_exact_and_independent_of_blocks(processor: str, lanes: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_CPU")}
    environment |= {"NUMBA_CPU_NAME": processor, "EXPECTED_LANES": lanes}
    files = [str(Path(__file__).with_name(name)) for name in FILES]
    check = "import os, sys, pytest; from vastudio.kernels.jit import LANES; "
    check += "assert LANES == int(os.environ['EXPECTED_LANES']); sys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", check, "-q", "-p", "no:cacheprovider", "-k", CHOSEN, *files],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
