"""Reading a model file of any kind: the studio's own, or one of another program's formats."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from vastudio import registry
from vastudio.errors import ModelFileError
from vastudio.modelfile import checking, store
from vastudio.modelfile.formats.foreign import ForeignModel, Format
from vastudio.modelfile.schema import ModelFile

LARGEST_SIZE = 1.0
"""Of a file that holds several sizes of a network: the largest."""


@cache
def formats() -> dict[str, Format]:
    """Every format of other programs, by the name of its module."""
    found: dict[str, Format] = registry.discover("vastudio.modelfile.formats", "FORMAT")
    return found


def suffixes() -> tuple[str, ...]:
    """The suffixes of files that may hold a model: the studio's own first."""
    foreign = {suffix: None for entry in formats().values() for suffix in entry.suffixes}
    return store.SUFFIX, *foreign


def load(path: Path, size: float = LARGEST_SIZE) -> ModelFile:
    """Read a model of any kind; of those with several sizes the one for `size` in 0..1.

    Raises
    ------
    ModelFileError
        When the file is missing, of no format that is known, damaged, or too new.
    """
    path = Path(path)
    is_foreign = path.suffix.lower() in suffixes()[1:]
    return load_foreign(path, size).as_model() if is_foreign else store.load(path)


def load_foreign(path: Path, size: float = LARGEST_SIZE) -> ForeignModel:
    """Read a model of another program. Raises ModelFileError as `load`."""
    if not path.is_file():
        raise ModelFileError(f"There is no file {path}.", "Check the name, or choose another model.")
    try:
        if path.stat().st_size > checking.LARGEST_TEXT:
            raise ModelFileError(f"{path} is too large for a model.", "Choose a model file.")
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"{path} cannot be read: {error.strerror or error}.", "Check the name, or choose another model."
        ) from error
    return read(data, path, size)


def read(data: bytes, path: Path, size: float = LARGEST_SIZE) -> ForeignModel:
    """Read the contents of a file of another program; `path` names it. Raises ModelFileError as `load`."""
    document = checking.parse(data, path.name)
    for entry in formats().values():
        if entry.recognises(document):
            return entry.read(document, path, size)
    known = ", ".join([store.SUFFIX, *(entry.title for entry in formats().values())])
    raise ModelFileError(f"{path.name} is not a model of a format that is known.", f"Known: {known}.")
