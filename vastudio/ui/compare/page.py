"""The Compare page: what is compared at the top, and tabs that see, hear, probe and report it.

A tab is a widget made from (session, feed, subject) with `activate()` and `deactivate()`: one line of `TABS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from vastudio.errors import DatasetError
from vastudio.modelfile.store import SUFFIX
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.compare.column_strip import ColumnStrip
from vastudio.ui.compare.empty import EmptyCompare
from vastudio.ui.compare.file_pair_dialog import AUDIO_SUFFIXES, FilePairDialog
from vastudio.ui.compare.listening.page import ListeningTab
from vastudio.ui.compare.pair_choice import PairChoice
from vastudio.ui.compare.probe.page import ProbeTab
from vastudio.ui.compare.report.page import ReportTab
from vastudio.ui.compare.subject import Subject
from vastudio.ui.compare.views.page import ViewsTab
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.segmented import Segment, Segmented


class Tab(Protocol):
    """What the page asks of a tab."""

    def __init__(self, session: Session, feed: EngineFeed, subject: Subject) -> None:
        """Show `subject`, whenever it changes."""

    def activate(self) -> None:
        """The tab comes up."""

    def deactivate(self) -> None:
        """The tab, or the page, goes."""


@dataclass(frozen=True)
class TabEntry:
    """A tab: its key, what its button says, its tooltip, what makes it, and whether it needs recordings."""

    key: str
    title: str
    tip: str
    make: type[Tab]
    needs_pair: bool = True


TABS: tuple[TabEntry, ...] = (
    TabEntry("views", "Views", "See and measure clean, target and model", ViewsTab),
    TabEntry("listening", "Listening", "Find out whether anyone hears the difference", ListeningTab),
    TabEntry("probe", "Probe", "Find out how the model behaves by itself", ProbeTab, needs_pair=False),
    TabEntry(
        "report",
        "Report",
        "Write what is known of the models into one web page",
        ReportTab,
        needs_pair=False,
    ),
)


class ComparePage(QWidget):
    """While it is shown, the player loops the chosen pair with the knobs at its position."""

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_active = False
        self._shown = TABS[0].key
        self._knobs_before: dict[str, float] = {}
        self._model_before: object = None
        self.subject = Subject(session, self)
        self.choice = PairChoice(session)
        self.strip = ColumnStrip(session, self.subject)
        self.notice = Notice()
        self.empty = EmptyCompare()
        self.tab_choice = Segmented("Compare", [Segment(tab.key, tab.title, tip=tab.tip) for tab in TABS])
        self.tabs: dict[str, Tab] = {tab.key: tab.make(session, feed, self.subject) for tab in TABS}
        self._stack = QStackedWidget(self)
        self._tab_stack = QStackedWidget(self._stack)
        self.setAcceptDrops(True)
        self._arrange()
        self._connect()
        self._show_dataset()

    @property
    def views(self) -> ViewsTab:
        """The Views tab."""
        return cast(ViewsTab, self.tabs["views"])

    def _arrange(self) -> None:
        for tab in self.tabs.values():
            self._tab_stack.addWidget(cast(QWidget, tab))
        header = QHBoxLayout()
        header.setSpacing(10)
        header.addWidget(self.tab_choice)
        header.addWidget(self.choice, 1)
        top = QVBoxLayout()
        top.setContentsMargins(16, 14, 16, 12)
        top.setSpacing(12)
        top.addLayout(header)
        top.addWidget(self.strip)
        top.addWidget(self.notice)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._tab_stack)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(top)
        outer.addWidget(self._stack, 1)

    def _connect(self) -> None:
        session, subject = self._session, self.subject
        session.dataset_changed.connect(self._show_dataset)
        session.model_changed.connect(self._choose_state)
        self.choice.clip_chosen.connect(self._start_over)
        self.choice.files_requested.connect(self.ask_for_files)
        self.empty.files_requested.connect(self.ask_for_files)
        self.views.stage.positions.position_chosen.connect(self.choice.choose)
        self.tab_choice.chosen.connect(self.show_tab)
        subject.pair_changed.connect(self._show_pair)
        session.model_changed.connect(self._say_notes)
        subject.failed.connect(self.notice.show_error)
        subject.locked_changed.connect(self._lock)

    # --- being shown ----------------------------------------------------------------------------------

    @property
    def tab(self) -> Tab:
        """The tab that is shown."""
        return self.tabs[self._shown]

    def show_tab(self, key: str) -> None:
        """Show a tab."""
        if self._is_active and key != self._shown:
            self.tabs[self._shown].deactivate()
            self.tabs[key].activate()
        self._shown = key
        self.tab_choice.select(key)
        self._tab_stack.setCurrentWidget(cast(QWidget, self.tabs[key]))
        self._choose_state()

    def activate(self) -> None:
        """The page comes up: loop the pair, knobs at its position; remember where they stood."""
        self._is_active = True
        self._session.set_comparing(True)
        self._knobs_before = dict(self._session.studio.knob_values)
        self._model_before = self._session.studio.model
        self.subject.set_active(True)
        self._start_over()
        self.tab.activate()

    def deactivate(self) -> None:
        """The page goes: the demo phrase again, and the knobs where they stood."""
        if not self._is_active:
            return
        self._is_active = False
        self.tab.deactivate()
        self.subject.set_active(False)
        self._session.set_comparing(False)
        if self.subject.pair is not None:
            self._session.use_demo_phrase()
        if self._session.studio.model is self._model_before and self._knobs_before:
            self._session.set_knobs(self._knobs_before)

    def _lock(self, locked: bool) -> None:
        self.tab_choice.setDisabled(locked)
        self.choice.setDisabled(locked)
        self.strip.setDisabled(locked)

    # --- what is compared -----------------------------------------------------------------------------

    def _show_dataset(self) -> None:
        dataset = self._session.studio.dataset
        if dataset is not None:
            try:
                self.choice.show_dataset(dataset, dataset.captures())
            except DatasetError as error:
                self.choice.show_dataset(dataset, ())
                self.notice.show_error(error)
        self._choose_state()
        self._start_over()

    def _choose_state(self) -> None:
        studio = self._session.studio
        has_model = studio.model is not None
        has_dataset = studio.dataset is not None or self.subject.pair is not None
        self.empty.explain(has_model=has_model, has_dataset=has_dataset)
        needs_pair = next(entry.needs_pair for entry in TABS if entry.key == self._shown)
        self._stack.setCurrentIndex(1 if has_model and (has_dataset or not needs_pair) else 0)

    def _start_over(self) -> None:
        """Read the chosen clip."""
        dataset, chosen = self._session.studio.dataset, self.choice.chosen
        if self._is_active and dataset is not None and chosen is not None:
            capture, clip = chosen
            self.subject.choose_clip(dataset, capture.id, clip)

    def ask_for_files(self, files: Sequence[Path] = ()) -> FilePairDialog:
        """Ask for two files to compare with, beginning with these."""
        model = self._session.studio.model
        knobs = model.knobs if model else ()
        dialog = FilePairDialog(knobs, self._session.studio.knob_values, files, self)
        dialog.pair_chosen.connect(self.subject.choose_files)
        dialog.open()
        return dialog

    def _show_pair(self) -> None:
        pair = self.subject.pair
        self._choose_state()
        if pair is None:
            return
        if not pair.capture:
            self.choice.show_files(pair.title)
        self._say_notes()
        if self._is_active:
            self._session.use_loop(pair.clean, pair.target, pair.sample_rate, pair.title)

    def _say_notes(self) -> None:
        """What a person should know about these results."""
        pair, foreign = self.subject.pair, self.subject.foreign_knobs
        self.notice.clear()
        if foreign:
            self.notice.say(
                f"The target was not recorded with the model's knobs {', '.join(foreign)}.",
                "They stand where you leave them. Is this a model of the same device?",
                severity="warning",
            )
        elif pair is not None and pair.notes:
            self.notice.say(pair.title, " ".join(pair.notes))

    # --- dropped files --------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take two recordings, or models."""
        if not self.subject.is_locked and _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Two recordings are a pair; each model is a column of its own."""
        files = _dropped(event)
        recordings = [path for path in files if path.suffix.lower() in AUDIO_SUFFIXES]
        if recordings:
            self.ask_for_files(recordings[:2])
        for path in files:
            if path.suffix == SUFFIX:
                self.subject.add_model(path)
        event.acceptProposedAction()


def _dropped(event: QDropEvent) -> list[Path]:
    """The recordings and models among what is dropped."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in (*AUDIO_SUFFIXES, SUFFIX)]
