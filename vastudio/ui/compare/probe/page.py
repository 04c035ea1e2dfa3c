"""The Probe tab: what the probe finds, in words and pictures, at any knob position of any model.

Activities: the window's thread asks and shows; the probe runs in the pool, tells after every measure how far
it is, and ends there when it is cancelled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from vastudio.app.comparison.pair import recorded_values
from vastudio.app.probe import basics
from vastudio.app.probe.quick import Recording
from vastudio.app.probe.recordings import held_out
from vastudio.app.probe.report import Report, report
from vastudio.app.probe.subject import Subject as Probed
from vastudio.app.probe.verdict import Verdict, worst_first
from vastudio.atomic import write_text
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.errors import StudioError
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob, KnobValues
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask
from vastudio.ui.bridge.task import Report as Tell
from vastudio.ui.compare.columns import Column
from vastudio.ui.compare.probe import pictures
from vastudio.ui.compare.probe.head_card import INVITATION, HeadCard
from vastudio.ui.compare.probe.picture_card import PictureCard
from vastudio.ui.compare.probe.verdicts_card import VerdictsCard
from vastudio.ui.compare.probe.words import counted
from vastudio.ui.compare.subject import Subject
from vastudio.ui.widgets import dialogs, numbers
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.scroll import scrolling

_COLUMNS = 2


@dataclass(frozen=True)
class Finding:
    """A report, and the column it is of."""

    column: Column
    report: Report


class ProbeTab(QWidget):
    """A head, the verdicts, and a grid of pictures."""

    def __init__(
        self, session: Session, feed: EngineFeed, subject: Subject, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._subject = session, subject
        self._column: Column | None = None
        self._found: dict[Column, Report] = {}
        self._task = LongTask(session.pool, self)
        self.head = HeadCard()
        self.notice = Notice()
        self.verdicts = VerdictsCard()
        gallery = QWidget()
        self._grid = QGridLayout(gallery)
        self.cards = tuple(PictureCard(plan, gallery) for plan in pictures.ALL)
        self._arrange(gallery)
        self._connect()
        self._list_models()

    def _arrange(self, gallery: QWidget) -> None:
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(16, 0, 16, 16)
        column.setSpacing(12)
        for widget in (self.head, self.notice, self.verdicts, gallery):
            column.addWidget(widget)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        for index in range(_COLUMNS):
            self._grid.setColumnStretch(index, 1)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(full, "Probe"))

    def _connect(self) -> None:
        head, task = self.head, self._task
        self._subject.columns_changed.connect(self._list_models)
        self._session.knobs_changed.connect(self._follow_knobs)
        head.model_chosen.connect(self._choose)
        head.probe_requested.connect(self.probe)
        head.cancel_requested.connect(task.cancel)
        self._session.closing.connect(task.cancel)
        head.json_requested.connect(self._ask_where_to_save)
        task.running_changed.connect(head.show_running)
        task.progressed.connect(head.show_progress)
        task.done.connect(self._take)
        task.failed.connect(self.notice.show_error)
        task.cancelled.connect(lambda: self.notice.say("Cancelled: what was measured before stays."))

    def activate(self) -> None:
        """The tab comes up."""
        self._follow_knobs()

    def deactivate(self) -> None:
        """The tab goes: nobody waits for a probe that runs."""
        self._task.cancel()

    @property
    def report(self) -> Report | None:
        """What was found of the chosen model."""
        return self._found.get(self._column) if self._column is not None else None

    # --- what is probed -------------------------------------------------------------------------------

    def _list_models(self) -> None:
        columns = self._subject.columns
        self._found = {column: found for column, found in self._found.items() if column in columns}
        index = columns.index(self._column) if self._column in columns else self._subject.heard
        self.head.show_models([column.model.name for column in columns], index)
        if not columns:
            self._column = None
            self._show()
        elif columns[index] is not self._column:
            self._choose(index)

    def _choose(self, index: int) -> None:
        """Show another model."""
        self._task.cancel()
        self._column = self._subject.columns[index]
        self.notice.clear()
        self.head.position.show_knobs(self._column.model.knobs, self._subject.values_of(index))
        self._show()

    def _follow_knobs(self) -> None:
        columns = self._subject.columns
        if self._column in columns:
            self.head.position.follow(self._subject.values_of(columns.index(self._column)))

    # --- probing --------------------------------------------------------------------------------------

    def probe(self) -> None:
        """Measure the chosen model at the chosen position."""
        column = self._column
        if column is None or self._task.is_running:
            return
        self.notice.clear()
        material = _Material(self._session.studio.dataset, self._own_pair())
        self._task.run(partial(_probe, column, self.head.position.values, material))

    def _own_pair(self) -> Recording | None:
        """The compared pair, where it comes from files whose knob position is known."""
        pair = self._subject.pair
        if pair is None or pair.capture or self._column is None:
            return None
        if not pair.knobs and self._column.model.knobs:
            return None
        return Recording(pair.clean, pair.target, recorded_values(self._column.model.knobs, pair))

    def _take(self, finding: Finding) -> None:
        if finding.column in self._subject.columns:
            self._found[finding.column] = finding.report
        if finding.column is self._column:
            self._show()

    # --- showing --------------------------------------------------------------------------------------

    def _show(self) -> None:
        found = self.report
        stored = stored_verdicts(self._column.model) if self._column is not None else {}
        self.head.save.setEnabled(found is not None)
        verdicts = found.verdicts if found is not None else worst_first(stored.values())
        self.verdicts.setVisible(bool(verdicts))
        self.verdicts.show_verdicts(verdicts, stored if found is not None else {})
        self.head.show_summary(*self._summary(found, verdicts))
        for card in self.cards:
            self._grid.removeWidget(card)
            card.show_report(found)
        shown = [card for card in self.cards if not card.isHidden()]
        for index, card in enumerate(shown):
            self._grid.addWidget(card, index // _COLUMNS, index % _COLUMNS)

    def _summary(self, found: Report | None, verdicts: tuple[Verdict, ...]) -> tuple[str, str]:
        if self._column is None:
            return "No model is open", "Open one on the Play page."
        if found is not None:
            place = position_text(self._column.model.knobs, found.knobs)
            return counted(verdicts), f"Measured at {place}; silence and level at every corner of the knobs."
        if verdicts:
            return f"{counted(verdicts)}, says the model file", f"It was probed after training. {INVITATION}"
        return "", INVITATION

    def _ask_where_to_save(self) -> None:
        found = self.report
        if found is not None:
            text = json.dumps(found.record(), indent=2, allow_nan=False) + "\n"
            proposal = Path(f"{found.model} - probe.json")
            dialogs.ask_where_to_save(
                self, "Save the probe", proposal, dialogs.JSON_FILTER, partial(self._save, text)
            )

    def _save(self, text: str, path: Path) -> None:
        try:
            write_text(path, text)
        except StudioError as error:
            self.notice.show_error(error)
        else:
            self.notice.say(f"Saved {path.name}.", str(path.parent), severity="good")


@dataclass(frozen=True)
class _Material:
    """What the model may be held against: the open dataset, or the compared pair of files."""

    dataset: Dataset | None
    pair: Recording | None

    def recordings(self, model: PlayableModel) -> tuple[Recording, ...]:
        """Worker: recordings of the modelled device; none where nothing fits the model."""
        if self.pair is not None:
            return (self.pair,)
        if self.dataset is None:
            return ()
        try:
            return held_out(model, self.dataset)
        except StudioError:
            return ()


def _probe(column: Column, values: KnobValues, material: _Material, tell: Tell) -> Finding:
    """Worker: the whole probe."""
    recordings = material.recordings(column.playable)
    return Finding(column, report(Probed.of(column.playable), values, recordings, tell))


def stored_verdicts(model: ModelFile) -> Mapping[str, Verdict]:
    """What the probe after training found, by measure; nothing for a model without one."""
    probe = model.evaluation.probe if model.evaluation is not None else None
    return {verdict.measure: verdict for verdict in basics.judge(probe)} if probe is not None else {}


def position_text(knobs: tuple[Knob, ...], values: KnobValues) -> str:
    """`Drive 0.50, Tone 0.50`."""
    texts = [f"{knob.title} {numbers.knob_text(knob, values[knob.name])}" for knob in knobs]
    return ", ".join(texts) if texts else "its only position"
