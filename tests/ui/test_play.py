"""The Play page: models with many knobs, one, and none; a knob that is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app.studio import Studio
from vastudio.ui.main_window import MainWindow


def rms(window: MainWindow) -> float:
    """RMS of the newest quarter second of output, as the tap gives it."""
    _, output = window.session.studio.player.tap(12_000)
    return float(np.sqrt(np.mean(output.astype(float) ** 2)))


@pytest.mark.parametrize("knobs", [0, 1, 6, 9])
def test_a_panel_is_drawn_from_the_file(qtbot: QtBot, window: MainWindow, tmp_path: Path, knobs: int) -> None:
    with qtbot.waitSignal(window.session.model_changed):
        window.session.open_model(saved(random_model(knobs=knobs, hidden=4), tmp_path))
    assert len(window.play.panel.cells) == knobs
    assert [cell.value for cell in window.play.panel.cells.values()] == [5.0] * knobs
    assert "Random 4" in window.top_bar.model.full_text


def test_turning_a_knob_turns_the_engine(qtbot: QtBot, window: MainWindow) -> None:
    player = window.session.studio.player
    cell = window.play.panel.cells["knob_1"]
    qtbot.keyClick(cell.dial, Qt.Key.Key_End)
    assert window.session.studio.knob_values["knob_1"] == 10.0
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: rms(window) > 0)
    heard, made = player.tap(4096)
    assert heard.shape == made.shape == (4096,)


def test_a_knob_is_heard(qtbot: QtBot, window: MainWindow) -> None:
    """The same stretch of a steady loop, before and after a knob has turned, differs in the output only."""
    studio = window.session.studio
    rate = studio.player.sample_rate
    tone = (0.3 * np.sin(2 * np.pi * 100 * np.arange(rate) / rate)).astype(np.float32)
    window.session.use_loop(tone, None, rate, "tone")
    window.session.set_level_match(False)
    window.session.toggle_play()
    qtbot.waitUntil(lambda: rms(window) > 1e-3)
    qtbot.wait(300)
    heard, before = studio.player.tap(rate // 100)
    qtbot.keyClick(window.play.panel.cells["knob_1"].dial, Qt.Key.Key_Home)
    qtbot.keyClick(window.play.panel.cells["knob_2"].dial, Qt.Key.Key_End)
    qtbot.wait(300)
    still_heard, after = studio.player.tap(rate // 100)
    spectrum = [np.abs(np.fft.rfft(signal)) for signal in (heard, still_heard, before, after)]
    assert np.allclose(spectrum[0], spectrum[1], atol=1e-2)
    assert np.abs(spectrum[2] - spectrum[3]).max() > 0.1


def test_the_output_level_turns_the_sound_down(qtbot: QtBot, window: MainWindow) -> None:
    window.session.toggle_play()
    qtbot.waitUntil(lambda: rms(window) > 1e-3)
    window.play.output.cell.dial.move_to(-60.0)
    qtbot.waitUntil(lambda: 0 < rms(window) < 1e-3)


def test_the_spectrum_moves_only_while_it_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    window.session.toggle_play()
    spectrum = window.play.spectrum
    qtbot.waitUntil(lambda: spectrum.levels_db("output") is not None)
    window.show_page("settings")
    before = spectrum.levels_db("output")
    qtbot.wait(150)
    assert spectrum.levels_db("output") is before


def test_a_broken_model_is_named_and_the_old_one_stays(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.vamodel"
    broken.write_bytes(b"not a model")
    with qtbot.waitSignal(window.session.failed):
        window.session.open_model(broken)
    assert window.notice.isVisible()
    assert "broken.vamodel" in window.notice.message.text()
    assert window.session.studio.model is not None
    assert window.session.studio.model.name == "Random 8"


def test_without_a_model_the_panel_says_what_to_do(qtbot: QtBot) -> None:
    studio = Studio()
    studio.player.open(None)
    window = MainWindow(studio)
    qtbot.addWidget(window)
    window.show()
    assert "No model" in window.play.panel.title.text()
    with qtbot.waitSignal(window.play.panel.train_requested):
        window.play.panel.train_requested.emit()
    assert window.page == "train"
    window.close()
