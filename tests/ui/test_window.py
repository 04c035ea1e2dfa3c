"""The window as a whole: pages, keys, transport, themes, and closing."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app import settings
from vastudio.app.studio import Studio
from vastudio.ui import application
from vastudio.ui.main_window import MainWindow
from vastudio.ui.theme import style
from vastudio.ui.theme.tokens import tokens


def test_without_a_device_the_window_says_so_and_works(qtbot: QtBot, window: MainWindow) -> None:
    assert window.top_bar.device.full_text == "No audio device"
    assert window.play.device_line.isVisible()
    assert window.play.device_settings.isVisible()
    assert not window.transport.source.button("live").isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.top_bar.output.peak_db > -60)
    assert window.transport.play.text() == "Stop"


def test_keys_change_the_page(qtbot: QtBot, window: MainWindow) -> None:
    for key, page in (
        (Qt.Key.Key_2, "capture"),
        (Qt.Key.Key_3, "train"),
        (Qt.Key.Key_4, "compare"),
        (Qt.Key.Key_5, "library"),
        (Qt.Key.Key_6, "settings"),
        (Qt.Key.Key_1, "play"),
    ):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.page == page
        assert window.rail.button(page).isChecked()


def test_keys_choose_what_is_heard_but_no_missing_target(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert window.transport.monitor.key == "clean"
    target = window.transport.monitor.button("target")
    assert not target.isEnabled()
    assert "no target" in target.toolTip()
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert window.transport.monitor.key == "clean"
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert window.session.monitor == "model"


def test_enter_presses_the_focused_button(qtbot: QtBot, window: MainWindow) -> None:
    button = window.transport.monitor.button("clean")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert window.session.monitor == "clean"


def test_opening_asks_for_a_file_and_opens_it(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    path = saved(random_model(hidden=4, knobs=1), tmp_path)
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(window.session.model_changed):
        dialog.fileSelected.emit(str(path))
    assert window.session.studio.model_path == path
    dialog.close()
    qtbot.waitUntil(lambda: not isValid(dialog))


def test_plain_keys_belong_to_a_field_while_somebody_writes(qtbot: QtBot, window: MainWindow) -> None:
    cell = next(iter(window.play.panel.cells.values()))
    cell.begin_entry()
    qtbot.keyClicks(cell.entry, "c")
    assert window.session.monitor == "model"


def test_clicking_the_loop_moves_the_playhead(qtbot: QtBot, window: MainWindow) -> None:
    window.transport.sought.emit(2.0)
    rate = window.session.studio.player.sample_rate
    qtbot.waitUntil(lambda: window.session.studio.player.position >= 2 * rate)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_changes_at_once_and_is_remembered(qtbot: QtBot, window: MainWindow, theme: str) -> None:
    window.show_page("settings")
    qtbot.mouseClick(window.settings.look.theme.button(theme), Qt.MouseButton.LeftButton)
    assert tokens().scheme == theme
    assert settings.load().theme == theme
    middle = window.grab().toImage().pixelColor(3, 300)
    assert (middle.lightness() < 128) == (theme == "dark")
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    style.apply(app, "dark")


def test_everything_that_takes_the_focus_has_a_name(window: MainWindow) -> None:
    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
    ]
    assert nameless == []


def test_size_and_page_are_remembered(qtbot: QtBot, studio: Studio) -> None:
    window = MainWindow(studio)
    qtbot.addWidget(window)
    window.show()
    window.resize(1200, 800)
    window.show_page("train")
    window.close()
    remembered = settings.load().window
    assert (remembered.width, remembered.height, remembered.page) == (1200, 800, "train")


def test_a_studio_starts_in_the_background(qtbot: QtBot) -> None:
    studio = Studio()
    assert application.start_studio(studio) is None
    assert studio.player.is_silent or studio.player.device_name
    studio.close()
