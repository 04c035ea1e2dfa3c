"""The export dialog: a model goes to another program, and what came of it is said.

Activities: reading the model, judging it and writing files run in the session's pool; the dialog can stay
open while something is played.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.app.exporting.distilling import Learning
from vastudio.app.exporting.export import (
    Choice,
    Exported,
    Outlook,
    export_positions,
    formats,
    keeps_knobs,
    outlook,
)
from vastudio.app.exporting.export import (
    export_model as write_model,
)
from vastudio.app.exporting.labelling import label_of
from vastudio.app.exporting.positions import file_name, of_dataset
from vastudio.errors import KnobError, StudioError
from vastudio.modelfile import reading
from vastudio.modelfile.schema import ModelFile
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask, Report
from vastudio.ui.bridge.work import Latest
from vastudio.ui.export import words
from vastudio.ui.export.label_form import LabelForm
from vastudio.ui.export.verdict import Verdict
from vastudio.ui.export.where_panel import WherePanel
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

_TITLES = {"nam": "Neural Amp Modeler", "aidax": "AIDA-X", "guitarml": "GuitarML"}
_STEPS = 1000


def export_model(parent: QWidget, session: Session, path: Path) -> ExportDialog:
    """Ask how a model is to be exported, and do it. Returns the dialog, which frees itself when closed."""
    dialog = ExportDialog(session, path, parent)
    dialog.show()
    return dialog


@dataclass(frozen=True)
class _Judged:
    """A model, and what would become of it in every format: at a position, and with live knobs."""

    model: ModelFile
    fixed: Mapping[str, Outlook]
    live: Mapping[str, Outlook]
    recorded: list[dict[str, float]]


class ExportDialog(QDialog):
    """Format, knobs and label; then where to, progress and result."""

    def __init__(self, session: Session, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Export model")
        self.setMinimumWidth(860)
        self._session, self._path = session, path
        self._judged: _Judged | None = None
        self.heading = label("Reading the model…", "title")
        self.form = Segmented("Format", [Segment(key, text, tip=_tip(key)) for key, text in _TITLES.items()])
        self.verdict, self.where, self.label = Verdict(), WherePanel(), LabelForm()
        self.progress = QProgressBar()
        self.progress.setRange(0, _STEPS)
        self.progress.setAccessibleName("Export")
        self.stage = label("", "note")
        self.notice = Notice()
        self.cancel, self.ok = QPushButton("Close"), QPushButton("Export…")
        self._arrange()
        self.task = LongTask(session.pool, self)
        self._judging = Latest(session.pool, self)
        self._connect()
        self._judging.submit(lambda: _judge(session, path))

    def _arrange(self) -> None:
        self._cards = [
            _card("Program", self.form, self.verdict),
            _card("Knobs", self.where),
            _card("Written on the model", self.label),
        ]
        self.cancel.setAutoDefault(False)
        self.ok.setProperty("kind", "primary")
        self.ok.setDefault(True)
        self.ok.setToolTip("Choose where to write, then write and compare")
        self.cancel.setToolTip("Close; an export that runs ends and leaves nothing half-written")
        buttons = QHBoxLayout()
        buttons.addWidget(self.stage, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.ok)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 16)
        column.setSpacing(12)
        column.addWidget(self.heading)
        column.addLayout(self._columns(), 1)
        column.addWidget(self.notice)
        column.addWidget(self.progress)
        column.addLayout(buttons)
        self.ok.setEnabled(False)
        self.progress.hide()

    def _columns(self) -> QHBoxLayout:
        """What it becomes and where the knobs stand at the left, what is written on it at the right."""
        left, row = QVBoxLayout(), QHBoxLayout()
        for card in self._cards[:2]:
            left.addWidget(card)
        left.addStretch(1)
        for layout in (left, row):
            layout.setSpacing(12)
        row.addLayout(left, 5)
        row.addWidget(self._cards[2], 4)
        for card in self._cards:
            card.setEnabled(False)
        return row

    def _connect(self) -> None:
        self._judging.done.connect(self._show)
        self._judging.failed.connect(self._refuse)
        self.form.chosen.connect(self._update)
        self.where.changed.connect(self._update)
        self.ok.clicked.connect(self._ask_where)
        self.cancel.clicked.connect(self.reject)
        self.task.progressed.connect(self._progress)
        self.task.done.connect(self._finish)
        self.task.failed.connect(self.notice.show_error)
        self.task.cancelled.connect(
            lambda: self.notice.say("Cancelled.", "Nothing half-written was left behind.")
        )
        self.task.running_changed.connect(self._run)
        self._session.closing.connect(self.task.cancel)

    # --- what would become of it ------------------------------------------------------------------------

    def _show(self, judged: _Judged) -> None:
        self._judged = judged
        model, studio = judged.model, self._session.studio
        is_open = studio.model_path is not None and _same(studio.model_path, self._path)
        values = studio.knob_values if is_open else {}
        self.heading.setText(f"Export “{model.name}”")
        self.where.show_model(model.knobs, values, judged.recorded)
        self._cards[1].setVisible(bool(model.knobs))
        self.label.show_label(label_of(model))
        for card in self._cards:
            card.setEnabled(True)
        exact = [key for key in _TITLES if judged.fixed[key].is_exact]
        if exact:
            self.form.select(exact[0])
        self._update()
        self.ok.setFocus()

    def _refuse(self, error: StudioError) -> None:
        self.heading.setText("This model cannot be exported")
        self.notice.show_error(error)

    def _update(self) -> None:
        """Follow the format and the knobs."""
        if self._judged is None:
            return
        form = self.form.key
        live = self._judged.live[form]
        can_turn = live.is_exact or keeps_knobs(self._judged.model, form)
        self.where.set_live_available(
            can_turn, "The knobs can be turned in the other program" if can_turn else _why(live)
        )
        is_live = self.where.where == "live"
        self.verdict.show_outlook(form, live if is_live else self._judged.fixed[form], live=is_live)
        self.ok.setEnabled(not self.task.is_running)

    # --- writing ----------------------------------------------------------------------------------------

    def _ask_where(self) -> None:
        if self._judged is None:
            return
        model, suffix = self._judged.model, formats()[self.form.key].suffix
        try:
            written = self.label.read()
            places = self.where.positions() if self.where.where == "several" else []
        except StudioError as error:
            self.notice.show_error(error)
            return
        self.notice.clear()
        if places:
            dialogs.ask_for_folder(
                self, "Folder for the models", lambda folder: self.start_several(folder, places)
            )
            return
        knobs = () if self.where.where == "live" else model.knobs
        name = file_name(written.name or model.name, knobs, self.where.position(), suffix)
        dialogs.ask_where_to_save(
            self, "Export model", Path(name), f"{_TITLES[self.form.key]} (*{suffix})", self.start
        )

    def start(self, path: Path) -> None:
        """Write one file to `path`."""
        judged = self._judged
        assert judged is not None
        choice, values = self._choice(), self.where.position()
        written = replace(self.label.read(), name=self.label.lines["name"].text().strip() or path.stem)

        def work(report: Report) -> list[Exported | StudioError]:
            def tell(learning: Learning) -> None:
                report(round(learning.done * _STEPS), _STEPS, words.told(learning))

            return [write_model(judged.model, path, choice, values, written, tell)]

        self.task.run(work)

    def start_several(self, folder: Path, places: list[dict[str, float]]) -> None:
        """Write a file for every position into `folder`."""
        judged = self._judged
        assert judged is not None
        choice, written = self._choice(), self.label.read()

        def work(report: Report) -> list[Exported | StudioError]:
            def tell(done: int, total: int, learning: Learning) -> None:
                share = (done + learning.done) / total
                report(round(share * _STEPS), _STEPS, f"{done + 1} of {total}: {words.told(learning)}")

            return export_positions(judged.model, folder, choice, places, written, tell)

        self.task.run(work)

    def _choice(self) -> Choice:
        return Choice(
            self.form.key,
            live=self.where.where == "live",
            learner=self.verdict.learner,
            minutes=self.verdict.minutes.value(),
            leave_core_free=not self._session.studio.player.is_silent,
        )

    def _run(self, running: bool) -> None:
        for card in self._cards:
            card.setEnabled(not running)
        self.ok.setEnabled(not running and self._judged is not None)
        self.cancel.setText("Cancel" if running else "Close")
        self.progress.setVisible(running)
        self.progress.setRange(0, 0 if running else _STEPS)
        if not running:
            self.stage.setText("")

    def _progress(self, done: int, total: int, text: str) -> None:
        self.progress.setRange(0, total if done else 0)
        self.progress.setValue(done)
        self.stage.setText(text)

    def _finish(self, found: list[Exported | StudioError]) -> None:
        written = [each for each in found if isinstance(each, Exported)]
        failed = [each for each in found if isinstance(each, StudioError)]
        if not written:
            self.notice.show_error(failed[0] if failed else KnobError("There is nothing to export."))
            return
        self._session.library_changed.emit()
        details = "\n".join([*map(words.line, written), *map(str, failed)]) if len(found) > 1 else ""
        if failed:
            said = f"{len(written)} of {len(found)} files are written."
            self.notice.say(said, str(failed[0]), details, severity="warning")
        else:
            self.notice.say(*words.result(written), details, severity="good")

    # --- leaving ----------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """An export that runs ends first."""
        if not self.task.is_running:
            super().closeEvent(event)
            return
        event.ignore()
        self.reject()
        self.task.running_changed.connect(lambda running: None if running else self.close())

    def reject(self) -> None:
        """Escape and the button: end an export that runs, else close."""
        if not self.task.is_running:
            super().reject()
            return
        self.task.cancel()
        self.stage.setText("Cancelling…")


def _judge(session: Session, path: Path) -> _Judged:
    """Pool thread: read the model, and look at every format."""
    model = reading.load(path)
    dataset, recorded = session.studio.dataset, []
    if dataset is not None and model.knobs:
        try:
            recorded = of_dataset(dataset, model.knobs)
        except StudioError:
            recorded = []
    fixed = {key: outlook(model, key, {}) for key in _TITLES}
    live = {key: outlook(model, key, {}, live=True) for key in _TITLES}
    return _Judged(model, fixed, live, recorded)


def _card(title: str, *widgets: QWidget) -> Card:
    card = Card(title)
    for widget in widgets:
        card.body.addWidget(widget)
    return card


def _same(first: Path, second: Path) -> bool:
    return first.resolve() == second.resolve()


def _tip(key: str) -> str:
    return f"Files of {formats()[key].title}"


def _why(live: Outlook) -> str:
    return f"Not here: {live.problem}"
