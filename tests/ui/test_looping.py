"""Long loops on their way to the player."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.datasets import clean_signal, device
from vastudio.types import STANDARD_RATE
from vastudio.ui.bridge import session as bridge
from vastudio.ui.main_window import MainWindow

RATE = STANDARD_RATE


@pytest.fixture(autouse=True)
def _everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LONGEST_AT_ONCE", 0)


def test_a_long_loop_is_played_and_drawn_when_a_worker_has_made_it_ready(
    qtbot: QtBot, window: MainWindow
) -> None:
    session, clean = window.session, clean_signal(2.0)
    target = 0.4 * device(clean, 0.5)
    before = session.studio.clean
    with qtbot.waitSignal(session.loop_changed, timeout=10_000):
        session.use_loop(clean, target, RATE, "plucks")
        assert session.studio.clean is before
    assert np.array_equal(session.studio.clean, clean)  # type: ignore[arg-type]
    assert np.array_equal(session.studio.target, target)  # type: ignore[arg-type]
    assert window.transport.wave.tracks[0].audio is session.studio.clean
    assert window.transport.caption.full_text == "plucks"


def test_a_stretch_chosen_in_the_meantime_is_one_of_the_new_loop(qtbot: QtBot, window: MainWindow) -> None:
    session = window.session
    with qtbot.waitSignal(session.excerpt_changed, timeout=10_000):
        session.use_loop(clean_signal(2.0), None, RATE, "plucks")
        session.set_excerpt(0.5, 1.5)
        assert session.studio.excerpt is None
    assert session.loop_title == "plucks"
    assert session.studio.excerpt == (0.5, 1.5)


def test_what_was_chosen_last_is_played(qtbot: QtBot, window: MainWindow) -> None:
    session = window.session
    session.use_loop(clean_signal(2.0), None, RATE, "first")
    session.use_loop(clean_signal(1.0), None, RATE, "second")
    session.use_demo_phrase()
    session.set_excerpt(0.0, 0.5)
    assert session.studio.excerpt == (0.0, 0.5)
    qtbot.waitUntil(lambda: not session._looping.is_busy, timeout=10_000)
    assert session.loop_title == bridge.DEMO_TITLE
    assert session.studio.excerpt == (0.0, 0.5)
