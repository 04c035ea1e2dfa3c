"""Reading a file's card: what it is, without building its network.

What is wrong with a file beyond its frame (numbers that do not fit the network, say) comes to light when it
is opened. Nothing here raises: a file that cannot be read gets a card that says why.
"""

from __future__ import annotations

import dataclasses
import os
from hashlib import blake2b

from vastudio.app.library import foreign_card, vamodel_card
from vastudio.app.library.card import Card, shown
from vastudio.errors import ModelFileError, StudioError
from vastudio.modelfile import checking, store

_BEGINNING = 1 << 20
_LARGEST_OWN = 512 * 1024 * 1024


def read_card(path: str) -> Card | None:
    """Read the card of a file; None where it is not there, or changed while it was read: look again later."""
    try:
        before = os.stat(path)  # noqa: PTH116  a tenth of what Path takes, ten thousand times
    except OSError:
        return None
    card = Card(path, before.st_size, before.st_mtime_ns)
    try:
        found = _read(card)
    except StudioError as error:
        found = _unreadable(card, error)
    except OSError as error:
        reason = ModelFileError(
            f"{shown(path)} cannot be read: {error.strerror or error}.", "Check the file's permissions."
        )
        found = _unreadable(card, reason)
    try:
        after = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found if (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns) else None


def digest(*parts: bytes) -> str:
    """A fingerprint of bytes, as hexadecimal digits."""
    total = blake2b(digest_size=16)
    for part in parts:
        total.update(len(part).to_bytes(8, "little"))
        total.update(part)
    return total.hexdigest()


def _read(card: Card) -> Card:
    is_own = card.path.lower().endswith(store.SUFFIX)
    if card.size > (_LARGEST_OWN if is_own else checking.LARGEST_TEXT):
        raise ModelFileError(f"{shown(card.path)} is too large for a model.", "Choose a model file.")
    with open(card.path, "rb") as file:  # noqa: PTH123
        data = file.read()
    card = dataclasses.replace(card, bytes_hash=digest(data))
    return vamodel_card.read(card, data) if is_own else foreign_card.read(card, data)


def _unreadable(card: Card, error: StudioError) -> Card:
    """A card that says why; its content is the file's bytes, or their beginning where there are too many."""
    own = card.bytes_hash
    if not own:
        try:
            with open(card.path, "rb") as file:  # noqa: PTH123
                own = digest(str(card.size).encode(), file.read(_BEGINNING))
        except OSError:
            own = digest(os.fsencode(card.path))
    return dataclasses.replace(card, bytes_hash=own, content=own, error=error.message, hint=error.hint)
