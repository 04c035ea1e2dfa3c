"""What goes on beside the sound during a soak: a window that repaints, a training run, a held interpreter."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vastudio.app.demo_dataset import capture_demo_dataset, virtual_amp
from vastudio.app.studio import Studio
from vastudio.audio.capture_signal import capture_signal
from vastudio.capture.plan import plan_knobs
from vastudio.types import STANDARD_RATE

HOLD_SECONDS = 0.2
REST_SECONDS = 0.1
FRAMES_PER_SECOND = 30
SETTLE_MILLISECONDS = 5_000


@contextmanager
def held_interpreter() -> Iterator[None]:
    """A thread that keeps the interpreter to itself for bursts of about 200 ms: sorting does not let go."""
    numbers = [random.random() for _ in range(1 << 16)]
    begun = time.perf_counter()
    sorted(numbers)
    bursts = max(1.0, HOLD_SECONDS / (time.perf_counter() - begun))
    numbers = [random.random() for _ in range(int((1 << 16) * bursts))]
    stop = threading.Event()

    def hold() -> None:
        while not stop.wait(REST_SECONDS):
            sorted(numbers)

    thread = threading.Thread(target=hold, name="holds the interpreter", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def training(minutes: float) -> Iterator[None]:
    """A training run in a process of its own, on the last core, on a dataset of the built-in amplifier."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "dataset"
        plan = plan_knobs(virtual_amp().knobs)
        capture_demo_dataset(dataset, plan=plan, signal=capture_signal()[: 4 * STANDARD_RATE])
        command = [
            sys.executable, "-m", "vastudio", "train", str(dataset), "--out", f"{folder}/soak.vamodel",
            "--minutes", str(minutes), "--threads", "1", "--run", f"{folder}/run", "--events",
        ]  # fmt: skip
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        os.sched_setaffinity(child.pid, {max(os.sched_getaffinity(0))})
        try:
            yield
        finally:
            child.kill()
            child.wait()


def repaint_until(begin: Callable[[], None], is_over: Callable[[], bool], studio: Studio) -> None:
    """Show the studio's window and have it paint itself 30 times a second, in this thread."""
    with _window(begin, is_over, studio) as (window, run):
        from PySide6.QtCore import QTimer  # noqa: PLC0415  # a soak without a window needs no Qt

        painter = QTimer()
        painter.timeout.connect(window.repaint)
        painter.start(1000 // FRAMES_PER_SECOND)
        run()


def evening_until(
    begin: Callable[[], None],
    is_over: Callable[[], bool],
    studio: Studio,
    folder: Path,
    models: Sequence[Path],
) -> None:
    """Show the window and play a scripted evening in it, recorded into `folder`; see `soak_evening`."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset = folder / "dataset"
    if not dataset.exists():
        signal = capture_signal()[: 4 * STANDARD_RATE]
        capture_demo_dataset(dataset, plan=plan_knobs(virtual_amp().knobs), signal=signal)
    with _window(begin, is_over, studio) as (window, run):
        from soak_evening import Evening  # noqa: PLC0415  # likewise

        evening = Evening(window, models, folder, dataset)
        run()
        report = evening.finish()
        sys.stderr.write(f"recorded {report.seconds:.0f} s, lost {report.lost_frames} frames\n")


@contextmanager
def _window(
    begin: Callable[[], None], is_over: Callable[[], bool], studio: Studio
) -> Iterator[tuple[Any, Callable[[], int]]]:
    """The studio's window, shown, and a function that runs it until it is over; `begin` is called in it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer  # noqa: PLC0415  # a soak without a window needs no Qt
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from vastudio.ui import application  # noqa: PLC0415
    from vastudio.ui.main_window import MainWindow  # noqa: PLC0415

    app = QApplication(sys.argv[:1])
    application.prepare(app, "dark")
    window = MainWindow(studio)
    window.show()
    watcher = QTimer()
    watcher.timeout.connect(lambda: app.exit() if is_over() else None)
    watcher.start(200)
    QTimer.singleShot(SETTLE_MILLISECONDS, begin)
    yield window, app.exec
    window.close()
