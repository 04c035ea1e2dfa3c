"""MIDI on the Settings page: which ports and channel are heard, what moves what, and maps as files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.control.mapping import Mapping
from vastudio.app.control.midi import HOW_TO_INSTALL, is_installed
from vastudio.app.control.store import SUFFIX
from vastudio.ui.control.bridge import ControlBridge
from vastudio.ui.widgets import dialogs, numbers
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

_FILTER = f"Maps of controls (*{SUFFIX})"
_NO_PORT = "No MIDI port is there. A controller that is plugged in appears by itself."
_NO_MAPPING = "Right-click any knob or switch and choose MIDI learn…"
_ROWS_SEEN = 4


class MidiCard(Card):
    """Shows a `ControlBridge`'s MIDI."""

    def __init__(self, bridge: ControlBridge, parent: QWidget | None = None) -> None:
        super().__init__("MIDI", parent)
        self._bridge = bridge
        self.enabled = QCheckBox("Listen to MIDI controllers")
        self.enabled.setToolTip("Let knobs and pedals that speak MIDI move what they have learned")
        self.all_ports = QCheckBox("All ports, also those that come later")
        self.all_ports.setToolTip("Listen to every controller, or only to those chosen below")
        self.channel = QComboBox()
        self.channel.setAccessibleName("MIDI channel")
        self.channel.setToolTip("Listen to one channel only, or to all")
        self.channel.addItems(["All channels", *(f"Channel {number}" for number in range(1, 17))])
        self.ports = QVBoxLayout()
        self.ports.setSpacing(2)
        self.port_boxes: dict[str, QCheckBox] = {}
        self.notice = Notice()
        self.counts = label("", "note")
        self.mappings = _table()
        self.empty = label(_NO_MAPPING, "note", wrap=True)
        self.forget = _button("Forget", "Let the chosen control move nothing")
        self.export = _button("Export…", "Write the map to a file, for another computer")
        self.import_ = _button("Import…", "Use the map of a file in place of this one")
        self._keys: list[str] = []
        self._arrange()
        self._connect()
        self._show_ports()
        self._show_map()

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.enabled, 1)
        top.addWidget(self.channel)
        below = QHBoxLayout()
        below.addWidget(self.counts, 1)
        for button in (self.forget, self.export, self.import_):
            below.addWidget(button)
        self.body.addLayout(top)
        self.body.addWidget(self.all_ports)
        self.body.addLayout(self.ports)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.mappings)
        self.body.addWidget(self.empty)
        self.body.addLayout(below)

    def _connect(self) -> None:
        bridge = self._bridge
        self.enabled.clicked.connect(lambda on: bridge.set_midi(enabled=on))
        self.all_ports.clicked.connect(lambda on: bridge.set_midi(all_ports=on))
        self.channel.activated.connect(lambda index: bridge.set_midi(channel=index))
        self.forget.clicked.connect(self._forget)
        self.export.clicked.connect(self._ask_for_export)
        self.import_.clicked.connect(self._ask_for_import)
        self.mappings.itemSelectionChanged.connect(
            lambda: self.forget.setEnabled(bool(self.mappings.selectedItems()))
        )
        bridge.ports_changed.connect(self._show_ports)
        bridge.map_changed.connect(self._show_map)
        bridge.counted.connect(self._show_counts)

    # --- ports ----------------------------------------------------------------------------------------

    def _show_ports(self) -> None:
        settings, midi = self._bridge.settings.midi, self._bridge.midi
        self.enabled.setChecked(settings.enabled)
        self.all_ports.setChecked(settings.all_ports)
        self.channel.setCurrentIndex(settings.channel)
        for widget in (self.enabled, self.all_ports, self.channel):
            widget.setEnabled(is_installed())
        names = dict.fromkeys((*midi.ports, *settings.ports)) if settings.enabled else {}
        if list(names) != list(self.port_boxes):
            self._make_boxes(list(names))
        for name, box in self.port_boxes.items():
            box.setChecked(name in midi.open_ports or name in settings.ports)
            box.setEnabled(not settings.all_ports)
            box.setText(name if name in midi.ports else f"{name} (not connected)")
        self._say()

    def _make_boxes(self, names: list[str]) -> None:
        for box in self.port_boxes.values():
            self.ports.removeWidget(box)
            box.deleteLater()
        self.port_boxes = {name: QCheckBox(name) for name in names}
        for name, box in self.port_boxes.items():
            box.setToolTip(f"Listen to {name}")
            box.clicked.connect(self._choose_ports)
            self.ports.addWidget(box)

    def _choose_ports(self) -> None:
        chosen = tuple(name for name, box in self.port_boxes.items() if box.isChecked())
        self._bridge.set_midi(ports=chosen)

    def _say(self) -> None:
        settings, midi = self._bridge.settings.midi, self._bridge.midi
        if not is_installed():
            text, _, hint = HOW_TO_INSTALL.partition(". ")
            self.notice.say(f"{text}.", hint, severity="warning")
        elif settings.enabled and not midi.ports:
            self.notice.say(midi.problem or _NO_PORT)
        else:
            self.notice.clear()
        self._show_counts()

    def _show_counts(self) -> None:
        router = self._bridge.router
        text = numbers.count(router.received, "message")
        self.counts.setText(f"{text}, {router.ignored} of them moved nothing" if router.received else "")

    # --- what moves what ------------------------------------------------------------------------------

    def _show_map(self) -> None:
        bridge = self._bridge
        mappings = [item for item in bridge.map.of(bridge.model) if item.parameter in bridge.parameters]
        self._keys = [item.parameter for item in mappings]
        self.mappings.setRowCount(len(mappings))
        for row, mapping in enumerate(mappings):
            title = bridge.parameters[mapping.parameter].title
            for column, text in enumerate((mapping.source.text, title, _manner(mapping, bridge))):
                self.mappings.setItem(row, column, QTableWidgetItem(text))
        self.mappings.setVisible(bool(mappings))
        self.mappings.setFixedHeight(28 + 30 * min(max(len(mappings), 1), _ROWS_SEEN))
        self.empty.setVisible(not mappings)
        self.forget.setEnabled(False)
        self.export.setEnabled(bool(mappings))

    def _forget(self) -> None:
        for key in {self._keys[item.row()] for item in self.mappings.selectedItems()}:
            self._bridge.forget(key)

    def _ask_for_export(self) -> None:
        dialogs.ask_where_to_save(
            self, "Export the map of controls", Path(f"controls{SUFFIX}"), _FILTER, self._bridge.export_map
        )

    def _ask_for_import(self) -> None:
        dialogs.ask_for_file(
            self, "Import a map of controls", (_FILTER, dialogs.ALL_FILTER), self._bridge.import_map
        )


def _manner(mapping: Mapping, bridge: ControlBridge) -> str:
    """How a control moves its parameter, for a person."""
    kind = bridge.parameters[mapping.parameter].kind
    words = []
    if kind == "continuous":
        words.append("picks up" if mapping.picks_up else "jumps")
    elif kind == "switch":
        words.append("changes over" if mapping.toggles else "follows")
    if mapping.inverted:
        words.append("inverted")
    if (mapping.lowest, mapping.highest) != (0.0, 1.0):
        words.append(f"{100 * mapping.lowest:.0f} to {100 * mapping.highest:.0f} %")
    return ", ".join(words)


def _table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setHorizontalHeaderLabels(["Control", "Moves", ""])
    table.setAccessibleName("What moves what")
    table.setToolTip("The controls that were learned, and how each of them moves what it moves")
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    return table


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
