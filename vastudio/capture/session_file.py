"""`session.json`: what a capture session remembers beside its takes, written whole at every step."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic
from vastudio.audio.io import Subtype
from vastudio.capture.session_state import SessionState
from vastudio.capture.source import OptionValue, Source
from vastudio.errors import CaptureError

SCHEMA_VERSION = 1
NAME = "session.json"


@dataclass(frozen=True)
class SourceChoice:
    """Which source a session records from: its kind and what was chosen about it."""

    kind: str
    options: dict[str, OptionValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """What stays the same during a session.

    Attributes
    ----------
    device:
        Name of the device, for the manifest.
    sample_rate:
        Hz, of every take.
    coding:
        How takes are stored.
    lead:
        Frames at the beginning of every take in which silence was played.
    source:
        How to build the source again.
    send_dbu, return_dbu:
        Levels of a sine at full scale of the played signal and of the recording, in dBu at the device's
        input and output; None where nobody measured them.
    """

    device: str
    sample_rate: int
    coding: Subtype
    lead: int
    source: SourceChoice
    send_dbu: float | None = None
    return_dbu: float | None = None

    @classmethod
    def of(cls, source: Source, choice: SourceChoice, device: str = "") -> Setup:
        """The setup for recording from `source`."""
        return cls(device or source.name, source.sample_rate, source.coding, source.lead, choice)


@dataclass(frozen=True)
class SessionRecord:
    """The contents of the file."""

    setup: Setup
    state: SessionState
    schema_version: int = SCHEMA_VERSION


_ADAPTER: TypeAdapter[SessionRecord] = TypeAdapter(SessionRecord)


def is_session(folder: Path) -> bool:
    """Whether a capture session was begun in `folder`."""
    return (folder / NAME).is_file()


def write(record: SessionRecord, folder: Path) -> None:
    """Write the file atomically. Raises OutputError."""
    atomic.write_text(folder / NAME, _ADAPTER.dump_json(record, indent=1).decode("utf-8") + "\n")


def read(folder: Path) -> SessionRecord:
    """Read the file.

    Raises
    ------
    CaptureError
        When there is none, it is damaged, or a newer VA Studio wrote it.
    """
    path = folder / NAME
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CaptureError(
            f"{folder} holds no capture session.", "Begin one with 'vastudio capture'.", str(error)
        ) from error
    try:
        version = TypeAdapter(dict[str, Any]).validate_json(text).get("schema_version")
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise CaptureError(f"{path} was written by a newer VA Studio.", "Update VA Studio.")
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise CaptureError(
            f"{path} is damaged: {error.errors()[0]['msg']}.",
            "The takes are in its folder 'audio'; import them from there.",
            str(error),
        ) from error
