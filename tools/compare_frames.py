"""How fast the Compare page opens long recordings, and paints while it zooms; print tables in Markdown.

    QT_QPA_PLATFORM=offscreen python tools/compare_frames.py [--minutes 10] [--model M.vamodel] [--models 1]

Activities: this thread is the window's. A frame is one step of the zoom, all signals it sends, and the
painting of the whole page, in the order a wheel does it. Times are noted by the clock, which other work on
the machine lengthens, and in processor time: of this thread for frames and turns, of the whole process for
the opening. Everything lies in a temporary home.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from vastudio.ui.main_window import MainWindow

RATE = 48_000
SIZE = (1440, 900)
FRAMES = 240
ZOOM_SECONDS = 60.0
PATIENCE_SECONDS = 600.0
ROOT = Path(__file__).parents[1]


def write_pair(folder: Path, seconds: float) -> tuple[Path, Path]:
    """Write plucks with pauses, and what a soft clipper makes of them, as float WAV."""
    import soundfile  # noqa: PLC0415

    random = np.random.default_rng(0)
    second = np.arange(RATE) / RATE
    plucks = [
        np.exp(-rate * second) * np.sin(2 * np.pi * hz * second)
        for hz, rate in zip(
            random.uniform(80, 900, int(seconds)), random.uniform(1, 9, int(seconds)), strict=True
        )
    ]
    clean = (0.4 * np.concatenate(plucks)).astype(np.float32)
    paths = folder / f"clean-{seconds:g}.wav", folder / f"target-{seconds:g}.wav"
    for path, audio in zip(paths, (clean, np.tanh(4 * clean).astype(np.float32)), strict=True):
        soundfile.write(path, audio, RATE, subtype="FLOAT")
    return paths


def wait(app: QApplication, is_over: Callable[[], bool]) -> tuple[float, float]:
    """Handle events until `is_over`; return seconds by the clock, and the longest turn in processor time."""
    begin, longest = time.perf_counter(), 0.0
    while not is_over():
        if time.perf_counter() - begin > PATIENCE_SECONDS:
            raise TimeoutError("The page did not get ready.")
        work = time.thread_time()
        app.processEvents()
        longest = max(longest, time.thread_time() - work)
        time.sleep(0.002)
    return time.perf_counter() - begin, longest


def is_ready(window: MainWindow) -> bool:
    """Whether everything is measured and drawn."""
    subject, views = window.compare.subject, window.compare.views
    measured = len(subject.comparisons) == len(subject.columns)
    return measured and not subject.is_busy and not views.is_drawing


def measure_opening(app: QApplication, window: MainWindow, folder: Path, minutes: float) -> None:
    """Print when waveform, model and figures of a long pair of files are there."""
    subject, views = window.compare.subject, window.compare.views
    clean, target = write_pair(folder, 60.0 * minutes)
    title, total, rows, used = clean.name, 0.0, [], time.process_time()
    subject.choose_files(clean, target)
    stages: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("clean and target drawn", lambda: _drawn(window, title) >= 2),
        ("model drawn", lambda: _drawn(window, title) >= 3),
        ("everything measured and drawn", lambda: is_ready(window)),
    )
    for name, is_over in stages:
        seconds, longest = wait(app, is_over)
        views.repaint()
        total += seconds
        cpu = time.process_time() - used
        rows.append(f"| {name} | {total:.2f} | {cpu:.2f} | {1e3 * longest:.0f} |")
    _print(f"| {minutes:g} minutes, since the files were chosen | s | processor s | longest turn, own ms |")
    _print("|---|---|---|---|")
    _print("\n".join(rows) + "\n")


def _drawn(window: MainWindow, title: str) -> int:
    """How many signals of the pair are drawn."""
    pair = window.compare.subject.pair
    if pair is None or title not in pair.title:
        return 0
    return len(window.compare.views.waves.view.tracks)


def measure_frames(app: QApplication, window: MainWindow, folder: Path, models: int) -> None:
    """Print how long frames take while zooming in and out of a minute, with every view below."""
    subject, views = window.compare.subject, window.compare.views
    pair = write_pair(folder, ZOOM_SECONDS)
    subject.choose_files(*pair)
    wait(app, lambda: _drawn(window, pair[0].name) >= 3 and is_ready(window))
    for _ in range(models - 1):
        subject.add_model(ROOT / "models" / "overdrive.vamodel")
        count = len(subject.columns) + 1
        wait(app, lambda count=count: len(subject.columns) == count and is_ready(window))  # type: ignore[misc]
    _print(f"| {ZOOM_SECONDS:g} s, {models} model(s) | median, ms | slowest of 20, ms | clock, median, ms |")
    _print("|---|---|---|---|")
    for key in ("spectrograms", "spectra", "close-up", "positions"):
        views.stage.show_view(key)
        wait(app, lambda: is_ready(window))
        work, clock = _zoom(window)
        slow = np.quantile(work, 0.95)
        _print(f"| {key} | {np.median(work):.1f} | {slow:.1f} | {np.median(clock):.1f} |")


def _zoom(window: MainWindow) -> tuple[list[float], list[float]]:
    """Zoom from a minute to 20 ms and back; milliseconds of each frame, own and by the clock."""
    views, work, clock = window.compare.views, [], []
    for step in range(FRAMES):
        share = np.sin(np.pi * step / FRAMES)
        span = ZOOM_SECONDS * (0.02 / ZOOM_SECONDS) ** share
        begin, own = time.perf_counter(), time.thread_time()
        views.window_of_time.show(20.0 - span / 3, 20.0 + span * 2 / 3)
        window.compare.repaint()
        work.append(1e3 * (time.thread_time() - own))
        clock.append(1e3 * (time.perf_counter() - begin))
    return work, clock


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description="Measure how fast the Compare page opens and paints.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "overdrive.vamodel")
    parser.add_argument("--models", type=int, default=1, help="how many stand side by side in the frames")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VASTUDIO_HOME"] = folder
        _measure(Path(folder), options.model, options.minutes, options.models)
    return 0


def _measure(folder: Path, model: Path, minutes: float, models: int) -> None:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from vastudio.app.studio import Studio  # noqa: PLC0415
    from vastudio.ui import application  # noqa: PLC0415
    from vastudio.ui.main_window import MainWindow  # noqa: PLC0415

    app = QApplication(sys.argv[:1])
    studio = Studio()
    studio.open_model(model)
    studio.use_demo_phrase()
    studio.player.open(None)
    application.prepare(app, "dark")
    window = MainWindow(studio)
    window.resize(*SIZE)
    window.show()
    window.show_page("compare")
    try:
        measure_frames(app, window, folder, models)
        if minutes:
            _print("")
            measure_opening(app, window, folder, minutes)
    finally:
        window.close()


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
