"""What a person says of models: kept by content, in one file that a person can read.

Moving or renaming a file, or writing other things into it, changes nothing of its content, and so keeps its
tags. The file is the library's only memory that cannot be made again: it is written atomically, two studios
take turns, and one that cannot be read is set aside (`library.json.damaged`), never overwritten.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vastudio import atomic, paths
from vastudio.errors import OutputError
from vastudio.lock import FolderLock

SCHEMA = 1
HIGHEST_RATING = 5
WORDS = ("name", "maker", "gear", "kind", "tone", "author", "licence")
"""Fields of a card that a person may write over, where the file cannot be written."""

_LONGEST = 4_000
_PATIENCE_SECONDS = 5.0
_LOCK = ".library.lock"


@dataclass(frozen=True, slots=True)
class Own:
    """What a person says of one model.

    Attributes
    ----------
    rating:
        Stars from 1 to 5; 0: none given.
    size:
        Which size of a file that holds several is played, 0..1; None: the largest.
    said:
        Fields of the card that were written over.
    """

    favourite: bool = False
    rating: int = 0
    tags: tuple[str, ...] = ()
    notes: str = ""
    size: float | None = None
    said: Mapping[str, str] = field(default_factory=dict)


NOTHING = Own()


@dataclass(frozen=True)
class Memory:
    """Everything a person says: of models by their content, and which folders the library looks into."""

    models: Mapping[str, Own] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def of(self, content: str) -> Own:
        """What is said of a content; nothing where nothing is."""
        return self.models.get(content, NOTHING)


def memory_file() -> Path:
    """Where it is kept: with what the person made."""
    return paths.user_data() / "library.json"


def load() -> Memory:
    """Read the memory; an empty one where there is none, or where it is damaged and was set aside."""
    try:
        return _read()
    except OutputError:
        return Memory()


def _read() -> Memory:
    """Read the memory as `load`; OutputError where there is one that cannot be read and must not be lost."""
    path = memory_file()
    try:
        return _memory(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Memory()
    except OSError as error:
        raise OutputError(
            f"{path} cannot be read: {error.strerror or error}.", "Look at the file."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".json.damaged"))
        return Memory()


def change(contents: Iterable[str], **changes: Any) -> Memory:
    """Change fields of `Own` for some contents and return the new memory. Raises OutputError."""
    wanted = dict.fromkeys(contents)
    with _alone():
        memory = _read()
        models = dict(memory.models)
        for content in wanted:
            models[content] = _checked(dataclasses.replace(memory.of(content), **changes))
        return _saved(dataclasses.replace(memory, models=models))


def retag(contents: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> Memory:
    """Add and remove tags of some contents. Raises OutputError."""
    wanted, more, less = dict.fromkeys(contents), tuple(add), {tag.casefold() for tag in remove}
    with _alone():
        memory = _read()
        models = dict(memory.models)
        for content in wanted:
            own = memory.of(content)
            kept = tuple(tag for tag in own.tags if tag.casefold() not in less)
            models[content] = _checked(dataclasses.replace(own, tags=(*kept, *more)))
        return _saved(dataclasses.replace(memory, models=models))


def add_folder(folder: Path) -> Memory:
    """Have the library look into a folder, too. Raises OutputError."""
    with _alone():
        memory = _read()
        return _saved(dataclasses.replace(memory, folders=(*memory.folders, str(folder.absolute()))))


def remove_folder(folder: Path) -> Memory:
    """Have the library look no longer into a folder; nothing in it is touched. Raises OutputError."""
    with _alone():
        memory = _read()
        kept = tuple(item for item in memory.folders if Path(item) != folder)
        return _saved(dataclasses.replace(memory, folders=kept))


def tidy_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without spaces around them, none twice (however it is capitalised), in the order given."""
    found: dict[str, str] = {}
    for tag in tags:
        plain = " ".join(tag.split())[:60]
        if plain:
            found.setdefault(plain.casefold(), plain)
    return tuple(found.values())


# --- file ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One studio at a time changes the memory."""
    lock = FolderLock(paths.user_data(), _LOCK)
    lock.acquire(
        OutputError("Another studio writes the library at the moment.", "Try again."), _PATIENCE_SECONDS
    )
    try:
        yield
    finally:
        lock.release()


def _checked(own: Own) -> Own:
    return dataclasses.replace(
        own,
        tags=tidy_tags(own.tags),
        notes=own.notes[:_LONGEST],
        rating=min(max(own.rating, 0), HIGHEST_RATING),
        said={key: text for key, text in own.said.items() if key in WORDS},
    )


def _saved(memory: Memory) -> Memory:
    folders = tuple(dict.fromkeys(memory.folders))
    memory = Memory({key: own for key, own in memory.models.items() if own != NOTHING}, folders)
    record = {
        "schema": SCHEMA,
        "folders": list(memory.folders),
        "models": {key: _record(own) for key, own in sorted(memory.models.items())},
    }
    atomic.write_text(memory_file(), json.dumps(record, indent=1, ensure_ascii=False))
    return memory


def _record(own: Own) -> dict[str, Any]:
    """Only what differs from nothing."""
    record = {field.name: getattr(own, field.name) for field in dataclasses.fields(Own)}
    return {key: value for key, value in record.items() if value != getattr(NOTHING, key)}


def _memory(record: dict[str, Any]) -> Memory:
    if record["schema"] > SCHEMA:
        raise ValueError("written by a newer studio")
    models = {str(key): _own(part) for key, part in record["models"].items()}
    return Memory(models, tuple(str(folder) for folder in record["folders"]))


def _own(part: dict[str, Any]) -> Own:
    size = part.get("size")
    return _checked(
        Own(
            favourite=bool(part.get("favourite")),
            rating=int(part.get("rating", 0)),
            tags=tuple(str(tag) for tag in part.get("tags", ())),
            notes=str(part.get("notes", "")),
            size=None if size is None else min(max(float(size), 0.0), 1.0),
            said={str(key): str(text) for key, text in part.get("said", {}).items()},
        )
    )
