"""The export dialog: what it says before, what it writes, what it says afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.app.exported import cell_model, concat_model, wavenet_model
from tests.ui.conftest import drive_model, saved
from vastudio.app.exporting import distilling, reading_back
from vastudio.dataset.store import Dataset
from vastudio.modelfile.schema import ModelFile
from vastudio.ui.export.dialog import ExportDialog, export_model
from vastudio.ui.main_window import MainWindow


@pytest.fixture(autouse=True)
def little_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_back, "SECONDS", 0.1)
    monkeypatch.setattr(reading_back, "LIVE_SECONDS", 0.03)
    monkeypatch.setattr(distilling, "TRAINING_SECONDS", 20.0)


def opened(qtbot: QtBot, window: MainWindow, model: ModelFile, folder: Path) -> ExportDialog:
    dialog = export_model(window, window.session, saved(model, folder))
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=60_000)
    return dialog


def written(qtbot: QtBot, dialog: ExportDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.task.is_running and dialog.notice.isVisible(), timeout=60_000)


def test_it_says_what_is_exact_and_what_is_learned(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, cell_model(), tmp_path)
    assert dialog.heading.text() == "Export “gru 8”"
    assert (dialog.form.key, dialog.verdict.learner) == ("aidax", None)
    assert dialog.verdict.sentence.text().startswith("Exact")
    dialog.form.button("nam").click()
    assert "knows no GRU" in dialog.verdict.sentence.text()
    assert dialog.verdict.learner is not None
    assert "nam" in dialog.verdict.learner.formats
    assert not dialog.where.kind.button("live").isEnabled()
    assert "Not here" in dialog.where.kind.button("live").toolTip()
    dialog.form.button("aidax").click()
    assert dialog.verdict.sentence.text().startswith("Exact")
    dialog.where.kind.button("live").click()
    assert "and its knobs" in dialog.verdict.sentence.text()
    assert dialog.verdict.student.currentData() == "gru-32"
    dialog.close()


def test_it_writes_what_the_fields_say(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, cell_model(), tmp_path)
    dialog.where.values["knob_1"].setValue(7.5)
    dialog.label.lines["gear_make"].setText("Brown")
    dialog.label.lines["input_dbu"].setText("12,5")
    dialog.start(tmp_path / "out.json")
    written(qtbot, dialog)
    assert dialog.notice.message.text() == "out.json is written."
    assert "no sample differs" in dialog.notice.hint.text()
    said = json.loads((tmp_path / "out.json").read_text())["metadata"]
    assert (said["source"], said["input_level_dbu"]) == ("Brown", 12.5)
    assert said["vastudio"]["knobs"] == {"knob_1": 7.5, "knob_2": 5.0}
    dialog.close()


def test_it_takes_the_knobs_of_the_model_that_is_played(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.session.set_knob("knob_2", 8.0)
    path = window.session.studio.model_path
    assert path is not None
    dialog = export_model(window, window.session, path)
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=60_000)
    assert dialog.where.position() == {"knob_1": 5.0, "knob_2": 8.0}
    dialog.close()


def test_several_positions_go_into_a_folder(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, wavenet_model(), tmp_path)
    assert dialog.form.key == "nam"
    dialog.where.kind.button("several").click()
    dialog.where.places["knob_1"].setValue(2)
    assert dialog.where.count.text() == "2 files"
    dialog.start_several(tmp_path / "made", dialog.where.positions())
    written(qtbot, dialog)
    assert len(list((tmp_path / "made").glob("*.nam"))) == 2
    assert "2 files are in" in dialog.notice.message.text()
    dialog.close()


def test_knobs_stay_live_where_they_can(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, concat_model(knobs=1), tmp_path)
    dialog.where.kind.button("live").click()
    dialog.start(tmp_path / "out.json")
    written(qtbot, dialog)
    assert json.loads((tmp_path / "out.json").read_text())["in_shape"] == [None, None, 2]
    dialog.form.button("nam").click()
    assert dialog.where.where == "one"
    dialog.close()


def test_the_positions_of_the_open_dataset_are_offered(
    qtbot: QtBot, window: MainWindow, recorded: Dataset, tmp_path: Path
) -> None:
    window.session.open_dataset(recorded.path)
    dialog = opened(qtbot, window, drive_model(), tmp_path)
    dialog.where.kind.button("several").click()
    dialog.where.recorded.setChecked(True)
    assert len(dialog.where.positions()) == len({c.knobs["drive"] for c in recorded.captures()})
    dialog.close()


def test_what_is_wrong_is_said_in_the_dialog(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, cell_model(), tmp_path)
    dialog.start(Path("/proc/nowhere/out.json"))
    written(qtbot, dialog)
    assert "Cannot write" in dialog.notice.message.text()
    dialog.label.lines["input_dbu"].setText("loud")
    dialog.ok.click()
    assert "'loud' is not a number" in dialog.notice.message.text()
    dialog.close()
    broken = tmp_path / "broken.nam"
    broken.write_text("{")
    refused = export_model(window, window.session, broken)
    qtbot.waitUntil(refused.notice.isVisible, timeout=60_000)
    assert not refused.ok.isEnabled()
    refused.close()


def test_closing_ends_an_export_that_runs(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, cell_model(), tmp_path)
    dialog.form.button("nam").click()
    with qtbot.waitSignal(dialog.task.progressed, timeout=60_000):
        dialog.start(tmp_path / "out.nam")
    with qtbot.waitSignal(dialog.destroyed, timeout=60_000):
        dialog.close()
    assert not (tmp_path / "out.nam").exists()


def test_every_field_has_a_name_and_a_tooltip(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    dialog = opened(qtbot, window, cell_model(), tmp_path)
    where, verdict = dialog.where, dialog.verdict
    fields = [*dialog.label.lines.values(), *dialog.label.choices.values(), verdict.student, verdict.minutes]
    for widget in (*fields, *where.values.values(), *where.places.values()):
        assert widget.accessibleName()
        assert widget.toolTip()
    dialog.close()


def test_the_play_page_exports_what_it_plays(qtbot: QtBot, window: MainWindow) -> None:
    window.show_page("play")
    window.play.panel.export.click()
    (dialog,) = window.findChildren(ExportDialog)
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=60_000)
    model = window.session.studio.model
    assert model is not None
    assert dialog.heading.text() == f"Export “{model.name}”"
    dialog.close()
