"""How a library writes figures, and names new files."""

from __future__ import annotations

import math
from pathlib import Path


def esr_text(esr: float) -> str:
    """An ESR with two figures that count: 0.42, 0.031, 0.0042, 0.00042; a dash where there is none."""
    if not math.isfinite(esr):
        return "—"
    if esr <= 0:
        return "0"
    return f"{esr:.{max(2, 1 - math.floor(math.log10(esr)))}f}" if esr < 100 else f"{esr:.0f}"


def free_path(folder: Path, stem: str, suffix: str = "") -> Path:
    """A path in `folder` that does not exist yet: `stem`, `stem 2`, …, made safe as a file name."""
    safe = "".join(c if c.isalnum() or c in " -_.()" else "-" for c in stem).strip(" .") or "untitled"
    path, count = folder / f"{safe}{suffix}", 2
    while path.exists():
        path, count = folder / f"{safe} {count}{suffix}", count + 1
    return path
