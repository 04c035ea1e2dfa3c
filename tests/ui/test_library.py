"""The Library page: finding, hearing, writing over, taking in and throwing away, with real files."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QFile, QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from tests.app.test_library_cards import saved
from tests.modelfile import generated
from tests.models import random_model
from vastudio import paths
from vastudio.app.library import own
from vastudio.app.studio import Studio
from vastudio.modelfile import reading, store
from vastudio.ui.bridge.session import Session
from vastudio.ui.library import files
from vastudio.ui.library.page import LibraryPage
from vastudio.ui.library.table_model import COLUMNS
from vastudio.ui.main_window import MainWindow

PATIENCE = 8_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight models of different sounds, one .nam with gear, a copy of the first, and a broken file."""
    place = tmp_path / "captures"
    place.mkdir()
    for number in range(8):
        model = dataclasses.replace(random_model(hidden=4, knobs=1, seed=number), name=f"Sound {number}")
        store.save(model, place / f"m{number}.vamodel")
        if number == 0:
            store.save(dataclasses.replace(model, name="Copy of sound 0"), place / "copy.vamodel")
    metadata = {"name": "Brown one", "gear_make": "Brown", "gear_model": "30", "gear_type": "amp"}
    generated.write(generated.lstm(4, 1) | {"metadata": metadata}, place, "brown.nam")
    (place / "broken.nam").write_text("{")
    own.add_folder(place)
    return place


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, folder: Path) -> Iterator[LibraryPage]:
    """The page, shown, with everything read; afterwards its threads have ended."""
    session = Session(studio)
    made = LibraryPage(session)
    made.resize(1300, 800)
    made.show()
    qtbot.waitUntil(lambda: len(made.library.entries) == 12, timeout=PATIENCE)
    yield made
    made.close()
    session.close()
    assert not made.library.is_watching
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def names(page: LibraryPage) -> list[str]:
    entries = [page.table.list.entry(row) for row in range(page.table.list.rowCount())]
    return [entry.card.title for entry in entries if entry is not None]


def choose(page: LibraryPage, name: str) -> None:
    page.table.setFocus()
    page.table.selectRow(names(page).index(name))


def chosen_name(page: LibraryPage) -> str:
    assert page.details.entry is not None
    return page.details.entry.card.name


# --- finding ------------------------------------------------------------------------------------------------


def test_words_and_filters_narrow_the_list(qtbot: QtBot, page: LibraryPage) -> None:
    qtbot.keyClicks(page.search, "BROWN 30 amp")
    qtbot.waitUntil(lambda: names(page) == ["Brown one"])
    page.clear()
    page.filters.groups["kinds"].box("amp").click()
    assert names(page) == ["Brown one"]
    page.filters.clear_all.click()
    page.filters.only["unreadable"].click()
    assert names(page) == ["broken"] and page.count.text() == "1 of 12"
    page.filters.only["duplicates"].click()
    assert names(page) == ["Copy of sound 0", "Sound 0"]
    page.search.setText("nothing like it")
    qtbot.waitUntil(page.start_over.isVisible)
    page.start_over.click()
    assert len(names(page)) == 12


def test_a_heading_sorts_and_the_choice_stays(page: LibraryPage) -> None:
    choose(page, "Sound 5")
    page.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert names(page)[0] == "Sound 7"
    page.table.sortByColumn([column.key for column in COLUMNS].index("esr"), Qt.SortOrder.AscendingOrder)
    page.show_found()
    assert chosen_name(page) == "Sound 5"


# --- hearing ------------------------------------------------------------------------------------------------


def test_arrows_are_heard_escape_goes_back(qtbot: QtBot, page: LibraryPage) -> None:
    session = page._session
    before, knobs = session.studio.model_path, {"knob_1": 7.5}
    session.set_knobs(knobs)
    session.toggle_play()
    choose(page, "Sound 0")
    for _ in range(3):
        qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert chosen_name(page) == "Sound 3"
    qtbot.waitUntil(lambda: getattr(session.studio.model, "name", "") == "Sound 3", timeout=PATIENCE)
    assert session.studio.settings.last_model == str(before)
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert session.studio.model_path == before
    assert session.studio.knob_values["knob_1"] == 7.5


def test_fast_arrows_pile_nothing_up(qtbot: QtBot, page: LibraryPage) -> None:
    session = page._session
    session.toggle_play()
    choose(page, "Sound 0")
    heard: list[object] = []
    page.preview.heard.connect(heard.append)
    for _ in range(10):
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
            qtbot.keyClick(page.table, key)
        qtbot.keyClick(page.table, Qt.Key.Key_Up)
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    wanted = chosen_name(page)
    qtbot.waitUntil(lambda: getattr(session.studio.model, "name", "") == wanted, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.preview.is_busy, timeout=PATIENCE)
    assert len(heard) <= 41 and len(page.preview._kept) <= 16
    assert getattr(session.studio.model, "name", "") == wanted


def test_the_window_hears_of_it_once_the_arrows_rest(qtbot: QtBot, page: LibraryPage) -> None:
    session = page._session
    session.toggle_play()
    changes: list[int] = []
    session.model_changed.connect(lambda: changes.append(1))
    choose(page, "Sound 0")
    for _ in range(4):
        qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: bool(changes), timeout=PATIENCE)
    assert len(changes) <= 2


def test_nothing_is_heard_while_nothing_plays(qtbot: QtBot, page: LibraryPage) -> None:
    before = page._session.studio.model_path
    choose(page, "Sound 2")
    qtbot.waitUntil(lambda: not page.preview.is_busy, timeout=PATIENCE)
    assert page._session.studio.model_path == before
    page._session.toggle_play()
    qtbot.waitUntil(lambda: getattr(page._session.studio.model, "name", "") == "Sound 2", timeout=PATIENCE)


def test_enter_opens_in_play(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    page = window.library
    qtbot.waitUntil(lambda: len(page.library.entries) == 12, timeout=PATIENCE)
    choose(page, "Brown one")
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert window.page == "play" and window.session.studio.model_path == folder / "brown.nam"
    assert window.session.studio.settings.last_model == str(folder / "brown.nam")


# --- writing over -------------------------------------------------------------------------------------------


def test_stars_tags_and_notes_are_kept_by_content(qtbot: QtBot, page: LibraryPage) -> None:
    choose(page, "Sound 0")
    qtbot.keyClick(page.table, Qt.Key.Key_F)
    page.details.tags.setText("live,  bright, Live")
    page.details.tags.editingFinished.emit()
    page.filters.only["favourites"].click()
    assert names(page) == ["Copy of sound 0", "Sound 0"]  # they sound alike
    assert page.details.entry is not None
    content = page.details.entry.card.content
    qtbot.waitUntil(lambda: own.load().of(content).tags == ("live", "bright"), timeout=PATIENCE)
    assert own.load().of(content).favourite
    qtbot.waitUntil(lambda: not page.library._said, timeout=PATIENCE)
    assert list(page.library.facets.tags) == ["live", "bright"]


@pytest.mark.parametrize("name", ["Sound 1", "Brown one"])
def test_words_go_into_the_file(qtbot: QtBot, page: LibraryPage, folder: Path, name: str) -> None:
    choose(page, name)
    path = page.details.entry.path  # type: ignore[union-attr]
    page.details.name.setFocus()
    page.details.name.setText("Named anew")
    qtbot.keyClick(page.details.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: reading.load(path).name == "Named anew", timeout=PATIENCE)
    qtbot.waitUntil(lambda: "Named anew" in names(page), timeout=PATIENCE)
    assert chosen_name(page) == "Named anew"


def test_other_formats_are_kept_in_the_library(qtbot: QtBot, page: LibraryPage, folder: Path) -> None:
    path = generated.write(generated.guitarml("GRU", 4), folder, "ts.json")
    written = path.read_bytes()
    page.library.look()
    qtbot.waitUntil(lambda: "ts" in names(page), timeout=PATIENCE)
    choose(page, "ts")
    for field, text in (("maker", "Green"), ("gear", "Nine")):
        page.details.fields[field].setText(text)
        page.details.fields[field].editingFinished.emit()
    page.search.setText("green nine")
    qtbot.waitUntil(lambda: names(page) == ["ts"])
    qtbot.waitUntil(lambda: not page.library._said, timeout=PATIENCE)
    assert path.read_bytes() == written


def test_escape_leaves_a_field_as_it_was(qtbot: QtBot, page: LibraryPage) -> None:
    choose(page, "Sound 1")
    page.details.name.setFocus()
    page.details.name.setText("No")
    qtbot.keyClick(page.details.name, Qt.Key.Key_Escape)
    assert page.details.name.text() == "Sound 1"


# --- files --------------------------------------------------------------------------------------------------


def test_files_and_folders_that_are_dropped(qtbot: QtBot, page: LibraryPage, tmp_path: Path) -> None:
    other = tmp_path / "others"
    other.mkdir()
    lone = saved(tmp_path / "lone.vamodel", name="Lone", sample_rate=44_100)
    saved(other / "x.vamodel", name="Within", sample_rate=96_000)
    page.take([lone, other])
    qtbot.waitUntil(lambda: {"Lone", "Within"} <= set(names(page)), timeout=PATIENCE)
    assert (paths.user_models() / "lone.vamodel").read_bytes() == lone.read_bytes()
    assert chosen_name(page) == "Lone"
    page.filters.folder.setCurrentIndex(page.filters.folder.findData(str(other)))
    page.filters.folder.activated.emit(page.filters.folder.currentIndex())
    assert names(page) == ["Within"]
    page.filters.remove_folder.click()
    qtbot.waitUntil(lambda: "Within" not in names(page) and len(names(page)) == 13, timeout=PATIENCE)


def test_rows_are_dragged_out_as_files(page: LibraryPage, folder: Path) -> None:
    row = names(page).index("Sound 4")
    data: QMimeData = page.table.list.mimeData([page.table.list.index(row, 1)])
    assert data.urls() == [QUrl.fromLocalFile(str(folder / "m4.vamodel"))]
    assert files.local_paths(data) == [folder / "m4.vamodel"]


def test_the_menu_copies_the_path_and_throws_away(
    qtbot: QtBot, page: LibraryPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thrown: list[str] = []

    def trash(name: str) -> bool:
        thrown.append(name)
        Path(name).unlink()
        return True

    monkeypatch.setattr(QFile, "moveToTrash", staticmethod(trash))
    choose(page, "Sound 6")
    entry = page.details.entry
    assert entry is not None
    menu = page.chosen.menu(entry)
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy path"].trigger()
    assert QApplication.clipboard().text() == str(folder / "m6.vamodel")
    actions["Move to trash…"].trigger()
    question = page.findChild(QMessageBox)
    assert question is not None and thrown == []
    throw = next(b for b in question.findChildren(QPushButton) if b.text() == "Move to trash")
    qtbot.mouseClick(throw, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Sound 6" not in names(page), timeout=PATIENCE)
    assert thrown == [str(folder / "m6.vamodel")]
    factory = next(e for e in page.library.entries if files.is_factory(e.path))
    throw_factory = {a.text(): a for a in page.chosen.menu(factory).actions()}["Move to trash…"]
    assert not throw_factory.isEnabled()


def test_a_broken_file_says_why_and_cannot_be_opened(page: LibraryPage) -> None:
    choose(page, "broken")
    assert page.details.notice.isVisible() and "JSON" in page.details.notice.message.text()
    assert not page.details.open_in_play.isEnabled()


def test_the_size_that_is_chosen_is_the_one_that_plays(
    qtbot: QtBot, page: LibraryPage, folder: Path, shared_data: Path
) -> None:
    source = next((shared_data / "models").rglob("slimmable_container.nam"))
    target = folder / "sizes.nam"
    target.write_bytes(source.read_bytes())
    page.library.look()
    title = reading.load(target).name
    qtbot.waitUntil(lambda: title in names(page), timeout=PATIENCE)
    choose(page, title)
    page.details.sizes.setCurrentIndex(0)
    page.details.sizes.activated.emit(0)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    studio = page._session.studio
    qtbot.waitUntil(lambda: studio.model_path == target, timeout=PATIENCE)
    smallest = reading.load(target, 0.0)
    assert studio.model is not None and studio.model.architecture == smallest.architecture != "NAM WaveNet"
    qtbot.waitUntil(lambda: not page.library._said, timeout=PATIENCE)
    again = Studio()
    again.open_model(target)
    assert again.model is not None and again.model.architecture == smallest.architecture
