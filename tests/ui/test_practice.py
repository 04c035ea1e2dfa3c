"""Metronome, looper and phrases in the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from vastudio.app.practice import store
from vastudio.ui.main_window import MainWindow

PATIENCE = 20_000


def write_phrase(path: Path, seconds: float = 1.0, rate: int = 44_100) -> Path:
    wave = 0.2 * np.sin(2 * np.pi * 110 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, wave, rate)
    return path


def test_the_metronome_is_switched_tapped_and_remembered(qtbot: QtBot, window: MainWindow) -> None:
    card, metronome = window.practice.panel.metronome, window.session.studio.player.metronome
    qtbot.mouseClick(window.transport.practice, Qt.MouseButton.LeftButton)
    assert window.practice.panel.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_K)
    assert metronome.is_on
    assert card.switch.isChecked()
    qtbot.waitUntil(lambda: card.lights.beat >= 0, timeout=PATIENCE)
    card.tempo.setValue(90.0)
    card.bar.setCurrentIndex(2)
    card.bar.activated.emit(2)
    assert (metronome.beat.bpm, metronome.beat.beats) == (90.0, 3)
    qtbot.keyClick(window, Qt.Key.Key_J)
    qtbot.wait(400)
    qtbot.keyClick(window, Qt.Key.Key_J)
    assert card.tempo.value() != 90.0, "two taps make a tempo"
    qtbot.keyClick(window.practice.panel, Qt.Key.Key_Escape)
    assert not window.practice.panel.isVisible()
    metronome.set_on(False)
    _count_in(qtbot, window)
    window.close()
    assert store.load().beat == metronome.beat


def _count_in(qtbot: QtBot, window: MainWindow) -> None:
    """A recording is counted in, by the bridge and by the button."""
    bridge, begun = window.practice.bridge, []
    bridge.count_in(lambda: begun.append("at once"))
    assert begun == ["at once"]
    bridge.set_beat(bpm=300.0, beats=1)
    bridge.set_counting_in(True)
    bridge.count_in(lambda: begun.append("counted"))
    assert bridge.is_counting
    assert bridge.is_clicking
    qtbot.waitUntil(lambda: "counted" in begun, timeout=PATIENCE)
    assert not bridge.is_counting
    bridge.count_in(lambda: begun.append("never"))
    bridge.count_in(lambda: begun.append("never"))
    qtbot.wait(500)
    assert "never" not in begun
    recorder = window.play.recorder
    window.practice.bridge.set_beat(bpm=300.0, beats=2)
    assert window.practice.panel.metronome.counts_in.isChecked()
    recorder.record.click()
    assert not recorder.is_recording
    assert "Counting" in recorder.line.full_text
    qtbot.waitUntil(lambda: recorder.is_recording, timeout=PATIENCE)
    assert "Stop" in recorder.record.text()
    recorder.record.click()
    assert not recorder.is_recording


def test_a_loop_is_recorded_played_onto_and_used_as_a_phrase(qtbot: QtBot, window: MainWindow) -> None:
    card, looper = window.practice.panel.looper, window.session.studio.player.looper
    assert not card.next.isEnabled()  # there is no device to listen to
    assert "Settings" in card.next.toolTip()
    window.session.set_source("live")
    assert card.next.isEnabled()
    card.next.click()
    assert window.session.studio.player.playing
    assert looper.state == "recording"
    qtbot.wait(300)
    qtbot.keyClick(window, Qt.Key.Key_L)
    assert looper.state == "playing"
    assert "1 layer" in card.line.full_text
    qtbot.waitUntil(lambda: looper.audio is not None, timeout=PATIENCE)
    card.next.click()
    card.next.click()
    assert card.undo.isEnabled()
    card.undo.click()
    assert card.redo.isEnabled()
    length = looper.length
    card.phrase.click()
    assert window.session.source == "loop"
    assert window.session.studio.clean is not None
    assert window.session.studio.clean.size == length
    card.clear.click()
    assert looper.state == "empty"
    window.session.set_source("live")
    qtbot.waitUntil(lambda: looper.kept_seconds > 0.3, timeout=PATIENCE)
    card.keep.click()  # after the fact
    assert looper.state == "playing"
    assert 0.2 < looper.length / 48_000 < 8.0


def test_a_phrase_is_dropped_looped_in_part_and_listed(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = write_phrase(tmp_path / "Etude.flac")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.session.loop_changed, timeout=PATIENCE):
        assert window.practice.phrases.eventFilter(window.transport, drop)
    assert window.session.loop_title == "Etude"
    assert window.session.studio.clean is not None
    assert abs(window.session.studio.clean.size - 48_000) < 2
    wave = window.transport.wave
    wave.selected.emit(0.75, 0.25)
    assert window.session.studio.excerpt == (0.25, 0.75)
    assert window.transport.marks.excerpt == (0.25, 0.75)
    window.practice.phrases.menu.aboutToShow.emit()
    texts = [action.text() for action in window.practice.phrases.menu.actions()]
    assert "Etude.flac" in texts
    whole = next(a for a in window.practice.phrases.menu.actions() if a.text() == "Loop the whole phrase")
    whole.trigger()
    assert window.session.studio.excerpt is None
    assert window.transport.marks.excerpt is None
    broken = tmp_path / "notes.wav"
    broken.write_text("no music")
    window.practice.bridge.remember_phrase(broken, found=True)
    with qtbot.waitSignal(window.practice.phrases.failed, timeout=PATIENCE):
        window.practice.phrases.open(broken)
    assert "notes.wav" in window.notice.message.text()
    assert window.practice.bridge.settings.recent == (str(path),)
