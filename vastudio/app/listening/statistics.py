"""What a number of right answers says, and what it does not say.

Not being able to reject chance is no proof that nothing was heard: a short test rejects chance hardly ever.
So beside the p-value stands how often a listener may have been right after all, and only that bound, from
enough answers, allows the words "could not be told apart".
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from scipy import special

ALPHA = 0.05
"""Level of every test; the bounds have 1 − ALPHA."""

ENOUGH_TRIALS = 80
"""Fewer answers never show that two sounds cannot be told apart."""

HIGHEST_BOUND = 0.60
"""Proportion of right answers up to which two sounds count as not to be told apart."""

Finding: TypeAlias = Literal["told apart", "not told apart", "reversed", "undecided"]


@dataclass(frozen=True)
class Tally:
    """Right answers among trials that a guess gets right half of the time."""

    correct: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.correct <= self.trials:
            raise ValueError(f"{self.correct} of {self.trials} answers cannot be right")

    @property
    def p(self) -> float:
        """How often guessing gets at least as many right: the exact one-sided binomial p-value."""
        return at_least(self.correct, self.trials)

    @property
    def reversed_p(self) -> float:
        """How often guessing gets at most as many right."""
        return at_least(self.trials - self.correct, self.trials)

    @property
    def upper_bound(self) -> float:
        """Highest proportion of right answers in the long run that fits, one-sided 95 %."""
        return upper_bound(self.correct, self.trials)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.correct + other.correct, self.trials + other.trials)


@dataclass(frozen=True)
class Verdict:
    """What a tally shows, as a word for the program and as sentences for a person."""

    finding: Finding
    words: str


def at_least(correct: int, trials: int) -> float:
    """Return P(K ≥ correct) of a fair binomial: Σ_{i≥k} C(n, i) / 2ⁿ, summed in whole numbers."""
    return float(sum(itertools.islice(_ways(trials), trials - correct + 1)) / 2**trials)


def _ways(trials: int) -> Iterator[int]:
    """C(n, n), C(n, n − 1), …, C(n, 0): each from the one before, as large ones take long by themselves."""
    ways = 1
    for right in range(trials, -1, -1):
        yield ways
        ways = ways * right // (trials - right + 1)


def upper_bound(correct: int, trials: int, confidence: float = 1.0 - ALPHA) -> float:
    """Return the one-sided upper bound on a proportion after Clopper and Pearson (1934), 0..1."""
    if correct == trials:
        return 1.0
    return float(special.betaincinv(correct + 1, trials - correct, confidence))


def needed(trials: int, alpha: float = ALPHA) -> int | None:
    """Fewest right answers whose p-value is below `alpha`; None where even all of them would not do."""
    fewest, tail = None, 0
    for right, ways in zip(range(trials, -1, -1), _ways(trials), strict=True):
        tail += ways
        if not tail / 2**trials < alpha:
            break
        fewest = right
    return fewest


def power(trials: int, proportion: float, alpha: float = ALPHA) -> float:
    """How often a listener who is right in `proportion` (0..1) of the trials passes such a test."""
    first = needed(trials, alpha)
    if first is None:
        return 0.0
    passing = range(first, trials + 1)
    return math.fsum(
        math.comb(trials, k) * proportion**k * (1.0 - proportion) ** (trials - k) for k in passing
    )


def promise(trials: int, proportion: float = 0.8) -> str:
    """Say what a test of so many trials can find, for a person who plans one."""
    first = needed(trials)
    if first is None:
        return "So few trials cannot show anything."
    found = math.floor(100.0 * power(trials, proportion))
    right = percent(proportion).replace(" ", "\u00a0")
    return (
        f"It takes {first} of {trials} right answers. A listener who is right in {right} of the trials is "
        f"found in {found} of 100 such tests."
    )


def judge(tally: Tally, listeners: Iterable[Tally] = ()) -> Verdict:
    """Say what the answers show.

    Parameters
    ----------
    tally:
        All answers together.
    listeners:
        The answers of each listener. One who tells the sounds apart, or mixes them up, more often than chance
        explains (at ALPHA shared out among the listeners) speaks against "could not be told apart", however
        many others guessed.
    """
    score = f"{tally.correct} of {tally.trials} right"
    if not tally.trials:
        return Verdict("undecided", "Nothing was answered yet.")
    if tally.p < ALPHA:
        return Verdict(
            "told apart", f"Told apart: {score}. Guessing gets as many in {percent(tally.p)} of such tests."
        )
    single = list(listeners)
    share = ALPHA / max(1, len(single))
    if tally.reversed_p < ALPHA or any(one.reversed_p < share for one in single):
        return Verdict(
            "reversed",
            f"Undecided: {score}, but there are more wrong answers than guessing gives. "
            "Who is wrong so often hears a difference and mixes the sounds up.",
        )
    if any(one.p < share for one in single):
        return Verdict(
            "undecided",
            f"Undecided: {score} in all, but one listener is right more often than guessing gives.",
        )
    return _within_chance(tally, score)


def _within_chance(tally: Tally, score: str) -> Verdict:
    bound = f"a listener is right in at most {percent(tally.upper_bound)} of the trials (95 % bound)"
    if tally.trials >= ENOUGH_TRIALS and tally.upper_bound <= HIGHEST_BOUND:
        return Verdict("not told apart", f"Could not be told apart in this test: {score}; {bound}.")
    more = (
        f"it takes {ENOUGH_TRIALS} trials or more"
        if tally.trials < ENOUGH_TRIALS
        else f"that bound has to be {percent(HIGHEST_BOUND)} or less"
    )
    return Verdict(
        "undecided",
        f"Undecided: {score}, which guessing explains (p = {tally.p:.2f}). Nor does it show that nothing was "
        f"heard: {bound}; to say so, {more}.",
    )


def percent(fraction: float) -> str:
    """Write a fraction for a person: `12 %`, `1.1 %`, `below 0.1 %`; a bound is never rounded down."""
    hundredths = 100.0 * fraction
    if 0.0 < hundredths < 0.1:
        return "below 0.1 %"
    if hundredths >= 10.0:
        return f"{math.ceil(hundredths - 1e-9)} %"
    return f"{math.ceil(10.0 * hundredths - 1e-9) / 10.0:.1f} %"
