"""The knob under mouse, wheel and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QDial
from pytestqt.qtbot import QtBot

from vastudio.types import Knob
from vastudio.ui.widgets.knob import KnobDial
from vastudio.ui.widgets.knob_cell import KnobCell

BASS = Knob("bass", "Bass", 0.0, 10.0, 4.0)


@pytest.fixture
def cell(qtbot: QtBot) -> KnobCell:
    made = KnobCell(BASS)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def drag(
    qtbot: QtBot, dial: KnobDial, pixels: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    middle = dial.rect().center()
    qtbot.mousePress(dial, Qt.MouseButton.LeftButton, pos=middle)
    send_move(dial, middle - QPoint(0, pixels), modifier)
    qtbot.mouseRelease(dial, Qt.MouseButton.LeftButton, pos=middle)


def send_move(dial: KnobDial, to: QPoint, modifier: Qt.KeyboardModifier) -> None:
    left = Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(to), dial.mapToGlobal(QPointF(to)), left, left, modifier
    )
    QApplication.sendEvent(dial, event)


def wheel(
    dial: KnobDial, notches: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    middle = QPointF(dial.rect().center())
    event = QWheelEvent(
        middle, dial.mapToGlobal(middle), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(dial, event)


def test_it_is_a_dial_to_screen_readers(cell: KnobCell) -> None:
    assert isinstance(cell.dial, QDial)
    assert cell.dial.accessibleName() == "Bass"
    assert cell.dial.accessibleDescription() == "4.0"


def test_dragging_up_is_more_and_shift_is_fine(qtbot: QtBot, cell: KnobCell) -> None:
    drag(qtbot, cell.dial, 44)
    assert cell.value == pytest.approx(6.0)
    drag(qtbot, cell.dial, -44, Qt.KeyboardModifier.ShiftModifier)
    assert cell.value == pytest.approx(5.8)


def test_the_wheel_turns_by_two_percent(cell: KnobCell) -> None:
    wheel(cell.dial, 2)
    assert cell.value == pytest.approx(4.4)
    wheel(cell.dial, -1, Qt.KeyboardModifier.ShiftModifier)
    assert cell.value == pytest.approx(4.38)


def test_keys(qtbot: QtBot, cell: KnobCell) -> None:
    key = Qt.Key
    for pressed, value in (
        (key.Key_Up, 4.1),
        (key.Key_PageUp, 5.1),
        (key.Key_End, 10.0),
        (key.Key_Home, 0.0),
    ):
        qtbot.keyClick(cell.dial, pressed)
        assert cell.value == pytest.approx(value)


def test_double_click_is_the_default(qtbot: QtBot, cell: KnobCell) -> None:
    drag(qtbot, cell.dial, 100)
    qtbot.mouseDClick(cell.dial, Qt.MouseButton.LeftButton)
    assert cell.value == 4.0


def test_a_value_can_be_typed_and_is_kept_exactly(qtbot: QtBot, cell: KnobCell) -> None:
    with qtbot.waitSignal(cell.moved) as moved:
        qtbot.keyClicks(cell.dial, "7")
        qtbot.keyClicks(cell.entry, ".1234")
        qtbot.keyClick(cell.entry, Qt.Key.Key_Return)
    assert moved.args == ["bass", 7.1234]
    assert cell.value == 7.1234


def test_escape_leaves_the_value(qtbot: QtBot, cell: KnobCell) -> None:
    cell.begin_entry()
    qtbot.keyClicks(cell.entry, "9")
    qtbot.keyClick(cell.entry, Qt.Key.Key_Escape)
    assert cell.value == 4.0


def test_the_menu_resets_and_opens_the_entry(qtbot: QtBot, cell: KnobCell) -> None:
    cell.dial.move_to(9.0)
    menu = cell.dial.menu(cell.mapToGlobal(QPoint(5, 5)))
    reset, enter = menu.actions()
    reset.trigger()
    assert cell.value == 4.0
    enter.trigger()
    assert cell.entry.isVisible()
    with qtbot.waitSignal(menu.destroyed):
        menu.close()


def test_setting_a_value_is_not_a_person_moving_it(qtbot: QtBot, cell: KnobCell) -> None:
    with qtbot.assertNotEmitted(cell.moved):
        cell.set_value(8.0)
    assert cell.value == 8.0


def test_a_switch_has_two_positions(qtbot: QtBot) -> None:
    switch = KnobDial(Knob("bright", kind="switch", default=0.0))
    qtbot.addWidget(switch)
    switch.move_to(0.7)
    assert switch.dial_value == 1.0
    wheel(switch, -1)
    assert switch.dial_value == 0.0
