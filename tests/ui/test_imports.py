"""What the window must not wait for when it starts."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from vastudio.app.architectures import architecture_choices
from vastudio.ui import main_window
assert len(architecture_choices()) >= 2
sys.exit("torch" in sys.modules)
"""


def test_the_window_and_its_lists_do_without_torch() -> None:
    assert subprocess.run([sys.executable, "-c", SCRIPT], check=False).returncode == 0
