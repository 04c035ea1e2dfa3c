"""A capture that was prepared but not begun, kept from one start of the studio to the next."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic, paths
from vastudio.app.capture_project import Draft

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


def kept_since() -> float:
    """When the draft was kept, as seconds since the epoch; 0 without one."""
    try:
        return draft_file().stat().st_mtime
    except OSError:
        return 0.0
