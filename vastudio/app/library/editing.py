"""Writing what a model is called and which device it imitates into its file; nothing that sounds changes.

`.vamodel` and `.nam` files have places for that. For all other formats the library remembers it (`own`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vastudio import atomic
from vastudio.app.library import gear, vamodel_card
from vastudio.app.library.cards import read_card
from vastudio.app.library.numbers_apart import put_back, take_apart
from vastudio.errors import ModelFileError, OutputError
from vastudio.modelfile import checking, store

_ALIGNMENT = 8
_IN_VAMODEL = {"name": "name", "author": "author", "licence": "licence"}
_IN_GEAR = {"maker": "make", "gear": "model", "kind": "type", "tone": "tone"}
_IN_NAM = {
    "name": "name", "author": "modeled_by", "licence": "license", "maker": "gear_make", "gear": "gear_model",
    "kind": "gear_type", "tone": "tone_type",
}  # fmt: skip


def is_writable(path: Path) -> bool:
    """Whether changes go into the file itself."""
    return path.suffix.lower() in _WRITERS and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def write(path: Path, words: Mapping[str, str]) -> None:
    """Write fields of a card (`own.WORDS`) into a file, atomically.

    Raises
    ------
    ModelFileError
        When the file cannot be read, or its format has no place for them.
    OutputError
        When it cannot be written, or would have become another model: it stays as it was then.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise ModelFileError(f"{path.name} has no place for names.", "Convert it to a .vamodel first.")
    before = read_card(str(path))
    if before is None or before.error:
        raise ModelFileError(f"{path.name} cannot be read.", before.hint if before else "")
    with atomic.atomic_file(path) as temporary:
        temporary.write_bytes(writer(path.read_bytes(), path.name, words))
        after = read_card(str(temporary))
        if after is None or after.content != before.content:
            raise OutputError(f"{path.name} was left as it was.", "Its text has an unusual layout.")


def _vamodel(data: bytes, name: str, words: Mapping[str, str]) -> bytes:
    """Change the header; the tensors follow byte for byte."""
    head, tensors = vamodel_card.split(data, name)
    header = json.loads(head["__metadata__"][vamodel_card.HEADER_KEY])
    header |= {_IN_VAMODEL[key]: text for key, text in words.items() if key in _IN_VAMODEL}
    device = {_IN_GEAR[key]: text for key, text in words.items() if key in _IN_GEAR}
    if device:
        provenance = header.get("provenance") or {}
        written = provenance.get(gear.PLACE)
        provenance[gear.PLACE] = {**(written if isinstance(written, dict) else {}), **device}
        header["provenance"] = provenance
    head["__metadata__"][vamodel_card.HEADER_KEY] = json.dumps(header, allow_nan=False)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text + bytes(tensors)


def _nam(data: bytes, name: str, words: Mapping[str, str]) -> bytes:
    """Change the metadata; the numbers keep every digit."""
    apart = take_apart(data.removeprefix(b"\xef\xbb\xbf"))
    document: dict[str, Any] = checking.parse(apart.text, name).value
    metadata = document.get("metadata")
    document["metadata"] = {
        **(metadata if isinstance(metadata, dict) else {}),
        **{_IN_NAM[key]: text or None for key, text in words.items() if key in _IN_NAM},
    }
    return put_back(json.dumps(document, ensure_ascii=False).encode(), apart.numbers)


_WRITERS: dict[str, Callable[[bytes, str, Mapping[str, str]], bytes]] = {
    store.SUFFIX: _vamodel,
    ".nam": _nam,
}
