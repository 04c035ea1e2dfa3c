"""What the transport says and does about what is heard: null, level match, and stretches of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.datasets import clean_signal, device
from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app.studio import read_model
from vastudio.types import STANDARD_RATE
from vastudio.ui.main_window import MainWindow

RATE = STANDARD_RATE


@pytest.fixture
def looped(qtbot: QtBot, window: MainWindow) -> Iterator[MainWindow]:
    """The window with a loop that has a target, measured."""
    clean = clean_signal(2.0)
    window.session.set_level_match(True)
    window.transport.loudness.match.setChecked(True)
    window.session.use_loop(clean, 0.4 * device(clean, 0.5), RATE, "plucks")
    qtbot.waitUntil(lambda: window._level_match.newest is not None, timeout=20_000)
    yield window


def test_n_hears_the_null_and_offers_its_gain(qtbot: QtBot, looped: MainWindow) -> None:
    loudness, rack = looped.transport.loudness, looped.session.studio.player._rack
    qtbot.keyClick(looped, Qt.Key.Key_N)
    assert looped.transport.monitor.key == "null"
    assert loudness.null_gain.isVisible()
    assert not loudness.match.isVisible()
    loudness.null_gain.setValue(3)
    gains = rack.floats[[1, 2, 3]]
    assert gains[0] == 0.0
    assert gains[1] == -gains[2]
    assert 20 * np.log10(gains[2]) == pytest.approx(min(3.0, looped._level_match.newest.null_gain_db))  # type: ignore[union-attr]
    loudness.null_gain.setValue(60)
    assert loudness.words.full_text.startswith("held at +")
    assert "of +60 dB" in loudness.null_gain.toolTip()
    qtbot.keyClick(looped, Qt.Key.Key_M)
    assert loudness.match.isVisible()


def test_without_a_target_there_is_no_null(qtbot: QtBot, looped: MainWindow) -> None:
    looped.session.set_monitor("null")
    looped.session.use_demo_phrase()
    assert looped.session.monitor == "model"
    assert not looped.transport.monitor.button("null").isEnabled()
    qtbot.keyClick(looped, Qt.Key.Key_N)
    assert looped.session.monitor == "model"


def test_level_match_says_what_is_in_effect(qtbot: QtBot, looped: MainWindow) -> None:
    loudness = looped.transport.loudness
    newest = looped._level_match.newest
    assert newest is not None
    assert loudness.words.full_text == f"all at {newest.lufs:.1f} LUFS".replace("-", "−")
    tip = loudness.match.toolTip()
    assert "BS.1770" in tip
    assert f"target {newest.gains.target:+.1f} dB".replace("-", "−") in tip.replace("+−", "−")
    loudness.match.setChecked(False)
    assert loudness.words.full_text == "each as it is"
    assert np.all(looped.session.studio.player._rack.floats[3] == 1.0)


def test_a_stretch_is_matched_anew_and_the_model_told_where_it_begins(
    qtbot: QtBot, looped: MainWindow
) -> None:
    session = looped.session
    whole = looped._level_match.newest
    session.set_excerpt(0.5, 1.5)
    assert looped._level_match.newest is None
    assert looped.transport.loudness.words.full_text == "being measured…"
    qtbot.waitUntil(lambda: looped._level_match.newest is not None, timeout=20_000)
    newest = looped._level_match.newest
    assert newest is not None
    assert newest is not whole
    assert newest.entry is not None
    assert (newest.loop.start, newest.loop.stop) == (RATE // 2, 3 * RATE // 2)
    session.toggle_play()
    qtbot.waitUntil(lambda: 0.5 <= session.studio.player.position / RATE < 1.5, timeout=5_000)
    session.set_excerpt(None)
    assert looped._level_match.newest is whole


def test_models_that_take_turns_are_matched_at_once(qtbot: QtBot, looped: MainWindow, tmp_path: Path) -> None:
    studio = looped.session.studio
    assert studio.model_path is not None
    first = read_model(studio.model_path)
    second = read_model(saved(random_model(12, seed=5), tmp_path))
    looped.session.use_model(second)
    qtbot.waitUntil(lambda: looped._level_match.newest is not None, timeout=20_000)
    of_second = looped._level_match.newest
    looped.session.use_model(first)
    qtbot.waitUntil(lambda: looped._level_match.newest is not None, timeout=20_000)
    looped.session.use_model(second)
    assert looped._level_match.newest is of_second
    assert of_second is not None
    gains = studio.player._gains_db
    assert gains["model"] == of_second.gains.model
