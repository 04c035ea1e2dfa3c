"""Everything by keyboard: whatever takes the focus says what it is and what it is for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QWidget,
)

from vastudio.ui.compare.listening.abx_view import AbxView
from vastudio.ui.compare.listening.mushra_view import MushraView
from vastudio.ui.main_window import MainWindow

LEAST_HEIGHT = 32
"""Pixels, for a finger."""

_HOLDERS = (QScrollArea, QLabel, AbxView, MushraView)
"""They take the focus for their keys, and say what they are by what they show."""

_PARTS = "qt_"
"""How Qt calls the parts of its own widgets."""


def focusable(window: MainWindow) -> Iterator[QWidget]:
    """Every widget that a person can reach; not the parts that Qt's own widgets are made of."""
    for widget in window.findChildren(QWidget):
        parent = widget.parent()
        is_popup = parent is not None and parent.metaObject().className() == "QComboBoxPrivateContainer"
        is_part = isinstance(parent, QAbstractSpinBox | QComboBox) or widget.objectName().startswith(_PARTS)
        is_reached = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if is_reached and not (is_popup or is_part or isinstance(widget, _HOLDERS)):
            yield widget


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def test_what_takes_the_focus_has_a_name_and_a_tip(window: MainWindow) -> None:
    for key in window._pages:
        window.show_page(key)
    found = list(focusable(window))
    assert len(found) > 200
    nameless = [f"{type(widget.parent()).__name__}: {widget}" for widget in found if not name_of(widget)]
    assert nameless == []
    silent = [
        f"{type(widget.parent()).__name__}: {name_of(widget)}" for widget in found if not widget.toolTip()
    ]
    assert silent == []


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)])
def test_a_finger_hits_what_is_pressed_on_the_play_page(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    page = window.play
    low = []
    for slot in ("gate", "model", "tone", "cabinet"):
        page.show_slot(slot)
        for kind in (QAbstractButton, QComboBox, QAbstractSpinBox):
            low += [
                f"{name_of(widget)}: {widget.height()}"
                for widget in page.findChildren(kind)
                if widget.isVisible() and 0 < widget.height() < LEAST_HEIGHT
            ]
    assert low == []


def test_tab_goes_round_the_play_page(window: MainWindow) -> None:
    """From any widget on, Tab visits the switches, knobs and lists, and comes back."""
    page = window.play
    first: QWidget = page.chain.name("model")
    first.setFocus(Qt.FocusReason.TabFocusReason)
    visited = {first}
    widget = first.nextInFocusChain()
    while widget is not None and widget is not first:
        visited.add(widget)
        widget = widget.nextInFocusChain()
    for wanted in (page.chain.switch("gate"), page.memory.bypass, page.preset_bar.combo, page.quality):
        assert wanted in visited
    assert visited.issuperset(cell.dial for cell in page.panel.cells.values())
