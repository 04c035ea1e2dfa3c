"""MIDI learn on every knob and switch: entries of its menu, and the key that calls learning off."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from vastudio.app.control.mapping import Mapping
from vastudio.app.control.midi import HOW_TO_INSTALL, is_installed
from vastudio.app.control.parameter import Parameter
from vastudio.ui.control.bridge import ControlBridge
from vastudio.ui.widgets.knob import KnobDial
from vastudio.ui.widgets.notice import Notice

Key: TypeAlias = "str | Callable[[], str]"


class LearnMenu(QObject):
    """Adds learning to the menus of widgets; `notice` says what to do while something is learned."""

    def __init__(self, bridge: ControlBridge, notice: Notice, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._notice = bridge, notice
        self._keys: dict[QWidget, Key] = {}
        bridge.learning_changed.connect(self._show_learning)
        bridge.map_changed.connect(self._show_controls)

    def offer(self, widget: QWidget, key: Key) -> None:
        """Let a widget's parameter be learned; a key that changes is asked for each time."""
        if widget in self._keys:
            return
        self._keys[widget] = key
        widget.destroyed.connect(lambda _gone=None, widget=widget: self._keys.pop(widget, None))
        if isinstance(widget, KnobDial):
            widget.menu_opened.connect(lambda menu, widget=widget: self._extend(menu, widget))
        else:
            widget.installEventFilter(self)
        self._note(widget)

    def key_of(self, widget: QWidget) -> str:
        """The parameter of a widget."""
        key = self._keys[widget]
        return key if isinstance(key, str) else key()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A right click on a switch or a button; Escape while something is learned."""
        if isinstance(event, QContextMenuEvent) and isinstance(watched, QWidget) and watched in self._keys:
            self.menu(watched, event)
            return True
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._bridge.router.learning:
            event.accept()
            if event.type() == QEvent.Type.KeyPress:
                self._bridge.stop_learning()
            return True
        return super().eventFilter(watched, event)

    def menu(self, widget: QWidget, event: QContextMenuEvent | None = None) -> QMenu:
        """Open the menu of a switch or a button and return it; it frees itself when it closes."""
        menu = QMenu(widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._extend(menu, widget)
        menu.popup(event.globalPos() if event is not None else widget.mapToGlobal(widget.rect().center()))
        return menu

    def _extend(self, menu: QMenu, widget: QWidget) -> None:
        """Add what can be done about the control of a widget's parameter."""
        bridge, key = self._bridge, self.key_of(widget)
        parameter, mapping = bridge.parameters.get(key), bridge.mapping_of(key)
        if parameter is None:
            return
        menu.addSeparator()
        learn = menu.addAction("MIDI learn…")
        learn.setEnabled(is_installed())
        learn.setToolTip("" if is_installed() else HOW_TO_INSTALL)
        menu.setToolTipsVisible(True)
        learn.triggered.connect(lambda: bridge.learn(key))
        if mapping is None:
            return
        forget = menu.addAction(f"Forget {mapping.source.text}")
        forget.triggered.connect(lambda: bridge.forget(key))
        options = [("Inverted", "inverted")]
        if parameter.kind == "continuous":
            options.append(("Pick up where the knob stands", "picks_up"))
        elif parameter.kind == "switch":
            options.append(("Change over at each press", "toggles"))
        for text, name in options:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(getattr(mapping, name))
            action.toggled.connect(lambda on, name=name: bridge.change_mapping(key, **{name: on}))
        if parameter.kind == "continuous":
            self._add_range(menu, parameter, mapping)

    def _add_range(self, menu: QMenu, parameter: Parameter, mapping: Mapping) -> None:
        """Let the control move over a part of the travel that ends where the knob stands now."""
        change, here = self._bridge.change_mapping, parameter.normalised(parameter.value)
        for text, bounds in (
            ("Move no lower than here", (here, mapping.highest)),
            ("Move no higher than here", (mapping.lowest, here)),
            ("Move over the whole travel", (0.0, 1.0)),
        ):
            action = menu.addAction(text)
            lowest, highest = bounds
            action.setEnabled(lowest < highest and bounds != (mapping.lowest, mapping.highest))
            action.triggered.connect(
                lambda _on=False, lowest=lowest, highest=highest: change(
                    parameter.key, lowest=lowest, highest=highest
                )
            )

    # --- showing --------------------------------------------------------------------------------------

    def _show_learning(self, key: str) -> None:
        app = QApplication.instance()
        assert app is not None
        app.removeEventFilter(self)
        if key:
            app.installEventFilter(self)
            title = self._bridge.parameters[key].title
            ports = self._bridge.midi.open_ports
            hint = (
                "Escape calls it off."
                if ports
                else "No MIDI port is open yet: see Settings. Escape ends this."
            )
            self._notice.say(f"Move the control that is to move “{title}”.", hint)
        else:
            self._notice.clear()

    def _show_controls(self) -> None:
        for widget in self._keys:
            self._note(widget)

    def _note(self, widget: QWidget) -> None:
        if isinstance(widget, KnobDial):
            mapping = self._bridge.mapping_of(self.key_of(widget))
            widget.set_control(mapping.source.text if mapping is not None else "")
