"""The Report tab: choose what goes in, have it made, open it.

Activities: the window's thread chooses and shows; a worker measures and writes, says what is at hand, and
ends there when it is cancelled: the page is written at the very end, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from vastudio.app.comparison.pair import Pair
from vastudio.app.library import free_path
from vastudio.app.report.material import gather
from vastudio.app.report.writing import write_report
from vastudio.app.studio import OpenedModel
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError
from vastudio.types import KnobValues
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask, Report
from vastudio.ui.compare.probe.page import position_text
from vastudio.ui.compare.report.contents_card import ContentsCard
from vastudio.ui.compare.report.page_card import PageCard
from vastudio.ui.compare.subject import Subject
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.scroll import scrolling


@dataclass(frozen=True, eq=False)
class Order:
    """What a worker is to make.

    Attributes
    ----------
    dataset:
        Whose positions of `split` are measured; None for none.
    pair:
        What is shown besides; None for none.
    values:
        Where the knobs stand for the pair and for the probe.
    """

    path: Path
    models: tuple[OpenedModel, ...]
    dataset: Dataset | None
    split: str
    pair: Pair | None
    values: KnobValues
    probe: bool
    listening: bool


class ReportTab(QWidget):
    """Two cards: what goes in, and the page that comes out."""

    def __init__(
        self, session: Session, feed: EngineFeed, subject: Subject, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._subject = session, subject
        self._task = LongTask(session.pool, self)
        self.contents = ContentsCard()
        self.page = PageCard()
        full = QWidget()
        grid = QGridLayout(full)
        grid.setContentsMargins(16, 0, 16, 16)
        grid.setSpacing(12)
        grid.addWidget(self.contents, 0, 0)
        grid.addWidget(self.page, 0, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(full, "Report"))
        self._connect()
        self._show_models()
        self._show_pair()
        self._show_dataset()

    def _connect(self) -> None:
        session, subject, task, page = self._session, self._subject, self._task, self.page
        subject.columns_changed.connect(self._show_models)
        subject.pair_changed.connect(self._show_pair)
        session.dataset_changed.connect(self._show_dataset)
        session.knobs_changed.connect(self._show_position)
        self.contents.changed.connect(self._allow)
        page.make_requested.connect(self._ask_where)
        page.cancel_requested.connect(task.cancel)
        session.closing.connect(task.cancel)
        task.running_changed.connect(page.show_running)
        task.running_changed.connect(lambda _running: self._allow())
        task.progressed.connect(lambda _done, _total, text: page.show_step(text))
        task.done.connect(lambda path: page.show_result(path, path.stat().st_size))
        task.failed.connect(page.notice.show_error)
        task.cancelled.connect(lambda: page.notice.say("Cancelled: no page was written."))

    def activate(self) -> None:
        """The tab comes up."""
        self._show_position()

    def deactivate(self) -> None:
        """The tab goes; a report that is being made goes on."""

    @property
    def is_making(self) -> bool:
        """Whether a report is being made."""
        return self._task.is_running

    # --- what can be chosen ---------------------------------------------------------------------------

    def _show_models(self) -> None:
        self.contents.show_models([column.model.name for column in self._subject.columns])
        self._show_position()

    def _show_pair(self) -> None:
        pair = self._subject.pair
        self.contents.show_pair(pair.title if pair is not None else "")
        self._allow()

    def _show_dataset(self) -> None:
        dataset = self._session.studio.dataset
        try:
            unseen = len(dataset.captures("validation")) if dataset is not None else 0
        except DatasetError:
            unseen = 0
        self.contents.show_dataset(dataset.name if dataset is not None else "", unseen)

    def _show_position(self) -> None:
        columns, heard = self._subject.columns, self._subject.heard
        if columns:
            knobs = columns[heard].model.knobs
            self.contents.show_position(position_text(knobs, self._subject.values_of(heard)))

    def _allow(self) -> None:
        self.page.allow("" if self.contents.contents.models else "Choose a model at least.")

    # --- making it ------------------------------------------------------------------------------------

    def _ask_where(self) -> None:
        names = [box.text() for box in self.contents.models if box.isChecked()]
        proposal = free_path(_documents(), f"{' and '.join(names)} report", ".html")
        dialogs.ask_where_to_save(self, "Write the report", proposal, dialogs.HTML_FILTER, self.make)

    def make(self, path: Path) -> None:
        """Make the report, as a page at `path`."""
        order = self._order(path)
        if order.models and not self._task.is_running:
            self._task.run(partial(write, order))

    def _order(self, path: Path) -> Order:
        chosen, subject, studio = self.contents.contents, self._subject, self._session.studio
        columns = [subject.columns[place] for place in chosen.models if place < len(subject.columns)]
        return Order(
            path=path,
            models=tuple(column.opened for column in columns),
            dataset=studio.dataset if chosen.split is not None else None,
            split=chosen.split or "validation",
            pair=subject.pair if chosen.pair else None,
            values=_shared(range(len(subject.columns)), subject),
            probe=chosen.probe,
            listening=chosen.listening,
        )


def write(order: Order, report: Report) -> Path:
    """Worker: measure and write. Raises what `gather` and `write_report` raise."""

    def tell(text: str) -> None:
        report(0, 0, text)

    material = gather(
        order.models,
        dataset=order.dataset,
        split=order.split,
        pair=order.pair,
        values=order.values,
        with_probe=order.probe,
        with_listening=order.listening,
        on_progress=tell,
    )
    tell("Writing the page")
    return write_report(order.path, material)


def _shared(places: Sequence[int], subject: Subject) -> dict[str, float]:
    """Where the knobs of all models stand; the heard model's, where several have the same."""
    order = sorted(places, key=lambda place: place == subject.heard)
    return {name: value for place in order for name, value in subject.values_of(place).items()}


def _documents() -> Path:
    where = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(where) if where else Path.home()
