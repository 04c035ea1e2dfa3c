"""The Compare page on a real dataset and real models: what is compared, and with what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from tests.datasets import clean_signal, device
from tests.ui.conftest import drive_model, saved, settle
from vastudio.dataset.store import Dataset
from vastudio.ui.compare.file_pair_dialog import FilePairDialog
from vastudio.ui.main_window import MainWindow

RATE = 48_000
LATE = 20


@pytest.fixture
def two_files(tmp_path: Path) -> tuple[Path, Path]:
    """A clean signal, and what the device makes of it at drive 0.25: 20 samples late and inverted."""
    clean = clean_signal(1.2, seed=5)
    target = -np.concatenate([np.zeros(LATE, np.float32), device(clean, 0.25)[:-LATE]])
    paths = tmp_path / "riff clean.wav", tmp_path / "amp.wav"
    for path, audio in zip(paths, (clean, target), strict=True):
        soundfile.write(path, audio, RATE, subtype="FLOAT")
    return paths


# --- the pair ---------------------------------------------------------------------------------------------


def test_without_a_dataset_it_says_what_to_do(window: MainWindow) -> None:
    window.show_page("compare")
    assert window.compare.empty.isVisible()
    assert window.compare.empty.make_demo.isVisible()
    assert window.compare.empty.compare_files.isVisible()


def test_measures_are_shown_for_a_held_out_capture(compared: MainWindow) -> None:
    chosen = compared.compare.choice.chosen
    assert chosen is not None
    assert chosen[0].split == "validation"
    table = compared.compare.views.metrics.table
    esr = compared.compare.subject.comparisons[0].metrics.esr
    assert float(table.text_of("ESR")) == pytest.approx(esr, rel=0.06)
    assert table.text_of("Loudness difference").endswith("LU")
    assert compared.compare.views.knobs.cells["drive"].value == pytest.approx(0.25)


def test_the_clip_is_looped_and_its_target_can_be_heard(qtbot: QtBot, compared: MainWindow) -> None:
    assert compared.transport.monitor.button("target").isEnabled()
    qtbot.keyClick(compared, Qt.Key.Key_T)
    assert compared.transport.monitor.key == "target"
    compared.show_page("play")
    assert compared.session.monitor == "model"
    assert not compared.transport.monitor.button("target").isEnabled()


def test_two_files_are_aligned_and_compared(
    qtbot: QtBot, compared: MainWindow, two_files: tuple[Path, Path]
) -> None:
    page = compared.compare
    dialog = page.ask_for_files(two_files)
    dialog.are_knobs_known.setChecked(True)
    dialog.values["drive"].setValue(0.25)
    with qtbot.waitSignal(page.subject.pair_changed, timeout=20_000):
        dialog.compare.click()
    settle(qtbot, compared)
    pair = page.subject.pair
    assert pair is not None
    assert pair.knobs == {"drive": 0.25}
    clean, _ = soundfile.read(two_files[0], dtype="float32")
    assert np.corrcoef(pair.target[: len(clean) - LATE], device(clean, 0.25)[:-LATE])[0, 1] > 0.9999
    assert "inverted" in page.notice.hint.text()
    assert page.choice.chosen is None
    assert page.views.knobs.cells["drive"].value == pytest.approx(0.25)
    assert not page.views.stage.positions.measure.isEnabled()


def test_after_two_files_a_capture_can_be_chosen_again(
    qtbot: QtBot, compared: MainWindow, two_files: tuple[Path, Path]
) -> None:
    page = compared.compare
    with qtbot.waitSignal(page.subject.pair_changed, timeout=20_000):
        page.subject.choose_files(*two_files)
    with qtbot.waitSignal(page.subject.pair_changed, timeout=20_000):
        page.choice.choose(page.choice.capture.itemData(0))
    assert page.subject.pair is not None
    assert page.subject.pair.capture


def test_files_that_are_no_pair_are_refused_in_place(
    qtbot: QtBot, compared: MainWindow, two_files: tuple[Path, Path], tmp_path: Path
) -> None:
    page = compared.compare
    with qtbot.waitSignal(page.subject.failed, timeout=20_000):
        page.subject.choose_files(two_files[0], tmp_path / "missing.wav")
    assert "missing.wav" in page.notice.message.text()
    assert page.subject.comparisons


def test_dropped_files_are_offered_with_the_clean_one_first(
    compared: MainWindow, two_files: tuple[Path, Path]
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in reversed(two_files)])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    compared.compare.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys))
    dialog = compared.compare.findChild(FilePairDialog)
    assert dialog is not None
    assert (Path(dialog.clean.text()), Path(dialog.target.text())) == two_files
    dialog.reject()


# --- knobs and models -------------------------------------------------------------------------------------


def test_a_knob_that_moves_changes_the_measures_and_can_go_back(qtbot: QtBot, compared: MainWindow) -> None:
    page = compared.compare.views
    before = page.metrics.table.text_of("ESR")
    qtbot.keyClick(page.knobs.cells["drive"].dial, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: page.metrics.table.text_of("ESR") not in (before, "—"), timeout=20_000)
    assert page.knobs.back.isEnabled()
    qtbot.mouseClick(page.knobs.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.metrics.table.text_of("ESR") == before, timeout=20_000)


def test_leaving_puts_the_knobs_back(compared: MainWindow) -> None:
    assert compared.session.studio.knob_values["drive"] == pytest.approx(0.25)
    compared.show_page("play")
    assert compared.session.studio.knob_values["drive"] == 0.5


def test_knobs_that_the_recorded_device_does_not_have_are_named(
    qtbot: QtBot, window: MainWindow, recorded: Dataset
) -> None:
    window.session.open_dataset(recorded.path)
    window.show_page("compare")
    settle(qtbot, window)
    assert "Knob 1, Knob 2" in window.compare.notice.message.text()
    assert window.compare.views.metrics.table.text_of("ESR") != "—"


def test_models_stand_side_by_side_and_keys_choose_which_is_heard(
    qtbot: QtBot, compared: MainWindow, tmp_path: Path
) -> None:
    page = compared.compare
    first = page.subject.comparisons[0]
    page.subject.add_model(saved(drive_model(seed=7, name="Other"), tmp_path))
    qtbot.waitUntil(lambda: len(page.strip.headings) == 2, timeout=20_000)
    settle(qtbot, compared)
    assert [c.model_name for c in page.subject.comparisons] == ["Clipper", "Other"]
    assert np.array_equal(page.subject.comparisons[0].model, first.model)
    table, metrics = page.views.metrics.table, page.subject.comparisons[1].metrics
    assert float(table.text_of("ESR", 1)) == pytest.approx(metrics.esr, rel=0.06)
    assert [t.title for t in page.views.waves.view.tracks] == [
        "Clean", "Target", "Model 1", "Model 2", "Difference",
    ]  # fmt: skip
    assert not page.views.stage.spectrograms.models[1].isHidden()
    qtbot.keyClick(compared, Qt.Key.Key_2)
    assert compared.session.studio.playable is page.subject.playables[1]
    assert compared.session.studio.knob_values["drive"] == pytest.approx(0.25)
    settle(qtbot, compared)
    assert np.array_equal(
        page.views.waves.view.tracks[-1].audio,
        page.subject.comparisons[1].model - page.subject.comparisons[1].target,
    )
    page.strip.headings[0].name.click()
    assert compared.session.studio.playable is page.subject.playables[0]
    page.strip.headings[0].remove.click()
    settle(qtbot, compared)
    assert [c.model_name for c in page.subject.comparisons] == ["Other"]
    assert compared.session.studio.playable is page.subject.playables[0]


def test_no_more_than_four_models_stand_side_by_side(
    qtbot: QtBot, compared: MainWindow, tmp_path: Path
) -> None:
    page = compared.compare
    path = saved(drive_model(seed=7, name="Other"), tmp_path)
    for count in (2, 3, 4):
        page.subject.add_model(path)
        qtbot.waitUntil(lambda count=count: len(page.strip.headings) == count, timeout=20_000)
    assert not page.strip.add.isEnabled()
    settle(qtbot, compared)
    assert len(page.subject.comparisons) == 4


def test_a_figure_typed_into_a_knob_chooses_no_model(
    qtbot: QtBot, compared: MainWindow, tmp_path: Path
) -> None:
    page = compared.compare
    page.subject.add_model(saved(drive_model(seed=7, name="Other"), tmp_path))
    qtbot.waitUntil(lambda: len(page.strip.headings) == 2, timeout=20_000)
    cell = page.views.knobs.cells["drive"]
    cell.dial.setFocus()
    qtbot.keyClick(cell.dial, Qt.Key.Key_2)
    assert page.subject.heard == 0
    assert cell.entry.text() == "2"


def test_while_a_listening_test_runs_nothing_else_can_be_chosen(compared: MainWindow) -> None:
    page = compared.compare
    compared.session.listening_changed.emit(True)
    for widget in (page.choice, page.strip, page.tab_choice):
        assert not widget.isEnabled()
    compared.session.listening_changed.emit(False)
    assert page.choice.isEnabled()


def test_the_trim_of_the_player_does_not_change_what_is_compared(qtbot: QtBot, compared: MainWindow) -> None:
    session, clean = compared.session, compared.session.studio.clean
    assert clean is not None
    compared.play.input.moved.emit(-24.0)
    session.toggle_play()
    loudest = float(np.abs(clean).max())
    qtbot.waitUntil(
        lambda: float(np.abs(session.studio.player.tap(48_000)[0]).max()) > 0.5 * loudest, timeout=5_000
    )
    compared.show_page("play")
    qtbot.wait(100)
    session.seek(0.0)
    qtbot.waitUntil(
        lambda: 0 < float(np.abs(session.studio.player.tap(4_800)[0]).max()) < 0.08, timeout=5_000
    )
