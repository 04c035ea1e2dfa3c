"""The Train page: import, train on tiny data, stop, play what came out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.datasets import write_source
from vastudio import paths
from vastudio.dataset.manifest import Finding
from vastudio.dataset.store import Dataset
from vastudio.errors import KnobError
from vastudio.ui.main_window import MainWindow
from vastudio.ui.train.findings_card import joined
from vastudio.ui.train.import_dialog import ImportDialog, ImportRequest, parse_knobs

PATIENCE = 150_000
"""Milliseconds: the first run on a computer compiles what trains."""


def test_training_is_seen_stopped_and_played(qtbot: QtBot, window: MainWindow, recorded: Dataset) -> None:
    window.session.open_dataset(recorded.path)
    window.show_page("train")
    page = window.train
    page.model.presets.button("lite").click()
    page.model.form.minutes.setValue(5.0)
    qtbot.mouseClick(page.model.start, Qt.MouseButton.LeftButton)
    assert not page.model.start.isEnabled()
    qtbot.waitUntil(lambda: len(page.curve.curve.train_points) > 1, timeout=PATIENCE)
    qtbot.mouseClick(page.curve.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.curve.play.isVisible, timeout=PATIENCE)
    assert page.curve.curve.validation_points
    qtbot.mouseClick(page.curve.play, Qt.MouseButton.LeftButton)
    assert window.page == "play"
    qtbot.waitUntil(lambda: list(window.play.panel.cells) == ["drive"])
    window.show_page("train")
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 1)
    page.runs.table.selectRow(0)
    assert page.curve.compare.isVisible()


def test_closing_while_training_asks_and_keeps_the_best(
    qtbot: QtBot, window: MainWindow, recorded: Dataset
) -> None:
    window.session.open_dataset(recorded.path)
    window.train.model.presets.button("lite").click()
    window.train.start()
    qtbot.waitUntil(lambda: bool(window.train.curve.curve.train_points), timeout=PATIENCE)
    window.close()
    window.close()
    assert window.isVisible()
    [question] = window.findChildren(QMessageBox)
    stop = next(button for button in question.buttons() if button.text() == "Stop and close")
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert len(list(paths.user_models().glob("*.vamodel"))) == 1


def test_recordings_are_imported_in_the_background(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    source = write_source(tmp_path / "recordings", seconds=0.6)
    window.show_page("train")
    window.train.import_recordings(ImportRequest("My clipper", source=source))
    assert window.train.dataset.busy.isVisible()
    qtbot.waitUntil(lambda: window.session.studio.dataset is not None, timeout=PATIENCE)
    assert window.session.studio.dataset is not None
    assert window.session.studio.dataset.name == "My clipper"
    assert window.train.model.start.isEnabled()
    assert "3\u00a0captures" in window.train.dataset.facts.text()


def test_a_bad_source_is_explained_in_place(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.show_page("train")
    window.train.import_recordings(ImportRequest("x", source=tmp_path / "missing.csv"))
    notice = window.train.dataset.notice
    qtbot.waitUntil(notice.isVisible, timeout=PATIENCE)
    assert "missing.csv" in notice.message.text()


def test_the_dialog_asks_for_what_is_missing_and_frees_itself(qtbot: QtBot, window: MainWindow) -> None:
    dialog = ImportDialog(window)
    dialog.open()
    dialog.ok.click()
    assert dialog.notice.isVisible()
    dialog.kind.button("pair").click()
    dialog.clean.setText("in.wav")
    dialog.target.setText("out.wav")
    dialog.knobs.setText("drive=0.5")
    requests: list[ImportRequest] = []
    dialog.import_requested.connect(requests.append)
    dialog.ok.click()
    qtbot.waitUntil(lambda: not isValid(dialog))
    assert requests[0].name == "out"
    assert requests[0].pair is not None
    assert requests[0].pair.knobs == {"drive": 0.5}


def test_knob_positions_are_read_from_text() -> None:
    assert parse_knobs(" drive=0.5; tone = 3 ") == {"drive": 0.5, "tone": 3.0}
    assert parse_knobs("") == {}
    with pytest.raises(KnobError, match="loud"):
        parse_knobs("drive=loud")


def test_equal_findings_are_one_line_and_the_worst_comes_first() -> None:
    found = [
        Finding("info", "delay", "7 samples late.", capture="000"),
        Finding("warning", "dc", "It has DC.", "Mend it.", capture="001"),
        Finding("warning", "dc", "It has DC.", "Mend it.", capture="002"),
    ]
    assert joined(found) == [
        ("warning", "Captures 001, 002: It has DC.", "Mend it."),
        ("info", "Capture 000: 7 samples late.", ""),
    ]
