"""How far a measurement is, as a line of text: what the command prints and the window reads."""

from __future__ import annotations

import re

_LINE = re.compile(r"(\d+) of (\d+): (.*)")


def line(done: int, total: int, text: str) -> str:
    """Say that `done` of `total` steps are over and what is at hand."""
    return f"{done} of {total}: {text}"


def parse(said: str) -> tuple[int, int, str] | None:
    """Read such a line; None for any other."""
    found = _LINE.fullmatch(said.strip())
    return (int(found[1]), int(found[2]), found[3]) if found else None
