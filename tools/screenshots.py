"""Renders the real window to PNG files: every page, both themes, two sizes.

    python tools/screenshots.py OUT [--model M.vamodel] [--dataset FOLDER] [--capture SESSION]

Without a display Qt's offscreen platform is used. What is shown is what the studio has: the model and
dataset named here, or those that were open last; with `--capture` the Capture page goes on with that session,
and every step of it is shown.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from vastudio.app.studio import Studio
from vastudio.ui import application
from vastudio.ui.capture.steps import STEPS
from vastudio.ui.compare.page import TABS
from vastudio.ui.main_window import MainWindow
from vastudio.ui.theme import style

SIZES = ((1440, 900), (1024, 700))
THEMES: tuple[style.ThemeChoice, ...] = ("dark", "light")
PAGES = ("play", "capture", "train", "compare", "library", "settings")
_PATIENCE_SECONDS = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Render everything into the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Render the window to PNG files.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--dataset", type=Path)
    parser.add_argument(
        "--capture", type=Path, help="folder of a capture session, which is opened, not recorded"
    )
    options = parser.parse_args(arguments)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    studio = Studio()
    studio.start()
    if options.model:
        studio.open_model(options.model)
    if options.dataset:
        studio.open_dataset(options.dataset)
    application.prepare(app, "dark")
    for path in render(app, studio, options.out, options.capture):
        sys.stdout.write(f"{path}\n")
    return 0


def render(app: QApplication, studio: Studio, out: Path, capture: Path | None = None) -> Iterator[Path]:
    """Yield the path of each picture once it is written. The studio is closed at the end."""
    out.mkdir(parents=True, exist_ok=True)
    with _open_window(studio) as window:
        window.session.toggle_play()
        _show_latest_run(app, window)
        if capture is not None:
            _open_capture(app, window, capture)
        for theme in THEMES:
            style.apply(app, theme)
            for width, height in SIZES:
                window.resize(width, height)
                for name in _views(window):
                    _settle(app, window)
                    path = out / f"{name}-{theme}-{width}x{height}.png"
                    window.grab().save(str(path))
                    yield path


def _views(window: MainWindow) -> Iterator[str]:
    """Show every page, of Compare every tab, of an open capture every step; yield its name meanwhile."""
    for page in PAGES:
        window.show_page(page)
        if page == "compare":
            for tab in TABS:
                window.compare.tab_choice.button(tab.key).click()
                yield page if tab is TABS[0] else f"{page}-{tab.key}"
            window.compare.tab_choice.button(TABS[0].key).click()
        elif page == "capture" and window.capturing.view is not None:
            for number, step in enumerate(STEPS, 1):
                window.capture.show_step(step.key)
                yield f"{page}-{number}-{step.key}"
        else:
            yield page


@contextmanager
def _open_window(studio: Studio) -> Iterator[MainWindow]:
    window = MainWindow(studio)
    window.show()
    try:
        yield window
    finally:
        window.close()


def _open_capture(app: QApplication, window: MainWindow, folder: Path) -> None:
    """Have the Capture page go on with a session."""
    window.show_page("capture")
    window.capture.open_folder(folder)
    _wait(app, lambda: window.capturing.view is not None, _PATIENCE_SECONDS)


def _show_latest_run(app: QApplication, window: MainWindow) -> None:
    """Have the Train page show the newest run, if there is one."""
    window.show_page("train")
    _wait(app, lambda: window.train.runs.table.rowCount() > 0, 5.0)
    window.train.runs.table.selectRow(0)


def _settle(app: QApplication, window: MainWindow) -> None:
    """Let the workers finish and the meters move."""
    _wait(app, lambda: False, 0.6)
    _wait(app, lambda: window.session.pool.activeThreadCount() == 0, _PATIENCE_SECONDS)
    _wait(app, lambda: False, 0.4)


def _wait(app: QApplication, is_done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_done() and time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
