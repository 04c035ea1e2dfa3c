"""Numbers as they are shown and typed."""

from __future__ import annotations

import math

import pytest

from vastudio.app.library import esr_text
from vastudio.types import Knob
from vastudio.ui.widgets import numbers

GAIN = Knob("gain", minimum=-12, maximum=12, default=0, unit="dB")


@pytest.mark.parametrize(
    ("knob", "value", "text"),
    [
        (Knob("drive"), 0.5, "0.50"),
        (Knob("bass", maximum=10.0), 4.0, "4.0"),
        (Knob("mix", maximum=100.0, default=50.0, unit="%"), 100.0, "100 %"),
        (GAIN, -3.0, "−3.0 dB"),
        (GAIN, -0.01, "0.0 dB"),
    ],
)
def test_a_value_has_the_decimals_its_dial_needs(knob: Knob, value: float, text: str) -> None:
    assert numbers.knob_text(knob, value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3.0),
        ("−3,5 dB", -3.5),
        (" 2.25dB ", 2.25),
        ("99", 12.0),
        ("loud", None),
        ("nan", None),
        ("", None),
    ],
)
def test_typed_values_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert numbers.parse(text, GAIN) == value


def test_errors_show_two_figures_that_count() -> None:
    shown = [esr_text(value) for value in (0.42, 0.0312, 0.00419, 0.00042, 0.0, math.nan)]
    assert shown == ["0.42", "0.031", "0.0042", "0.00042", "0", "—"]


def test_durations_and_counts() -> None:
    assert [numbers.duration(s) for s in (42, 185, 4800)] == ["42 s", "3 min 05 s", "1 h 20 min"]
    assert numbers.count(1, "capture") == "1 capture"
    assert numbers.count(3, "capture") == "3 captures"
