"""File dialogs that neither block the window nor outlive their use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

MODEL_FILTER = "Models (*.vamodel)"
DATASET_FILTER = "Datasets (manifest.json)"
AUDIO_FILTER = "Audio (*.wav *.flac *.aif *.aiff)"
CSV_FILTER = "Capture lists (*.csv)"
ALL_FILTER = "All files (*)"


def ask_for_file(
    parent: QWidget, title: str, filters: Sequence[str], on_chosen: Callable[[Path], None]
) -> QFileDialog:
    """Open a dialog for one existing file; `on_chosen` is called with it if the person chooses one."""
    return _open(QFileDialog(parent, title), QFileDialog.FileMode.ExistingFile, filters, on_chosen)


def ask_for_folder(parent: QWidget, title: str, on_chosen: Callable[[Path], None]) -> QFileDialog:
    """Open a dialog for one existing folder."""
    return _open(QFileDialog(parent, title), QFileDialog.FileMode.Directory, (), on_chosen)


def _open(
    dialog: QFileDialog, mode: QFileDialog.FileMode, filters: Sequence[str], on_chosen: Callable[[Path], None]
) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    if filters:
        dialog.setNameFilters(list(filters))
    dialog.fileSelected.connect(lambda path: on_chosen(Path(path)))
    dialog.open()
    return dialog
