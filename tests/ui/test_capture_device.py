"""The Capture page on a real PortAudio device: connect, measure, plan, record and review, an amp in the path.

JACK belongs to a process once PortAudio has seen it, so the walk is a test in a process of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from tests.capture.amp import AMP, AMP_DELAY, amp_on_jack, has_amp
from tests.capture.material import RATE, signal
from tests.jack import IF_ALLOWED_URGENT, NEEDS_JACK, jack_server
from vastudio.app.settings import AudioSettings
from vastudio.app.studio import Studio
from vastudio.audio import io
from vastudio.dataset.store import Dataset
from vastudio.ui.capture.page import CapturePage
from vastudio.ui.main_window import MainWindow

PERIOD = 512
PATIENCE = 120_000
WALKS = "VASTUDIO_TEST_WALKS"
API = "JACK Audio Connection Kit"
LEFT = Qt.MouseButton.LeftButton

pytestmark = [*NEEDS_JACK, pytest.mark.slow]


@pytest.mark.skipif(WALKS in os.environ, reason="this is its process")
@pytest.mark.parametrize("device", ["loopback", AMP])
def test_the_walk_on_a_device(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if device == AMP and not has_amp():
        pytest.skip("ecasound or caps is not installed")
    monkeypatch.setenv(WALKS, device)
    command = [sys.executable, "-m", "pytest", __file__, "-q", "-m", "", "-k", "walk_itself"]
    amp = amp_on_jack(PERIOD) if device == AMP else contextlib.nullcontext()
    with jack_server(monkeypatch, PERIOD, IF_ALLOWED_URGENT), amp:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if "skipped" in done.stdout:
        pytest.skip("this computer is too busy to record without losing blocks")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def playing_window(qtbot: QtBot, studio: Studio) -> Iterator[MainWindow]:
    """The window of a studio that plays on the wire."""
    audio = AudioSettings(API, "loopback", RATE, PERIOD)
    studio.settings = dataclasses.replace(studio.settings, audio=audio)
    studio.start_audio()
    assert studio.player.device_name == "loopback"
    window = MainWindow(studio)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


@pytest.mark.skipif(WALKS not in os.environ, reason="runs on the server of the test above")
def test_the_walk_itself(qtbot: QtBot, playing_window: MainWindow, tmp_path: Path) -> None:
    device, window = os.environ[WALKS], playing_window
    page, player = window.capture, window.session.studio.player
    io.write(tmp_path / "clean.wav", signal(2.0), RATE)
    window.show_page("capture")
    connect(qtbot, page, device)
    measure(qtbot, page)
    assert player.is_silent, "the device is lent to the measurement"
    qtbot.waitUntil(lambda: player.device_name == "loopback", timeout=PATIENCE)
    assert page.levels.report is not None
    latency = page.levels.report.delay_samples
    assert 2 * PERIOD - 0.1 < latency < 2 * PERIOD + (AMP_DELAY if device == AMP else 0.1)
    qtbot.mouseClick(page.levels.go_on, LEFT)
    qtbot.mouseClick(page.knobs.go_on, LEFT)
    page.plan.file.setText(str(tmp_path / "clean.wav"))
    page.plan.positions.setValue(3)
    page.plan.validation.setValue(0)
    page.plan.plan_anew()
    with qtbot.waitSignal(page.bridge.opened, timeout=PATIENCE):
        page.plan.go_on.click()
    record_two(qtbot, window)
    page.show_step("review")
    qtbot.waitUntil(lambda: "checked" in page.review.whole.note.full_text, timeout=PATIENCE)
    view = page.bridge.view
    assert view is not None
    recorded = [
        capture for capture in Dataset.open(view.folder).captures() if not capture.id.endswith("-end")
    ]
    clips = [capture.clips[0] for capture in recorded]
    assert len(clips) == 2
    assert all(abs(clip.delay_samples - latency) < 0.5 for clip in clips)


def connect(qtbot: QtBot, page: CapturePage, device: str) -> None:
    with qtbot.waitSignal(page.bridge.devices_found, timeout=PATIENCE):
        page.source.kinds["hardware"].click()
    output = page.source.forms["hardware"].fields["output"]
    assert isinstance(output, QComboBox)
    output.setCurrentIndex(output.findText(f"{device} ({API})"))
    block = page.source.forms["hardware"].fields["block"]
    assert isinstance(block, QComboBox)
    block.setCurrentIndex(block.findData(PERIOD))
    page.source.device.setText("The amp")
    qtbot.mouseClick(page.source.go_on, LEFT)
    qtbot.waitUntil(lambda: page.step == "levels", timeout=PATIENCE)


def measure(qtbot: QtBot, page: CapturePage) -> None:
    """Measure until no block was lost."""
    for _ in range(3):
        with qtbot.waitSignal(page.bridge.measured, timeout=PATIENCE):
            qtbot.mouseClick(page.levels.measure, LEFT)
        if page.levels.report is not None and not page.levels.report.dropouts:
            return
    pytest.skip("this computer is too busy")


def record_two(qtbot: QtBot, window: MainWindow) -> None:
    """Record the first two positions by the button; the player's stream is away meanwhile, and comes back."""
    page, player = window.capture, window.session.studio.player
    for _ in range(6):
        with qtbot.waitSignal(page.bridge.recording_changed, timeout=PATIENCE):
            qtbot.mouseClick(page.record.record, LEFT)
        assert player.is_silent
        qtbot.waitUntil(lambda: not page.bridge.is_busy, timeout=PATIENCE)
        view = page.bridge.view
        assert view is not None
        if view.count("accepted") == 2:
            break
    else:
        pytest.skip("this computer is too busy")
    qtbot.waitUntil(lambda: player.device_name == "loopback", timeout=PATIENCE)
