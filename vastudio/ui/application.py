"""Starts the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from vastudio import __version__
from vastudio.app.studio import Studio
from vastudio.ui.main_window import MainWindow
from vastudio.ui.theme import fonts, icons, style
from vastudio.ui.theme.tokens import tokens


def prepare(app: QApplication, theme: style.ThemeChoice) -> None:
    """Give an application the studio's name, fonts and look."""
    app.setApplicationName("VA Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("vastudio")
    app.setStyle("Fusion")
    fonts.load_shipped_fonts()
    style.apply(app, theme)
    app.setWindowIcon(icons.icon("app", tokens().meaning.model, 64))


def run(argv: Sequence[str] | None = None) -> int:
    """Open the window and return the exit status when it has closed.

    Activities: this thread is the window's; the engine, the pool and the training process have their own
    (`engine.stream`, `ui.bridge.work`, `app.jobs`).
    """
    app = QApplication(list(argv) if argv is not None else sys.argv)
    studio = Studio()
    prepare(app, studio.settings.theme)  # type: ignore[arg-type]
    studio.start()
    window = MainWindow(studio)
    _follow_desktop(app, window)
    window.show()
    return app.exec()


def _follow_desktop(app: QApplication, window: MainWindow) -> None:
    """With the theme `system`, change when the desktop does."""

    def follow() -> None:
        if window.session.studio.settings.theme == "system":
            style.apply(app, "system")

    app.styleHints().colorSchemeChanged.connect(follow)
