"""What would become of a model in a format: exact, or learned by whom and for how long, and why."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vastudio.app.exporting.distilling import MINUTES, STUDENTS, USUAL, Student
from vastudio.app.exporting.export import Outlook
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets.text import label

_EXACT = "Exact: the file plays what the model plays. It is read back and compared before it is kept."
_LONGEST_MINUTES = 240.0


class Verdict(QWidget):
    """An icon and a sentence; where a network has to learn, who and for how long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self.sentence = label("", wrap=True)
        self.remarks = label("", "note", wrap=True)
        self.student = QComboBox()
        self.student.setAccessibleName("Network that learns")
        self.student.setToolTip("Larger networks come closer, learn longer, and take more of the processor")
        self.minutes = QDoubleSpinBox()
        self.minutes.setRange(0.5, _LONGEST_MINUTES)
        self.minutes.setDecimals(1)
        self.minutes.setValue(MINUTES)
        self.minutes.setSuffix(" min")
        self.minutes.setAccessibleName("Minutes of learning, for each file")
        self.minutes.setToolTip("How long the network learns, for each file")
        self._learning = QWidget()
        row = QHBoxLayout(self._learning)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label("Learned by", "quiet"))
        row.addWidget(self.student, 1)
        row.addWidget(label("for", "quiet"))
        row.addWidget(self.minutes)
        said = QHBoxLayout()
        said.setSpacing(9)
        said.addWidget(self._icon)
        said.addWidget(self.sentence, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(said)
        column.addWidget(self._learning)
        column.addWidget(self.remarks)

    @property
    def learner(self) -> Student | None:
        """Who is to learn; None where nobody has to."""
        key = self.student.currentData()
        return None if self._learning.isHidden() or key is None else STUDENTS[key]

    def show_outlook(self, form: str, outlook: Outlook, *, live: bool) -> None:
        """Say what would become of the model, at a position or with its knobs `live`."""
        theme = tokens()
        name, colour = ("check", theme.meaning.good) if outlook.is_exact else ("info", theme.meaning.warning)
        self._icon.setPixmap(icons.pixmap(name, colour, 18))
        reason = f"{outlook.problem[:1].upper()}{outlook.problem[1:]}"
        self.sentence.setText(
            _EXACT
            if outlook.is_exact
            else f"Not exact: {reason}. A network of that program learns this model "
            f"{'and its knobs' if live else 'at the position'}."
        )
        self.remarks.setText(" ".join(outlook.remarks))
        self.remarks.setVisible(bool(outlook.remarks))
        self._learning.setVisible(not outlook.is_exact)
        if not outlook.is_exact:
            self._offer(form, live=live)

    def _offer(self, form: str, *, live: bool) -> None:
        fitting = [
            student
            for student in STUDENTS.values()
            if form in student.formats and not (live and student.hidden is None)
        ]
        if [self.student.itemData(index) for index in range(self.student.count())] == [
            s.key for s in fitting
        ]:
            return
        self.student.clear()
        for student in fitting:
            self.student.addItem(student.title, student.key)
        self.student.setCurrentIndex(self.student.findData(USUAL[form]))
