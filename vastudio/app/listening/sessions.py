"""Listening tests on the disk: one JSON file per session, written anew with every answer.

A session holds who listened to what and when, what was done to the sounds, the plan with its seed, and every
answer with its time. What breaks off in mid-test goes on at the same trial with the same X.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Discriminator, TypeAdapter, ValidationError

from vastudio import atomic, paths
from vastudio.app.listening import abx, mushra
from vastudio.app.listening.material import Excerpt, Treatment
from vastudio.errors import ListeningError, StudioError


@dataclass(frozen=True)
class Place:
    """Where the sounds come from: a stretch of a clip of a dataset, and the knob positions."""

    dataset: str
    capture: str
    clip: int
    knobs: Mapping[str, float]
    excerpt: Excerpt


@dataclass(frozen=True)
class Subject:
    """What was compared: models by name with what identifies their files, and the place of every item.

    Two sessions with the same subject can be pooled.
    """

    models: Mapping[str, str]
    items: Mapping[str, Place]


@dataclass(frozen=True)
class Session:
    """One listener's test.

    Attributes
    ----------
    treatments:
        What was done to the sounds, by item and sound: gains, loudness, moves.
    files:
        Where the models' files lay, by name, for going on later.
    """

    listener: str
    started: datetime
    subject: Subject
    test: Annotated[abx.AbxState | mushra.MushraState, Discriminator("kind")]
    treatments: Mapping[str, Mapping[str, Treatment]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    schema_version: Literal[1] = 1

    @property
    def is_finished(self) -> bool:
        """Whether every trial or item was answered."""
        return self.test.phase == "finished"

    @property
    def can_resume(self) -> bool:
        """Whether it can go on."""
        return self.test.phase not in ("finished", "abandoned")


_SESSION = TypeAdapter(Session)


class Recorder:
    """A session that goes on and its file. Make one with `begin`, `resume` or, without a file, `rehearse`."""

    def __init__(self, path: Path | None, session: Session) -> None:
        self.path, self.session = path, session

    @classmethod
    def begin(cls, session: Session, folder: Path | None = None) -> Recorder:
        """Write the file of a new session, plan included, before anything is heard. Raises OutputError."""
        name = f"{session.started:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}.json"
        recorder = cls((folder or default_folder()) / name, session)
        recorder._write()
        return recorder

    @classmethod
    def resume(cls, path: Path) -> Recorder:
        """Go on where a session broke off. Raises ListeningError where it is damaged or over."""
        session = read(path)
        if not session.can_resume:
            raise ListeningError("This test is over.", "Start another one.")
        return cls(path, session)

    @classmethod
    def rehearse(cls, session: Session) -> Recorder:
        """Keep nothing: for training."""
        return cls(None, session)

    def do(self, action: abx.Action | mushra.Action) -> None:
        """Take a step; it is on the disk when this returns, unless it only switched what is heard.

        Raises ListeningError where the step is refused, OutputError where it cannot be written; the session
        then stands where it stood.
        """
        before = self.session
        self.session = replace(before, test=_step(before.test, action))
        if isinstance(action, abx.Switch | mushra.Switch):
            return
        try:
            self._write()
        except StudioError:
            self.session = before
            raise

    def _write(self) -> None:
        if self.path is None:
            return
        atomic.write_text(self.path, _SESSION.dump_json(self.session, indent=2).decode() + "\n")


def now() -> datetime:
    """The time an answer is given, with its zone."""
    return datetime.now(UTC)


def default_folder() -> Path:
    """Where the sessions of this user lie."""
    return paths.user_data() / "listening"


def read(path: Path) -> Session:
    """Read a session. Raises ListeningError where it is missing, damaged or from a newer studio."""
    try:
        return _SESSION.validate_json(path.read_bytes())
    except (ValidationError, StudioError, ValueError, OSError) as error:
        raise ListeningError(
            f"{path.name} is no listening session, or it is damaged.", "It is left out.", str(error)
        ) from error


def read_all(folder: Path | None = None) -> tuple[dict[Path, Session], list[str]]:
    """The sessions in a folder, the oldest first, and a note on every file that had to be left out."""
    sessions: dict[Path, Session] = {}
    notes = []
    for path in sorted((folder or default_folder()).glob("*.json")):
        if path.name.startswith("."):
            continue
        with contextlib.suppress(FileNotFoundError):
            try:
                sessions[path] = read(path)
            except ListeningError as error:
                notes.append(str(error))
    return dict(sorted(sessions.items(), key=lambda entry: entry[1].started)), notes


def _step(
    test: abx.AbxState | mushra.MushraState, action: abx.Action | mushra.Action
) -> abx.AbxState | mushra.MushraState:
    if isinstance(test, abx.AbxState) and isinstance(action, abx.Action):
        return abx.step(test, action)
    if isinstance(test, mushra.MushraState) and isinstance(action, mushra.Action):
        return mushra.step(test, action)
    raise TypeError(f"{type(action).__name__} belongs to another kind of test")
