"""Finding models: words in any field, and filters. Ten thousand entries take a few milliseconds."""

from __future__ import annotations

import dataclasses
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from vastudio.app.library.card import Card, shown
from vastudio.app.library.gear import title
from vastudio.app.library.own import WORDS, Memory, Own


@dataclass(frozen=True)
class Entry:
    """A model file with what its owner says of it.

    Attributes
    ----------
    card:
        What is shown: as the file has it, or as it was written over.
    as_file:
        As the file has it.
    """

    card: Card
    own: Own
    as_file: Card

    @property
    def path(self) -> Path:
        """The file."""
        return self.card.file

    @cached_property
    def name_key(self) -> tuple[list[tuple[int, str]], str]:
        """What sorts by name."""
        return _natural(self.card.title), self.card.path

    @cached_property
    def words(self) -> str:
        """Everything that a search looks through, in plain small letters."""
        card = self.card
        parts = (
            card.title, card.maker, card.gear, title(card.kind), title(card.tone), card.author, card.licence,
            card.architecture, card.format, card.remarks, card.dataset, *card.knobs, *self.own.tags,
            self.own.notes, shown(card.path),
        )  # fmt: skip
        return plain("\n".join(parts))


def entries(cards: Iterable[Card], memory: Memory) -> list[Entry]:
    """The models among the cards, each with what is said of it."""
    return [entry(card, memory.of(card.content)) for card in cards if card.is_model]


def entry(card: Card, own: Own) -> Entry:
    """A card with what is said of it."""
    changes: dict[str, Any] = {key: text for key, text in own.said.items() if key in WORDS}
    return Entry(dataclasses.replace(card, **changes) if changes else card, own, card)


def prepare(entries: Iterable[Entry]) -> None:
    """Make ready what searching and sorting look at: beforehand, where nobody waits for it."""
    for entry in entries:
        _ = entry.words, entry.name_key


def plain(text: str) -> str:
    """Small letters without accents: `Röhre` is found by `rohre`."""
    if text.isascii():
        return text.lower()
    taken = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in taken if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Filters:
    """What is shown; an empty set or None filters nothing.

    Attributes
    ----------
    load_below, esr_below:
        Share of a core in percent, and error; models that name no error are left out by the latter.
    folder:
        Only what lies in it.
    only:
        `favourites`, `duplicates` (contents that there are several files of), `unreadable`, or empty for all.
    """

    kinds: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    tones: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    rates: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    load_below: float | None = None
    esr_below: float | None = None
    folder: str = ""
    only: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nothing is filtered."""
        return self == Filters()


def search(entries: Sequence[Entry], words: str = "", filters: Filters | None = None) -> list[int]:
    """The places of the entries that hold all of the words and pass all filters, in their order."""
    wanted = plain(words).split()
    found = range(len(entries)) if filters is None or filters.is_open else _passing(entries, filters)
    if not wanted:
        return list(found)
    return [place for place in found if all(word in entries[place].words for word in wanted)]


def _passing(entries: Sequence[Entry], filters: Filters) -> Iterable[int]:
    inside = filters.folder.rstrip(os.sep) + os.sep if filters.folder else ""
    tags = {tag.casefold() for tag in filters.tags}
    several = duplicates(entries) if filters.only == "duplicates" else frozenset()
    for place, entry in enumerate(entries):
        card, own = entry.card, entry.own
        if (
            (not filters.kinds or card.kind in filters.kinds)
            and (not filters.makers or card.maker in filters.makers)
            and (not filters.tones or card.tone in filters.tones)
            and (not filters.formats or card.format in filters.formats)
            and (not filters.rates or card.sample_rate in filters.rates)
            and (not tags or tags <= {tag.casefold() for tag in own.tags})
            and (
                filters.load_below is None
                or (not card.error and entry.card.core_percent < filters.load_below)
            )
            and (filters.esr_below is None or (card.esr is not None and card.esr < filters.esr_below))
            and (not inside or card.path.startswith(inside))
            and _is_among(entry, filters.only, several)
        ):
            yield place


def _is_among(entry: Entry, only: str, several: frozenset[str]) -> bool:
    match only:
        case "favourites":
            return entry.own.favourite
        case "duplicates":
            return entry.card.content in several
        case "unreadable":
            return bool(entry.card.error)
    return True


def duplicates(entries: Iterable[Entry]) -> frozenset[str]:
    """The contents that there are several files of."""
    counts = Counter(entry.card.content for entry in entries if not entry.card.error)
    return frozenset(content for content, count in counts.items() if count > 1)


@dataclass(frozen=True)
class Facets:
    """What there is to filter by, with how many models each leaves; the most frequent first."""

    kinds: dict[str, int] = field(default_factory=dict)
    makers: dict[str, int] = field(default_factory=dict)
    tones: dict[str, int] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=dict)
    rates: dict[int, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    favourites: int = 0
    duplicates: int = 0
    unreadable: int = 0


def facets(entries: Sequence[Entry]) -> Facets:
    """Count what there is to filter by."""
    cards = [entry.card for entry in entries if not entry.card.error]
    several = duplicates(entries)
    return Facets(
        kinds=_counted(card.kind for card in cards),
        makers=_counted(card.maker for card in cards),
        tones=_counted(card.tone for card in cards),
        formats=_counted(card.format for card in cards),
        rates=dict(Counter(card.sample_rate for card in cards).most_common()),
        tags=_counted(tag for entry in entries for tag in entry.own.tags),
        favourites=sum(entry.own.favourite for entry in entries),
        duplicates=sum(card.content in several for card in cards),
        unreadable=len(entries) - len(cards),
    )


def _counted(texts: Iterable[str]) -> dict[str, int]:
    return {text: count for text, count in Counter(texts).most_common() if text}


# --- order --------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"(\d{1,9})")

_KEYS: dict[str, Callable[[Entry], Any]] = {
    "favourite": lambda entry: entry.own.favourite,
    "name": lambda entry: entry.name_key,
    "gear": lambda entry: _gear(entry.card) and (_natural(_gear(entry.card)), entry.name_key),
    "kind": lambda entry: title(entry.card.kind),
    "format": lambda entry: entry.card.format and (entry.card.format, entry.card.architecture),
    "rate": lambda entry: entry.card.sample_rate,
    "load": lambda entry: entry.card.core_percent,
    "esr": lambda entry: entry.card.esr,
    "rating": lambda entry: entry.own.rating,
    "changed": lambda entry: entry.card.modified_ns,
}
COLUMNS = tuple(_KEYS)
"""What a list can be sorted by."""


def order(entries: Sequence[Entry], places: Sequence[int], column: str, *, descending: bool) -> list[int]:
    """Sort places by a column; what says nothing there comes last either way."""
    keys = {place: _KEYS[column](entries[place]) for place in places}
    named = [place for place in places if keys[place]]
    rest = [place for place in places if not keys[place]]
    named.sort(key=keys.__getitem__, reverse=descending)
    return named + rest


def _gear(card: Card) -> str:
    return f"{card.maker} {card.gear}".strip()


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that puts `Gain 10` behind `Gain 9`."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(plain(text)) if part
    ]
