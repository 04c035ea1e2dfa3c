"""What is prepared for a capture survives, plans are files, and a window closed in a take asks first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QMessageBox
from pytestqt.qtbot import QtBot

from tests.capture.material import RATE, command_line, signal
from tests.ui.test_capture import PATIENCE, begin, draft_of
from vastudio.app.capture_draft import KeptDraft, draft_file, keep_draft, kept_draft
from vastudio.app.capture_project import CaptureProject, Draft, find_dials
from vastudio.app.stimuli_export import LISTING
from vastudio.app.studio import Studio
from vastudio.audio import io
from vastudio.capture.plan_file import StimulusChoice, read_plan, write_plan
from vastudio.capture.session import Session
from vastudio.ui.capture.options_form import OptionsForm
from vastudio.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    io.write(tmp_path / "clean.wav", signal(), RATE)
    return tmp_path / "clean.wav"


def show(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.capturing.waiting_found, timeout=PATIENCE):
        window.show_page("capture")


# --- drafts -----------------------------------------------------------------------------------------------


def test_what_was_prepared_is_there_when_the_window_is_opened_again(
    qtbot: QtBot, window: MainWindow, studio: Studio
) -> None:
    show(qtbot, window)
    page = window.capture
    page.source.device.setText("My amp")
    qtbot.mouseClick(page.source.go_on, LEFT)
    qtbot.waitUntil(lambda: page.step == "knobs", timeout=PATIENCE)
    qtbot.mouseClick(page.knobs.go_on, LEFT)
    page.plan.positions.setValue(6)
    page.plan.plan_anew()
    page.plan.table.selectRow(2)
    page.plan.remove.click()
    wanted = page.plan.draft
    window.close()
    again = MainWindow(studio)
    qtbot.addWidget(again)
    again.show()
    show(qtbot, again)
    assert again.capture.step == "plan"
    assert again.capture.plan.draft == again.capture.draft == wanted
    assert again.capture.source.device.text() == "My amp"
    assert again.capture.steps.button("knobs").isEnabled()
    again.close()


def test_a_draft_is_written_while_it_is_made_and_gone_once_it_is_recorded(
    qtbot: QtBot, window: MainWindow, clean: Path
) -> None:
    keep_draft(KeptDraft(draft_of(clean), "plan"))
    show(qtbot, window)
    page = window.capture
    assert page.step == "plan"
    page.plan.table.selectRow(0)
    page.plan.remove.click()
    changed = page.plan.draft
    qtbot.waitUntil(lambda: getattr(kept_draft(), "draft", None) == changed, timeout=PATIENCE)
    with qtbot.waitSignal(page.bridge.opened, timeout=PATIENCE):
        page.plan.go_on.click()
    qtbot.wait(700)
    assert not draft_file().exists()


def test_an_open_capture_does_not_cost_the_draft(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    project = CaptureProject.begin(draft_of(clean))
    project.close()
    kept = KeptDraft(replace(draft_of(clean), device="Another"), "knobs")
    keep_draft(kept)
    show(qtbot, window)
    page = window.capture
    assert page.step == "knobs"
    with qtbot.waitSignal(page.bridge.opened, timeout=PATIENCE):
        page.open_folder(project.folder)
    with qtbot.waitSignal(page.bridge.waiting_found, timeout=PATIENCE):
        page.source.fresh.click()
    assert page.draft == kept.draft
    assert page.step == "knobs"


def test_a_device_that_was_chosen_is_shown_also_where_it_is_not_connected(qtbot: QtBot) -> None:
    from vastudio.capture.source import source_kinds  # noqa: PLC0415
    from vastudio.engine.devices import AudioDevice, DeviceList  # noqa: PLC0415

    form = OptionsForm(source_kinds()["hardware"].options)
    qtbot.addWidget(form)
    form.set_values({"host_api": "ALSA", "output": "Scarlett", "rate": 44_100})
    assert form.values["output"] == "Scarlett"
    form.show_devices(DeviceList((AudioDevice("ALSA", "Other", 2, 2, 48_000.0, True),)))
    output = form.fields["output"]
    assert isinstance(output, QComboBox)
    assert output.currentText() == "Scarlett — not connected"
    assert (form.values["host_api"], form.values["output"]) == ("ALSA", "Scarlett")
    form.show_devices(DeviceList((AudioDevice("ALSA", "Scarlett", 2, 2, 48_000.0, True),)))
    assert output.currentText() == "Scarlett (ALSA)"


# --- plans as files, and what is recorded elsewhere -------------------------------------------------------


def test_a_plan_is_opened_and_saved(qtbot: QtBot, window: MainWindow, clean: Path, tmp_path: Path) -> None:
    made = draft_of(clean).plan
    assert made is not None
    write_plan(replace(made, device="Saved amp"), tmp_path / "plan.toml")
    show(qtbot, window)
    page = window.capture
    page.plan.show_draft(draft_of(clean))
    page.show_step("plan")
    with qtbot.waitSignal(page.bridge.adopted, timeout=PATIENCE):
        page.plan.files.read(tmp_path / "plan.toml")
    assert page.draft.plan == replace(made, device="Saved amp")
    assert page.source.device.text() == "Saved amp"
    page.plan.files.write(tmp_path / "again.toml")
    assert read_plan(tmp_path / "again.toml") == page.draft.plan


def test_a_plan_with_foreign_knobs_is_refused(
    qtbot: QtBot, window: MainWindow, clean: Path, tmp_path: Path
) -> None:
    foreign = draft_of(clean, "command").plan
    assert foreign is not None
    text_of = tmp_path / "plan.toml"
    dial = replace(foreign.dials[0], knob=replace(foreign.dials[0].knob, name="presence"))
    places = tuple(replace(place, values={"presence": 5.0}) for place in foreign.positions)
    write_plan(replace(foreign, dials=(dial,), positions=places), text_of)
    show(qtbot, window)
    page = window.capture
    before = draft_of(clean)
    page.plan.show_draft(before)
    page.show_step("plan")
    with qtbot.waitSignal(page.bridge.failed, timeout=PATIENCE):
        page.plan.files.read(text_of)
    assert "no knob 'presence'" in page.notice.message.text()
    assert page.plan.draft == before


def test_recordings_made_elsewhere_begin_with_a_plan_and_an_export(
    qtbot: QtBot, window: MainWindow, clean: Path, tmp_path: Path
) -> None:
    show(qtbot, window)
    page = window.capture
    page.source.select("files")
    page.source.device.setText("Far amp")
    qtbot.mouseClick(page.source.go_on, LEFT)
    qtbot.waitUntil(lambda: page.step == "knobs", timeout=PATIENCE)
    qtbot.mouseClick(page.knobs.go_on, LEFT)
    page.plan.file.setText(str(clean))
    page.plan.positions.setValue(3)
    page.plan.validation.setValue(1)
    page.plan.plan_anew()
    assert page.plan.files.export.isVisible()
    with qtbot.waitSignal(page.bridge.exported, timeout=PATIENCE) as told:
        page.plan.files.export_to(tmp_path, in_one=False)
    folder = told.args[0].folder
    assert folder == tmp_path / "Far amp to play"
    assert (folder / LISTING).exists()
    with qtbot.waitSignal(page.bridge.failed, timeout=PATIENCE):
        page.plan.go_on.click()
    assert "no recordings yet" in page.notice.message.text()
    page.show_step("source")
    form = page.source.forms["files"].fields["recordings"]
    form.setText(str(folder))  # type: ignore[attr-defined]
    qtbot.mouseClick(page.source.go_on, LEFT)
    qtbot.waitUntil(lambda: page.step == "knobs", timeout=PATIENCE)
    qtbot.mouseClick(page.knobs.go_on, LEFT)
    with qtbot.waitSignal(page.bridge.opened, timeout=PATIENCE):
        page.plan.go_on.click()
    page.record.go_on()
    qtbot.waitUntil(lambda: bool(page.bridge.view and page.bridge.view.is_finished), timeout=PATIENCE)
    assert page.bridge.view is not None
    assert page.bridge.view.count("accepted") == len(page.bridge.view.rows)


# --- closing in a take ------------------------------------------------------------------------------------


def slow(clean: Path) -> Draft:
    """A program that takes a second for each take."""
    draft = Draft(
        "command", {"command": command_line(clean.parent, "1.0")}, "Slow amp",
        stimulus=StimulusChoice(file=clean), positions=3, validation=1,
    )  # fmt: skip
    return replace(draft, dials=find_dials(draft)).planned()


def close_in_a_take(qtbot: QtBot, window: MainWindow, draft: Draft, answer: str) -> Path:
    """Record, close the window while the second take runs, give the answer; return the session's folder."""
    begin(qtbot, window, draft)
    page = window.capture
    page.record.go_on()
    qtbot.waitUntil(
        lambda: bool(page.bridge.view and page.bridge.view.count("accepted") == 1), timeout=PATIENCE
    )
    view = page.bridge.view
    assert view is not None
    assert page.bridge.is_recording
    window.close()
    assert window.isVisible()
    question = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    button = next(button for button in question.buttons() if button.text().replace("&", "") == answer)
    qtbot.mouseClick(button, LEFT)
    return view.folder


def accepted_in(folder: Path) -> int:
    with Session.open(folder) as session:
        return session.state.count("accepted")


def test_the_take_at_hand_is_finished_first(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    folder = close_in_a_take(qtbot, window, slow(clean), "Finish this take")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert accepted_in(folder) == 2


def test_the_take_at_hand_is_given_up(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    folder = close_in_a_take(qtbot, window, slow(clean), "Stop now")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert 1 <= accepted_in(folder) <= 2


def test_recording_goes_on_where_the_person_stays(qtbot: QtBot, window: MainWindow, clean: Path) -> None:
    close_in_a_take(qtbot, window, slow(clean), "Cancel")
    page = window.capture
    qtbot.waitUntil(lambda: bool(page.bridge.view and page.bridge.view.is_finished), timeout=PATIENCE)
    assert window.isVisible()
