"""Search, filters and order, against plain loops over the entries."""

from __future__ import annotations

import random

import pytest

from vastudio.app.library.card import Card
from vastudio.app.library.own import Memory, Own
from vastudio.app.library.search import COLUMNS, Entry, Filters, entries, facets, order, search

MAKERS = ("Brown", "Röhre", "")


@pytest.fixture(scope="module")
def found() -> list[Entry]:
    rng = random.Random(1)
    cards = [
        Card(
            f"/models/{'in' if i % 2 else 'out'}/{i}.nam", content=str(i % 150), name=f"Model {i}",
            maker=rng.choice(MAKERS), kind=rng.choice(("amp", "pedal")), tone="hi_gain", format="NAM",
            sample_rate=rng.choice((44_100, 48_000)), nanoseconds=rng.uniform(10, 900),
            esr=rng.choice((None, 0.001, 0.02)), error="broken" if i % 50 == 7 else "",
        )
        for i in range(200)
    ]  # fmt: skip
    return entries(cards, Memory({"3": Own(favourite=True, tags=("Live", "loud"), rating=4, notes="dark")}))


def kept(found: list[Entry], filters: Filters) -> list[int]:
    return search(found, "", filters)


def test_words_are_found_in_any_field_and_without_accents(found: list[Entry]) -> None:
    assert search(found, "MODEL 17") == [i for i, e in enumerate(found) if "17" in e.card.name + e.card.path]
    assert search(found, "rohre") == search(found, "Röhre") == [
        i for i, e in enumerate(found) if e.card.maker == "Röhre"
    ]  # fmt: skip
    assert search(found, "high gain dark live") == [3, 153]
    assert search(found, "nothing like it") == []


def test_filters_are_all_met(found: list[Entry]) -> None:
    filters = Filters(kinds=frozenset({"amp"}), rates=frozenset({44_100}), esr_below=0.01, load_below=2.0)
    assert kept(found, filters) == [
        i for i, e in enumerate(found)
        if e.card.kind == "amp" and e.card.sample_rate == 44_100 and e.card.esr == 0.001
        and not e.card.error and e.card.nanoseconds * 44_100 * 1e-7 < 2.0
    ]  # fmt: skip
    assert kept(found, Filters(tags=frozenset({"live", "LOUD"}))) == [3, 153]
    assert kept(found, Filters(folder="/models/in")) == [i for i in range(200) if i % 2]
    assert kept(found, Filters(folder="/models/i")) == []
    assert kept(found, Filters(only="favourites")) == [3, 153]
    assert kept(found, Filters(only="unreadable")) == [7, 57, 107, 157]
    doubled = {e.card.content for e in found[150:] if not e.card.error}
    assert {found[i].card.content for i in kept(found, Filters(only="duplicates"))} <= doubled


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_sorts_and_loses_nothing(found: list[Entry], column: str, descending: bool) -> None:
    places = order(found, range(len(found)), column, descending=descending)
    assert sorted(places) == list(range(len(found)))


def test_what_says_nothing_comes_last_either_way(found: list[Entry]) -> None:
    for descending in (False, True):
        errors = [found[i].card.esr for i in order(found, range(len(found)), "esr", descending=descending)]
        numbers = [esr for esr in errors if esr is not None]
        assert errors[: len(numbers)] == sorted(numbers, reverse=descending)


def test_facets_count(found: list[Entry]) -> None:
    counted = facets(found)
    readable = [entry.card for entry in found if not entry.card.error]
    assert counted.kinds == {kind: sum(c.kind == kind for c in readable) for kind in counted.kinds}
    assert (counted.unreadable, counted.favourites, counted.tags) == (4, 2, {"Live": 2, "loud": 2})


def test_what_was_written_over_is_what_is_found() -> None:
    memory = Memory({"x": Own(said={"name": "My word", "kind": "amp"})})
    found = entries(
        [Card("/a.aidax", content="x", name="Theirs", sample_rate=48_000, nanoseconds=1.0)], memory
    )
    assert search(found, "my word", Filters(kinds=frozenset({"amp"}))) == [0]
    assert (found[0].card.name, found[0].as_file.name) == ("My word", "Theirs")
