"""What is captured: one of the kinds of source with its choices, or a capture that was begun before."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.capture_project import Draft, StoredSession
from vastudio.capture.source import source_kinds
from vastudio.engine.devices import DeviceList
from vastudio.ui.capture.options_form import CAPTION_WIDTH, UNSEEN, OptionsForm
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label

_MOST_SESSIONS = 4
_KNOBS_STAY = ("hardware", "files")
"""Kinds of source whose knobs a person names: another device or folder has the same."""

_KINDS: dict[str, tuple[str, str, str]] = {
    "virtual": (
        "Virtual amp",
        "Built in, nothing to connect",
        "The studio's own circuit: two triode stages and a tone stack, with Gain and Tone. It needs no "
        "equipment and turns its knobs by itself, so everything can be tried from here to a trained model.",
    ),
    "hardware": (
        "Amp or pedal",
        "Through an audio interface",
        "The computer plays into the device and records what comes back. Connect an output of the interface "
        "to the device (through a reamp box, if it expects a guitar), and the device to an input. A power "
        "amp needs a load box: never run a valve amp without one.",
    ),
    "plugin": (
        "Plug-in",
        "A VST3, rendered by itself",
        "The plug-in runs in a process of its own. Its parameters become knobs, and the whole plan is "
        "rendered without anyone touching anything, exact and without noise.",
    ),
    "command": (
        "Command",
        "Any program that filters a WAV",
        "A command line with {input}, {output} and a {name} for every knob, for instance: "
        "lv2file -i {input} -o {output} -p DRIVE:{drive} URI. {drive:.2f} formats the value, "
        "{drive:fraction} gives 0 to 1 over the dial.",
    ),
    "files": (
        "Recordings",
        "Made elsewhere",
        "A folder with one file for every position, named by its number in the plan (001.wav) or by its "
        "values (gain=5,bass=2.5.wav), or one long recording of the whole plan. Nothing recorded yet? Leave "
        "it empty, plan, and export what has to be played; the plan waits here until you are back.",
    ),
}


class SourceStep(QWidget):
    """Signals
    -------
    continued():
        The source is chosen: go on.
    reopen_requested(object), new_requested():
        Go on with the session in this folder; leave the one that is open.
    devices_requested():
        Look which audio devices there are.
    selected():
        The person looks at another kind of source.
    """

    continued = Signal()
    reopen_requested = Signal(object)
    new_requested = Signal()
    devices_requested = Signal()
    selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        kinds = source_kinds()
        self._names = [name for name in _KINDS if name in kinds] + sorted(kinds.keys() - _KINDS.keys())
        self.forms = {name: OptionsForm(kinds[name].options) for name in self._names}
        self._group = QButtonGroup(self)
        self.kinds: dict[str, QPushButton] = {}
        for name in self._names:
            self.kinds[name] = self._tile(name, kinds[name].title)
        self.choose = Card("What do you capture?")
        self.details = Card("Source")
        self.explanation = label("", "quiet", wrap=True)
        self._forms = QStackedWidget()
        self.device = QLineEdit(placeholderText="as you call it: the dataset is named after it")
        self.device.setAccessibleName("Name of the device")
        self.device.setToolTip("Name of the device, for the dataset and its models")
        self.look = QPushButton("Look for devices again")
        self.look.setToolTip("List the audio devices that are connected now")
        self.notice = Notice()
        self.go_on = QPushButton("Continue")
        self.go_on.setProperty("kind", "primary")
        self.go_on.setToolTip("Use this source, and go on")
        self.stored = Card("Captures so far")
        self._rows = QVBoxLayout()
        self.fresh = QPushButton("Begin another capture")
        self.fresh.setToolTip("Leave the open one; everything recorded stays")
        self._arrange()
        self._connect()
        self.select("virtual")
        self.show_sessions(())

    def _tile(self, name: str, title: str) -> QPushButton:
        heading, line, _ = _KINDS.get(name, (name.replace("_", " ").capitalize(), title, ""))
        button = _Tile(heading, line)
        button.clicked.connect(lambda: self.select(name))
        self._group.addButton(button)
        return button

    def _arrange(self) -> None:
        for button in self.kinds.values():
            self.choose.body.addWidget(button)
        self.choose.body.addStretch(1)
        self.stored.body.addLayout(self._rows)
        self.stored.body.addWidget(self.fresh)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.choose, 1)
        column.addWidget(self.stored)
        area = scrolling(left, "Sources and captures")
        area.setFixedWidth(268)
        for form in self.forms.values():
            self._forms.addWidget(form)
        body = self.details.body
        body.setSpacing(14)
        body.addWidget(self.explanation)
        named = QFormLayout()
        named.setHorizontalSpacing(14)
        named.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        caption = label("Name", "quiet")
        caption.setMinimumWidth(CAPTION_WIDTH)
        named.addRow(caption, self.device)
        body.addLayout(named)
        body.addWidget(self._forms)
        body.addWidget(self.look, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addWidget(self.notice)
        body.addStretch(1)
        body.addWidget(self.go_on, alignment=Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(area)
        row.addWidget(self.details, 1)

    def _connect(self) -> None:
        self.go_on.clicked.connect(self.continued)
        self.fresh.clicked.connect(self.new_requested)
        self.look.clicked.connect(self.devices_requested)

    @property
    def kind(self) -> str:
        """The chosen kind of source."""
        return next(name for name, button in self.kinds.items() if button.isChecked())

    def select(self, kind: str) -> None:
        """Choose a kind of source."""
        self.kinds[kind].setChecked(True)
        title, _, text = _KINDS.get(kind, (kind, "", ""))
        self.details.title.setText(title)
        self.explanation.setText(text)
        self._forms.setCurrentWidget(self.forms[kind])
        self._forms.setFixedHeight(self.forms[kind].sizeHint().height() if self.forms[kind].fields else 0)
        self.look.setVisible(kind == "hardware")
        self.notice.clear()
        self.selected.emit()
        if kind == "hardware":
            self.devices_requested.emit()

    def apply(self, draft: Draft) -> Draft:
        """Return the draft with what is chosen here; another source has other knobs, and no plan yet."""
        kept = {name: draft.options[name] for name in UNSEEN if name in draft.options}
        options = {**(kept if draft.kind == self.kind else {}), **self.forms[self.kind].values}
        device = self.device.text().strip()
        if draft.kind == self.kind and (draft.options == options or draft.kind in _KNOBS_STAY):
            return dataclasses.replace(draft, options=options, device=device)
        return Draft(self.kind, options, device, stimulus=draft.stimulus)

    def show_devices(self, found: DeviceList) -> None:
        """List the audio devices."""
        self.forms["hardware"].show_devices(found)
        if found.problem and not found.devices and self.kind == "hardware":
            self.notice.say(found.problem, "Connect a device and look again.", severity="warning")

    def show_busy(self, busy: bool) -> None:
        """While a source is looked at nothing else is chosen."""
        self.go_on.setEnabled(not busy)
        self.go_on.setText("Looking at the source…" if busy else "Continue")

    def show_draft(self, draft: Draft) -> None:
        """Show what was chosen for a session."""
        self.select(draft.kind)
        self.forms[draft.kind].set_values(draft.options)
        self.device.setText(draft.device)

    def show_open(self, open_folder: Path | None) -> None:
        """While a session is open its source stays."""
        is_open = open_folder is not None
        for part in (*self.kinds.values(), self._forms, self.device, self.look):
            part.setEnabled(not is_open)
        self.go_on.setText("Go on recording" if is_open else "Continue")
        self.fresh.setVisible(is_open)
        self.stored.setVisible(is_open or self._rows.count() > 0)

    def show_sessions(self, sessions: Sequence[StoredSession], open_folder: Path | None = None) -> None:
        """List the newest captures; each can be opened again."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for session in sessions[:_MOST_SESSIONS]:
            is_open = session.folder == open_folder
            state = "complete" if session.is_finished else f"{session.done} of {session.total}"
            button = _Tile(session.folder.name, f"{state}{' · open' if is_open else ''}")
            button.setChecked(is_open)
            button.setEnabled(not is_open)
            button.setToolTip(f"Go on with {session.folder}")
            button.clicked.connect(
                lambda _checked=False, folder=session.folder: self.reopen_requested.emit(folder)
            )
            self._rows.addWidget(button)
        self.show_open(open_folder)


class _Tile(QPushButton):
    """A choice with a heading and a line below it."""

    def __init__(self, heading: str, line: str) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setProperty("kind", "choice")
        self.setAccessibleName(f"{heading}: {line}")
        self.setToolTip(line)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 8)
        self._column.setSpacing(1)
        for text in (label(heading), label(line, "note")):
            text.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._column.addWidget(text)

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(120, self._column.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()
