"""How soon the window answers while it plays, trains and works off a queue; print a table in Markdown.

    QT_QPA_PLATFORM=offscreen python tools/window_answers.py DATASET [--seconds 20]

Activities: this thread is the window's. It handles what has come up, notes how long that took, by the clock
and in processor time of its own, and sleeps 5 ms; the sleep's own delay tells what the machine adds. Sound
goes to the silent clock, which a desktop's scheduler treats worse than a sound card's thread. Settings and
runs of this user stay untouched: everything lies in a temporary home.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from vastudio.ui.main_window import MainWindow

REST_SECONDS = 0.005
START_SECONDS = 60.0
COLUMNS = ("while", "turns", "longest, ms", "longest own work, ms", "over 50 ms", "longest oversleep, ms")


@dataclass
class Phase:
    """What was noted: seconds of every turn by the clock and by the processor, seconds slept too long."""

    title: str
    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    oversleep: list[float] = field(default_factory=list)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row, in the order of `COLUMNS`."""
        slow = sum(seconds > 0.05 for seconds in self.clock)
        longest = (f"{1e3 * max(values):.1f}" for values in (self.clock, self.work))
        return (self.title, str(len(self.clock)), *longest, str(slow), f"{1e3 * max(self.oversleep):.1f}")


class Watch:
    """Runs the window and keeps one phase after the other."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self.phases: list[Phase] = []

    def phase(
        self, title: str, seconds: float, is_over: Callable[[], bool] = lambda: False, first: object = None
    ) -> None:
        """Run the window for `seconds`, or until `is_over`; `first` is called as a click would call it."""
        noted = Phase(title)
        self.phases.append(noted)
        end = time.perf_counter() + seconds
        act = first if callable(first) else lambda: None
        while time.perf_counter() < end and not (noted.clock and is_over()):
            clock, work = time.perf_counter(), time.thread_time()
            act()
            self._app.processEvents()
            noted.clock.append(time.perf_counter() - clock)
            noted.work.append(time.thread_time() - work)
            act = lambda: None  # noqa: E731
            slept = time.perf_counter()
            time.sleep(REST_SECONDS)
            noted.oversleep.append(time.perf_counter() - slept - REST_SECONDS)


def walk(watch: Watch, window: MainWindow, seconds: float) -> None:
    """Play, start a training run, watch it, put another one in line, and see it begin."""
    training, page = window.training, window.train
    page.model.form.minutes.setValue(round(max(0.2, seconds / 60), 1))
    watch.phase("standing still", 5.0)
    watch.phase("starting to play", 5.0, first=window.session.toggle_play)
    watch.phase(
        "starting a training run", START_SECONDS, lambda: bool(page.curve.curve.validation_points), page.start
    )
    watch.phase("training", seconds / 2)
    watch.phase("putting a run in line", 5.0, first=page.enqueue)
    for name in ("play", "compare", "capture", "train"):
        show = partial(window.show_page, name)
        watch.phase(f"training, going to {name.capitalize()}", 4.0, first=show)
    watch.phase(
        "the run ends, the one in line begins",
        START_SECONDS + seconds,
        lambda: [entry.state for entry in training.entries][:1] == ["finished"],
    )


def main() -> int:
    """Open the window, walk, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to train")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        from vastudio import paths  # noqa: PLC0415

        os.environ["NUMBA_CACHE_DIR"] = str(paths.kernel_cache())
        os.environ["VASTUDIO_HOME"] = home
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415  # the home has to be named first

        from vastudio.app.studio import Studio  # noqa: PLC0415
        from vastudio.ui import application  # noqa: PLC0415
        from vastudio.ui.main_window import MainWindow  # noqa: PLC0415

        app = QApplication(sys.argv[:1])
        studio = Studio()
        studio.start()
        studio.open_dataset(arguments.dataset)
        application.prepare(app, "dark")
        window = MainWindow(studio)
        window.show()
        window.show_page("train")
        watch = Watch(app)
        try:
            walk(watch, window, arguments.seconds)
        finally:
            before = studio.player.stats()
            window.close()
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))  # noqa: T201
    for phase in watch.phases:
        print("| " + " | ".join(phase.cells) + " |")  # noqa: T201
    print(f"\nplayer: {before}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
