"""Every plot of the Play, Train and Capture pages can be saved, with the numbers that it shows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from vastudio.app.knob_errors import PositionScore
from vastudio.app.suspects import Suspect
from vastudio.app.tuner import Reading
from vastudio.capture.plan import Position
from vastudio.errors import OutputError
from vastudio.types import Knob
from vastudio.ui.main_window import MainWindow
from vastudio.ui.play.tone_panel import response_of
from vastudio.ui.train.error_picture import ErrorPicture
from vastudio.ui.widgets.plot_export import PlotExport, write_numbers, write_picture
from vastudio.ui.widgets.run_plot import OtherRun
from vastudio.ui.widgets.waveform import Track

RATE = 48_000
HZ = 171 * RATE / 8_192
"""On a bin of the spectra."""
SINE = (0.5 * np.sin(2 * np.pi * HZ * np.arange(8_192) / RATE)).astype(np.float32)
DRIVE, TONE = Knob("drive", "Drive"), Knob("tone", "Tone")
PLACES = ({"drive": 0.1, "tone": 0.2}, {"drive": 0.9, "tone": 0.8})

Find = Callable[[MainWindow], QWidget]
PLOTS: dict[str, Find] = {
    "views": lambda window: window.play.views,
    "gate": lambda window: window.play.gate.history,
    "equaliser": lambda window: window.play.tone.curve,
    "small equaliser": lambda window: window.play.overview.curve,
    "cabinet": lambda window: window.play.cabinet,
    "small cabinet": lambda window: window.play.overview.impulse,
    "microphone": lambda window: window.play.cabinet.rows["second"].view,
    "training": lambda window: window.train.curve.drawing,
    "knob errors": lambda window: window.train.errors.drawing,
    "hear": lambda window: window.train.hear.wave,
    "loop": lambda window: window.capture.levels.wave,
    "plan": lambda window: window.capture.plan.map,
    "newest take": lambda window: window.capture.record.wave,
    "chosen take": lambda window: window.capture.review.wave,
}


def exporter(widget: QWidget) -> PlotExport:
    """The menu of a plot."""
    return next(child for child in widget.children() if isinstance(child, PlotExport))


def has_message(widget: QWidget) -> bool:
    return widget.findChild(QMessageBox) is not None


def save(qtbot: QtBot, widget: QWidget, kind: str, path: Path) -> None:
    """Choose the menu's entry, and the path in the dialog that opens."""
    export = exporter(widget)
    {"picture": export.save_picture, "numbers": export.save_numbers}[kind].trigger()
    dialog = widget.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(path))
    dialog.close()
    dialog.setParent(None)
    dialog.deleteLater()
    qtbot.waitUntil(lambda: not export.is_writing, timeout=10_000)


def saved(qtbot: QtBot, widget: QWidget, folder: Path) -> dict[str, list[str]]:
    """The columns of the file that is written."""
    path = folder / "numbers.csv"
    save(qtbot, widget, "numbers", path)
    with path.open(newline="", encoding="utf-8") as file:
        heads, *rows = csv.reader(file)
    return {head: [row[place] for row in rows] for place, head in enumerate(heads)}


def floats(texts: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([float(text) for text in texts])


def test_every_plot_has_a_menu_and_its_picture_is_written(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for name, find in PLOTS.items():
        widget = find(window)
        menu = exporter(widget).menu
        entries = [action.text() for action in menu.actions() if action.isVisible()]
        assert entries == ["Save picture…", "Save numbers…"], name
        save(qtbot, widget, "picture", tmp_path / f"{name}.png")
        picture = QImage(str(tmp_path / f"{name}.png"))
        assert not picture.isNull(), name
        assert not widget.isVisible() or picture.size() == widget.size() * 2, name
    written = {path.name for path in tmp_path.iterdir() if path.suffix != ".vamodel"}
    assert written == {f"{name}.png" for name in PLOTS}


def test_what_cannot_be_written_is_said_and_leaves_nothing(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "file").write_text("in the way")
    for name in ("views", "training", "plan"):
        widget = PLOTS[name](window)
        save(qtbot, widget, "picture", folder / "file" / "plot.png")
        qtbot.waitUntil(partial(has_message, widget))
        box = widget.findChild(QMessageBox)
        assert box is not None and "Cannot write" in box.text()
        box.close()
        assert [path.name for path in folder.iterdir()] == ["file"]


@contextmanager
def full_disk(after: int) -> Iterator[None]:
    """No file can grow beyond `after` bytes. Skips where the system has no such limit."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (256, 256, 4), dtype=np.uint8)
    image = QImage(noise.tobytes(), 256, 256, QImage.Format.Format_ARGB32)
    with full_disk(4_096):
        with pytest.raises(OutputError):
            write_numbers(tmp_path / "long.csv", {"time (s)": np.arange(50_000) / RATE})
        with pytest.raises(OutputError):
            write_picture(tmp_path / "noise.png", image)
    assert list(tmp_path.iterdir()) == []


def test_nothing_shown_is_said_and_not_saved(qtbot: QtBot, window: MainWindow) -> None:
    exporter(window.train.curve.drawing).save_numbers.trigger()
    box = window.findChild(QMessageBox)
    assert box is not None and "no numbers to save yet" in box.text()
    box.close()
    assert window.findChild(QFileDialog) is None


def test_the_views_of_the_sound_save_what_they_show(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    views = window.play.views
    views.spectrum.show_audio(SINE, 0.1 * SINE, RATE)
    columns = saved(qtbot, views, tmp_path)
    assert list(columns) == ["frequency (Hz)", "input (dBFS)", "output (dBFS)"]
    loudest = int(np.argmax(floats(columns["input (dBFS)"])))
    assert floats(columns["frequency (Hz)"])[loudest] == pytest.approx(HZ, rel=0.02)
    assert floats(columns["input (dBFS)"])[loudest] == pytest.approx(-6.02, abs=0.01)
    assert floats(columns["output (dBFS)"])[loudest] == pytest.approx(-26.02, abs=0.01)

    views.show_view("spectrogram")
    for gain in (0.1, 1.0):
        views.spectrogram.show_audio(SINE, gain * SINE, RATE)
    columns = saved(qtbot, views, tmp_path)
    assert floats(columns["time (s)"]) == pytest.approx([-1 / 30, 0.0])
    band = max(list(columns)[1:], key=lambda head: floats(columns[head])[1])
    assert band.endswith(" Hz (dBFS)")
    assert float(band.split()[0]) == pytest.approx(HZ, rel=0.02)
    assert floats(columns[band]) == pytest.approx([-26.02, -10.0], abs=0.16)

    views.show_view("scope")
    views.scope.show_audio(SINE, 0.1 * SINE, RATE)
    columns = saved(qtbot, views, tmp_path)
    assert list(columns) == ["time (ms)", "input (full scale)", "output (full scale)"]
    assert floats(columns["time (ms)"])[[0, 48, -1]] == pytest.approx([0.0, 1.0, 959 / 48])
    np.testing.assert_allclose(
        floats(columns["output (full scale)"]), 0.1 * floats(columns["input (full scale)"]), atol=1e-7
    )

    views.show_view("tuner")
    views.tuner.show_reading(Reading("E", 2, cents=2.0, frequency_hz=82.5))
    assert saved(qtbot, views, tmp_path) == {
        "note": ["E2"], "frequency (Hz)": ["82.5"], "deviation (cents)": ["2"],
    }  # fmt: skip


def test_the_rack_saves_its_curves_and_responses(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    play = window.play
    hz, db = response_of(play.rig.state.tone)
    for curve in (play.tone.curve, play.overview.curve):
        columns = saved(qtbot, curve, tmp_path)
        assert list(columns) == ["frequency (Hz)", "response (dB)"]
        np.testing.assert_allclose(floats(columns["frequency (Hz)"]), hz)
        np.testing.assert_allclose(floats(columns["response (dB)"]), db, rtol=1e-7, atol=1e-12)

    long, short = np.array([0.0, 0.5, -0.25], np.float32), np.array([0.125, 0.0625], np.float32)
    play.cabinet.rows["first"].view.show_response(long, RATE)
    play.cabinet.rows["second"].view.show_response(short, RATE)
    columns = saved(qtbot, play.cabinet, tmp_path)
    assert list(columns) == ["time (ms)", *(f"Microphone {n} (relative to its peak)" for n in (1, 2))]
    assert floats(columns["time (ms)"]) == pytest.approx([0.0, 1 / 48, 2 / 48])
    assert list(columns.values())[1:] == [["0", "1", "-0.5"], ["1", "0.5", ""]]

    history = play.gate.history
    history.show_thresholds(-50.0, -56.0, active=True)
    history.add_level(-31.5)
    columns = saved(qtbot, history, tmp_path)
    assert [column[-1] for column in columns.values()] == ["0", "-31.5", "-50", "-56"]
    assert columns["input (dBFS)"][0] == ""
    assert list(columns)[2:] == ["gate opens (dBFS)", "gate closes (dBFS)"]


def test_training_saves_its_curves_and_the_errors_of_the_captures(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    card, errors = window.train.curve, window.train.errors
    card.curve.add_training(1.0, 0.5)
    card.curve.add_training(2.0, 0.25)
    card.curve.add_validation(2.0, 0.3)
    card.curve.set_floor(0.001)
    card.curve.show_others([OtherRun("Amp", ((1.0, 0.9),), 0), OtherRun("Amp", ((1.0, 0.8),), 1)])
    assert saved(qtbot, card.drawing, tmp_path) == {
        "time of validation (s)": ["2", ""],
        "ESR of validation (ratio)": ["0.3", ""],
        "time of training (s)": ["1", "2"],
        "ESR of training (ratio)": ["0.5", "0.25"],
        "time of Amp, run 2 (s)": ["1", ""],
        "ESR of Amp, run 2 (ratio)": ["0.9", ""],
        "time of Amp, run 3 (s)": ["1", ""],
        "ESR of Amp, run 3 (ratio)": ["0.8", ""],
        "floor of the recordings, ESR (ratio)": ["0.001", ""],
    }

    good = PositionScore("c1", PLACES[0], 0.01, "train")
    bad = PositionScore("c2", PLACES[1], 0.4, "validation")
    doubt = Suspect(bad, 40.0)
    errors.show_picture(ErrorPicture((DRIVE, TONE), (good, bad), (doubt,), ({"drive": 0.5, "tone": 0.4},)))
    assert saved(qtbot, errors.drawing, tmp_path) == {
        "capture": ["c1", "c2", ""],
        "split": ["train", "validation", "record next"],
        "drive (dial)": ["0.1", "0.9", "0.5"],
        "tone (dial)": ["0.2", "0.8", "0.4"],
        "ESR (ratio)": ["0.01", "0.4", ""],
        "doubtful": ["no", "yes", ""],
    }


def test_the_capture_saves_its_plan_and_what_is_seen_of_a_take(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    capture = window.capture
    capture.plan.map.show_positions(
        (DRIVE, TONE), (Position(PLACES[0], "train"), Position(PLACES[1], "validation"))
    )
    assert saved(qtbot, capture.plan.map, tmp_path) == {
        "position": ["1", "2"],
        "split": ["train", "validation"],
        "drive (dial)": ["0.1", "0.9"],
        "tone (dial)": ["0.2", "0.8"],
    }
    for wave in (capture.levels.wave, capture.record.wave, capture.review.wave, window.train.hear.wave):
        wave._window.reset(len(SINE) / RATE)
        wave.show_tracks([Track.of("Return", "target", SINE)], RATE)
        wave._window.show(0.05, 0.06)
        columns = saved(qtbot, wave, tmp_path)
        assert list(columns) == ["time (s)", "Return (full scale)"]
        assert floats(columns["time (s)"])[[0, -1]] == pytest.approx([0.05, 2_879 / RATE])
        np.testing.assert_allclose(floats(columns["Return (full scale)"]), SINE[2_400:2_880], rtol=1e-7)
