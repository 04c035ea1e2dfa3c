"""The model that is chosen: what it is, what may be written over, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.library import gear
from vastudio.app.library.card import shown
from vastudio.app.library.names import esr_text
from vastudio.app.library.origin import Origin
from vastudio.app.library.own import tidy_tags
from vastudio.app.library.search import Entry
from vastudio.ui.library.table_model import load_text, rate_text
from vastudio.ui.widgets.card import Card, rule
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import ElidedLabel, label

_FIELDS = (
    ("maker", "Maker", "Who made the device"),
    ("gear", "Gear", "Which device the model imitates"),
    ("author", "Author", "Who made the model"),
    ("licence", "Licence", "What others may do with it"),
)
_CHOICES = (("kind", "Kind", gear.KINDS), ("tone", "Tone", gear.TONES))
_NOTES_HEIGHT, _LINE_HEIGHT = 58, 30


class _Notes(QPlainTextEdit):
    """A few lines of text; says so when it is left changed."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Done writing."""
        super().focusOutEvent(event)
        self.left.emit()


class DetailsCard(Card):
    """Shows one entry, or that none is chosen.

    Signals
    -------
    said(str, str):
        A field of the card was written over: its name and text.
    own_changed(str, object):
        A field of `Own` was changed: its name and value.
    size_chosen(float):
        Another size of a file that holds several.
    open_requested(), export_requested(), dataset_requested(), run_requested(), report_requested():
        A button.
    """

    said = Signal(str, str)
    own_changed = Signal(str, object)
    size_chosen = Signal(float)
    open_requested = Signal()
    export_requested = Signal()
    dataset_requested = Signal()
    run_requested = Signal()
    report_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._entry: Entry | None = None
        self.notice = Notice()
        self.empty = label("Choose a model to see what it is. Arrow keys move through the list; while the "
                           "phrase plays, each model is heard.", "quiet", wrap=True)  # fmt: skip
        self.name = QLineEdit()
        self.star = QPushButton()
        self.facts = label("", "note", wrap=True)
        self.place = ElidedLabel("", "note")
        self.fields: dict[str, QLineEdit] = {key: QLineEdit() for key, _, _ in _FIELDS}
        self.choices: dict[str, QComboBox] = {key: ElidedCombo(title) for key, title, _ in _CHOICES}
        self.tags = QLineEdit()
        self.notes = _Notes()
        self.sizes = ElidedCombo("Size of the network")
        self.open_in_play = QPushButton("Open in Play")
        self.export = QPushButton("Export…")
        self.dataset, self.run, self.report = (QPushButton(text) for text in ("Dataset", "Run", "Report"))
        self._body = QWidget()
        self._arrange()
        self._name_widgets()
        self._connect()
        self._show_star(False)
        self.show_entry(None)

    # --- building -------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.name, 1)
        head.addWidget(self.star)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        rows: dict[str, QWidget] = {"Size": self.sizes}
        rows |= {title: self.fields[key] for key, title, _ in _FIELDS[:2]}
        rows |= {title: self.choices[key] for key, title, _ in _CHOICES}
        rows |= {title: self.fields[key] for key, title, _ in _FIELDS[2:]}
        rows |= {"Tags": self.tags, "Notes": self.notes}
        for title, widget in rows.items():
            form.addRow(_beside(title), widget)
        self._form = form
        actions = QGridLayout()
        actions.setSpacing(6)
        actions.addWidget(self.open_in_play, 0, 0, 1, 2)
        actions.addWidget(self.export, 0, 2)
        for place, button in enumerate((self.dataset, self.run, self.report)):
            actions.addWidget(button, 1, place)
            actions.setColumnStretch(place, 1)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.facts)
        column.addWidget(self.place)
        column.addLayout(actions)
        column.addWidget(rule())
        column.addLayout(form)
        inside = QWidget()
        content = QVBoxLayout(inside)
        content.setContentsMargins(0, 0, 4, 0)
        for widget in (self.notice, self.empty, self._body):
            content.addWidget(widget)
        content.addStretch(1)
        self.body.addWidget(scrolling(inside, "The chosen model"))

    def _name_widgets(self) -> None:
        _name(self.name, "Name", "What the model is called: write another name, Enter keeps it")
        for key, title, tip in _FIELDS:
            _name(self.fields[key], title, tip)
        for key, title, known in _CHOICES:
            combo = self.choices[key]
            combo.addItem("—", "")
            for value, text in known.items():
                combo.addItem(text, value)
            _name(combo, title, f"{title} of the device")
        _name(self.tags, "Tags", "Words of your own, separated by commas")
        self.tags.setPlaceholderText("live, bright, …")
        _name(self.notes, "Notes", "What you want to remember; only you see it")
        self.notes.setFixedHeight(_NOTES_HEIGHT)
        self.notes.setTabChangesFocus(True)
        _name(
            self.sizes,
            "Size of the network",
            "The file holds several sizes: larger ones are closer, and cost more",
        )
        self.open_in_play.setProperty("kind", "primary")
        _name(self.open_in_play, "Open in Play", "Play through this model (Enter)")
        _name(self.export, "Export", "Write it as a file that other programs open")
        _name(self.dataset, "Dataset", "Open the recordings that it learned from")
        _name(self.run, "Run", "Show the training run that made it")
        _name(self.report, "Report", "Write what is known of it into one web page")
        self.place.setSizePolicy(
            self.place.sizePolicy().Policy.Ignored, self.place.sizePolicy().verticalPolicy()
        )

    def _connect(self) -> None:
        for key, edit in {"name": self.name, **self.fields}.items():
            edit.editingFinished.connect(partial(self._say, key, edit.text))
            edit.installEventFilter(self)
        for key, combo in self.choices.items():
            combo.activated.connect(partial(self._say, key, combo.currentData))
        self.tags.editingFinished.connect(self._tag)
        self.tags.installEventFilter(self)
        self.notes.left.connect(self._note)
        self.notes.installEventFilter(self)
        self.star.clicked.connect(self.toggle_star)
        self.sizes.activated.connect(lambda index: self.size_chosen.emit(self.sizes.itemData(index)))
        self.open_in_play.clicked.connect(self.open_requested)
        self.export.clicked.connect(self.export_requested)
        self.dataset.clicked.connect(self.dataset_requested)
        self.run.clicked.connect(self.run_requested)
        self.report.clicked.connect(self.report_requested)

    # --- showing --------------------------------------------------------------------------------------

    @property
    def entry(self) -> Entry | None:
        """What is shown."""
        return self._entry

    def show_entry(self, entry: Entry | None) -> None:
        """Show an entry; what is being written in a field at the moment stays there."""
        same = entry is not None and self._entry is not None and entry.path == self._entry.path
        self._entry = entry
        self._body.setVisible(entry is not None)
        self.empty.setVisible(entry is None)
        if entry is None:
            self.notice.clear()
            return
        card = entry.card
        if card.error:
            self.notice.say(card.error, card.hint, severity="error")
        elif not same:
            self.notice.clear()
        for key, edit in {"name": self.name, **self.fields}.items():
            self._fill(edit, card.title if key == "name" else getattr(card, key), same)
        for key, combo in self.choices.items():
            _choose(combo, getattr(card, key))
        self._fill(self.tags, ", ".join(entry.own.tags), same)
        if not (same and self.notes.hasFocus()):
            self.notes.setPlainText(entry.own.notes)
        self._show_star(entry.own.favourite)
        self._show_sizes(entry)
        self.facts.setText(_facts(entry))
        self.place.set_full_text(shown(card.path), shown(card.path))
        readable = not card.error
        for widget in (
            self.name,
            *self.fields.values(),
            *self.choices.values(),
            self.open_in_play,
            self.export,
        ):
            widget.setEnabled(readable)
        if not same:
            self.show_origin(None)

    def show_origin(self, origin: Origin | None) -> None:
        """Show where it came from, as far as that is found; None: not looked for yet."""
        has = self._entry is not None and bool(self._entry.card.dataset)
        for button, what in ((self.dataset, origin and origin.dataset), (self.run, origin and origin.run)):
            button.setVisible(has)
            button.setEnabled(what is not None)
        self.report.setVisible(has)
        self.report.setEnabled(origin is not None and origin.dataset is not None)
        if self._entry is not None:
            missing = f"The dataset “{self._entry.card.dataset}” is not on this computer any more"
            self.dataset.setToolTip(
                "Open the recordings that it learned from" if self.dataset.isEnabled() else missing
            )

    def _fill(self, edit: QLineEdit, text: str, same: bool) -> None:
        if not (same and edit.hasFocus()):
            edit.setText(text)
            edit.setCursorPosition(0)

    def _show_star(self, on: bool) -> None:
        self.star.setText("★" if on else "☆")
        self.star.setAccessibleName("Favourite" if on else "Not a favourite")
        self.star.setToolTip("Take the star away (F)" if on else "Give it a star (F)")

    def _show_sizes(self, entry: Entry) -> None:
        sizes = entry.card.sizes
        self._form.setRowVisible(self.sizes, bool(sizes))
        self.sizes.clear()
        for size, what in sizes:
            self.sizes.addItem(what, size)
        chosen = len(sizes) - 1
        if entry.own.size is not None:
            chosen = max((i for i, (size, _) in enumerate(sizes) if size <= entry.own.size), default=0)
        self.sizes.setCurrentIndex(chosen)

    # --- what the person does -------------------------------------------------------------------------

    def toggle_star(self) -> None:
        """Give a star, or take it away."""
        if self._entry is not None:
            self.own_changed.emit("favourite", not self._entry.own.favourite)

    def _say(self, key: str, text: Callable[[], str], *_index: object) -> None:
        if self._entry is None:
            return
        new = text().strip()
        old = self._entry.card.title if key == "name" else getattr(self._entry.card, key)
        if new != old and (new or key != "name"):
            self.said.emit(key, new)

    def _tag(self) -> None:
        if self._entry is None:
            return
        tags = tidy_tags(self.tags.text().split(","))
        if tags != self._entry.own.tags:
            self.own_changed.emit("tags", tags)

    def _note(self) -> None:
        if self._entry is not None and self.notes.toPlainText() != self._entry.own.notes:
            self.own_changed.emit("notes", self.notes.toPlainText())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape in a field: leave it as it was."""
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            entry, self._entry = self._entry, None
            self.show_entry(entry)
            return True
        return super().eventFilter(watched, event)


def _beside(title: str) -> QLabel:
    """A label at the height of a field's first line."""
    found = label(title, "quiet")
    found.setMinimumHeight(_LINE_HEIGHT)
    return found


def _name(widget: QWidget, name: str, tip: str) -> None:
    widget.setAccessibleName(name)
    widget.setToolTip(tip)


def _choose(combo: QComboBox, value: str) -> None:
    """Choose a value, adding it where it is none of the usual ones."""
    index = combo.findData(value)
    if index < 0:
        combo.addItem(gear.title(value), value)
        index = combo.count() - 1
    combo.setCurrentIndex(index)


def _facts(entry: Entry) -> str:
    """Format, network, knobs, rate, load and error in two or three lines."""
    card = entry.card
    if card.error:
        return ""
    knobs = f"knobs: {', '.join(card.knobs)}" if card.knobs else "no knobs"
    load = load_text(entry)
    parts = [card.format, card.architecture, rate_text(card.sample_rate), knobs]
    parts += [f"{load} of a core"] if load else []
    parts += [f"ESR {esr_text(card.esr)}"] if card.esr is not None else []
    return " · ".join(part for part in parts if part)
