"""The performance card: it measures in a process of its own, says how far it is, and can be cancelled."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from vastudio.engine.preparation import Preparation
from vastudio.ui.bridge.measuring import Measurement
from vastudio.ui.settings.performance_card import PerformanceCard, facts, title

PATIENCE = 20_000

FIGURES = {
    "block": 64, "realtime_percent": 0.39, "times_faster_than_onnxruntime": 6.76, "max_abs_error": 8e-8,
    "floor_ns": 58.2, "ratio": None,
}  # fmt: skip
REPORT: dict[str, Any] = {
    "rows": [
        {**FIGURES, "kernel": "gru", "size": 32, "ns_per_sample": 80.9},
        {**FIGURES, "kernel": "gru", "size": 32, "ns_per_sample": 80.0, "block": 128},
        {**FIGURES, "kernel": "gate", "size": "defaults", "ns_per_sample": 4.4,
         "times_faster_than_onnxruntime": None, "max_abs_error": None, "floor_ns": None},
        {**FIGURES, "kernel": "knob-turning", "size": 32, "ns_per_sample": 92.0, "ratio": 1.14},
    ],
    "notes": [],
}  # fmt: skip

MEASURES = f"""
import sys
print("0 of 2: gru 32, block 64", file=sys.stderr)
print("something else", file=sys.stderr)
print("1 of 2: a tail", file=sys.stderr)
print({json.dumps(REPORT)!r})
"""
WAITS = "import sys, time; print('0 of 2: gru 32', file=sys.stderr, flush=True); time.sleep(60)"
FAILS = "import sys; print('no memory', file=sys.stderr); sys.exit(1)"


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[PerformanceCard]:
    made = PerformanceCard()
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close_measurement()


def run(card: PerformanceCard, qtbot: QtBot, program: str) -> Measurement:
    card.measurement.command = (sys.executable, "-c", program)
    qtbot.mouseClick(card.start, Qt.MouseButton.LeftButton)
    return card.measurement


def test_figures_are_shown_when_they_are_there(qtbot: QtBot, card: PerformanceCard) -> None:
    steps: list[tuple[int, int, str]] = []
    card.measurement.progressed.connect(lambda *step: steps.append(step))
    with qtbot.waitSignal(card.measurement.done, timeout=PATIENCE):
        run(card, qtbot, MEASURES)
    assert steps == [(0, 2, "gru 32, block 64"), (1, 2, "a tail")]
    rows = [[card.table.text(row, column) for column in range(4)] for row in range(card.table.rowCount())]
    assert rows == [["GRU, 32 units", "80.9", "0.39", "6.8"], ["Gate", "4.4", "0.39", "—"]]
    assert "1.14 times the load" in card.loads.text()
    assert not card.busy.isVisible()
    assert card.start.isEnabled()


def test_progress_is_seen_and_it_can_be_cancelled(qtbot: QtBot, card: PerformanceCard) -> None:
    with qtbot.waitSignal(card.measurement.progressed, timeout=PATIENCE):
        measurement = run(card, qtbot, WAITS)
    assert card.busy_text.full_text == "gru 32"
    assert not card.start.isEnabled()
    with qtbot.waitSignal(measurement.cancelled, timeout=PATIENCE):
        qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    assert not measurement.is_running
    assert card.notice.isVisible()
    assert card.start.isEnabled()
    assert card.invitation.isVisible()


@pytest.mark.parametrize("command", [FAILS, "print('no report')"])
def test_a_failure_is_said_with_its_details(qtbot: QtBot, card: PerformanceCard, command: str) -> None:
    with qtbot.waitSignal(card.measurement.failed, timeout=PATIENCE):
        run(card, qtbot, command)
    assert "could not be measured" in card.notice.message.text()
    assert ("no memory" in card.notice.details.toPlainText()) == (command == FAILS)
    assert card.start.isEnabled()


def test_a_program_that_is_not_there_is_a_failure(qtbot: QtBot, card: PerformanceCard) -> None:
    card.measurement.command = ("/no/such/program",)
    with qtbot.waitSignal(card.measurement.failed, timeout=PATIENCE):
        card.measurement.start()
    assert not card.measurement.is_running


def test_closing_ends_the_process(qtbot: QtBot, card: PerformanceCard) -> None:
    with qtbot.waitSignal(card.measurement.progressed, timeout=PATIENCE):
        measurement = run(card, qtbot, WAITS)
    card.close_measurement()
    assert not measurement.is_running


def test_titles_and_facts() -> None:
    assert title("wavenet", "a1-standard") == "WaveNet A1 standard"
    assert title("rack", "gru-32") == "Whole rack, GRU 32"
    assert title("convolution", 2048) == "Cabinet, 2,048 samples"
    assert facts(Preparation(0.41, 0, 90, 16)) == (
        "Works on 16 numbers at a time · everything found compiled · ready in 0.4 s"
    )
    assert "3 functions compiled" in facts(Preparation(2.0, 3, 93, 8))
