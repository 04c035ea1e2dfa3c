"""The index follows the files, whatever happens to either; what a person says of models survives all."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.test_library_cards import saved
from vastudio.app.library import own
from vastudio.app.library.card import Card
from vastudio.app.library.index import index_file, open_index
from vastudio.app.library.origin import find_origin
from vastudio.app.library.refresh import Refreshed, refresh
from vastudio.app.library.search import Filters, entries, search
from vastudio.app.library.watch import Snapshot, Watch
from vastudio.errors import OutputError
from vastudio.modelfile import store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three models, two of which sound alike."""
    place = tmp_path / "models"
    (place / "inner").mkdir(parents=True)
    saved(place / "a.vamodel", name="A")
    saved(place / "inner" / "b.vamodel", name="B")
    saved(place / "inner" / "c.vamodel", name="C", sample_rate=44_100)
    return place


def refreshed(folder: Path, *, everything: bool = False) -> tuple[Refreshed, dict[str, Card]]:
    with open_index() as index:
        result = refresh(index, [folder], everything=everything)
        return result, {card.file.name: card for card in index.cards()}


def test_only_what_changed_is_read_again(folder: Path) -> None:
    first, cards = refreshed(folder)
    assert (first.read, set(cards)) == (3, {"a.vamodel", "b.vamodel", "c.vamodel"})
    assert not refreshed(folder)[0].has_changed
    saved(folder / "a.vamodel", name="Another")
    (folder / "inner" / "c.vamodel").unlink()
    second, cards = refreshed(folder)
    assert (second.read, second.gone, cards["a.vamodel"].name) == (1, 1, "Another")
    assert refreshed(folder, everything=True)[0].read == 2


@pytest.mark.parametrize("damage", ["missing", "junk", "cut", "older", "other columns"])
def test_the_index_is_made_again_from_the_files(folder: Path, damage: str) -> None:
    _, before = refreshed(folder)
    path = index_file()
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    match damage:
        case "missing":
            path.unlink()
        case "junk":
            path.write_bytes(b"no database" * 1000)
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "older":
            with sqlite3.connect(path) as database:
                database.execute("PRAGMA user_version = 0")
        case "other columns":
            with sqlite3.connect(path) as database:
                database.execute("ALTER TABLE files ADD COLUMN surplus")
    result, after = refreshed(folder)
    assert result.read == 3 and after == before


def test_an_index_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError), open_index(tmp_path / "file" / "x.sqlite3"):
        pass


def test_what_a_person_says_follows_the_content(folder: Path) -> None:
    _, cards = refreshed(folder)
    own.change(
        [cards["a.vamodel"].content], favourite=True, tags=(" loud ", "Loud"), notes="the one", rating=9
    )
    (folder / "a.vamodel").rename(folder / "inner" / "renamed.vamodel")
    saved(folder / "inner" / "renamed.vamodel", name="Named anew")
    index_file().unlink()
    _, cards = refreshed(folder)
    said = own.load().of(cards["renamed.vamodel"].content)
    assert (said.favourite, said.tags, said.notes, said.rating) == (True, ("loud",), "the one", 5)
    assert own.load().of(cards["c.vamodel"].content) == own.NOTHING


def test_a_damaged_memory_is_set_aside(folder: Path) -> None:
    own.change(["x"], favourite=True)
    own.memory_file().write_text('{"schema": 1, "models": ')
    assert own.load() == own.Memory()
    own.change(["y"], favourite=True)
    assert own.memory_file().with_suffix(".json.damaged").read_text().startswith('{"schema": 1')


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="everything can be read here")
def test_a_memory_that_cannot_be_read_is_not_overwritten() -> None:
    own.change(["x"], favourite=True)
    own.memory_file().chmod(0)
    with pytest.raises(OutputError):
        own.change(["y"], favourite=True)
    own.memory_file().chmod(0o644)
    assert own.load().of("x").favourite


def test_two_who_write_the_memory_take_turns() -> None:
    threads = [threading.Thread(target=lambda i=i: own.change([f"c{i}"], rating=3)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(own.load().models) == [f"c{i}" for i in range(8)]


def test_tags_come_and_go() -> None:
    own.retag(["a", "b"], add=["one", "two"])
    own.retag(["a"], remove=["ONE"])
    assert (own.load().of("a").tags, own.load().of("b").tags) == (("two",), ("one", "two"))
    own.retag(["a", "b"], remove=["one", "two"])
    assert json.loads(own.memory_file().read_text())["models"] == {}


def test_folders_that_lead_into_themselves_and_files_that_are_none(folder: Path) -> None:
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "inner" / "up").symlink_to(folder.parent, target_is_directory=True)
    (folder / "dangling.vamodel").symlink_to(folder / "nothing")
    (folder / "folder.vamodel").mkdir()
    os.mkfifo(folder / "pipe.vamodel")
    (folder / ".hidden.vamodel").write_text("")
    result, cards = refreshed(folder)
    assert sorted(cards) == ["a.vamodel", "b.vamodel", "c.vamodel"] and result.files == 3


def test_files_of_a_folder_that_is_away_are_kept(folder: Path) -> None:
    refreshed(folder)
    away = folder.with_name("away")
    folder.rename(away)
    result, cards = refreshed(folder)
    assert (len(cards), result.gone, result.unread) == (3, 0, (str(folder),))
    away.rename(folder)
    assert not refreshed(folder)[0].has_changed


def test_a_name_that_is_no_utf_8(folder: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.vamodel"))
    odd.write_bytes((folder / "a.vamodel").read_bytes())
    _, cards = refreshed(folder)
    assert len(cards) == 4
    assert not refreshed(folder)[0].has_changed


def test_an_interrupted_refresh_keeps_what_was_read(folder: Path) -> None:
    for number in range(60):
        (folder / f"{number}.vamodel").write_bytes((folder / "a.vamodel").read_bytes())
    with open_index() as index:
        refresh(index, [folder], lambda done, _of: done < 30)
        kept = len(index.cards())
        assert 30 <= kept < 63
        assert refresh(index, [folder]).read == 63 - kept


def test_duplicates(folder: Path) -> None:
    _, cards = refreshed(folder)
    found = entries(cards.values(), own.Memory())
    names = {found[place].card.name for place in search(found, "", Filters(only="duplicates"))}
    assert names == {"A", "B"}


def test_the_run_and_the_dataset_of_a_model(folder: Path, studio_home: Path) -> None:
    run = studio_home / "data" / "runs" / "20260101-amp"
    run.mkdir(parents=True)
    provenance = {"dataset": "Amp", "dataset_hash": "no such"}
    saved(run / "best.vamodel", provenance=provenance)
    saved(folder / "kept.vamodel", name="Kept", notes="mine", provenance=provenance)
    _, cards = refreshed(folder)
    origin = find_origin(cards["kept.vamodel"])
    assert (origin.run, origin.dataset) == (run, None)
    assert find_origin(cards["a.vamodel"]).run is None


# --- watching -----------------------------------------------------------------------------------------------


@pytest.fixture
def told(folder: Path) -> Iterator[tuple[Watch, list[Snapshot]]]:
    own.add_folder(folder)
    snapshots: list[Snapshot] = []
    watch = Watch(snapshots.append, lambda _done, _of: None)
    watch.start()
    yield watch, snapshots
    watch.close()
    assert not any(thread.name == "library-watch" for thread in threading.enumerate())


def wait(snapshots: list[Snapshot], names: set[str]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = {entry.card.name for entry in snapshots[-1].entries} if snapshots else set()
        if names <= found:
            return
        time.sleep(0.01)
    raise AssertionError(f"{names} were not told")


def test_the_watch_tells_what_comes_and_what_is_said(
    told: tuple[Watch, list[Snapshot]], folder: Path
) -> None:
    watch, snapshots = told
    wait(snapshots, {"A", "B", "C", "Overdrive"})
    saved(folder / "new.vamodel", name="New")
    watch.look()
    wait(snapshots, {"New"})
    [new] = (entry for entry in snapshots[-1].entries if entry.card.name == "New")
    own.change([new.card.content], favourite=True)
    watch.look()
    end = time.monotonic() + 20
    while snapshots[-1].facets.favourites == 0 and time.monotonic() < end:
        time.sleep(0.01)
    assert snapshots[-1].facets.favourites == 3  # files that sound alike


def test_a_watch_that_finds_nothing_new_says_nothing(told: tuple[Watch, list[Snapshot]]) -> None:
    watch, snapshots = told
    wait(snapshots, {"A"})
    count = len(snapshots)
    for _ in range(3):
        watch.look()
        time.sleep(0.05)
    assert len(snapshots) == count


def test_a_file_that_is_still_written_is_read_when_it_is_whole(folder: Path) -> None:
    whole = (folder / "a.vamodel").read_bytes()
    (folder / "growing.vamodel").write_bytes(whole[: len(whole) // 2])
    _, cards = refreshed(folder)
    assert cards["growing.vamodel"].error
    (folder / "growing.vamodel").write_bytes(whole)
    _, cards = refreshed(folder)
    assert cards["growing.vamodel"].error == "" and store.load(folder / "growing.vamodel")
