"""What a file in `measures/` offers: measuring, judging and telling, of one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Verdict
from vastudio.registry import discover
from vastudio.types import KnobValues

Result = TypeVar("Result")


@dataclass(frozen=True)
class Grid:
    """Figures for a person: column heads and rows of text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Measure(Generic[Result]):
    """One measure of the probe.

    Attributes
    ----------
    title:
        What a table or a card is headed.
    run:
        Measures a subject with the knobs at the given values; a frozen dataclass whose fields name their
        units and hold finite numbers. None where the subject cannot do what is needed.
    judge:
        Verdicts on a result.
    grid:
        A result for a person.
    """

    title: str
    run: Callable[[Subject, KnobValues], Result | None]
    judge: Callable[[Result], tuple[Verdict, ...]]
    grid: Callable[[Result], Grid]


def measures() -> dict[str, Measure[Any]]:
    """Every measure by name, in alphabetical order."""
    return discover("vastudio.app.probe.measures", "MEASURE")
