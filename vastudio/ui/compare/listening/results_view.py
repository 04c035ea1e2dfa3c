"""What listening showed: one session, and all sessions of the same comparison together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.app.listening import abx
from vastudio.app.listening.mushra import MushraState
from vastudio.app.listening.pooling import Pool, pool
from vastudio.app.listening.ratings import Summary, excluded_listeners, summarise
from vastudio.app.listening.sessions import Session
from vastudio.app.listening.statistics import Tally, judge, percent
from vastudio.ui.compare.listening.rating_plot import RatingPlot
from vastudio.ui.compare.listening.words import KINDS, kind_of, what
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.card import Card, rule
from vastudio.ui.widgets.figure_table import Figures, FigureTable
from vastudio.ui.widgets.plot_export import Numbers, exportable
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import ElidedLabel, label

_WIDTH = 860


class ResultsView(QWidget):
    """Signals
    -------
    back_requested(), export_requested():
        The ways on: to the tests, and to a file of every answer of this comparison.
    """

    back_requested = Signal()
    export_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.together: tuple[Session, ...] = ()
        self._summaries: list[Summary] = []
        self.card = Card()
        self.heading = label("", "heading")
        self.subject = ElidedLabel("", "quiet")
        self.score = label("", "instruction", wrap=True)
        self.words = label("", wrap=True)
        self.pooled_title = label("All listeners together", "title")
        self.pooled_words = label("", wrap=True)
        self.listeners = FigureTable("Listeners", ("Right", "p", "95 % bound"))
        self.plot = RatingPlot()
        self.ratings = FigureTable("Ratings", ("Mean", "± 95 %", "Median", "Quartiles", "Ratings"))
        self.back = QPushButton("Back to the tests")
        self.back.setProperty("kind", "primary")
        self.back.setToolTip("Start another test, or look at an earlier one")
        self.export = QPushButton("Save answers as CSV…")
        self.export.setToolTip("Every finished answer of this comparison, one line each")
        self.picture = QPushButton("Save picture…")
        self.picture.setToolTip("The plot of the ratings as PNG; its menu also saves what it shows as CSV")
        self._saving = exportable(self.plot, "Ratings", self._numbers)
        self._arrange()
        self.picture.clicked.connect(self._saving.save_picture.trigger)
        self.back.clicked.connect(self.back_requested)
        self.export.clicked.connect(self.export_requested)

    def _arrange(self) -> None:
        self.plot.setMinimumHeight(250)
        body = self.card.body
        body.setSpacing(10)
        for widget in (self.heading, self.subject, self.score, self.words, rule(), self.pooled_title,
                       self.pooled_words, self.listeners):  # fmt: skip
            body.addWidget(widget)
        body.addWidget(self.plot, 1)
        body.addWidget(self.ratings)
        buttons = QHBoxLayout()
        buttons.addWidget(self.export)
        buttons.addWidget(self.picture)
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        body.addLayout(buttons)
        self.card.setMaximumWidth(_WIDTH)
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(16, 4, 16, 16)
        row.addStretch(1)
        row.addWidget(self.card, 30, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(inner, "Results"))

    def show_training(self, session: Session) -> None:
        """Say that training is over; how many were right is for the ear that learns, and kept nowhere."""
        test = session.test
        assert isinstance(test, abx.AbxState)
        right = sum(answer.choice == key for answer, key in zip(test.answers, test.plan.key, strict=False))
        self._head("Training is over", what(session))
        self.score.setText(f"{right} of {len(test.answers)} right")
        self.words.setText("Training counts for nothing and is not kept. Start a test when you are ready.")
        self.together = ()
        self._show_parts(pooled=False, rated=False)

    def show_session(self, session: Session, sessions: Sequence[Session]) -> None:
        """Show a finished session, and with it all of `sessions` that are about the same."""
        self._head(f"{KINDS[kind_of(session)]} · {session.listener}", what(session))
        if isinstance(session.test, abx.AbxState):
            self._show_abx(session, session.test, sessions)
        else:
            self._show_ratings(session, sessions)

    def _head(self, heading: str, subject: str) -> None:
        self.heading.setText(heading)
        self.subject.set_full_text(subject)

    def _show_parts(self, *, pooled: bool, rated: bool) -> None:
        for widget in (self.pooled_title, self.pooled_words):
            widget.setVisible(pooled or rated)
        self.listeners.setVisible(pooled)
        self.plot.setVisible(rated)
        self.ratings.setVisible(rated)
        self.export.setVisible(pooled or rated)
        self.picture.setVisible(rated)

    def _show_abx(self, session: Session, test: abx.AbxState, sessions: Sequence[Session]) -> None:
        tally = abx.result(test)
        self.score.setText(_score(tally))
        words = judge(tally).words
        self.words.setText(f"{words} {abx.SANITY_CHECK}" if test.plan.mode == "nearer" else words)
        group = next(
            (p for p in pool(sessions) if (p.subject, p.mode) == (session.subject, test.plan.mode)), None
        )
        self.together = tuple(
            other for other in sessions
            if other.subject == session.subject and kind_of(other) == kind_of(session)
        )  # fmt: skip
        self._show_parts(pooled=group is not None, rated=False)
        if group is not None:
            self._show_pool(group)

    def _show_pool(self, group: Pool) -> None:
        if group.sessions == 1:
            rest = f" {group.not_counted} unfinished not counted." if group.not_counted else ""
            self.pooled_title.setText("All listeners together")
            self.pooled_words.setText(f"So far there is only this test.{rest}")
            self.listeners.hide()
            return
        many = numbers.count(len(group.listeners), "listener")
        self.pooled_title.setText(
            f"All listeners together — {numbers.count(group.sessions, 'test')} of {many}"
        )
        self.pooled_words.setText(group.verdict.words)
        self.listeners.show_rows([_row(name, tally) for name, tally in group.listeners.items()])

    def _show_ratings(self, session: Session, sessions: Sequence[Session]) -> None:
        self.together = tuple(
            other for other in sessions
            if isinstance(other.test, MushraState) and other.subject.models == session.subject.models
        )  # fmt: skip
        summaries = self._summaries = summarise(self.together)
        excluded = excluded_listeners(self.together)
        finished = [other for other in self.together if other.is_finished]
        listeners = {other.listener for other in finished}
        counted = len(listeners - excluded)
        self.score.setText(f"{numbers.count(len(finished), 'rating')} of these models so far")
        self.words.setText(
            "Dots are means with their 95 % interval, boxes reach from quartile to quartile, the bar in them "
            "is the median."
        )
        self.pooled_title.setText(f"All listeners together — {numbers.count(counted, 'listener')} counted")
        self.pooled_words.setText(_screening(excluded))
        self._show_parts(pooled=False, rated=True)
        self.plot.show_summaries(summaries)
        self.ratings.show_rows([_rating_row(summary) for summary in summaries])

    def _numbers(self) -> Numbers:
        """What the plot shows."""
        shown = self._summaries
        return {
            "condition": [one.condition for one in shown],
            "mean": [one.mean for one in shown],
            "half width of the 95 % interval": [one.mean_half_width for one in shown],
            "median": [one.median for one in shown],
            "lower quartile": [one.lower_quartile for one in shown],
            "upper quartile": [one.upper_quartile for one in shown],
            "ratings": [one.count for one in shown],
        }


def _score(tally: Tally) -> str:
    bound = percent(tally.upper_bound)
    return f"{tally.correct} of {tally.trials} right · p = {tally.p:.3f} · 95 % bound {bound}"


def _row(name: str, tally: Tally) -> Figures:
    values = (f"{tally.correct} of {tally.trials}", f"{tally.p:.3f}", percent(tally.upper_bound))
    return Figures(name, values, judge(tally).words)


def _screening(excluded: frozenset[str]) -> str:
    rule_ = "who rates the hidden reference below 90 in more than 15 % of the items (ITU-R BS.1534-3)"
    if not excluded:
        return f"Nobody is left out: {rule_} would be."
    return f"Left out: {', '.join(sorted(excluded))}: {rule_}."


def _rating_row(summary: Summary) -> Figures:
    values = (
        f"{summary.mean:.0f}",
        f"{summary.mean_half_width:.0f}" if summary.count > 1 else "—",
        f"{summary.median:.0f}",
        f"{summary.lower_quartile:.0f}–{summary.upper_quartile:.0f}",
        str(summary.count),
    )
    return Figures(summary.condition, values)
