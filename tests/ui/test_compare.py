"""The Compare page on a real dataset and a real model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.dataset.store import Dataset
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob
from vastudio.ui.main_window import MainWindow


def drive_model() -> ModelFile:
    """A random model with the dataset's one knob."""
    import dataclasses  # noqa: PLC0415

    return dataclasses.replace(random_model(knobs=1), name="Clipper", knobs=(Knob("drive"),))


@pytest.fixture
def compared(qtbot: QtBot, window: MainWindow, recorded: Dataset, tmp_path: Path) -> Iterator[MainWindow]:
    """The window on the Compare page, everything computed."""
    with qtbot.waitSignal(window.session.model_changed):
        window.session.open_model(saved(drive_model(), tmp_path))
    window.session.open_dataset(recorded.path)
    window.show_page("compare")
    views, subject = window.compare.views, window.compare.subject
    qtbot.waitUntil(
        lambda: bool(subject.comparisons) and views.spectra.model.image is not None, timeout=20_000
    )
    yield window


def test_without_a_dataset_it_says_what_to_do(window: MainWindow) -> None:
    window.show_page("compare")
    assert window.compare.empty.isVisible()
    assert window.compare.empty.make_demo.isVisible()


def test_measures_are_shown_for_a_held_out_capture(compared: MainWindow) -> None:
    chosen = compared.compare.choice.chosen
    assert chosen is not None
    assert chosen[0].split == "validation"
    table = compared.compare.views.metrics.table
    assert float(table.text_of("ESR")) > 0
    assert table.text_of("Loudness difference").endswith("LU")
    assert compared.compare.views.knobs.cells["drive"].value == pytest.approx(0.25)


def test_the_clip_is_looped_and_its_target_can_be_heard(qtbot: QtBot, compared: MainWindow) -> None:
    assert compared.transport.monitor.button("target").isEnabled()
    qtbot.keyClick(compared, Qt.Key.Key_T)
    assert compared.transport.monitor.key == "target"
    compared.show_page("play")
    assert compared.session.monitor == "model"
    assert not compared.transport.monitor.button("target").isEnabled()


def test_a_knob_that_moves_changes_the_measures_and_can_go_back(qtbot: QtBot, compared: MainWindow) -> None:
    page = compared.compare.views
    before = page.metrics.table.text_of("ESR")
    qtbot.keyClick(page.knobs.cells["drive"].dial, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: page.metrics.table.text_of("ESR") != before, timeout=20_000)
    assert page.knobs.back.isEnabled()
    qtbot.mouseClick(page.knobs.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.metrics.table.text_of("ESR") == before, timeout=20_000)


def test_leaving_puts_the_knobs_back(compared: MainWindow) -> None:
    assert compared.session.studio.knob_values["drive"] == pytest.approx(0.25)
    compared.show_page("play")
    assert compared.session.studio.knob_values["drive"] == 0.5


def test_the_views_zoom_together(qtbot: QtBot, compared: MainWindow) -> None:
    page = compared.compare.views
    page.waves.layout_choice.button("overlay").click()
    assert page.window_of_time.stop - page.window_of_time.start == pytest.approx(0.04)
    low, high = page.spectra.model._plot.viewRange()[0]
    assert high - low == pytest.approx(0.04, rel=0.01)
    page.waves.whole.click()
    assert page.window_of_time.is_whole


def test_another_frequency_scale_is_another_picture(qtbot: QtBot, compared: MainWindow) -> None:
    spectra = compared.compare.views.spectra
    before = spectra.target.image
    assert before is not None
    spectra.scale.button("linear").click()
    qtbot.waitUntil(lambda: not np.array_equal(before, spectra.target.image), timeout=20_000)


def test_knobs_that_the_recorded_device_does_not_have_are_named(
    qtbot: QtBot, window: MainWindow, recorded: Dataset
) -> None:
    window.session.open_dataset(recorded.path)
    window.show_page("compare")
    qtbot.waitUntil(window.compare.notice.isVisible, timeout=20_000)
    assert "Knob 1, Knob 2" in window.compare.notice.message.text()
    assert window.compare.views.metrics.table.text_of("ESR") != "—"


def test_the_trim_of_the_player_does_not_change_what_is_compared(qtbot: QtBot, compared: MainWindow) -> None:
    session, clean = compared.session, compared.session.studio.clean
    assert clean is not None
    compared.play.input.moved.emit(-40.0)
    session.toggle_play()
    loudest = float(np.abs(clean).max())
    qtbot.waitUntil(
        lambda: float(np.abs(session.studio.player.tap(48_000)[0]).max()) > 0.5 * loudest, timeout=5_000
    )
    compared.show_page("play")
    qtbot.wait(100)
    session.seek(0.0)
    qtbot.waitUntil(
        lambda: 0 < float(np.abs(session.studio.player.tap(4_800)[0]).max()) < 0.05, timeout=5_000
    )
