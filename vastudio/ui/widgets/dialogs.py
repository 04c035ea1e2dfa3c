"""File dialogs that neither block the window nor outlive their use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from vastudio.errors import StudioError
from vastudio.modelfile import reading

_MODELS = " ".join(f"*{suffix}" for suffix in reading.suffixes())
MODEL_FILTER = f"Models ({_MODELS})"
MODEL_OR_DATASET_FILTER = f"Models and datasets ({_MODELS} manifest.json)"
DATASET_FILTER = "Datasets (manifest.json)"
AUDIO_FILTER = "Audio (*.wav *.flac *.aif *.aiff)"
CSV_FILTER = "Capture lists (*.csv)"
PNG_FILTER = "Pictures (*.png)"
NUMBERS_FILTER = "Tables (*.csv)"
JSON_FILTER = "JSON (*.json)"
HTML_FILTER = "Web pages (*.html)"
ALL_FILTER = "All files (*)"


def ask_for_file(
    parent: QWidget, title: str, filters: Sequence[str], on_chosen: Callable[[Path], None]
) -> QFileDialog:
    """Open a dialog for one existing file; `on_chosen` is called with it if the person chooses one."""
    return _open(QFileDialog(parent, title), QFileDialog.FileMode.ExistingFile, filters, on_chosen)


def ask_for_folder(parent: QWidget, title: str, on_chosen: Callable[[Path], None]) -> QFileDialog:
    """Open a dialog for one existing folder."""
    return _open(QFileDialog(parent, title), QFileDialog.FileMode.Directory, (), on_chosen)


def ask_where_to_save(
    parent: QWidget, title: str, proposal: Path, filter_: str, on_chosen: Callable[[Path], None]
) -> QFileDialog:
    """Open a dialog for a file that is to be written; `proposal` is where it would go, suffix included.

    Qt asks before a file that exists is replaced.
    """
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(proposal.suffix.removeprefix("."))
    if proposal.parent != Path():
        dialog.setDirectory(str(proposal.parent))
    dialog.selectFile(proposal.name)
    return _open(dialog, QFileDialog.FileMode.AnyFile, (filter_,), on_chosen)


def say_error(parent: QWidget, error: StudioError) -> QMessageBox:
    """Show an error that has no place of its own in the window."""
    box = QMessageBox(QMessageBox.Icon.Warning, "VA Studio", error.message, parent=parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText(error.hint)
    box.setDetailedText(error.details)
    box.open()
    return box


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
