"""Starts the window.

Activities: this thread is the window's; the engine, the pool and the training process have their own
(`engine.stream`, `ui.bridge.work`, `app.jobs`). While the studio starts, which on a new computer includes
compiling the engine, a pool thread does it and this one shows a line that says so.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QEventLoop, Qt, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QLabel

from vastudio import __version__
from vastudio.app.studio import Studio
from vastudio.engine import preparation
from vastudio.engine.preparation import Preparation
from vastudio.errors import StudioError
from vastudio.ui import garbage
from vastudio.ui.bridge.work import Latest
from vastudio.ui.main_window import MainWindow
from vastudio.ui.theme import fonts, icons, style
from vastudio.ui.theme.tokens import tokens

_PATIENCE_MILLISECONDS = 500
"""A start that takes longer says that it goes on."""


def prepare(app: QApplication, theme: style.ThemeChoice) -> None:
    """Give an application the studio's name, fonts and look, and have it collect the garbage."""
    garbage.collect_here(app)
    app.setApplicationName("VA Studio")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("vastudio")
    app.setStyle("Fusion")
    fonts.load_shipped_fonts()
    style.apply(app, theme)
    app.setWindowIcon(icons.icon("app", tokens().meaning.model, 64))


def run(argv: Sequence[str] | None = None) -> int:
    """Open the window and return the exit status when it has closed."""
    app = QApplication(list(argv) if argv is not None else sys.argv)
    studio = Studio()
    prepare(app, cast(style.ThemeChoice, studio.settings.theme))
    problem = start_studio(studio)
    window = MainWindow(studio)
    _follow_desktop(app, window)
    prepared = preparation.report()
    if problem is not None:
        window.notice.show_error(problem)
    elif prepared is not None and prepared.compiled:
        window.notice.say(_compiled_text(prepared))
    window.show()
    garbage.spare_what_is_there()
    return app.exec()


def start_studio(studio: Studio) -> StudioError | None:
    """Start the studio in a pool thread and return when it has started, with what went wrong."""
    pool, loop = QThreadPool(), QEventLoop()
    problems: list[StudioError] = []
    line = QLabel("Preparing the audio engine. The first start takes some seconds…")
    line.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    line.setMargin(28)
    timer = QTimer(singleShot=True, interval=_PATIENCE_MILLISECONDS)
    timer.timeout.connect(line.show)
    work = Latest(pool)
    work.failed.connect(problems.append)
    work.busy_changed.connect(lambda busy: None if busy else loop.quit())
    work.submit(lambda: _start(studio))
    timer.start()
    loop.exec()
    timer.stop()
    line.close()
    pool.waitForDone()
    QApplication.processEvents()
    return problems[0] if problems else None


def _compiled_text(prepared: Preparation) -> str:
    """What the first start on a computer took, and what the next one will."""
    took = f"The audio engine was made for this computer in {prepared.seconds:.0f} s"
    if not prepared.kept:
        return f"{took}. No folder can be written, so the next start takes as long."
    return f"{took}. From now on the studio opens at once."


def _start(studio: Studio) -> None:
    """Pool thread: compile what has never been compiled here, then open what was open last."""
    preparation.prepare()
    studio.start()


def _follow_desktop(app: QApplication, window: MainWindow) -> None:
    """With the theme `system`, change when the desktop does."""

    def follow() -> None:
        if window.session.studio.settings.theme == "system":
            style.apply(app, "system")

    app.styleHints().colorSchemeChanged.connect(follow)
