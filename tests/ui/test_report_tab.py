"""The Report tab: what is chosen goes in, what is not stays out, and the page can be opened."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from vastudio.ui.compare.report.contents_card import NO_POSITIONS
from vastudio.ui.compare.report.page import ReportTab
from vastudio.ui.main_window import MainWindow

PATIENCE = 180_000


@pytest.fixture
def reporting(compared: MainWindow) -> ReportTab:
    """The tab on a real dataset and a real model."""
    compared.compare.show_tab("report")
    return cast(ReportTab, compared.compare.tab)


def made(qtbot: QtBot, tab: ReportTab, path: Path) -> str:
    """Make the report as a person does, and return the page."""
    tab.page.make.click()
    dialog = tab.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.close()
    assert tab.is_making
    assert not tab.page.busy.isHidden()
    qtbot.waitUntil(lambda: not tab.is_making, timeout=PATIENCE)
    assert tab.page.path == path, tab.page.notice.message.text()
    return path.read_text(encoding="utf-8")


def test_everything_is_offered_and_chosen(reporting: ReportTab, compared: MainWindow) -> None:
    contents = reporting.contents
    assert [box.text() for box in contents.models] == ["Clipper"]
    chosen = contents.contents
    assert chosen.models == (0,)
    assert chosen.split == "validation"
    assert chosen.pair and chosen.probe and chosen.listening
    pair = compared.compare.subject.pair
    assert pair is not None and contents._pair.text() == pair.title
    assert "Drive 0.25" in contents._probe.text()
    contents.models[0].setChecked(False)
    assert not reporting.page.make.isEnabled()
    assert reporting.page.why_not.text() == "Choose a model at least."
    contents.models[0].setChecked(True)
    assert reporting.page.make.isEnabled()


def test_the_page_holds_what_was_chosen_and_can_be_opened(
    qtbot: QtBot, reporting: ReportTab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    reporting._task.progressed.connect(lambda _done, _total, text: steps.append(text))
    page = made(qtbot, reporting, tmp_path / "clipper.html")
    for words in (
        "Clipper: probe",
        "Listening tests",
        "every validation position",
        "The recording",
        "<audio",
    ):
        assert words in page
    assert any("position" in step for step in steps) and steps[-1] == "Writing the page"
    assert "clipper.html is written" in reporting.page.notice.message.text()

    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or len(opened) < 3)
    reporting.page.open.click()
    reporting.page.show_folder.click()
    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path / "clipper.html", tmp_path]
    reporting.page.open.click()
    assert "Nothing on this computer opens it." in reporting.page.notice.message.text()


def test_what_is_not_chosen_stays_out(qtbot: QtBot, reporting: ReportTab, tmp_path: Path) -> None:
    reporting.contents.positions.button(NO_POSITIONS).click()
    reporting.contents.probe.setChecked(False)
    reporting.contents.listening.setChecked(False)
    page = made(qtbot, reporting, tmp_path / "short.html")
    assert "The recording" in page
    for words in ("Clipper: probe", "<h2>Listening tests", "every validation position"):
        assert words not in page


def test_a_report_can_be_cancelled_and_leaves_nothing(
    qtbot: QtBot, reporting: ReportTab, tmp_path: Path
) -> None:
    reporting.make(tmp_path / "never.html")
    reporting.page.cancel.click()
    qtbot.waitUntil(lambda: not reporting.is_making, timeout=PATIENCE)
    assert "Cancelled" in reporting.page.notice.message.text()
    assert not (tmp_path / "never.html").exists()
    assert reporting.page.result.isHidden()


def test_without_dataset_or_pair_there_is_less_to_choose(reporting: ReportTab) -> None:
    contents = reporting.contents
    contents.show_dataset("", 0)
    contents.show_pair("")
    assert contents.contents.split is None
    assert not contents.contents.pair
    contents.show_dataset("all trained on", 0)
    assert contents.contents.split == "all"
    assert not contents.positions.button("validation").isEnabled()
    contents.show_dataset("some held out", 3)
    assert contents.contents.split == "validation"


def test_a_window_that_closes_ends_the_report(
    qtbot: QtBot, reporting: ReportTab, compared: MainWindow, tmp_path: Path
) -> None:
    reporting.make(tmp_path / "never.html")
    compared.session.closing.emit()
    qtbot.waitUntil(lambda: not reporting.is_making, timeout=PATIENCE)
    assert not (tmp_path / "never.html").exists()
