"""What many ratings say: who is left out, medians and means with their spread, a table for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import special

from vastudio import atomic
from vastudio.app.listening.mushra import MushraState
from vastudio.app.listening.sessions import Session

RECOGNISED = 90
MOST_MISSED = 0.15
"""BS.1534-3: who rates the hidden reference below 90 in more than 15 % of the items is left out."""

COLUMNS = ("listener", "started", "item", "condition", "score", "at", "excluded")


@dataclass(frozen=True)
class Summary:
    """The ratings of one condition over listeners and items; the interval of the mean is Student's, 95 %."""

    condition: str
    count: int
    median: float
    lower_quartile: float
    upper_quartile: float
    mean: float
    mean_half_width: float


def excluded_listeners(sessions: Iterable[Session]) -> frozenset[str]:
    """Listeners who miss the hidden reference too often in their finished ratings, all sessions together."""
    reference: defaultdict[str, list[bool]] = defaultdict(list)
    for session, test in _finished(sessions):
        reference[session.listener] += [
            rating.score < RECOGNISED
            for rating in test.ratings
            if rating.condition == test.plan.hidden_reference
        ]
    return frozenset(name for name, missed in reference.items() if sum(missed) > MOST_MISSED * len(missed))


def summarise(sessions: Iterable[Session]) -> list[Summary]:
    """Every condition over listeners that are not left out, the best median first.

    What one listener gave one item in several sessions counts once, as their mean. With a single rating the
    interval is infinite.
    """
    sessions = list(sessions)
    excluded = excluded_listeners(sessions)
    scores: defaultdict[str, defaultdict[tuple[str, str], list[int]]]
    scores = defaultdict(lambda: defaultdict(list))
    for session, test in _finished(sessions):
        if session.listener not in excluded:
            for rating in test.ratings:
                scores[rating.condition][session.listener, rating.item].append(rating.score)
    summaries = [
        _summary(condition, np.array([np.mean(values) for values in by.values()]))
        for condition, by in scores.items()
    ]
    return sorted(summaries, key=lambda summary: (-summary.median, summary.condition))


def to_csv(sessions: Iterable[Session]) -> str:
    """One line per rating of the finished sessions, the excluded listeners' marked as such."""
    sessions = list(sessions)
    excluded = excluded_listeners(sessions)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for session, test in _finished(sessions):
        for rating in test.ratings:
            table.writerow(
                [
                    session.listener,
                    session.started.isoformat(),
                    rating.item,
                    rating.condition,
                    rating.score,
                    rating.at.isoformat(),
                    int(session.listener in excluded),
                ]
            )
    return text.getvalue()


def export_csv(sessions: Iterable[Session], path: Path) -> None:
    """Write `to_csv` to a file. Raises OutputError."""
    atomic.write_text(path, to_csv(sessions))


def _finished(sessions: Iterable[Session]) -> Iterable[tuple[Session, MushraState]]:
    for session in sessions:
        if isinstance(session.test, MushraState) and session.is_finished:
            yield session, session.test


def _summary(condition: str, scores: npt.NDArray[np.float64]) -> Summary:
    count = len(scores)
    lower, median, upper = (float(value) for value in np.percentile(scores, [25.0, 50.0, 75.0]))
    half_width = math.inf
    if count > 1:
        half_width = float(special.stdtrit(count - 1, 0.975) * scores.std(ddof=1) / math.sqrt(count))
    return Summary(condition, count, median, lower, upper, float(scores.mean()), half_width)
