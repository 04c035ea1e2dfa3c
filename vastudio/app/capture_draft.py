"""A capture that was prepared but not begun, kept from one start of the studio to the next."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic, paths
from vastudio.app.capture_project import Draft, StoredSession, stored_sessions

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class KeptDraft:
    """What is chosen, and the step of the Capture page it was left at."""

    draft: Draft
    step: str = "source"
    schema_version: int = SCHEMA_VERSION


_ADAPTER: TypeAdapter[KeptDraft] = TypeAdapter(KeptDraft)


def draft_file() -> Path:
    """Where it is kept."""
    return paths.user_data() / "capture-draft.json"


def keep_draft(kept: KeptDraft) -> None:
    """Keep it in place of the one before; one in which nothing was chosen is not kept. Raises OutputError."""
    if kept.draft == Draft():
        forget_draft()
    else:
        atomic.write_text(draft_file(), _ADAPTER.dump_json(kept, indent=1).decode("utf-8") + "\n")


def kept_draft() -> KeptDraft | None:
    """The draft that was kept; None where there is none, or none that this version can read."""
    try:
        kept = _ADAPTER.validate_json(draft_file().read_bytes())
    except (OSError, ValidationError):
        return None
    return kept if kept.schema_version == SCHEMA_VERSION else None


def forget_draft() -> None:
    """Keep none: its capture has begun."""
    with contextlib.suppress(OSError):
        draft_file().unlink(missing_ok=True)


@dataclass(frozen=True)
class Waiting:
    """What is on the disk to go on with.

    Attributes
    ----------
    sessions:
        Those that can be opened, the newest first.
    draft:
        The draft that was kept, if any.
    is_draft_newer:
        Whether it was worked on after every session that is not finished.
    """

    sessions: tuple[StoredSession, ...] = ()
    draft: KeptDraft | None = None
    is_draft_newer: bool = False

    @property
    def unfinished(self) -> StoredSession | None:
        """The newest session with something left to record."""
        return next((session for session in self.sessions if not session.is_finished), None)


def what_waits() -> Waiting:
    """Look for sessions and for a draft."""
    found, draft = Waiting(tuple(stored_sessions())), kept_draft()
    since = draft_file().stat().st_mtime if draft is not None else 0.0
    is_newer = draft is not None and (found.unfinished is None or since > found.unfinished.changed)
    return Waiting(found.sessions, draft, is_newer)
