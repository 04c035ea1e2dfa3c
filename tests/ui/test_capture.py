"""The Capture page: the virtual amp from the first step to the Train page, by mouse and by keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.capture.material import RATE, command_line, signal
from vastudio.app.capture_project import CaptureProject, Draft, find_dials
from vastudio.app.loop_measure import LoopReport
from vastudio.audio import io
from vastudio.capture.plan_file import StimulusChoice
from vastudio.dataset.manifest import Finding
from vastudio.ui.capture.levels_step import rows_of
from vastudio.ui.main_window import MainWindow
from vastudio.ui.widgets.notice import Notice

PATIENCE = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Half a second of noise to play instead of the studio's own signal."""
    io.write(tmp_path / "clean.wav", signal(), RATE)
    return tmp_path / "clean.wav"


def draft_of(clean: Path, kind: str = "virtual") -> Draft:
    options = {"command": command_line(clean.parent)} if kind == "command" else {}
    draft = Draft(
        kind, dict(options), "My amp", stimulus=StimulusChoice(file=clean), positions=5, validation=1
    )
    return replace(draft, dials=find_dials(draft)).planned()


def begin(qtbot: QtBot, window: MainWindow, draft: Draft) -> None:
    window.show_page("capture")
    qtbot.wait(1)
    with qtbot.waitSignal(window.capturing.opened, timeout=PATIENCE):
        window.capturing.begin(draft)


def test_the_virtual_amp_is_walked_to_the_train_page(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    page = window.capture
    window.show_page("capture")
    page.source.device.setText("My amp")
    qtbot.mouseClick(page.source.go_on, LEFT)
    qtbot.waitUntil(lambda: page.step == "knobs", timeout=PATIENCE)
    assert [page.knobs.field(row, 0).text() for row in range(2)] == ["Gain", "Tone"]
    qtbot.mouseClick(page.knobs.go_on, LEFT)
    assert page.step == "plan"
    page.plan.file.setText(str(clean))
    page.plan.positions.setValue(5)
    page.plan.validation.setValue(1)
    page.plan.plan_anew()
    assert page.plan.table.rowCount() == len(page.plan.map.places) == 7
    qtbot.mouseClick(page.plan.go_on, LEFT)
    qtbot.waitUntil(lambda: page.step == "record", timeout=PATIENCE)
    assert not page.steps.button("review").isEnabled()
    qtbot.mouseClick(page.record.record, LEFT)
    qtbot.waitUntil(lambda: page.bridge.view is not None and page.bridge.view.is_finished, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.bridge.is_busy)
    assert [page.record.takes.status_text(row)[-1:] for row in range(7)].count("—") == 0
    qtbot.mouseClick(page.record.record, LEFT)
    assert page.step == "review"
    qtbot.waitUntil(lambda: "checked" in page.review.whole.note.full_text, timeout=PATIENCE)
    qtbot.waitUntil(page.review.hear.isEnabled)
    qtbot.mouseClick(page.review.hear, LEFT)
    assert (window.session.loop_title, window.session.monitor) == ("Take 1", "target")
    assert window.session.studio.player.playing
    qtbot.mouseClick(page.review.train, LEFT)
    assert window.page == "train"
    dataset = window.session.studio.dataset
    assert dataset is not None
    assert (dataset.name, len(dataset.captures("train"))) == ("My amp", 6)
    assert window.train.model.start.isEnabled()


def test_keys_record_pause_skip_and_retake(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    begin(qtbot, window, draft_of(clean))
    page = window.capture
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: page.bridge.view is not None and page.bridge.view.current == 1)
    qtbot.waitUntil(lambda: not page.bridge.is_busy)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert page.bridge.is_recording
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert page.record.pause.text() == "Pausing…"
    qtbot.waitUntil(lambda: not page.bridge.is_busy, timeout=PATIENCE)
    view = page.bridge.view
    assert view is not None
    assert (view.count("skipped"), view.count("accepted"), view.last) == (1, 1, 1)
    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: page.bridge.view is not None and page.bridge.view.current == 1)
    assert window.transport.play.text() != "Stop"


def test_keys_do_nothing_on_other_pages(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    begin(qtbot, window, draft_of(clean))
    window.show_page("play")
    qtbot.keyClick(window, Qt.Key.Key_S)
    qtbot.keyClick(window, Qt.Key.Key_Return)
    view = window.capturing.view
    assert view is not None
    assert not window.capturing.is_busy
    assert view.current == 0


def test_an_unfinished_capture_is_reopened_at_the_same_take(
    qtbot: QtBot, window: MainWindow, clean: Path
) -> None:
    project = CaptureProject.begin(draft_of(clean))
    list(project.takes(only_one=True))
    project.close()
    page = window.capture
    with qtbot.waitSignal(page.bridge.opened, timeout=PATIENCE):
        window.show_page("capture")
    assert page.step == "record"
    assert page.record.now.title.text() == "Take 2 of 7"
    page.show_step("source")
    qtbot.mouseClick(page.source.fresh, LEFT)
    assert page.bridge.view is None
    assert page.source.kinds["command"].isEnabled()


def test_a_failing_command_is_explained_and_nothing_is_lost(
    qtbot: QtBot, window: MainWindow, clean: Path
) -> None:
    begin(qtbot, window, draft_of(clean, "command"))
    page = window.capture
    script = clean.parent / "amplify.py"
    good = script.read_text()
    script.write_text("raise SystemExit('the amp is off')")
    with qtbot.waitSignal(page.bridge.failed, timeout=PATIENCE):
        page.record.go_on()
    assert page.notice.isVisible()
    assert "exit status" in page.notice.message.text()
    assert "the amp is off" in page.notice.details.toPlainText()
    qtbot.waitUntil(lambda: not page.bridge.is_busy)
    script.write_text(good)
    page.record.go_on()
    qtbot.waitUntil(
        lambda: page.bridge.view is not None and page.bridge.view.count("accepted") > 0, timeout=PATIENCE
    )
    page.bridge.cancel()
    qtbot.waitUntil(lambda: not page.bridge.is_busy, timeout=PATIENCE)


def test_a_source_that_cannot_be_used_is_said_on_the_page(qtbot: QtBot, window: MainWindow) -> None:
    window.show_page("capture")
    page = window.capture
    page.source.select("command")
    with qtbot.waitSignal(page.bridge.failed, timeout=PATIENCE):
        page.source.go_on.click()
    assert page.step == "source"
    assert "--command" in page.notice.message.text()


def test_knobs_are_added_moved_and_refused(qtbot: QtBot, window: MainWindow) -> None:
    window.show_page("capture")
    page = window.capture
    page.knobs.show_dials(find_dials(Draft()))
    page.knobs.add_knob()
    page.knobs.field(2, 0).setText("Top cut")
    page.knobs.field(2, 2).setText("ten")
    page.knobs.up.click()
    assert "no number" in page.knobs.notice.message.text()
    page.knobs.field(2, 2).setText("12")
    kind = page.knobs.table.cellWidget(2, 4)
    assert isinstance(kind, QComboBox)
    kind.setCurrentIndex(1)
    page.knobs.up.click()
    dials = page.knobs.dials()
    assert [dial.knob.name for dial in dials] == ["gain", "top_cut", "tone"]
    assert (dials[1].knob.kind, dials[1].knob.maximum, dials[1].knob.default) == ("switch", 12.0, 0.0)
    page.knobs.remove.click()
    assert [dial.knob.name for dial in page.knobs.dials()] == ["gain", "tone"]


def test_a_plan_is_edited_in_the_table(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    window.show_page("capture")
    plan = window.capture.plan
    plan.show_draft(draft_of(clean))
    item = plan.table.item(1, 1)
    assert item is not None
    item.setText("3.3")
    plan.table.selectRow(1)
    plan.down.click()
    made = plan.draft.plan
    assert made is not None
    assert made.positions[2].values["gain"] == 3.5
    plan.remove.click()
    assert plan.draft.plan is not None
    assert len(plan.draft.plan.positions) == len(made.positions) - 1


def test_measures_have_a_verdict_each() -> None:
    found = (Finding("warning", "hum", "It hums."),)
    audio = signal()
    good = LoopReport(audio, RATE, 96.25, 0.9, False, -6.0, 0, -90.0, None, None, 0.0, 0, ())
    assert all(row.is_met for row in rows_of(good))
    bad = replace(
        good, peak_db=-0.1, clipped_frames=12, hum_db=-50.0, hum_hz=50.0, dropouts=2, findings=found
    )
    wrong = {row.title for row in rows_of(bad) if not row.is_met}
    assert wrong == {"Peak of the return", "Clipped samples", "Mains hum", "Lost blocks"}


def test_everything_that_takes_the_focus_says_what_it_is(window: MainWindow, clean: Path) -> None:
    page = window.capture
    page.knobs.show_dials(find_dials(Draft()))
    page.plan.show_draft(draft_of(clean))
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox)
    for widget in page.findChildren(QWidget):
        inner = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QAbstractSpinBox)
        if isinstance(widget, kinds) and not inner and not _is_of_notice(widget):
            named = widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
            assert named, widget
            assert widget.toolTip(), named


def _is_of_notice(widget: QWidget) -> bool:
    return isinstance(widget.parent(), Notice)
