"""What is done with files on the Library page: taking them in, showing them, throwing them away."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QFile, QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from vastudio import atomic, paths
from vastudio.app.library.names import free_path
from vastudio.errors import OutputError, StudioError
from vastudio.modelfile import reading

MANIFEST = "manifest.json"


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders that are dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def is_welcome(path: Path) -> bool:
    """Whether something that is dropped can be taken in: a model, a folder, a dataset's manifest."""
    return path.is_dir() or path.suffix.lower() in reading.suffixes()


def is_dataset(path: Path) -> bool:
    """Whether it is a dataset's folder, or its manifest."""
    return path.name == MANIFEST or (path / MANIFEST).is_file()


def take_in(files: Sequence[Path], folders: Sequence[Path]) -> list[Path]:
    """Copy model files into the person's models, unless the library looks at them already; for a worker.

    Returns where each lies. Raises OutputError.
    """
    found = []
    for path in files:
        if any(path.is_relative_to(folder) for folder in folders):
            found.append(path)
            continue
        target = free_path(paths.user_models(), path.stem, path.suffix)
        try:
            with atomic.atomic_file(target) as temporary:
                shutil.copyfile(path, temporary)
        except OSError as error:
            raise OutputError(
                f"{path.name} cannot be copied: {error}.", "Is the file still there?"
            ) from error
        found.append(target)
    return found


def show_in_file_manager(path: Path) -> None:
    """Open the folder that a file lies in."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def is_factory(path: Path) -> bool:
    """Whether a file belongs to the program."""
    return path.is_relative_to(paths.factory_models())


def ask_to_throw_away(parent: QWidget, path: Path, then: Callable[[], None]) -> QMessageBox:
    """Ask whether a file is to go into the trash; `then` is called if so."""
    question = QMessageBox(parent)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setIcon(QMessageBox.Icon.Question)
    question.setWindowTitle("Move to trash")
    question.setText(f"Move “{path.name}” to the trash?")
    question.setInformativeText("Its tags and notes are kept, in case it comes back.")
    question.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
    throw = question.addButton("Move to trash", QMessageBox.ButtonRole.DestructiveRole)
    throw.clicked.connect(then)
    question.open()
    return question


def throw_away(path: Path) -> None:
    """Move a file to the trash. Raises StudioError where there is none, or the file must stay."""
    if not QFile.moveToTrash(str(path)):
        raise StudioError(f"{path.name} could not be moved to the trash.", "Delete it in the file manager.")
