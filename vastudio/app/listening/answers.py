"""The answers of ABX sessions as a table for other programs: one line per trial."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from vastudio import atomic
from vastudio.app.listening import abx
from vastudio.app.listening.sessions import Session

COLUMNS = (
    "listener", "started", "mode", "models", "items", "trial", "x", "choice", "right", "switches", "at",
)  # fmt: skip


def to_csv(sessions: Iterable[Session]) -> str:
    """One line per trial of the finished ABX tests and sanity checks; what is not finished stays hidden."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for session in sessions:
        test = session.test
        if not isinstance(test, abx.AbxState) or test.plan.training or not session.is_finished:
            continue
        what = (" | ".join(session.subject.models), " | ".join(session.subject.items))
        for number, (key, answer) in enumerate(zip(test.plan.key, test.answers, strict=True), 1):
            right = int(answer.choice == key)
            said = (number, key, answer.choice, right, answer.switches, answer.at.isoformat())
            table.writerow([session.listener, session.started.isoformat(), test.plan.mode, *what, *said])
    return text.getvalue()


def export_csv(sessions: Iterable[Session], path: Path) -> None:
    """Write `to_csv` to a file. Raises OutputError."""
    atomic.write_text(path, to_csv(sessions))
