"""What this is, and its licence."""

from __future__ import annotations

import platform

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from vastudio import __version__
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.text import label


class AboutCard(Card):
    """Version, licence, and the keys that work everywhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("About", parent)
        self.body.addWidget(label(f"VA Studio {__version__}", "heading"))
        self.body.addWidget(
            label(
                "Capture a device, train a model of it, play it and judge it. MIT licence.",
                "quiet",
                wrap=True,
            )
        )
        self.body.addWidget(label(f"Python {platform.python_version()} · Qt {qVersion()}", "note"))
        self.body.addWidget(
            label(
                "Space plays and stops. C, T and M choose what is heard. Ctrl+O opens a file, "
                "Ctrl+1 to Ctrl+4 change the page.",
                "note",
                wrap=True,
            )
        )
        self.body.addStretch(1)
