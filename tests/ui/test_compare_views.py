"""The Views tab on a real dataset and a real model: what is drawn and read out is what numpy says."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import settle
from vastudio.app.comparison.comparing import Comparison
from vastudio.audio.spectral import average_spectrum, spectrogram
from vastudio.ui.compare.views.page import ViewsTab
from vastudio.ui.main_window import MainWindow
from vastudio.ui.widgets import numbers
from vastudio.ui.widgets.close_up import SAMPLES

RATE = 48_000


@pytest.fixture
def views(compared: MainWindow) -> ViewsTab:
    return compared.compare.views


@pytest.fixture
def comparison(compared: MainWindow) -> Comparison:
    return compared.compare.subject.comparisons[0]


def wheel(widget: QWidget, x: float, y: float, notches: int) -> None:
    at = QPointF(x, y)
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), buttons, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def drag(qtbot: QtBot, widget: QWidget, start: QPoint, stop: QPoint, keys: Qt.KeyboardModifier) -> None:
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, keys, start)
    for share in (0.5, 1.0):
        qtbot.mouseMove(widget, start + (stop - start) * share)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, keys, stop)


def rms_db(x: np.ndarray, seconds: float) -> float:
    middle = round(seconds * RATE)
    part = x[max(0, middle - 240) : middle + 240].astype(np.float64)
    return float(20 * np.log10(np.sqrt(np.mean(part**2))))


# --- zoom and cursor --------------------------------------------------------------------------------------


def test_the_wheel_zooms_all_views_around_the_pointer(views: ViewsTab) -> None:
    wave, picture = views.waves.view, views.stage.spectrograms.target
    x = wave.left + 0.25 * wave.plot.width()
    pointed = wave.seconds_at(x)
    wheel(wave, x, 20.0, 5)
    window = views.window_of_time
    assert window.stop - window.start == pytest.approx(1.5 * 0.8**5, rel=1e-6)
    assert wave.seconds_at(x) == pytest.approx(pointed, abs=1e-6)
    for view in (picture, views.stage.spectrograms.difference, views.waves.strip):
        assert view.seconds_at(view.plot.right()) == pytest.approx(window.stop)
    views.waves.whole.click()
    assert window.is_whole


def test_pointing_at_a_spectrogram_reads_out_every_view(
    qtbot: QtBot, views: ViewsTab, comparison: Comparison
) -> None:
    panel = views.stage.spectrograms
    view = panel.model
    plot = view.plot
    qtbot.mouseMove(view, QPoint(int(plot.center().x()), int(plot.bottom() - 0.3 * plot.height())))
    seconds, frequency = views.marks.time_s, views.marks.frequency_hz
    assert seconds is not None and frequency is not None
    levels = {}
    for name in ("clean", "target", "model"):
        picture = spectrogram(getattr(comparison, name), RATE)
        row = np.argmin(np.abs(picture.frequencies_hz - frequency))
        frame = np.argmin(np.abs(picture.times_s - seconds))
        levels[name] = float(picture.level_db[row, frame])
        assert getattr(panel, name).reading() == numbers.decibels(levels[name])
    difference = levels["model"] - levels["target"]
    sign = "+" if difference > 0.05 else ""
    assert panel.difference.reading() == sign + numbers.decibels(difference)
    signals = (comparison.clean, comparison.target, comparison.model, comparison.difference)
    assert views.waves.view.readings() == [numbers.decibels(rms_db(x, seconds)) for x in signals]
    assert f"{seconds:.4f} s" in views.waves.note.full_text
    QApplication.sendEvent(view, leave())
    assert panel.model.reading() == ""


def leave() -> object:
    from PySide6.QtCore import QEvent  # noqa: PLC0415

    return QEvent(QEvent.Type.Leave)


def test_pointing_at_the_average_spectrum_reads_out_levels(
    qtbot: QtBot, views: ViewsTab, comparison: Comparison
) -> None:
    views.stage.show_view("spectra")
    views.stage.spectra.smoothed.setChecked(False)
    qtbot.waitUntil(lambda: not views.is_drawing, timeout=20_000)
    plot = views.stage.spectra.average
    qtbot.mouseMove(plot, QPoint(int(plot.x_of(1000.0)), 60))
    frequency = views.marks.frequency_hz
    assert frequency is not None and frequency == pytest.approx(1000.0, rel=0.02)
    hz, level = average_spectrum(comparison.target, RATE)
    nearest = 1 + int(np.argmin(np.abs(np.log(hz[1:] / frequency))))
    assert f"Target {numbers.decibels(float(level[nearest]))}" in plot.readings()


def test_all_spectrograms_have_the_same_colours_and_the_difference_is_model_minus_target(
    views: ViewsTab, comparison: Comparison
) -> None:
    panel = views.stage.spectrograms
    scales = {view.scale_db for view in (panel.clean, panel.target, panel.model)}
    assert len(scales) == 1
    floor, top = scales.pop()
    assert top - floor == 80.0
    model, target = (
        np.maximum(spectrogram(x, RATE).level_db, floor) for x in (comparison.model, comparison.target)
    )
    assert panel.difference.image is not None
    assert np.allclose(panel.difference.image, model - target, atol=1e-4)


def test_another_frequency_scale_is_another_picture(qtbot: QtBot, views: ViewsTab) -> None:
    panel = views.stage.spectrograms
    before = panel.target.image
    assert before is not None
    panel.scale.button("linear").click()
    qtbot.waitUntil(lambda: not np.array_equal(before, panel.target.image), timeout=20_000)


# --- selecting and hearing --------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier])
def test_dragging_selects_what_is_looped_and_escape_clears_it(
    qtbot: QtBot, compared: MainWindow, views: ViewsTab, keys: Qt.KeyboardModifier
) -> None:
    """With Shift on the waveforms, without on the seconds below them."""
    view = views.waves.view
    y = 30 if keys == Qt.KeyboardModifier.ShiftModifier else view.height() - 6
    start, stop = QPoint(view.left + 100, y), QPoint(view.left + 300, y)
    wanted = view.seconds_at(start.x()), view.seconds_at(stop.x())
    drag(qtbot, view, stop, start, keys)
    subject = compared.compare.subject
    assert subject.excerpt == pytest.approx(wanted)
    assert views.marks.excerpt == subject.excerpt
    qtbot.keyClick(compared, Qt.Key.Key_Escape)
    assert subject.excerpt is None
    assert views.marks.excerpt is None


def test_dragging_without_shift_pans(qtbot: QtBot, compared: MainWindow, views: ViewsTab) -> None:
    views.window_of_time.show(0.5, 1.0)
    view = views.waves.view
    drag(
        qtbot, view, QPoint(view.left + 200, 30), QPoint(view.left + 100, 30), Qt.KeyboardModifier.NoModifier
    )
    assert views.window_of_time.start == pytest.approx(0.5 + 0.5 * 100 / view.plot.width(), rel=1e-3)
    assert compared.compare.subject.excerpt is None


def test_clicking_the_worst_second_selects_and_plays_it(
    qtbot: QtBot, compared: MainWindow, views: ViewsTab, comparison: Comparison
) -> None:
    error, target = (
        np.array([np.sum(x[k : k + RATE].astype(float) ** 2) for k in range(0, RATE // 2 + 1, 2400)])
        for x in (comparison.difference, comparison.target)
    )
    worst = float(np.argmax(error / target)) * 0.05
    strip = views.waves.strip
    at = strip.x_of(worst + 0.5)
    assert at is not None
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(at, 20))
    excerpt = compared.compare.subject.excerpt
    assert excerpt is not None
    assert excerpt == pytest.approx((worst, worst + 1.0), abs=0.051)
    player = compared.session.studio.player
    assert player.playing
    assert excerpt[0] - 0.01 <= player.position / player.sample_rate <= excerpt[1] + 0.01


def test_the_difference_lane_can_be_left_out(views: ViewsTab, comparison: Comparison) -> None:
    track = views.waves.view.tracks[-1]
    assert np.array_equal(track.audio, comparison.model - comparison.target)
    assert f"× {track.enlarged:g}" in views.waves.view.readings()[-1] or track.enlarged == 1.0
    views.waves.difference.click()
    assert [track.title for track in views.waves.view.tracks] == ["Clean", "Target", "Model"]


# --- close-up and positions -------------------------------------------------------------------------------


def test_arrow_keys_move_the_close_up(qtbot: QtBot, views: ViewsTab, comparison: Comparison) -> None:
    views.stage.show_view("close-up")
    view = views.stage.close_up.view
    first = view.first
    assert first + SAMPLES // 2 == pytest.approx(np.argmax(np.abs(comparison.target)), abs=SAMPLES)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.first == first - 10
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert view.first == first - 110
    track = views.waves.view.tracks[1]
    assert np.array_equal(view.samples(track), comparison.target[view.first : view.first + SAMPLES])
    target, model = (x[view.first : view.first + SAMPLES] for x in (comparison.target, comparison.model))
    esr = float(np.sum((model - target) ** 2) / np.sum(target**2))
    assert float(views.stage.note.full_text.rsplit(" ", 1)[1]) == pytest.approx(esr, rel=0.06)


def test_clicking_the_waveform_moves_close_up_and_sound(qtbot: QtBot, views: ViewsTab) -> None:
    view = views.waves.view
    with qtbot.waitSignal(view.sought) as sought:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(view.left + 150, 30))
    assert views.stage.close_up.view.first == pytest.approx(sought.args[0] * RATE, abs=1)


def test_positions_are_listed_worst_first_and_open_with_a_click(
    qtbot: QtBot, compared: MainWindow, views: ViewsTab
) -> None:
    positions = views.stage.positions
    views.stage.show_view("positions")
    positions.split.button("all").click()
    positions.measure.click()
    qtbot.waitUntil(lambda: positions.result is not None, timeout=60_000)
    table = positions.table
    assert table.rowCount() == 4
    shown = [float(table.item(row, 2).text().removeprefix("! ")) for row in range(4)]
    assert shown == sorted(shown, reverse=True)
    at = table.visualItemRect(table.item(0, 0)).center()
    with qtbot.waitSignal(compared.compare.subject.pair_changed, timeout=20_000):
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settle(qtbot, compared)
    assert positions.result is not None
    worst = positions.result.rows[0]
    assert compared.compare.subject.pair is not None
    assert compared.compare.subject.pair.capture == worst.capture
    assert compared.compare.subject.comparisons[0].metrics.esr == pytest.approx(worst.metrics.esr, rel=1e-4)


def test_measuring_positions_can_be_cancelled(qtbot: QtBot, views: ViewsTab) -> None:
    positions = views.stage.positions
    positions.start()
    positions.stop()
    qtbot.waitUntil(lambda: not positions._task.is_running, timeout=30_000)
    assert positions.result is None
    assert positions.measure.isEnabled()


@pytest.mark.parametrize("view", ["spectrograms", "spectra", "close-up", "positions"])
def test_everything_that_takes_the_focus_has_a_name_and_a_tooltip(
    views: ViewsTab, compared: MainWindow, view: str
) -> None:
    views.stage.show_view(view)
    for widget in compared.compare.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget
            assert widget.toolTip(), widget
