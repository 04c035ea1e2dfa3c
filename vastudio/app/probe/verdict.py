"""What a measured value means: a grade, the goal it was held against, and a plain sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Grade: TypeAlias = Literal["good", "watch", "bad", "fact"]
"""`fact` is the device's character: told, but neither good nor bad."""

ORDER: tuple[Grade, ...] = ("bad", "watch", "good", "fact")
"""What a person should read first comes first."""


@dataclass(frozen=True)
class Verdict:
    """One judged value of a measure.

    Attributes
    ----------
    measure:
        Its name in a report, e.g. `delay`.
    value, unit:
        The worst value found, and what it is counted in; `value` is finite.
    goal:
        What would be good, e.g. `≤ -80 dBFS`; empty for a fact.
    sentence:
        What the value means to a player.
    """

    measure: str
    title: str
    value: float
    unit: str
    goal: str
    grade: Grade
    sentence: str


@dataclass(frozen=True)
class Scale:
    """Where good ends and bad begins, the smaller the better; what lies between is to be watched."""

    good: float
    bad: float
    unit: str

    def grade(self, value: float) -> Grade:
        """Judge a value."""
        return "good" if value <= self.good else "bad" if value > self.bad else "watch"

    @property
    def goal(self) -> str:
        """What would be good."""
        return f"≤ {self.good:g} {self.unit}"

    def verdict(self, measure: str, title: str, value: float, sentences: tuple[str, str, str]) -> Verdict:
        """Judge `value`; `sentences` say what good, watch and bad mean."""
        grade = self.grade(value)
        sentence = sentences[("good", "watch", "bad").index(grade)]
        return Verdict(measure, title, value, self.unit, self.goal, grade, sentence)


def fact(measure: str, title: str, value: float, unit: str, sentence: str) -> Verdict:
    """Tell a value that has no goal."""
    return Verdict(measure, title, value, unit, "", "fact", sentence)


def worst_first(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Sort by `ORDER`; equal grades stay in their order."""
    return tuple(sorted(verdicts, key=lambda verdict: ORDER.index(verdict.grade)))
