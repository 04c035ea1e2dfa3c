"""Combo boxes of what can be opened: models and datasets, kept up to date by the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from vastudio.app.library import summary
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.widgets.elided_combo import ElidedCombo


@dataclass(frozen=True)
class Choice:
    """Something that can be opened."""

    path: Path
    text: str
    tip: str = ""


class Chooser(ElidedCombo):
    """Lists choices, read in the pool, with the one that is open selected.

    Signals
    -------
    picked(object):
        The person chose this path.
    """

    picked = Signal(object)

    def __init__(
        self,
        title: str,
        empty: str,
        session: Session,
        read: Callable[[], list[Choice]],
        parent: QWidget | None,
    ) -> None:
        super().__init__(title, parent)
        self._read = read
        self._current: Path | None = None
        self.setPlaceholderText(empty)
        self._work = Latest(session.pool, self)
        self._work.done.connect(self._show)
        self._work.failed.connect(session.failed)
        self.activated.connect(lambda index: self.picked.emit(Path(self.itemData(index))))

    def refresh(self) -> None:
        """Read the list again."""
        self._work.submit(self._read)

    def set_current(self, path: Path | None, text: str) -> None:
        """Select what is open, adding it to the list if it is not in it."""
        self._current = path
        index = -1 if path is None else self.findData(_key(path))
        if path is not None and index < 0:
            self.addItem(text, _key(path))
            index = self.count() - 1
        self.setCurrentIndex(index)

    def _show(self, choices: list[Choice]) -> None:
        text = self.currentText()
        self.clear()
        for index, choice in enumerate(choices):
            self.addItem(choice.text, _key(choice.path))
            self.setItemData(index, choice.tip, Qt.ItemDataRole.ToolTipRole)
        self.set_current(self._current, text)


def _key(path: Path) -> str:
    """The same for all spellings of a path; Qt finds strings in a list, but no Python objects."""
    return str(path.resolve())


def model_chooser(session: Session, parent: QWidget | None = None) -> Chooser:
    """The factory's and the person's models; choosing one loads it."""

    def read() -> list[Choice]:
        return [
            Choice(
                entry.path,
                f"{entry.title} — {entry.summary}",
                "Factory model" if entry.factory else str(entry.path),
            )
            for entry in session.studio.models()
        ]

    def show() -> None:
        model, path = session.studio.model, session.studio.model_path
        chooser.set_current(path, f"{model.name} — {summary(model)}" if model else "")

    chooser = Chooser("Model", "No model is open", session, read, parent)
    session.model_changed.connect(show)
    session.library_changed.connect(chooser.refresh)
    chooser.picked.connect(session.open_model)
    chooser.refresh()
    show()
    return chooser


def dataset_chooser(session: Session, parent: QWidget | None = None) -> Chooser:
    """The known datasets; choosing one opens it."""

    def read() -> list[Choice]:
        return [Choice(path, path.name, str(path)) for path in session.studio.datasets()]

    def show() -> None:
        dataset = session.studio.dataset
        chooser.set_current(dataset.path if dataset else None, dataset.name if dataset else "")

    chooser = Chooser("Dataset", "No dataset is open", session, read, parent)
    session.dataset_changed.connect(show)
    session.dataset_changed.connect(chooser.refresh)
    session.library_changed.connect(chooser.refresh)
    chooser.picked.connect(session.open_dataset)
    chooser.refresh()
    show()
    return chooser
