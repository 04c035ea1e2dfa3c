"""Before a test: what kind, who listens, how often, to which stretch. All of it is fixed before it begins."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget

from vastudio.app.listening.abx import FEWEST_TRIALS, TRIALS
from vastudio.app.listening.material import LONGEST_SECONDS, SHORTEST_SECONDS, Excerpt
from vastudio.app.listening.preparing import Item, Kind
from vastudio.app.listening.statistics import promise
from vastudio.ui.compare.listening.sessions_card import SessionsCard
from vastudio.ui.compare.listening.words import EXPLAINED, KINDS
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import ElidedLabel, label

_MOST_TRIALS = 100
_FORM_WIDTH = 470


class SetupView(QWidget):
    """Signals
    -------
    start_requested(bool):
        The person wants to begin; whether only for training.
    proposal_requested(), item_added(), items_cleared():
        The person wants another stretch; wants to rate the one at hand, too; wants to begin anew with them.
    """

    start_requested = Signal(bool)
    proposal_requested = Signal()
    item_added = Signal()
    items_cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: list[str] = []
        self._heard = 0
        self._has_excerpt = self._is_busy = False
        self.card = Card("New test")
        self.kind_choice = Segmented(
            "Kind of test", [Segment(key, title, tip=EXPLAINED[key]) for key, title in KINDS.items()]
        )
        self.explanation = label("", "quiet", wrap=True)
        self.listener = QLineEdit(placeholderText="Name or initials")
        self.trials = QSpinBox()
        self.promise = label("", "note", wrap=True)
        self.models = label("", wrap=True)
        self.excerpt = label("", wrap=True)
        self.propose = QPushButton("Propose a stretch")
        self.items = label("", "quiet", wrap=True)
        self.add_item = QPushButton("Add this stretch")
        self.clear_items = QPushButton("Remove all")
        self.state = ElidedLabel("", "note")
        self.train = QPushButton("Train first")
        self.start = QPushButton("Start the test")
        self.sessions = SessionsCard()
        self._prepare()
        self._arrange()
        self._connect()
        self._show_kind()

    def _prepare(self) -> None:
        self.listener.setAccessibleName("Listener")
        self.listener.setToolTip("Answers of one listener belong together: use the same name every time")
        self.listener.setMaxLength(60)
        self.trials.setRange(FEWEST_TRIALS, _MOST_TRIALS)
        self.trials.setValue(TRIALS)
        self.trials.setAccessibleName("Number of trials")
        self.trials.setToolTip("Fixed before the test begins: stopping when it looks good would not be fair")
        self.propose.setToolTip("Choose a loud and varied stretch of 3 s")
        self.add_item.setToolTip("Rate this stretch, too; choose another pair or stretch for more of them")
        self.clear_items.setToolTip("Rate only what you add from here on")
        self.train.setToolTip("Learn what to listen for: answers are disclosed, and nothing counts")
        self.start.setToolTip("Begin: after that nothing can be changed, and the result comes at the end")
        self.start.setProperty("kind", "primary")

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        stretch = QHBoxLayout()
        stretch.addWidget(self.excerpt, 1)
        stretch.addWidget(self.propose, alignment=Qt.AlignmentFlag.AlignTop)
        listed = QVBoxLayout()
        listed.setSpacing(6)
        listed.addWidget(self.items)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_item)
        buttons.addWidget(self.clear_items)
        buttons.addStretch(1)
        listed.addLayout(buttons)
        counted = QVBoxLayout()
        counted.setSpacing(6)
        counted.addWidget(self.trials, alignment=Qt.AlignmentFlag.AlignLeft)
        counted.addWidget(self.promise)
        form.addRow(label("Listener", "quiet"), self.listener)
        form.addRow(label("Model", "quiet"), self.models)
        form.addRow(label("Stretch", "quiet"), stretch)
        form.addRow(label("To rate", "quiet"), listed)
        form.addRow(label("Trials", "quiet"), counted)
        self._form, self._listed, self._counted = form, listed, counted
        end = QHBoxLayout()
        end.addWidget(self.state)
        end.addStretch(1)
        end.addWidget(self.train)
        end.addWidget(self.start)
        body = self.card.body
        body.setSpacing(12)
        body.addWidget(self.kind_choice, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addWidget(self.explanation)
        body.addLayout(form)
        body.addStretch(1)
        body.addLayout(end)
        self.card.setMaximumWidth(_FORM_WIDTH)
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(16, 2, 16, 16)
        row.setSpacing(12)
        row.addWidget(self.card, 5)
        row.addWidget(self.sessions, 6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inner, "Listening"))

    def _connect(self) -> None:
        self.kind_choice.chosen.connect(lambda _key: self._show_kind())
        self.trials.valueChanged.connect(lambda trials: self.promise.setText(promise(trials)))
        self.listener.textChanged.connect(lambda _text: self._offer())
        self.listener.returnPressed.connect(self.start.click)
        self.propose.clicked.connect(self.proposal_requested)
        self.add_item.clicked.connect(self.item_added)
        self.clear_items.clicked.connect(self.items_cleared)
        self.train.clicked.connect(lambda: self.start_requested.emit(True))
        self.start.clicked.connect(lambda: self.start_requested.emit(False))

    @property
    def kind(self) -> Kind:
        """The kind of test."""
        return cast(Kind, self.kind_choice.key)

    def _show_kind(self) -> None:
        rating = self.kind == "mushra"
        self.explanation.setText(EXPLAINED[self.kind])
        self.promise.setText(promise(self.trials.value()))
        self._form.setRowVisible(self._listed, rating)
        self._form.setRowVisible(self._counted, not rating)
        self.train.setVisible(not rating)
        self.start.setText("Start the rating" if rating else "Start the test")
        self._offer()

    # --- what is at hand ------------------------------------------------------------------------------

    def show_models(self, models: list[str], heard: int) -> None:
        """Name the models that can be listened to; an ABX test takes the open one."""
        self._models, self._heard = models, heard
        self._show_models()

    def _show_models(self) -> None:
        names = self._models if self.kind == "mushra" else self._models[self._heard : self._heard + 1]
        self.models.setText(", ".join(names) or "No model is open")

    def show_excerpt(self, excerpt: Excerpt | None, selected: tuple[float, float] | None) -> None:
        """Show the stretch a test would take, and why it is not what is selected where it is not."""
        self._has_excerpt = excerpt is not None
        if excerpt is None:
            self.excerpt.setText("Looking for a stretch that is loud and varied…")
        else:
            place = f"{excerpt.start:.2f} to {excerpt.start + excerpt.seconds:.2f} s"
            self.excerpt.setText(f"{place}, {_origin(excerpt, selected)}")
        self._offer()

    def show_items(self, items: tuple[Item, ...]) -> None:
        """List the stretches that will be rated."""
        lines = [f"{number}. {item.title}" for number, item in enumerate(items, 1)]
        self.items.setText("\n".join(lines) or "Only the stretch above")
        self.clear_items.setEnabled(bool(items))

    def show_busy(self, busy: bool) -> None:
        """The sounds are being prepared."""
        self.state.set_full_text("Preparing the sounds…" if busy else "")
        self._is_busy = busy
        self._offer()

    def _offer(self) -> None:
        """What is missing, and whether a test can begin."""
        self._show_models()
        missing = ""
        if not self._models:
            missing = "Open a model first"
        elif not self._has_excerpt:
            missing = "A stretch is being looked for"
        elif not self.listener.text().strip():
            missing = "Enter who listens"
        if not self._is_busy:
            self.state.set_full_text(missing)
        for button in (self.start, self.train):
            button.setEnabled(not missing and not self._is_busy)
        self.add_item.setEnabled(self._has_excerpt)


def _origin(excerpt: Excerpt, selected: tuple[float, float] | None) -> str:
    if selected is None:
        return "proposed: loud and varied"
    if (excerpt.start, excerpt.start + excerpt.seconds) == selected:
        return "as selected"
    seconds = selected[1] - selected[0]
    return (
        f"proposed: what is selected takes {seconds:.1f} s, not {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g}"
    )
