"""Meters, segments, notices, time windows, waveforms, curves and tables, each on its own."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from vastudio.errors import StudioError
from vastudio.ui.theme.tokens import load_theme, tokens
from vastudio.ui.widgets.meter import LevelMeter
from vastudio.ui.widgets.metric_table import MetricRow, MetricTable
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.spectrum import log_spectrum
from vastudio.ui.widgets.time_axis import time_ticks
from vastudio.ui.widgets.time_window import TimeWindow
from vastudio.ui.widgets.waveform import Track, WaveformView

RATE = 48_000


def test_both_themes_say_every_colour() -> None:
    dark, light = load_theme("dark"), load_theme("light")
    assert dark.is_dark
    assert not light.is_dark
    assert dark.meaning.clean == "#8494AB"
    assert dark.meaning.target == "#F2A83B"
    assert dark.meaning.model == "#3CC8B4"
    assert dark.meaning.difference == "#E5577B"


def test_the_meter_holds_its_peak_and_says_when_it_clips(qtbot: QtBot) -> None:
    meter = LevelMeter("in")
    qtbot.addWidget(meter)
    meter.show_level(-6.0, clipped=False)
    meter.show_level(-40.0, clipped=False)
    assert meter.peak_db == -6.0
    meter.show_level(0.0, clipped=True)
    assert "clipped" in meter.accessibleDescription()
    qtbot.mouseClick(meter, Qt.MouseButton.LeftButton)
    assert not meter.is_clipped


def test_segments_exclude_each_other(qtbot: QtBot) -> None:
    control = Segmented("Heard", [Segment("clean", "Clean"), Segment("model", "Model")])
    qtbot.addWidget(control)
    with qtbot.waitSignal(control.chosen) as chosen:
        qtbot.mouseClick(control.button("model"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["model"]
    assert control.key == "model"
    control.set_available("clean", False, "nothing to hear")
    assert not control.button("clean").isEnabled()
    assert control.button("clean").toolTip() == "nothing to hear"


def test_a_notice_shows_message_hint_and_details(qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.show_error(StudioError("It broke.", "Mend it.", "line 1\nline 2"))
    assert notice.isVisible()
    assert (notice.message.text(), notice.hint.text()) == ("It broke.", "Mend it.")
    assert not notice.details.isVisible()
    notice.more.click()
    assert notice.details.isVisible()
    notice.dismiss.click()
    assert not notice.isVisible()


def test_a_time_window_stays_inside_its_signal() -> None:
    window = TimeWindow()
    window.reset(10.0)
    window.zoom(0.5, around=0.0)
    assert (window.start, window.stop) == (0.0, 5.0)
    window.pan(100.0)
    assert (window.start, window.stop) == (5.0, 10.0)
    window.show(-3.0, 40.0)
    assert window.is_whole


def test_clicking_a_waveform_seeks(qtbot: QtBot) -> None:
    window = TimeWindow()
    view = WaveformView("Loop", window, labels=False)
    qtbot.addWidget(view)
    view.resize(400, 80)
    view.show()
    qtbot.waitExposed(view)
    window.reset(2.0)
    audio = np.sin(np.arange(2 * RATE) / 20).astype(np.float32)
    view.show_tracks([Track.of("Clean", "clean", audio)], RATE)
    with qtbot.waitSignal(view.sought) as sought:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 40))
    assert sought.args[0] == pytest.approx(0.5)


@pytest.mark.parametrize("seconds", [2.0, 0.002])
def test_a_waveform_is_drawn_in_its_colour(qtbot: QtBot, seconds: float) -> None:
    window = TimeWindow()
    view = WaveformView("Waveforms", window)
    qtbot.addWidget(view)
    view.resize(400, 120)
    window.reset(2.0)
    window.show(0.0, seconds)
    view.show_tracks([Track.of("Target", "target", np.full(2 * RATE, 0.5, np.float32))], RATE)
    image = view.grab().toImage()
    amber = tokens().of("target")
    drawn = [image.pixelColor(x, y) for x in range(200, 390, 10) for y in range(image.height())]
    assert sum(abs(colour.hue() - amber.hue()) < 5 for colour in drawn) > 10


def test_ticks_are_round_seconds() -> None:
    assert [text for _, text in time_ticks(0.0, 8.0, 8)] == [f"{second} s" for second in range(9)]
    assert [text for _, text in time_ticks(0.12, 0.16, 4)] == [
        "0.12 s",
        "0.13 s",
        "0.14 s",
        "0.15 s",
        "0.16 s",
    ]


def test_the_spectrum_of_a_full_scale_sine_reads_nought() -> None:
    sine = np.sin(2 * np.pi * 1000.0 * np.arange(8192) / RATE).astype(np.float32)
    log_hz, level_db = log_spectrum(sine, RATE)
    assert level_db.max() == pytest.approx(0.0, abs=1.5)
    assert 10 ** log_hz[level_db.argmax()] == pytest.approx(1000.0, rel=0.02)


def test_the_table_says_with_a_sign_whether_a_goal_is_met(qtbot: QtBot) -> None:
    table = MetricTable("Measures")
    qtbot.addWidget(table)
    table.show_rows(
        [MetricRow("ESR", "0.004", "0.01", True), MetricRow("Null depth", "−3.0 dB", "−20", False)]
    )
    signs = [table.item(row, 2).text() for row in range(2)]
    assert signs == ["✓", "!"]
    assert table.text_of("ESR") == "0.004"


@pytest.mark.parametrize("checked", [False, True])
def test_a_disabled_check_box_is_paler_in_its_box_and_its_words(qtbot: QtBot, checked: bool) -> None:
    brightest: dict[bool, list[int]] = {}
    for enabled in (True, False):
        box = QCheckBox("Invert")
        qtbot.addWidget(box)
        box.setChecked(checked)
        box.setEnabled(enabled)
        image = box.grab().toImage()
        lightness = np.array(
            [
                [image.pixelColor(x, y).lightness() for x in range(image.width())]
                for y in range(image.height())
            ]
        )
        brightest[enabled] = [int(lightness[:, :20].max()), int(lightness[:, 24:].max())]
    assert all(off < on for off, on in zip(brightest[False], brightest[True], strict=True))
