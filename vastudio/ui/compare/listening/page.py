"""The Listening tab: prepare a blind test, take it, see what it showed.

Activities: sounds are prepared and sessions are read in the pool; a test itself runs in the window's thread,
and every answer is on the disk before the next trial. While a test runs the player plays its sounds only,
and nothing else can be chosen on the Compare page; leaving the tab stops the test and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from vastudio.app.listening import abx, answers, mushra, ratings
from vastudio.app.listening.excerpts import fitting, propose
from vastudio.app.listening.material import Excerpt
from vastudio.app.listening.preparing import (
    Candidate,
    Item,
    Prepared,
    distinct,
    prepare_abx,
    prepare_again,
    prepare_rating,
)
from vastudio.app.listening.sessions import Recorder, Session, read, read_all
from vastudio.errors import StudioError
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session as Studio
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.listening.abx_view import AbxView
from vastudio.ui.compare.listening.leaving import ask_to_leave
from vastudio.ui.compare.listening.mushra_view import MushraView
from vastudio.ui.compare.listening.results_view import ResultsView
from vastudio.ui.compare.listening.setup_view import SetupView
from vastudio.ui.compare.subject import Subject
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.notice import Notice

_CSV = "Tables (*.csv)"


class _Ready(NamedTuple):
    """Sounds that are prepared: for training, for a new test, or for the one in a file."""

    prepared: Prepared
    training: bool = False
    path: Path | None = None


class ListeningTab(QWidget):
    """One of four views: before a test, ABX, rating, results."""

    def __init__(
        self, session: Studio, feed: EngineFeed, subject: Subject, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._subject = session, subject
        self._is_active = False
        self._proposed: Excerpt | None = None
        self._items: tuple[Item, ...] = ()
        self._stored: dict[Path, Session] = {}
        self._recorder: Recorder | None = None
        self.notice = Notice()
        self.setup = SetupView()
        self.abx = AbxView(session)
        self.mushra = MushraView(session)
        self.results = ResultsView()
        self._views = QStackedWidget()
        self._preparing = self._work(self._begin)
        self._preparing.busy_changed.connect(self.setup.show_busy)
        self._proposing = self._work(self._take_proposal)
        self._reading = self._work(self._show_stored)
        self._pooling = self._work(self._show_pooled)
        self._arrange()
        self._connect()

    def _work(self, on_done: Callable[..., None]) -> Latest:
        work = Latest(self._session.pool, self)
        work.done.connect(on_done)
        work.failed.connect(self._show_error)
        return work

    def _arrange(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(16, 0, 16, 0)
        top.addWidget(self.notice)
        for view in (self.setup, self.abx, self.mushra, self.results):
            self._views.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self._views, 1)

    def _connect(self) -> None:
        subject, setup = self._subject, self.setup
        subject.pair_changed.connect(self._look_for_excerpt)
        subject.excerpt_changed.connect(self._show_excerpt)
        subject.columns_changed.connect(self._show_models)
        setup.start_requested.connect(self._prepare)
        setup.proposal_requested.connect(self._use_proposal)
        setup.item_added.connect(self._add_item)
        setup.items_cleared.connect(lambda: self._set_items(()))
        setup.sessions.shown.connect(self._show_result)
        setup.sessions.resumed.connect(self._resume)
        setup.sessions.given_up.connect(self._give_up)
        setup.sessions.export_requested.connect(lambda: self._export(tuple(self._stored.values())))
        self.results.back_requested.connect(self._show_setup)
        self.results.export_requested.connect(lambda: self._export(self.results.together))
        for view in (self.abx, self.mushra):
            view.done.connect(self._finish)
            view.failed.connect(self._show_error)
            view.leave_requested.connect(self._ask_to_leave)

    # --- being shown ----------------------------------------------------------------------------------

    def activate(self) -> None:
        """The tab comes up."""
        self._is_active = True
        self._show_models()
        self._look_for_excerpt()
        self._show_setup()

    def deactivate(self) -> None:
        """The tab goes: a test that runs is stopped and kept, training ends."""
        if not self._is_active:
            return
        self._is_active = False
        self._preparing.forget()
        self._proposing.forget()
        self._stop()

    @property
    def is_running(self) -> bool:
        """Whether a test or training runs."""
        return self._recorder is not None

    def _show_setup(self) -> None:
        self._views.setCurrentWidget(self.setup)
        self._reading.submit(read_all)

    def _show_error(self, error: StudioError) -> None:
        self.notice.show_error(error)

    # --- what is at hand ------------------------------------------------------------------------------

    def _show_models(self) -> None:
        self.setup.show_models(self._names(), self._subject.heard)

    def _look_for_excerpt(self) -> None:
        self._proposed = None
        pair = self._subject.pair
        if self._is_active and pair is not None:
            self._proposing.submit(partial(propose, pair.target, pair.sample_rate))
        self._show_excerpt()

    def _take_proposal(self, excerpt: Excerpt) -> None:
        self._proposed = excerpt
        self._show_excerpt()

    def _use_proposal(self) -> None:
        """Select the proposed stretch, so that the views show it and the loop plays it."""
        if self._proposed is not None:
            start = self._proposed.start
            self._subject.set_excerpt((start, start + self._proposed.seconds))

    @property
    def _excerpt(self) -> Excerpt | None:
        return fitting(self._subject.excerpt) or self._proposed

    def _show_excerpt(self) -> None:
        self.setup.show_excerpt(self._excerpt, self._subject.excerpt)

    def _item(self) -> Item | None:
        """What would be listened to now: every model's knobs as they stand, by their names."""
        pair, excerpt, subject = self._subject.pair, self._excerpt, self._subject
        if pair is None or excerpt is None or not subject.columns:
            return None
        knobs: dict[str, float] = {}
        for place in range(len(subject.columns)):
            knobs |= subject.values_of(place)
        return Item(pair, excerpt, knobs | subject.values_of(subject.heard))

    def _add_item(self) -> None:
        item = self._item()
        if item is not None and all(item.title != other.title for other in self._items):
            self._set_items((*self._items, item))

    def _set_items(self, items: tuple[Item, ...]) -> None:
        self._items = items
        self.setup.show_items(items)

    def _candidates(self) -> list[Candidate]:
        return [
            Candidate(name, column.opened.path, column.playable)
            for name, column in zip(self._names(), self._subject.columns, strict=True)
        ]

    def _names(self) -> list[str]:
        """What tells the models apart: their names, or their files where names are alike."""
        columns = self._subject.columns
        names = [column.model.name for column in columns]
        return distinct(
            [
                column.opened.path.stem if names.count(name) > 1 else name
                for name, column in zip(names, columns, strict=True)
            ]
        )

    # --- a test ---------------------------------------------------------------------------------------

    def _prepare(self, training: bool) -> None:
        item, models = self._item(), self._candidates()
        if item is None or self.is_running:
            return
        self.notice.clear()
        setup, heard = self.setup, self._subject.heard
        listener = setup.listener.text()
        if setup.kind == "mushra":
            items = self._items or (item,)
            self._preparing.submit(lambda: _Ready(prepare_rating(listener, models, items)))
        else:
            plan = abx.AbxPlan(trials=setup.trials.value(), mode=setup.kind, training=training)
            self._preparing.submit(lambda: _Ready(prepare_abx(listener, plan, models[heard], item), training))

    def _resume(self, path: Path) -> None:
        session, pair = self._stored[path], self._subject.pair
        self.notice.clear()
        self._preparing.submit(lambda: _Ready(prepare_again(session, pair), path=path))

    def _begin(self, ready: _Ready) -> None:
        if not self._is_active:
            return
        session, materials = ready.prepared.session, ready.prepared.materials
        try:
            if ready.path is not None:
                recorder = Recorder.resume(ready.path)
            else:
                recorder = Recorder.rehearse(session) if ready.training else Recorder.begin(session)
        except StudioError as error:
            self._show_error(error)
            return
        self._recorder = recorder
        self._subject.set_locked(True)
        if isinstance(session.test, abx.AbxState):
            self._views.setCurrentWidget(self.abx)
            self.abx.begin(recorder, next(iter(materials.values())))
        else:
            self._views.setCurrentWidget(self.mushra)
            self.mushra.begin(recorder, materials)

    def _stop(self) -> Session | None:
        """End what runs; what was answered is kept. Returns its session."""
        if self._recorder is None:
            return None
        session, self._recorder = self._recorder.session, None
        self.abx.end()
        self.mushra.end()
        self._subject.set_locked(False)
        return session

    def _finish(self) -> None:
        session = self._stop()
        if session is None:
            return
        if isinstance(session.test, abx.AbxState) and session.test.plan.training:
            self._show_results(lambda: self.results.show_training(session))
        else:
            self._pooling.submit(lambda: (session, read_all()[0]))

    def _show_pooled(self, found: tuple[Session, dict[Path, Session]]) -> None:
        session, self._stored = found
        self._show_results(lambda: self.results.show_session(session, tuple(self._stored.values())))

    def _show_results(self, show: Callable[[], None]) -> None:
        show()
        self._views.setCurrentWidget(self.results)
        self.results.back.setFocus()

    def _ask_to_leave(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        if recorder.path is None:
            self._leave()
            return
        question = ask_to_leave(self, keep=self._leave, give_up=lambda: self._leave(give_up=True))
        question.finished.connect(self._go_on_with_keys)

    def _go_on_with_keys(self) -> None:
        """Keys belong to the test again, where the person stays."""
        view = self._views.currentWidget()
        if self.is_running and view is not None:
            view.setFocus()

    def _leave(self, *, give_up: bool = False) -> None:
        recorder = self._recorder
        if recorder is not None and give_up:
            self._abandon(recorder)
        self._stop()
        self._show_setup()

    def _give_up(self, path: Path) -> None:
        try:
            self._abandon(Recorder.resume(path))
        except StudioError as error:
            self._show_error(error)
        self._show_setup()

    def _abandon(self, recorder: Recorder) -> None:
        is_abx = isinstance(recorder.session.test, abx.AbxState)
        try:
            recorder.do(abx.Abandon() if is_abx else mushra.Abandon())
        except StudioError as error:
            self._show_error(error)

    # --- what there is --------------------------------------------------------------------------------

    def _show_stored(self, stored: tuple[dict[Path, Session], list[str]]) -> None:
        self._stored, notes = stored
        self.setup.sessions.show_sessions(self._stored)
        if not self.setup.listener.text() and self._stored:
            self.setup.listener.setText(list(self._stored.values())[-1].listener)
        if notes:
            self.notice.say(notes[0], details="\n".join(notes[1:]), severity="warning")

    def _show_result(self, path: Path) -> None:
        self._pooling.submit(lambda: (read(path), read_all()[0]))

    def _export(self, sessions: tuple[Session, ...]) -> None:
        """ABX answers and ratings are different tables: one file for each that there is."""
        kinds = (
            ("abx answers", answers.export_csv, abx.AbxState),
            ("ratings", ratings.export_csv, mushra.MushraState),
        )
        for name, export, kind in kinds:
            of_kind = [s for s in sessions if isinstance(s.test, kind) and s.is_finished]
            if of_kind:
                save = partial(self._save, partial(export, of_kind))
                dialogs.ask_where_to_save(self, f"Save {name}", Path(f"{name}.csv"), _CSV, save)

    def _save(self, export: Callable[[Path], None], path: Path) -> None:
        try:
            export(path)
        except StudioError as error:
            self._show_error(error)
        else:
            self.notice.say(f"Saved {path.name}.", severity="good")
