"""The page that a report becomes: making it, watching that, opening it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import ElidedLabel, label

_EXPLAINED = (
    "A report is one web page with everything inside: pictures, sounds to click, all numbers with their "
    "goals, and where model and recordings come from. It needs no network, can be printed, and a mail can "
    "carry it: about 6 MB with two positions."
)


class PageCard(Card):
    """Signals
    -------
    make_requested(), cancel_requested():
        The person pressed the button.
    """

    make_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("The page", parent)
        self.make = QPushButton("Make the report…")
        self.make.setProperty("kind", "primary")
        self.make.setToolTip("Choose a file, then measure and write the page")
        self.why_not = label("", "note", wrap=True)
        self.busy = QWidget()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Progress of the report")
        self.bar.setRange(0, 0)
        self.step = ElidedLabel("", "note")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End it; no page is written")
        self.notice = Notice()
        self.result = QWidget()
        self.open = QPushButton("Open")
        self.open.setToolTip("Open the page in the web browser")
        self.show_folder = QPushButton("Show in folder")
        self.show_folder.setToolTip("Open the folder the page lies in")
        self.path: Path | None = None
        self._arrange()
        self.make.clicked.connect(self.make_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.open.clicked.connect(lambda: self._open(self.path))
        self.show_folder.clicked.connect(lambda: self._open(self.path.parent if self.path else None))
        self.busy.hide()
        self.result.hide()

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.step)
        line.addStretch(1)
        line.addWidget(self.cancel)
        busy = QVBoxLayout(self.busy)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.addWidget(self.bar)
        busy.addLayout(line)
        buttons = QHBoxLayout()
        buttons.addWidget(self.make)
        buttons.addStretch(1)
        result = QHBoxLayout(self.result)
        result.setContentsMargins(0, 0, 0, 0)
        result.addWidget(self.open)
        result.addWidget(self.show_folder)
        result.addStretch(1)
        self.body.addWidget(label(_EXPLAINED, "quiet", wrap=True))
        self.body.addSpacing(6)
        self.body.addLayout(buttons)
        for widget in (self.why_not, self.busy, self.notice, self.result):
            self.body.addWidget(widget)
        self.body.addStretch(1)

    def allow(self, reason_not: str) -> None:
        """Let the report be made, or say why it cannot be."""
        self.make.setEnabled(not reason_not and self.busy.isHidden())
        self.why_not.setText(reason_not)
        self.why_not.setVisible(bool(reason_not))

    def show_running(self, running: bool) -> None:
        """Show progress while a report is made."""
        self.busy.setVisible(running)
        self.make.setEnabled(not running)
        if running:
            self.notice.clear()
            self.result.hide()
            self.step.set_full_text("Starting…")

    def show_step(self, text: str) -> None:
        """Say what is at hand."""
        self.step.set_full_text(text)

    def show_result(self, path: Path, size: int) -> None:
        """Say where the page lies."""
        self.path = path
        self.notice.say(f"{path.name} is written: {size / 1e6:.1f} MB.", str(path.parent), severity="good")
        self.result.show()
        self.open.setFocus()

    def _open(self, path: Path | None) -> None:
        if path is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.notice.say("Nothing on this computer opens it.", f"It lies at {path}.", severity="warning")
