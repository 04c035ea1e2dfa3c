"""The database of cards: one row per file, made again from the files whenever it is missing or of no use.

Nothing a person wrote is kept here (`own` does that), so that it can be thrown away at any time. Every thread
and process opens it for itself; writing in one does not keep others from reading (WAL).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_type_hints

from vastudio import paths
from vastudio.app.library.card import Card
from vastudio.errors import OutputError

SCHEMA = 1
"""Raise it when what `cards` finds in a file changes: every file is then read again."""

_PATIENCE_SECONDS = 10.0
_KINDS = {str: "TEXT", int: "INTEGER", float: "REAL", bool: "INTEGER"}
_HINTS = get_type_hints(Card)
_FIELDS = tuple(field.name for field in dataclasses.fields(Card))


def index_file() -> Path:
    """Where the database lives: with what can be made again."""
    return paths.user_cache() / "library.sqlite3"


class Index:
    """The database, open in one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def version(self) -> int:
        """A number that is another one once any other connection has written."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def cards(self) -> list[Card]:
        """Every card, in the order of the paths."""
        names = ", ".join(_FIELDS)
        rows = self._connection.execute(f"SELECT {names} FROM files ORDER BY path")
        return [_card(row) for row in rows]

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Size in bytes and time of change in nanoseconds of every file, by its path."""
        rows = self._connection.execute("SELECT path, size, modified_ns FROM files")
        return {os.fsdecode(path): (size, modified) for path, size, modified in rows}

    def put(self, cards: Iterable[Card]) -> None:
        """Write cards, in the place of those of the same paths; all of them or none."""
        places = ", ".join("?" * len(_FIELDS))
        rows = [_row(card) for card in cards]
        with self._writing():
            self._connection.executemany(f"INSERT OR REPLACE INTO files VALUES ({places})", rows)

    def drop(self, gone: Iterable[str]) -> None:
        """Forget files; all of them or none."""
        with self._writing():
            self._connection.executemany(
                "DELETE FROM files WHERE path = ?", [(os.fsencode(path),) for path in gone]
            )

    def clear(self) -> None:
        """Forget everything."""
        with self._writing():
            self._connection.execute("DELETE FROM files")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._connection:
                yield
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"The library's index cannot be written: {error}.", f"Look at {index_file()}."
            ) from error


@contextmanager
def open_index(path: Path | None = None) -> Iterator[Index]:
    """Open the database; one that is damaged or of another version gives way to an empty one.

    Raises
    ------
    OutputError
        When its folder cannot be written.
    """
    path = path or index_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = _connect(path)
    except (OSError, sqlite3.Error) as error:
        raise OutputError(
            f"The library's index {path} cannot be opened: {error}.", "Choose a folder you may write to."
        ) from error
    try:
        yield Index(connection)
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _opened(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        _remove(path)
        return _opened(path)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not _is_current(connection):
            _create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_current(connection: sqlite3.Connection) -> bool:
    """Whether the table is there, whole, and has the columns of today."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA:
        return False
    columns = tuple(row[1] for row in connection.execute("PRAGMA table_info(files)"))
    if columns != _FIELDS:
        return False
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("the database is damaged")
    return True


def _create(connection: sqlite3.Connection) -> None:
    columns = ", ".join(f"{name} {_column(name)}" for name in _FIELDS)
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DROP TABLE IF EXISTS files")
        connection.execute(f"CREATE TABLE files ({columns})")
        connection.execute("CREATE INDEX by_content ON files (content)")
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _column(name: str) -> str:
    return "BLOB PRIMARY KEY" if name == "path" else _KINDS.get(_HINTS[name], "")


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).unlink()


def _row(card: Card) -> tuple[Any, ...]:
    values = (getattr(card, name) for name in _FIELDS[1:])
    return (
        os.fsencode(card.path),
        *(json.dumps(value) if isinstance(value, tuple) else _storable(value) for value in values),
    )


def _storable(value: Any) -> Any:
    """What a database can hold: no surrogates, which a path in a message may bring in."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _card(row: tuple[Any, ...]) -> Card:
    values = dict(zip(_FIELDS, row, strict=True))
    values["path"] = os.fsdecode(values["path"])
    values["knobs"] = tuple(json.loads(values["knobs"]))
    values["sizes"] = tuple((size, what) for size, what in json.loads(values["sizes"]))
    values["is_model"] = bool(values["is_model"])
    return Card(**values)
