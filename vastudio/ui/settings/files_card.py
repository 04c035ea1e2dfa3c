"""Where the studio keeps its files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from vastudio import paths
from vastudio.app.settings import settings_file
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import ElidedLabel, label


class FilesCard(Card):
    """Folders of models, datasets, runs and settings, each with a button that opens it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Where files live", parent)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        folders = {
            "Models": paths.user_models(),
            "Datasets": paths.user_datasets(),
            "Runs": paths.user_runs(),
            "Settings": settings_file().parent,
            "Factory models": paths.factory_models(),
        }
        for row, (title, folder) in enumerate(folders.items()):
            grid.addWidget(label(title, "quiet"), row, 0)
            path = ElidedLabel(str(folder))
            path.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            grid.addWidget(path, row, 1)
            grid.addWidget(_open_button(title, folder), row, 2)
        self.body.addLayout(grid)
        self.body.addStretch(1)


def _open_button(title: str, folder: Path) -> QPushButton:
    button = QPushButton("Show")
    button.setAccessibleName(f"Show the folder of {title.lower()}")
    button.setToolTip(f"Open {folder} in the file manager")
    button.clicked.connect(lambda: _show(folder))
    return button


def _show(folder: Path) -> None:
    if paths.is_writable(folder) or folder.is_dir():
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
