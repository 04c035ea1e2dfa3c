"""vastudio library: find, filter, folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.test_library_cards import saved
from tests.cli.test_commands import Shell


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "captures"
    place.mkdir()
    gear = {"gear": {"make": "Brown", "model": "30", "type": "amp", "tone": "High Gain"}}
    saved(place / "a.vamodel", name="Loud one", provenance=gear)
    saved(place / "b.vamodel", name="Quiet one", sample_rate=44_100)
    (place / "c.nam").write_text("{")
    return place


def test_folders_are_added_searched_and_left(shell: Shell, folder: Path) -> None:
    told = shell.json("library", "--add", folder)
    assert (told["models"], told["found"], told["read"]) == (4, 4, 4)
    assert shell.json("library")["read"] == 0
    assert shell.json("library", "--rescan")["read"] == 4
    found = shell.json("library", "brown", "loud", "--filter", "kind=amp", "--filter", "tone=hi_gain")
    assert [entry["name"] for entry in found["entries"]] == ["Loud one"]
    broken = shell.json("library", "--filter", "unreadable")["entries"]
    assert [Path(entry["path"]).name for entry in broken] == ["c.nam"] and broken[0]["error"]
    assert shell.json("library", "--filter", "rate=44100", "--filter", "load<50")["found"] == 1
    assert shell.json("library", "--remove", folder)["models"] == 1


def test_what_is_printed_for_people(shell: Shell, folder: Path) -> None:
    shell.json("library", "--add", folder)
    _, said, _ = shell("library", "one", "--filter", f"folder={folder}", "--sort", "rate")
    assert "2 of 4 models" in said
    assert said.index("Quiet one") < said.index("Loud one")
    assert "the first 1 of them" in shell("library", "--limit", "1")[1]


@pytest.mark.parametrize("wrong", ["kin=amp", "load<much", "favorites", "rate=x"])
def test_what_is_no_filter_is_said(shell: Shell, wrong: str) -> None:
    assert "is not a filter" in shell.refused("library", "--filter", wrong)


def test_folders_that_are_not_there(shell: Shell, tmp_path: Path) -> None:
    assert "no folder" in shell.refused("library", "--add", tmp_path / "none")
    assert "does not look into" in shell.refused("library", "--remove", tmp_path)
