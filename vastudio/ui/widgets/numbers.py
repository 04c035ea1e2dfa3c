"""Numbers as people read them: a true minus sign, as many decimals as the range needs."""

from __future__ import annotations

import math

from vastudio.types import Knob

MINUS = "\u2212"


def decimals(knob: Knob) -> int:
    """How many decimals tell two neighbouring positions of the dial apart."""
    span = knob.maximum - knob.minimum
    return max(0, min(4, 2 - math.floor(math.log10(span) + 1e-9)))


def fixed(value: float, places: int) -> str:
    """`value` with `places` decimals; never a negative nought."""
    text = f"{value:.{places}f}"
    if float(text) == 0.0:
        text = f"{0.0:.{places}f}"
    return text.replace("-", MINUS)


def knob_text(knob: Knob, value: float) -> str:
    """A dial value as shown under a knob, with its unit."""
    places = 1 if knob.unit == "dB" else decimals(knob)
    return f"{fixed(value, places)} {knob.unit}".rstrip()


def parse(text: str, knob: Knob) -> float | None:
    """Read a typed value, with or without the unit, a decimal comma or a true minus; None if it is no number.

    The value is brought into the range of the dial.
    """
    cleaned = text.strip().removesuffix(knob.unit).strip().replace(MINUS, "-").replace(",", ".")
    try:
        value = float(cleaned)
    except ValueError:
        return None
    return min(max(value, knob.minimum), knob.maximum) if math.isfinite(value) else None


def decibels(value: float, places: int = 1) -> str:
    """A level in dB; a true infinity sign for silence."""
    return f"{MINUS}∞ dB" if value == -math.inf else f"{fixed(value, places)} dB"


def duration(seconds: float) -> str:
    """A length of time: `42 s`, `3 min 05 s`, `1 h 20 min`."""
    total = max(0, round(seconds))
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60:02d} s"
    return f"{total // 3600} h {total % 3600 // 60:02d} min"


def count(number: int, singular: str, plural: str = "") -> str:
    """`1 capture`, `38 captures`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
