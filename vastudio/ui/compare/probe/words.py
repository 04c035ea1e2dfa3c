"""Verdicts as a person reads them: signs, values with their units, goals."""

from __future__ import annotations

from vastudio.app.probe.verdict import Grade, Verdict
from vastudio.audio.resolution import FINEST_BITS
from vastudio.modelfile.probe import FLOOR_DBFS
from vastudio.ui.theme.tokens import Meaning
from vastudio.ui.widgets import numbers

SIGNS: dict[Grade, str] = {"good": "✓", "watch": "!", "bad": "✕", "fact": "·"}
"""So that a grade is not told by its colour alone."""

MEANINGS: dict[Grade, Meaning | None] = {"good": "good", "watch": "warning", "bad": "bad", "fact": None}


def value_text(verdict: Verdict) -> str:
    """The value as fine as anyone can use: `−58.4 dB`, `0.01 samples`, `inverted`."""
    value, unit = verdict.value, verdict.unit
    if unit == "sign":
        return "upright" if value > 0 else "inverted"
    if unit == "bits":
        return "no steps" if value >= FINEST_BITS else f"{numbers.fixed(value, 1)} bits"
    if unit in ("dBFS", "dB"):
        return "silent" if value <= FLOOR_DBFS else f"{numbers.fixed(value, 1)} {unit}"
    return f"{numbers.fixed(value, 2)} {unit}"


def sentence_text(verdict: Verdict) -> str:
    """The sentence, with true minus signs."""
    return verdict.sentence.replace(" -", f" {numbers.MINUS}")


def goal_text(verdict: Verdict) -> str:
    """`goal ≤ −55 dB`; empty for a fact."""
    goal = verdict.goal.replace("-", numbers.MINUS)
    return {"": "", "+1": "goal upright"}.get(goal, f"goal {goal}")


def counted(verdicts: tuple[Verdict, ...]) -> str:
    """`1 bad · 2 to watch · 11 good`."""
    words: tuple[tuple[Grade, str], ...] = (("bad", "bad"), ("watch", "to watch"), ("good", "good"))
    counts = [(sum(verdict.grade == grade for verdict in verdicts), word) for grade, word in words]
    return " · ".join(f"{number} {word}" for number, word in counts if number or word == "good")
