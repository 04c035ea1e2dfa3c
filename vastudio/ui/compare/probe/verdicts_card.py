"""The verdicts of a probe, worst first, beside those that the model file has stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from vastudio.app.probe.verdict import Verdict
from vastudio.ui.compare.probe.words import MEANINGS, SIGNS, goal_text, sentence_text, value_text
from vastudio.ui.widgets.card import Card, rule
from vastudio.ui.widgets.text import label

_COLUMNS = 2


class VerdictsCard(Card):
    """Two columns of verdicts, each with sign, value, goal and sentence; then the device's character."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Verdicts", parent)
        self._holder = QWidget()
        self.body.addWidget(self._holder)
        self.items: dict[str, VerdictItem] = {}

    def show_verdicts(self, verdicts: Sequence[Verdict], stored: Mapping[str, Verdict]) -> None:
        """Show these, in their order; `stored` are the ones of the model file by measure."""
        self.items = {
            verdict.measure: VerdictItem(verdict, stored.get(verdict.measure)) for verdict in verdicts
        }
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self.set_note(_comparison(verdicts, stored))
        judged = [verdict for verdict in verdicts if verdict.grade != "fact"]
        facts = [verdict for verdict in verdicts if verdict.grade == "fact"]
        row = self._fill(grid, judged, 0)
        if facts:
            grid.addWidget(rule(), row, 0, 1, _COLUMNS)
            grid.addWidget(label("Character: neither good nor bad", "title"), row + 1, 0, 1, _COLUMNS)
            self._fill(grid, facts, row + 2)
        self.body.replaceWidget(self._holder, holder)
        self._holder.hide()
        self._holder.deleteLater()
        self._holder = holder

    def _fill(self, grid: QGridLayout, verdicts: Sequence[Verdict], row: int) -> int:
        """Fill rows from `row` on; return the next free one."""
        for index, verdict in enumerate(verdicts):
            grid.addWidget(self.items[verdict.measure], row + index // _COLUMNS, index % _COLUMNS)
        return row - (-len(verdicts) // _COLUMNS)


class VerdictItem(QWidget):
    """One verdict in two lines: what, how much; what it means, the goal and what the file says."""

    def __init__(self, verdict: Verdict, stored: Verdict | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = verdict
        self.value = label(value_text(verdict), "", MEANINGS[verdict.grade])
        self.goal = label(goal_text(verdict), "note")
        self.sentence = label(sentence_text(verdict), "note", wrap=True)
        self.stored = label(_stored_text(verdict, stored), "note")
        self.stored.setVisible(bool(self.stored.text()))
        told = f"{verdict.title} {self.value.text()}. {self.sentence.text()} {self.stored.text()}"
        self.setAccessibleName(f"{verdict.grade}: {told}".strip())
        sign = label(SIGNS[verdict.grade], "title", MEANINGS[verdict.grade])
        sign.setFixedWidth(16)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
        top = Qt.AlignmentFlag.AlignTop
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.addWidget(sign, 0, 0, top)
        grid.addWidget(QLabel(verdict.title), 0, 1)
        grid.addWidget(self.value, 0, 2, right)
        grid.addWidget(self.sentence, 1, 1, top)
        grid.addWidget(self.goal, 1, 2, right)
        grid.addWidget(self.stored, 2, 1, 1, 2, right)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)


def _stored_text(verdict: Verdict, stored: Verdict | None) -> str:
    """What the model file says where that is something else."""
    if stored is None or value_text(stored) == value_text(verdict):
        return ""
    return f"the model file says {value_text(stored)}"


def _comparison(verdicts: Sequence[Verdict], stored: Mapping[str, Verdict]) -> str:
    """How many of the stored verdicts are found again."""
    both = [(verdict, stored[verdict.measure]) for verdict in verdicts if verdict.measure in stored]
    if not both:
        return ""
    same = sum(value_text(found) == value_text(before) for found, before in both)
    return f"{same} of {len(both)} as stored in the model file"
