"""The Listening tab on a real dataset and a real model, by keyboard as a listener would."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.datasets import make_dataset
from tests.ui.conftest import saved
from tests.ui.test_compare import drive_model
from vastudio.app.listening import abx, sessions
from vastudio.dataset.store import Dataset
from vastudio.ui.compare.listening.page import ListeningTab
from vastudio.ui.main_window import MainWindow

NAMES = ("target", "model")


@pytest.fixture(scope="session")
def long_recorded(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """As `recorded`, two seconds longer."""
    return make_dataset(tmp_path_factory.mktemp("long_recorded"), seconds=3.5)


@pytest.fixture
def tab(qtbot: QtBot, window: MainWindow, long_recorded: Dataset, tmp_path: Path) -> Iterator[ListeningTab]:
    """The Listening tab, a stretch found, a listener entered."""
    with qtbot.waitSignal(window.session.model_changed):
        window.session.open_model(saved(drive_model(), tmp_path))
    window.session.open_dataset(long_recorded.path)
    window.show_page("compare")
    window.compare.show_tab("listening")
    made = window.compare.tabs["listening"]
    assert isinstance(made, ListeningTab)
    qtbot.waitUntil(lambda: made._excerpt is not None, timeout=20_000)
    made.setup.listener.setText("Ada")
    made.setup.trials.setValue(5)
    yield made


def start(qtbot: QtBot, tab: ListeningTab, *, training: bool = False) -> None:
    qtbot.mouseClick(tab.setup.train if training else tab.setup.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.is_running, timeout=20_000)


def press(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, key, modifier)


def answer(qtbot: QtBot, tab: ListeningTab, choice: abx.Choice) -> None:
    press(qtbot, Qt.Key.Key_X)
    press(qtbot, Qt.Key.Key_1 if choice == "A" else Qt.Key.Key_2)
    press(qtbot, Qt.Key.Key_Return)


def stored() -> list[sessions.Session]:
    return list(sessions.read_all()[0].values())


def visible_words(widget: QWidget) -> str:
    """All that can be read, heard by a screen reader or hovered over."""
    found = []
    for child in [widget, *widget.findChildren(QWidget)]:
        if child.isVisible():
            found += [child.accessibleName(), child.accessibleDescription(), child.toolTip()]
            if isinstance(child, QLabel | QPushButton):
                found.append(child.text())
    return " ".join(found)


def test_a_whole_test_by_keyboard_and_its_result(qtbot: QtBot, tab: ListeningTab) -> None:
    start(qtbot, tab)
    plan = tab.abx.state.plan
    for number, key in enumerate(plan.key):
        assert tab.abx.trial.text() == f"Trial {number + 1} of 5"
        answer(qtbot, tab, key)
    qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
    assert tab.results.score.text().startswith("5 of 5 right · p = 0.031")
    assert "Told apart" in tab.results.words.text()
    assert "only this test" in tab.results.pooled_words.text()
    [session] = stored()
    assert abx.result(session.test).correct == 5  # type: ignore[arg-type]
    assert not tab._session.is_listening


def test_listeners_are_pooled(qtbot: QtBot, tab: ListeningTab) -> None:
    for listener in ("Ada", "Ben"):
        tab.setup.listener.setText(listener)
        start(qtbot, tab)
        for key in tab.abx.state.plan.key:
            answer(qtbot, tab, "A" if listener == "Ben" else key)
        qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
        right = tab.results.score.text().split()[0]
        press(qtbot, Qt.Key.Key_Return)
        assert tab.setup.isVisible()
    qtbot.waitUntil(lambda: tab.setup.sessions.table.rowCount() == 2, timeout=5_000)
    tab.setup.sessions.table.selectRow(0)
    tab.setup.sessions.show_result.click()
    qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
    assert "2 tests of 2 listeners" in tab.results.pooled_title.text()
    assert f"{5 + int(right)} of 10 right" in tab.results.pooled_words.text()
    assert [tab.results.listeners.text(row, 0) for row in range(2)] == ["Ada", "Ben"]


def test_what_is_heard_is_the_sound_that_was_prepared(qtbot: QtBot, tab: ListeningTab) -> None:
    player = tab._session.studio.player
    start(qtbot, tab)
    place = player._rack._place
    for key, button in ((Qt.Key.Key_A, "A"), (Qt.Key.Key_X, "X"), (Qt.Key.Key_B, "B")):
        press(qtbot, key)
        assert tab.abx.sounds[button].isChecked()
        wanted = abx.sound(tab.abx.state.plan, 0, button)  # type: ignore[arg-type]
        sound = place.sounds[NAMES.index(wanted)]

        def newest_is_of(sound: np.ndarray = sound) -> bool:
            heard = player.tap(2_000)[1]
            around = np.tile(sound, 2)
            starts = np.flatnonzero(around[:-64] == heard[-64])
            return bool(heard.any()) and any(
                np.array_equal(around[at : at + 64], heard[-64:]) for at in starts
            )

        qtbot.waitUntil(newest_is_of, timeout=5_000)


def test_nothing_tells_what_x_is(qtbot: QtBot, tab: ListeningTab, window: MainWindow) -> None:
    start(qtbot, tab)
    press(qtbot, Qt.Key.Key_X)
    words = visible_words(tab).lower()
    for name in ("target", "model", "clean", "right", "correct"):
        assert name not in words, name
    transport = window.transport
    for widget in (transport.monitor, transport.source, transport.loudness):
        assert not widget.isEnabled()
    assert not transport.wave.isVisible()
    assert not window.compare.choice.isEnabled()
    qtbot.waitUntil(lambda: bool(window.session.studio.player.tap(64)[1].any()), timeout=5_000)
    qtbot.wait(100)
    assert window.top_bar.output.peak_db == -np.inf
    before = window.session.monitor
    for key in (Qt.Key.Key_C, Qt.Key.Key_T, Qt.Key.Key_M, Qt.Key.Key_N):
        press(qtbot, key)
    assert window.session.monitor == before


def test_two_trials_with_different_x_look_the_same(qtbot: QtBot, tab: ListeningTab) -> None:
    """Pixel by pixel: what is on the screen does not depend on what is hidden."""
    pictures = []
    for key in ("A", "A", "B"):  # the first one is laid out for the first time
        start(qtbot, tab)
        assert tab._recorder is not None
        plan = tab.abx.state.plan
        seed = next(seed for seed in range(99) if abx.AbxPlan(seed, 5).key[0] == key)
        session = tab._recorder.session
        object.__setattr__(plan, "seed", seed)
        assert session.test.plan.key[0] == key  # type: ignore[union-attr]
        press(qtbot, Qt.Key.Key_X)
        qtbot.wait(50)
        pictures.append(tab.grab().toImage())
        tab._leave(give_up=True)
    assert pictures[1] == pictures[2]


def test_answers_need_x_and_another_and_can_be_changed(qtbot: QtBot, tab: ListeningTab) -> None:
    start(qtbot, tab)
    press(qtbot, Qt.Key.Key_1)
    assert tab.abx.state.answers == ()
    assert not tab.abx.next.isEnabled()
    press(qtbot, Qt.Key.Key_X)
    press(qtbot, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert tab.abx.state.answers[0].choice == "A"
    press(qtbot, Qt.Key.Key_B, Qt.KeyboardModifier.ShiftModifier)
    assert tab.abx.state.answers[0].choice == "B"
    qtbot.mouseClick(tab.abx.answers["A"], Qt.MouseButton.LeftButton)
    press(qtbot, Qt.Key.Key_Return)
    assert tab.abx.state.trial == 1
    assert tab.abx.state.answers[0].choice == "A"


def test_the_page_can_be_left_and_the_test_goes_on_where_it_was(
    qtbot: QtBot, tab: ListeningTab, window: MainWindow
) -> None:
    window.session.set_monitor("target")
    position = window.session.studio.player._rack._loop
    start(qtbot, tab)
    answer(qtbot, tab, "A")
    answer(qtbot, tab, "B")
    seed = tab.abx.state.plan.seed
    window.show_page("play")
    assert not window.session.is_listening
    assert window.transport.monitor.isEnabled()
    assert not window.session.studio.player.playing
    assert position.clean is not None
    window.show_page("compare")
    qtbot.waitUntil(lambda: tab.setup.sessions.table.rowCount() == 1, timeout=5_000)
    assert tab.setup.sessions.table.item(0, 4).text() == "stopped at trial 3 of 5"
    tab.setup.sessions.table.selectRow(0)
    assert not tab.setup.sessions.show_result.isEnabled()
    qtbot.mouseClick(tab.setup.sessions.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.is_running, timeout=20_000)
    assert (tab.abx.state.trial, tab.abx.state.plan.seed) == (2, seed)
    for _ in range(3):
        answer(qtbot, tab, "A")
    qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
    assert len(stored()) == 1


@pytest.mark.parametrize(("button", "phase"), [("Keep for later", "answered"), ("Give it up", "abandoned")])
def test_leaving_asks(qtbot: QtBot, tab: ListeningTab, button: str, phase: str) -> None:
    start(qtbot, tab)
    press(qtbot, Qt.Key.Key_X)
    press(qtbot, Qt.Key.Key_1)
    qtbot.mouseClick(tab.abx.leave, Qt.MouseButton.LeftButton)
    [question] = tab.findChildren(QMessageBox)
    assert tab.is_running
    next(b for b in question.buttons() if b.text() == button).click()
    qtbot.waitUntil(lambda: not tab.is_running)
    assert tab.setup.isVisible()
    [session] = stored()
    assert session.test.phase == phase


def test_training_looks_different_discloses_and_keeps_nothing(qtbot: QtBot, tab: ListeningTab) -> None:
    start(qtbot, tab, training=True)
    assert tab.abx.heading.text() == "Training"
    assert tab.abx.card.property("mood") == "training"
    key = tab.abx.state.plan.key[0]
    press(qtbot, Qt.Key.Key_X)
    press(qtbot, Qt.Key.Key_1)
    assert tab.abx.hint.text().startswith("Right" if key == "A" else "Wrong")
    press(qtbot, Qt.Key.Key_Return)
    for _ in range(4):
        answer(qtbot, tab, "B")
    qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
    assert "Training" in tab.results.heading.text()
    assert stored() == []


def test_the_sanity_check_is_called_one(qtbot: QtBot, tab: ListeningTab) -> None:
    tab.setup.kind_choice.button("nearer").click()
    assert abx.SANITY_CHECK in tab.setup.explanation.text()
    start(qtbot, tab)
    assert tab.abx.heading.text() == "Sanity check"
    for key in tab.abx.state.plan.key:
        answer(qtbot, tab, key)
    qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
    assert abx.SANITY_CHECK in tab.results.words.text()


def test_a_rating_of_two_stretches_and_its_table(qtbot: QtBot, tab: ListeningTab, tmp_path: Path) -> None:
    tab.setup.kind_choice.button("mushra").click()
    tab.setup.add_item.click()
    tab._subject.set_excerpt((0.5, 2.0))
    tab.setup.add_item.click()
    start(qtbot, tab)
    view = tab.mushra
    assert len(view.columns) == 4
    scores = {"target": 95, "Clipper": 60, "low-pass 3.5 kHz": 30, "soft clipper": 10}
    for _ in range(2):
        assert not view.next.isEnabled()
        for slider, column in enumerate(view.columns):
            assert not column.slider.isEnabled()
            press(qtbot, Qt.Key(Qt.Key.Key_1 + slider))
            column.slider.setValue(scores[view.state.sounding])
        press(qtbot, Qt.Key.Key_1)
        press(qtbot, Qt.Key.Key_Up)
        press(qtbot, Qt.Key.Key_Down)
        press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(tab.results.isVisible, timeout=5_000)
    table = tab.results.ratings
    assert [table.text(row, 0) for row in range(4)] == list(scores)
    assert [table.text(row, 1) for row in range(4)] == ["95", "60", "30", "10"]
    assert "Nobody is left out" in tab.results.pooled_words.text()
    tab.results.export.click()
    [dialog] = tab.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "ratings.csv"))
    dialog.close()
    rows = list(csv.DictReader((tmp_path / "ratings.csv").read_text().splitlines()))
    assert len(rows) == 8
    assert {row["score"] for row in rows if row["condition"] == "target"} == {"95"}


def test_a_selected_stretch_is_used_if_it_fits(tab: ListeningTab) -> None:
    tab._subject.set_excerpt((0.5, 2.5))
    assert "as selected" in tab.setup.excerpt.text()
    tab._subject.set_excerpt((0.0, 0.4))
    assert "takes 0.4 s" in tab.setup.excerpt.text()
    tab.setup.propose.click()
    assert "as selected" in tab.setup.excerpt.text()


def test_the_power_of_the_test_is_said_before(tab: ListeningTab) -> None:
    tab.setup.trials.setValue(16)
    assert "12 of 16" in tab.setup.promise.text()
    assert "79 of 100" in tab.setup.promise.text()


def test_without_a_name_no_test_begins(tab: ListeningTab) -> None:
    tab.setup.listener.setText("  ")
    assert not tab.setup.start.isEnabled()
    assert tab.setup.state.full_text == "Enter who listens"


def test_a_model_that_has_changed_stops_the_resuming(qtbot: QtBot, tab: ListeningTab) -> None:
    start(qtbot, tab)
    answer(qtbot, tab, "A")
    assert tab._recorder is not None
    path = tab._recorder.path
    assert path is not None
    tab._leave()
    table = json.loads(path.read_text())
    table["subject"]["models"] = {"Clipper": "sha256:0"}
    path.write_text(json.dumps(table))
    tab._show_setup()
    qtbot.waitUntil(lambda: tab.setup.sessions.table.rowCount() == 1, timeout=5_000)
    tab.setup.sessions.table.selectRow(0)
    qtbot.waitUntil(lambda: tab._stored[path].subject.models["Clipper"] == "sha256:0", timeout=5_000)
    tab.setup.sessions.resume.click()
    qtbot.waitUntil(tab.notice.isVisible, timeout=5_000)
    assert "not what it was" in tab.notice.message.text()


def test_everything_has_a_name_and_a_tooltip(qtbot: QtBot, tab: ListeningTab) -> None:
    def check() -> None:
        for widget in tab.findChildren(QWidget):
            inner = widget.objectName().startswith("qt_")
            if widget.isVisible() and not inner and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                name = widget.accessibleName() or (widget.text() if isinstance(widget, QPushButton) else "")
                assert name, widget
                assert widget.toolTip() or widget is tab.abx or widget is tab.mushra, name

    check()
    start(qtbot, tab)
    check()
    tab._leave(give_up=True)
    tab.setup.kind_choice.button("mushra").click()
    start(qtbot, tab)
    check()
