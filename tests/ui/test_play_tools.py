"""Presets, views, tuner and recording on the Play page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app import rack_bank, recording
from vastudio.app.reamp import read_take
from vastudio.audio import io
from vastudio.audio.pluck import frequency
from vastudio.ui.main_window import MainWindow
from vastudio.ui.play.preset_bridge import PresetBridge

PATIENCE = 30_000
"""Milliseconds: other work may take the processor."""


def save(qtbot: QtBot, presets: PresetBridge, name: str) -> None:
    presets.save(name)
    qtbot.waitUntil(lambda: presets.current is not None and presets.current.name == name, timeout=PATIENCE)


def test_presets_are_saved_recalled_and_taken_back(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    page, studio = window.play, window.session.studio
    page.panel.cells["knob_1"].dial.move_to(8.0)
    save(qtbot, page.presets, "Crunch")
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.session.open_model(saved(random_model(knobs=1, hidden=4), tmp_path))
    page.output.cell.dial.move_to(-9.0)
    assert not page.preset_bar.edited.isHidden()
    save(qtbot, page.presets, "Soft")
    assert page.preset_bar.edited.isHidden()
    assert [page.preset_bar.combo.itemText(i) for i in range(2)] == ["Crunch", "Soft"]
    with qtbot.waitSignal(page.rig.recalled, timeout=PATIENCE):
        page.preset_bar.combo.activated.emit(0)
    assert studio.model is not None
    assert (studio.model.name, studio.knob_values["knob_1"]) == ("Random 8", 8.0)
    assert page.output.cell.value == 0.0
    assert page.preset_bar.combo.currentText() == "Crunch"
    with qtbot.waitSignal(page.rig.recalled, timeout=PATIENCE):
        page.preset_bar.action("undo").trigger()
    assert studio.model.name == "Random 4"
    assert page.output.cell.value == -9.0
    assert page.preset_bar.combo.currentText() == "Soft"
    assert not page.preset_bar.action("undo").isEnabled()
    with qtbot.waitSignal(page.rig.recalled, timeout=PATIENCE):
        page.preset_bar.action("next").trigger()
    assert page.preset_bar.combo.currentText() == "Crunch"


def test_presets_travel_in_one_file(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    presets, out = window.play.presets, tmp_path / "mine.vapreset"
    save(qtbot, presets, "Mine")
    presets.export(out)
    qtbot.waitUntil(out.is_file, timeout=PATIENCE)
    presets.delete()
    qtbot.waitUntil(lambda: rack_bank.entries() == [] and presets.current is None, timeout=PATIENCE)
    with qtbot.waitSignal(window.play.rig.recalled, timeout=PATIENCE):
        presets.add(out)
    assert [entry.name for entry in presets.entries] == ["Mine"]
    assert window.play.preset_bar.combo.currentText() == "Mine"
    out.write_bytes(b"nothing")
    with qtbot.waitSignal(window.session.failed, timeout=PATIENCE):
        presets.add(out)
    assert "mine.vapreset" in window.notice.message.text()
    assert len(presets.entries) == 1


def play_tone(window: MainWindow, hertz: float) -> None:
    rate = window.session.studio.player.sample_rate
    at = np.arange(4 * rate) / rate
    wave = sum(np.sin(2 * np.pi * k * hertz * at) / k for k in range(1, 5))
    window.session.use_loop((0.1 * np.asarray(wave)).astype(np.float32), None, rate, "tone")
    if not window.session.studio.player.playing:
        window.session.toggle_play()


def test_the_tuner_reads_what_is_played_and_mutes_if_wanted(qtbot: QtBot, window: MainWindow) -> None:
    views, player = window.play.views, window.session.studio.player
    play_tone(window, frequency(40.07))
    views.toggle_tuner()
    qtbot.waitUntil(lambda: views.tuner.reading is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: abs(getattr(views.tuner.reading, "cents", 0.0) - 7.0) < 0.5, timeout=PATIENCE)
    assert views.tuner.accessibleDescription().startswith("E2, +")
    assert "too high" in views.tuner.accessibleDescription()

    def loud() -> bool:
        return bool(np.abs(player.tap(2_000)[1]).max() > 1e-3)

    assert loud()
    views.mute.click()
    qtbot.waitUntil(lambda: not loud(), timeout=PATIENCE)
    views.toggle_tuner()
    qtbot.waitUntil(loud, timeout=PATIENCE)


def test_the_mute_ends_where_the_page_is_left(qtbot: QtBot, window: MainWindow) -> None:
    views, player = window.play.views, window.session.studio.player
    play_tone(window, 110.0)
    views.show_view("tuner")
    views.mute.click()
    qtbot.waitUntil(lambda: not np.abs(player.tap(2_000)[1]).any(), timeout=PATIENCE)
    window.show_page("settings")
    qtbot.waitUntil(lambda: bool(np.abs(player.tap(2_000)[1]).max() > 1e-3), timeout=PATIENCE)


@pytest.mark.parametrize("key", ["scope", "spectrogram"])
def test_a_view_moves_only_while_it_is_seen(qtbot: QtBot, window: MainWindow, key: str) -> None:
    views = window.play.views
    play_tone(window, 220.0)

    def shown() -> npt.NDArray[Any] | None:
        return views.scope.wave("clean") if key == "scope" else views.spectrogram.levels[:, -1]

    views.show_view(key)
    qtbot.waitUntil(lambda: shown() is not None and bool(np.any(shown())), timeout=PATIENCE)
    window.show_page("settings")
    qtbot.wait(60)
    before = np.array(shown())
    play_tone(window, 330.0)
    qtbot.wait(150)
    assert np.array_equal(np.array(shown()), before)


def test_a_take_is_recorded_looped_and_re_amped(qtbot: QtBot, window: MainWindow) -> None:
    recorder = window.play.recorder
    play_tone(window, 147.0)
    recorder.record.click()
    assert recorder.is_recording
    qtbot.wait(600)
    window.show_page("settings")
    qtbot.wait(300)
    assert recorder.is_recording
    recorder.toggle()
    (take,) = recording.takes()
    assert recorder.take == take
    clean, processed, rate = read_take(take)
    assert clean.size > 0.5 * rate
    assert processed is not None
    assert np.abs(processed).max() > 1e-3
    with qtbot.waitSignal(window.session.loop_changed, timeout=PATIENCE):
        recorder.loop(take)
    assert window.session.loop_title == take.stem
    assert window.session.has_target
    recorder.reamp(take)
    qtbot.waitUntil(lambda: "Made" in recorder.line.full_text, timeout=PATIENCE)
    again, _, _ = read_take(take.with_name(f"{take.stem} re-amped.wav"))
    assert np.array_equal(again, clean)
    assert "× real time" in recorder.line.full_text
    for name in ("One", "Two", "Three"):
        save(qtbot, window.play.presets, name)
    dialog = recorder.ask_for_presets(take)
    assert not dialog.go.isEnabled()
    for row in (0, 2):
        dialog.list.item(row).setCheckState(Qt.CheckState.Checked)
    dialog.go.click()
    qtbot.waitUntil(lambda: "Made 2 files" in recorder.line.full_text, timeout=PATIENCE)
    made = {path.stem.removeprefix(take.stem) for path in take.parent.glob("*.wav")}
    assert made == {"", " re-amped", " re-amped One", " re-amped Two"}


def test_closing_the_window_ends_a_recording(qtbot: QtBot, window: MainWindow) -> None:
    window.play.recorder.toggle()
    qtbot.wait(300)
    window.show_page("settings")
    window.close()
    assert not window.play.recorder.is_recording
    (take,) = recording.takes()
    assert io.probe(take).frames > 0
