"""The long lists of numbers in a JSON text, taken out: what is left is read a hundred times as fast.

A `.nam` file of 400 kB is 99 % numbers. A library needs only how many there are, and a fingerprint of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KEY = b'"weights"'
_BEGIN = re.compile(rb"\s*:\s*\[")
_SPACE = b" \t\r\n"
_NUMERIC = b"0123456789+-.eE," + _SPACE


@dataclass(frozen=True)
class Apart:
    """A JSON text whose flat lists under `weights` each hold but one number: how many there were.

    Attributes
    ----------
    numbers:
        The lists that were taken out, without brackets, as they stood in the text.
    """

    text: bytes
    numbers: tuple[bytes, ...]

    @property
    def plain(self) -> tuple[bytes, ...]:
        """The numbers without the spaces between them, so that only the numbers count."""
        return tuple(part.translate(None, _SPACE) for part in self.numbers)


def take_apart(text: bytes) -> Apart:
    """Take out every flat list of numbers under a key `weights`; lists of lists stay where they are."""
    kept: list[bytes] = []
    numbers: list[bytes] = []
    at = 0
    for begin, end in _lists(text):
        found = text[begin:end]
        if found.translate(None, _NUMERIC) or not found.strip():
            continue
        kept += [text[at:begin], str(found.count(b",") + 1).encode()]
        numbers.append(found)
        at = end
    kept.append(text[at:])
    return Apart(b"".join(kept), tuple(numbers))


def put_back(text: bytes, numbers: tuple[bytes, ...]) -> bytes:
    """Undo `take_apart` on a text whose lists under `weights` stand in the same order."""
    kept: list[bytes] = []
    at = 0
    rest = iter(numbers)
    for begin, end in _lists(text):
        if not text[begin:end].strip().isdigit():
            continue
        kept += [text[at:begin], next(rest)]
        at = end
    if next(rest, None) is not None:
        raise ValueError("there are more lists of numbers than places for them")
    kept.append(text[at:])
    return b"".join(kept)


def _lists(text: bytes) -> Iterator[tuple[int, int]]:
    """Where what is between the brackets of each list under `weights` begins and ends."""
    at = text.find(_KEY)
    while at >= 0:
        behind = at + len(_KEY)
        match = _BEGIN.match(text, behind)
        end = text.find(b"]", match.end()) if match and text[at - 1 : at] != b"\\" else -1
        if match and end >= 0:
            yield match.end(), end
            behind = end
        at = text.find(_KEY, behind)
