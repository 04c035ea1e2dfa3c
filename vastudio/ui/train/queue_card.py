"""The queue card: which runs wait, which one goes on, and what became of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.app.queue import QueueEntry
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import Meaning, tokens
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import ElidedLabel, label

_Mark: TypeAlias = tuple[str, str, Meaning | None]

_MARKS: dict[str, _Mark] = {
    "waiting": ("○", "waits", None),
    "running": ("●", "goes on", "model"),
    "interrupted": ("◐", "interrupted", "warning"),
    "finished": ("✓", "finished", "good"),
    "failed": ("✕", "failed", "bad"),
}


class QueueCard(Card):
    """Hidden while the queue is empty.

    Signals
    -------
    remove_requested(int), retry_requested(int):
        Take the entry with this number out; let it wait again.
    work_off_requested():
        Start what waits.
    """

    remove_requested = Signal(int)
    retry_requested = Signal(int)
    work_off_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Queue", parent)
        self.go_on = QPushButton("Start queue")
        self.go_on.setToolTip("Train what waits, one after the other")
        self.clear = QPushButton("Clear ended")
        self.clear.setToolTip("Take finished and failed runs off this list; the runs themselves are kept")
        self.header.addWidget(self.clear)
        self.header.addWidget(self.go_on)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self.body.addLayout(self._rows)
        self._ended: list[int] = []
        self.go_on.clicked.connect(self.work_off_requested)
        self.clear.clicked.connect(self._clear)
        self.show_entries((), works_off=False)

    def show_entries(self, entries: Sequence[QueueEntry], *, works_off: bool) -> None:
        """Replace the list. `works_off`: whether what waits is started without being asked for."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for entry in entries:
            self._rows.addWidget(self._row(entry, works_off))
        self._ended = [entry.id for entry in entries if entry.over]
        self.clear.setVisible(bool(self._ended))
        self.go_on.setVisible(not works_off and any(not entry.over for entry in entries))
        self.setVisible(bool(entries))

    def _row(self, entry: QueueEntry, works_off: bool) -> QWidget:
        state = "interrupted" if entry.state == "running" and not works_off else entry.state
        sign, says, meaning = _MARKS[state]
        mark = label(sign, meaning=meaning)
        mark.setFixedWidth(14)
        mark.setAccessibleName(says)
        title = entry.config.label
        text = ElidedLabel("", "note")
        text.set_full_text(
            f"{entry.dataset.name} {title} · {says}", entry.message or f"{entry.config.minutes:g} min"
        )
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(mark)
        line.addWidget(text)
        line.addStretch(1)
        if entry.state == "failed":
            again = _link("Again", "Let it wait again; it goes on from its checkpoint where there is one")
            again.clicked.connect(lambda: self.retry_requested.emit(entry.id))
            line.addWidget(again)
        if state != "running":
            remove = _link("", "Take it out of the queue")
            remove.setIcon(icons.icon("close", tokens().text.secondary, 14))
            remove.setAccessibleName(f"Remove {entry.dataset.name} {title} from the queue")
            remove.clicked.connect(lambda: self.remove_requested.emit(entry.id))
            line.addWidget(remove)
        return row

    def _clear(self) -> None:
        for entry_id in self._ended:
            self.remove_requested.emit(entry_id)


def _link(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("kind", "link")
    button.setToolTip(tip)
    return button
