"""The rack on the Play page: what is turned is played, kept, and shown again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QDial, QScrollArea
from pytestqt.qtbot import QtBot

from tests.app.test_rack_state import response
from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app.rack_player import load_memory
from vastudio.app.studio import Studio
from vastudio.engine.quality import Quality
from vastudio.kernels import desk
from vastudio.ui.main_window import MINIMUM_SIZE, MainWindow
from vastudio.ui.play.cabinet_panel import MicrophoneRow

PATIENCE = 30_000
"""Milliseconds: other work may take the processor."""


def level_db(window: MainWindow, frames: int = 4_800) -> float:
    """RMS of the newest output, dB."""
    _, output = window.session.studio.player.tap(frames)
    return float(20 * np.log10(np.sqrt(np.mean(output.astype(float) ** 2)) + 1e-12))


def drop(row: MicrophoneRow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    row.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none))


def test_a_switch_bypasses_its_slot_and_the_chain_shows_it(window: MainWindow) -> None:
    page = window.play
    page.chain.switch("model").click()
    bypassed = page.rig.state
    assert not bypassed.model_on
    assert not page.panel.switch.isChecked()
    assert page.chain.name("model").font().strikeOut()
    page.panel.switch.click()
    assert page.rig.state.model_on
    assert page.chain.switch("model").isChecked()


def test_the_gate_silences_what_is_below_its_threshold(qtbot: QtBot, window: MainWindow) -> None:
    rate = window.session.studio.player.sample_rate
    tone = (0.003 * np.sin(2 * np.pi * 200 * np.arange(rate) / rate)).astype(np.float32)
    window.session.use_loop(tone, None, rate, "quiet")
    page = window.play
    page.chain.switch("model").click()
    window.session.toggle_play()
    qtbot.waitUntil(lambda: level_db(window) > -60, timeout=PATIENCE)
    page.show_slot("gate")
    page.input.second.dial.move_to(-20.0)
    assert page.rig.state.gate_on
    assert page.gate.cells["threshold_db"].value == -20.0
    qtbot.waitUntil(lambda: level_db(window) < -100, timeout=PATIENCE)


def test_the_curve_and_the_knobs_are_one(window: MainWindow) -> None:
    page = window.play
    page.show_slot("tone")
    tone = page.tone
    tone.curve.handle_chosen.emit(2)
    tone.curve.handle_moved.emit(2, 812.4, 9.0)
    assert tone.band_cells["frequency_hz"].value == 812.0
    assert tone.band_cells["gain_db"].value == 9.0
    assert page.rig.state.tone.bands[2].gain_db == 9.0
    assert page.rig.state.tone_on
    tone.band_cells["gain_db"].dial.move_to(-6.0)
    assert tone.curve.handles[2].gain_db == -6.0
    tone.kind.button("stack").click()
    tone.stack_cells["treble"].dial.move_to(8.0)
    assert page.rig.state.tone.kind == "stack"
    assert page.rig.state.tone.stack.treble == 0.8
    assert page.rig.state.tone.bands[2].gain_db == -6.0


def test_a_dropped_response_is_played_and_kept(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    page = window.play
    drop(page.cabinet.rows["first"], response(tmp_path / "V30.wav", rate=44_100))
    qtbot.waitUntil(lambda: page.rig.cabinet is not None, timeout=PATIENCE)
    assert page.rig.state.cabinet_on
    assert page.cabinet.rows["first"].file.full_text == "V30.wav"
    assert "V30.wav" in page.overview.file.full_text
    drop(page.cabinet.rows["second"], response(tmp_path / "Room.wav", 3))
    qtbot.waitUntil(
        lambda: page.rig.cabinet is not None and len(page.rig.cabinet.microphones) == 2, timeout=PATIENCE
    )
    page.cabinet.rows["second"].delay.dial.move_to(2.0)
    qtbot.waitUntil(
        lambda: page.rig.cabinet is not None and page.rig.cabinet.microphones[1].delay_ms == 2.0,
        timeout=PATIENCE,
    )
    page.cabinet.rows["second"].remove.click()
    assert [item.response[:3] for item in page.rig.state.cabinet.microphones] == ["V30"]


def test_a_bad_response_is_named_where_it_was_dropped(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF nothing")
    drop(window.play.cabinet.rows["first"], broken)
    qtbot.waitUntil(lambda: not window.play.cabinet.notice.isHidden(), timeout=PATIENCE)
    assert "broken.wav" in window.play.cabinet.notice.message.text()
    assert window.play.cabinet.notice.hint.text()
    assert window.play.slot == "cabinet"
    assert not window.play.rig.state.cabinet_on


def test_a_and_b_are_whole_racks(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    page, studio = window.play, window.session.studio
    page.panel.cells["knob_1"].dial.move_to(9.0)
    page.output.cell.dial.move_to(-6.0)
    page.memory.copy.click()
    page.memory.slots.button("b").click()
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.session.open_model(saved(random_model(knobs=1, hidden=4), tmp_path))
    page.output.cell.dial.move_to(3.0)
    page.panel.cells["knob_1"].dial.move_to(2.0)
    with qtbot.waitSignal(page.rig.recalled, timeout=PATIENCE):
        page.memory.slots.button("a").click()
    assert studio.model is not None
    assert (studio.model.name, studio.knob_values["knob_1"]) == ("Random 8", 9.0)
    assert page.output.cell.value == -6.0
    with qtbot.waitSignal(page.rig.recalled, timeout=PATIENCE):
        page.memory.slots.button("b").click()
    assert (studio.model.name, studio.knob_values) == ("Random 4", {"knob_1": 2.0})
    assert page.output.cell.value == 3.0


def test_the_rack_survives_a_restart(qtbot: QtBot, window: MainWindow) -> None:
    page = window.play
    page.output.cell.dial.move_to(-12.0)
    page.chain.switch("gate").click()
    page.panel.cells["knob_2"].dial.move_to(7.5)
    qtbot.waitUntil(lambda: load_memory().a.knobs.get("knob_2") == 7.5, timeout=PATIENCE)
    assert load_memory().a.rack == page.rig.state
    again = Studio()
    assert window.session.studio.model_path is not None
    again.open_model(window.session.studio.model_path)
    again.player.open(None)
    other = MainWindow(again)
    qtbot.addWidget(other)
    assert other.play.rig.state == page.rig.state
    assert again.knob_values["knob_2"] == 7.5
    assert other.play.panel.cells["knob_2"].value == 7.5
    other.close()


def test_what_takes_the_focus_has_a_name_and_a_tip(window: MainWindow) -> None:
    page = window.play
    for kind in (QAbstractButton, QDial):
        for widget in page.findChildren(kind):
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.objectName().startswith("qt_"):
                assert widget.accessibleName() or widget.text(), widget  # type: ignore[attr-defined]
                assert widget.toolTip(), widget.accessibleName()


def test_everything_fits_into_the_smallest_window(qtbot: QtBot, window: MainWindow) -> None:
    """Nothing is scrolled to, whichever slot is open."""
    window.resize(*MINIMUM_SIZE)
    page = window.play
    (area,) = page.findChildren(QScrollArea)
    content = area.widget()
    assert content is not None
    for slot in ("gate", "model", "tone", "cabinet"):
        page.show_slot(slot)
        qtbot.wait(20)
        assert content.height() <= area.viewport().height()
        assert content.minimumSizeHint().width() <= area.viewport().width()


def test_the_ends_of_the_rack_are_bypassed_too(window: MainWindow) -> None:
    page = window.play
    page.input.cell.dial.move_to(12.0)
    page.output.cell.dial.move_to(-18.0)
    page.output.second.dial.move_to(40.0)
    page.chain.switch("input").click()
    page.chain.switch("output").click()
    assert (page.rig.state.trim_db, page.rig.state.output_db, page.rig.state.mix) == (12.0, -18.0, 0.4)
    heard = page.rig.state.as_heard
    assert (heard.trim_db, heard.output_db, heard.mix) == (0.0, 0.0, 1.0)
    floats = window.session.studio.player._rack.floats
    assert floats[desk.TRIM_GOAL] == floats[desk.OUTPUT_GOAL] == floats[desk.MODEL_GOAL] == 1.0
    page.output.cell.dial.move_to(-6.0)
    assert page.rig.state.output_on, "who turns a knob wants to hear it"


def test_everything_is_bypassed_at_once_and_back(qtbot: QtBot, window: MainWindow) -> None:
    page, rack = window.play, window.session.studio.player._rack
    page.input.cell.dial.move_to(12.0)
    before = page.rig.state
    qtbot.keyClick(window, Qt.Key.Key_B)
    assert page.memory.bypass.isChecked()
    assert page.rig.state == before, "nothing is set otherwise"
    assert window.session.studio.player._is_bypassed
    assert rack.floats[desk.TRIM_GOAL] == 1.0
    page.memory.bypass.click()
    assert not window.session.studio.player._is_bypassed
    assert rack.floats[desk.TRIM_GOAL] == pytest.approx(10 ** (12 / 20))


def test_the_model_is_driven_as_captured(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    page, studio = window.play, window.session.studio
    assert page.input.calibrated.isHidden(), "this model does not know its level"
    model = replace(random_model(hidden=4), levels={"input_dbu": 18.3, "output_dbu": 6.0})
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.session.open_model(saved(model, tmp_path))
    assert not page.input.calibrated.isHidden()
    assert not page.input.calibrated.isEnabled()
    assert "Settings" in page.input.calibrated.toolTip()
    studio.save_settings(audio=studio.settings.audio.changed(input_dbu=12.3, output_dbu=10.0))
    window.session.audio_changed.emit()
    page.input.calibrated.click()
    page.output.calibrated.click()
    assert page.input.cell.value == pytest.approx(-6.0)
    assert page.output.cell.value == pytest.approx(-4.0)
    assert page.rig.state.trim_db == 0.0, "what was set by hand is remembered"
    assert studio.player._rack.floats[desk.TRIM_GOAL] == pytest.approx(10 ** (-6 / 20))
    page.input.cell.dial.move_to(3.0)
    assert not page.input.calibrated.isChecked()
    assert page.rig.state.trim_db == 3.0


def test_the_cost_of_quality_is_shown_before_it_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    button = window.play.quality
    assert "measuring" in button.actions_of[Quality.HIGH].text()
    button.measure()
    qtbot.waitUntil(lambda: bool(button.costs), timeout=120_000)
    assert "% of a core" in button.actions_of[Quality.HIGH].text()
    assert button.costs[Quality.NORMAL].latency_ms == 0.0 < button.costs[Quality.HIGH].latency_ms
    button.actions_of[Quality.HIGH].trigger()
    assert window.play.rig.state.quality is Quality.HIGH
    assert "High" in button.text()
