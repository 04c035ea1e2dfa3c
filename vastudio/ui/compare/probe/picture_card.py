"""A card with one picture of the probe: its verdict, a choice of what is shown, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QWidget

from vastudio.app.probe.report import Report
from vastudio.app.probe.verdict import worst_first
from vastudio.ui.compare.probe.chart import Chart, Picture, colour
from vastudio.ui.compare.probe.words import MEANINGS, SIGNS, sentence_text, value_text
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.plot_export import Numbers, exportable
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label, restyle

_HEADER_HEIGHT = 32
"""Of a segmented control: so that neighbours' pictures begin on one line."""

_DASHES = ("──", "╌╌", "─╴╴", "┈┈")


@dataclass(frozen=True)
class PicturePlan:
    """What a card shows of a report.

    Attributes
    ----------
    make:
        The picture of a report for the key of the chosen segment (empty without `choices`); None where the
        model cannot do what is needed.
    verdicts:
        Names of the verdicts that belong to it; the worst, the first of equals, is told in the card's header.
    choices, chosen:
        What can be chosen to be shown, and what is at first.
    """

    title: str
    make: Callable[[Report, str], Picture | None]
    verdicts: tuple[str, ...] = ()
    choices: Sequence[Segment] = ()
    chosen: str = ""


class PictureCard(Card):
    """Hidden while there is nothing to show."""

    def __init__(self, plan: PicturePlan, parent: QWidget | None = None) -> None:
        super().__init__(plan.title, parent)
        self._plan = plan
        self._report: Report | None = None
        self.header.addStrut(_HEADER_HEIGHT)
        self.choice = Segmented(plan.title, plan.choices) if plan.choices else None
        if self.choice is not None and plan.chosen:
            self.choice.select(plan.chosen)
        self.verdict = label("", "note")
        self.chart = Chart(plan.title)
        self.legend = QLabel(textFormat=Qt.TextFormat.RichText)
        self.legend.setProperty("role", "note")
        self.meaning = label("", "note", wrap=True)
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        if self.choice is not None:
            self.choice.chosen.connect(lambda _key: self._show())
            self.header.addWidget(self.choice)
        self.header.addWidget(self.verdict)
        for widget in (self.chart, self.legend, self.meaning):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.export = exportable(self, self._name, self._numbers)
        self.hide()

    def show_report(self, report: Report | None) -> None:
        """Show what a report says; nothing without one."""
        self._report = report
        self._show()

    def _show(self) -> None:
        report = self._report
        key = self.choice.key if self.choice is not None else ""
        picture = self._plan.make(report, key) if report is not None else None
        self.setVisible(picture is not None)
        if report is None or picture is None:
            return
        self.chart.show_picture(picture)
        self.meaning.setText(picture.note)
        self._show_verdict(report)
        self._show_legend()

    def _show_verdict(self, report: Report) -> None:
        found = {verdict.measure: verdict for verdict in report.verdicts}
        mine = [found[name] for name in self._plan.verdicts if name in found]
        worst = next(iter(worst_first(mine)), None)
        self.verdict.setVisible(worst is not None and worst.grade != "fact")
        if worst is not None:
            self.verdict.setText(f"{SIGNS[worst.grade]} {value_text(worst)}")
            self.verdict.setToolTip(sentence_text(worst))
            self.verdict.setProperty("meaning", MEANINGS[worst.grade])
            restyle(self.verdict)

    def _show_legend(self) -> None:
        picture = self.chart.picture
        entries = picture.legend if picture is not None else ()
        marks = [
            f'<span style="color:{colour(tokens(), paint).name()}">'
            f"<b>{_DASHES[paint % 4] if isinstance(paint, int) else '━━'}</b></span>&nbsp;{name}"
            for name, paint in entries
        ]
        self.legend.setText("&nbsp;&nbsp; ".join(marks))
        self.legend.setVisible(bool(marks))

    def _name(self) -> str:
        title = self._plan.title
        return f"{self._report.model} - {title.lower()}" if self._report is not None else title

    def _numbers(self) -> Numbers:
        picture = self.chart.picture
        return picture.numbers if picture is not None else {}

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._show_legend()
        super().changeEvent(event)
