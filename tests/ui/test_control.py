"""MIDI and OSC in the window: learning from menus, storms, pick-up, and the cards on the Settings page."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app.control import store
from vastudio.app.control.events import Event
from vastudio.app.control.osc_packet import encode
from vastudio.ui.main_window import MainWindow

PATIENCE = 20_000


def cc(number: int, value: int) -> Event:
    return Event("control", 1, number, value)


def action(menu: QMenu, text: str) -> QAction:
    return next(item for item in menu.actions() if item.text().startswith(text))


def learn(qtbot: QtBot, window: MainWindow, key: str, event: Event) -> None:
    bridge = window.control.bridge
    bridge.learn(key)
    bridge.router.push(event)
    qtbot.waitUntil(lambda: bridge.mapping_of(key) is not None, timeout=PATIENCE)


def a_knob_is_learned_turned_changed_and_forgotten(qtbot: QtBot, window: MainWindow) -> None:
    bridge, dial = window.control.bridge, window.play.panel.cells["knob_1"].dial
    action(dial.menu(QPoint(0, 0)), "MIDI learn").trigger()
    assert bridge.router.learning == "model.knob.knob_1"
    assert "Knob 1" in window.notice.message.text()
    bridge.router.push(cc(74, 0))
    qtbot.waitUntil(lambda: bridge.mapping_of("model.knob.knob_1") is not None, timeout=PATIENCE)
    assert window.notice.isHidden()
    assert "CC 74, channel 1" in dial.toolTip()
    before = dial.dial_value
    bridge.router.push(cc(74, 1))
    qtbot.wait(60)
    assert dial.dial_value == before  # the control has not come to the knob yet
    bridge.router.push(cc(74, 127))
    qtbot.waitUntil(lambda: dial.dial_value == dial.knob.maximum, timeout=PATIENCE)
    action(dial.menu(QPoint(0, 0)), "Inverted").trigger()
    action(dial.menu(QPoint(0, 0)), "Pick up").trigger()
    bridge.router.push(cc(74, 127))
    qtbot.waitUntil(lambda: dial.dial_value == dial.knob.minimum, timeout=PATIENCE)
    dial.move_to(dial.knob.denormalised(0.25))
    action(dial.menu(QPoint(0, 0)), "Move no lower").trigger()
    bridge.router.push(cc(74, 126))
    bridge.router.push(cc(74, 127))
    qtbot.waitUntil(lambda: dial.dial_value == dial.knob.denormalised(0.25), timeout=PATIENCE)
    bridge.router.push(cc(74, 0))
    qtbot.waitUntil(lambda: dial.dial_value == dial.knob.maximum, timeout=PATIENCE)
    action(dial.menu(QPoint(0, 0)), "Forget CC 74").trigger()
    assert bridge.mapping_of("model.knob.knob_1") is None
    assert "CC 74" not in dial.toolTip()


def escape_calls_learning_off(qtbot: QtBot, window: MainWindow) -> None:
    bridge = window.control.bridge
    bridge.learn("rack.trim_db")
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert bridge.router.learning == ""
    assert window.notice.isHidden()
    bridge.router.push(cc(7, 100))
    qtbot.wait(50)
    assert bridge.mapping_of("rack.trim_db") is None


def switches_have_a_menu_and_change_over(qtbot: QtBot, window: MainWindow) -> None:
    switch = window.play.gate.switch
    action(window.control.menu.menu(switch), "MIDI learn").trigger()
    window.control.bridge.router.push(Event("note", 1, 36, 90))
    qtbot.waitUntil(lambda: window.control.bridge.mapping_of("rack.gate.on") is not None, timeout=PATIENCE)
    for on in (True, False):
        window.control.bridge.router.push(Event("note", 1, 36, 0))
        window.control.bridge.router.push(Event("note", 1, 36, 90))
        qtbot.waitUntil(lambda on=on: switch.isChecked() == on, timeout=PATIENCE)  # type: ignore[misc]


def a_storm_of_messages_leaves_the_newest_and_few_turns(qtbot: QtBot, window: MainWindow) -> None:
    bridge, turns = window.control.bridge, []
    learn(qtbot, window, "rack.output_db", cc(7, 0))
    bridge.change_mapping("rack.output_db", picks_up=False)
    window.play.rig.changed.connect(lambda: turns.append(1))
    for value in range(1_000):
        bridge.router.push(cc(7, value % 120))
    bridge.router.push(cc(7, 127))
    qtbot.waitUntil(lambda: window.play.output.cell.value == 12.0, timeout=PATIENCE)
    assert len(turns) <= 4


def a_blind_test_is_left_alone(qtbot: QtBot, window: MainWindow) -> None:
    """After the storm: its control moves the output level, which stands at its top."""
    bridge, silence = window.control.bridge, np.zeros(4_800, np.float32)
    before = bridge.router.ignored
    window.session.begin_listening([silence, silence], 48_000)
    bridge.router.push(cc(7, 0))
    qtbot.waitUntil(lambda: bridge.router.ignored == before + 1, timeout=PATIENCE)
    assert window.play.output.cell.value == 12.0
    window.session.end_listening()
    bridge.router.push(cc(7, 0))
    qtbot.waitUntil(lambda: window.play.output.cell.value == -60.0, timeout=PATIENCE)


def another_model_has_its_own_map(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    bridge = window.control.bridge
    learn(qtbot, window, "model.knob.knob_1", cc(20, 64))
    learn(qtbot, window, "rack.mix", cc(21, 64))
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.session.open_model(saved(random_model(4, knobs=1), tmp_path))
    assert bridge.mapping_of("model.knob.knob_1") is None
    assert bridge.mapping_of("rack.mix") is not None
    assert "MIDI learn…" in [
        item.text() for item in window.play.panel.cells["knob_1"].dial.menu(QPoint()).actions()
    ]


def program_changes_recall_presets(qtbot: QtBot, window: MainWindow) -> None:
    presets = window.play.presets
    for name in ("First", "Second"):
        presets.save(name)
        qtbot.waitUntil(
            lambda name=name: presets.current is not None and presets.current.name == name, timeout=PATIENCE
        )  # type: ignore[misc]
    for number, name in ((0, "First"), (1, "Second")):
        window.control.bridge.router.push(Event("program", 1, number, number))
        qtbot.waitUntil(lambda name=name: getattr(presets.current, "name", "") == name, timeout=PATIENCE)  # type: ignore[misc]


def every_parameter_can_be_set_to_what_it_is(window: MainWindow) -> None:
    parameters = window.control.bridge.parameters
    assert {"rack.bypass", "memory.b", "preset", "tuner", "record", "metronome.bpm", "transport.play"} <= set(
        parameters
    )
    for parameter in parameters.values():
        if parameter.kind in ("continuous", "switch"):
            before = parameter.value
            assert parameter.accepts(before)
            parameter.set(before)
            assert parameter.value == before


def osc_turns_knobs_over_real_udp(qtbot: QtBot, window: MainWindow) -> None:
    bridge, card = window.control.bridge, window.control.osc
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bridge.set_osc(port=port)
    card.enabled.click()
    assert bridge.osc.port == port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.sendto(encode("/vastudio/model/knob/knob_1", [2.5]), ("127.0.0.1", port))
        qtbot.waitUntil(lambda: window.play.panel.cells["knob_1"].value == 2.5, timeout=PATIENCE)
        sending.sendto(encode("/vastudio/rack/cabinet/on", [1]), ("127.0.0.1", port))
        qtbot.waitUntil(lambda: window.play.rig.state.cabinet_on, timeout=PATIENCE)
    assert card.notice.isHidden()
    card.place.setCurrentIndex(1)
    card.place.activated.emit(1)
    assert "Every computer" in card.notice.message.text()
    card.enabled.click()
    assert bridge.osc.port == 0


def a_port_that_is_taken_is_said_on_the_card(window: MainWindow) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        window.control.bridge.set_osc(enabled=True, port=taken.getsockname()[1])
        assert "cannot listen" in window.control.osc.notice.message.text()


def test_the_map_is_listed_forgotten_exported_and_imported(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, bridge, path = window.control.midi, window.control.bridge, tmp_path / "board.vamap"
    assert card.empty.isVisibleTo(card)
    learn(qtbot, window, "rack.trim_db", cc(7, 64))
    row = [card.mappings.item(0, column).text() for column in range(3)]  # type: ignore[union-attr]
    assert row == ["CC 7, channel 1", "Input trim", "picks up"]
    bridge.export_map(path)
    card.mappings.selectRow(0)
    card.forget.click()
    assert bridge.mapping_of("rack.trim_db") is None
    bridge.import_map(path)
    assert card.mappings.rowCount() == 1
    path.write_text("nothing")
    bridge.import_map(path)
    assert "board.vamap" in window.notice.message.text()
    monkeypatch.setattr("vastudio.ui.control.midi_card.is_installed", lambda: False)
    bridge.ports_changed.emit()
    assert "pip install" in card.notice.hint.text()
    assert not card.enabled.isEnabled()
    window.close()
    assert store.load().map == bridge.map


def test_what_is_learned_moves_what_it_was_learned_for(qtbot: QtBot, window: MainWindow) -> None:
    a_knob_is_learned_turned_changed_and_forgotten(qtbot, window)
    escape_calls_learning_off(qtbot, window)
    switches_have_a_menu_and_change_over(qtbot, window)
    every_parameter_can_be_set_to_what_it_is(window)


def test_messages_are_carried_out_as_far_as_they_may(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    a_storm_of_messages_leaves_the_newest_and_few_turns(qtbot, window)
    a_blind_test_is_left_alone(qtbot, window)
    program_changes_recall_presets(qtbot, window)
    another_model_has_its_own_map(qtbot, window, tmp_path)


def test_osc_plays_the_window(qtbot: QtBot, window: MainWindow) -> None:
    osc_turns_knobs_over_real_udp(qtbot, window)
    a_port_that_is_taken_is_said_on_the_card(window)
