"""Which value of a metric is good enough, and what the metric says: the only place that decides it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from vastudio.app.library import esr_text

_LEAST = 1e-6
"""Smaller values than this are not told apart in a table."""

Sense: TypeAlias = Literal["at most", "at least"]


@dataclass(frozen=True)
class Goal:
    """A metric of `ComparisonMetrics`, for people.

    Attributes
    ----------
    metric:
        The field's name.
    limit:
        The value to reach; None where no one has shown which value is good.
    sense:
        On which side of the limit it is good.
    meaning:
        What the number is, in a sentence.
    reason:
        Why the limit is where it is; empty without one.
    places:
        Decimal places; −1 writes two figures that count.
    """

    metric: str
    title: str
    unit: str
    limit: float | None
    sense: Sense
    meaning: str
    reason: str = ""
    places: int = 2

    def is_met(self, value: float) -> bool | None:
        """Whether `value` is good enough; None without a goal or a value (nan)."""
        if self.limit is None or math.isnan(value):
            return None
        return value <= self.limit if self.sense == "at most" else value >= self.limit

    def value_text(self, value: float) -> str:
        """The value with its unit, a true minus sign, and a dash where there is none."""
        if math.isnan(value) or (math.isinf(value) and self.places < 0):
            return "—"
        if math.isinf(value):
            number = "∞" if value > 0 else "−∞"
        elif self.places < 0 and 0.0 < value < _LEAST:
            number = f"< {_LEAST:f}"
        else:
            number = esr_text(value) if self.places < 0 else f"{value:.{self.places}f}".replace("-", "−")
        return f"{number} {self.unit}".rstrip()

    def without_unit(self, text: str) -> str:
        """A value or goal as text, its unit left to the head of the column."""
        return text.removesuffix(self.unit).rstrip()

    @property
    def goal_text(self) -> str:
        """The goal in a few signs, `≤ 0.01`; empty without one."""
        if self.limit is None:
            return ""
        sign = "≤" if self.sense == "at most" else "≥"
        return f"{sign} {self.limit:g} {self.unit}".replace("-", "−").rstrip()


_ALL = (
    Goal(
        "esr", "ESR", "", 0.01, "at most",
        "Energy of the error over the energy of the target.",
        "Players call a model great below 0.01; no paper proves a limit of hearing.",
        places=-1,
    ),
    Goal(
        "null_depth_db", "Null depth", "dB", -20.0, "at most",
        "Level of what is left when model and target are subtracted, below the target.",
        "The same limit as ESR 0.01, in decibels.",
        places=1,
    ),
    Goal(
        "mr_stft", "MR-STFT", "", None, "at most",
        "Distance of the spectra at three resolutions; less is nearer. It does not see phase.",
    ),
    Goal(
        "complex_stft", "Complex STFT", "", None, "at most",
        "Distance of the complex spectra: phase counts. It grows with the level, so compare models only.",
        places=-1,
    ),
    Goal(
        "mae", "MAE", "", None, "at most",
        "Mean absolute error in units of full scale; quiet targets have small ones.",
        places=-1,
    ),
    Goal(
        "dc", "DC", "", None, "at most",
        "Squared difference of the means over the target's power: an offset that one of them has.",
        places=-1,
    ),
    Goal(
        "mfcc_distance", "MFCC distance", "", 2.91, "at most",
        "Distance in timbre, as a published fit to listening scores measures it.",
        "Up to 2.91 the fit predicts that listeners rate the model like the target.",
    ),
    Goal(
        "loudness_difference", "Loudness difference", "LU", 0.3, "at most",
        "Difference of the BS.1770 loudness.",
        "Smaller ones are hardly heard, and a volume knob undoes them.",
    ),
    Goal(
        "predicted_mushra", "Predicted MUSHRA", "", 80.0, "at least",
        "What listeners would rate from 0 to 100, predicted from the MFCC distance.",
        "From 80 on the scale of ITU-R BS.1534 says excellent.",
        places=0,
    ),
)  # fmt: skip

GOALS: Mapping[str, Goal] = MappingProxyType({goal.metric: goal for goal in _ALL})
"""By metric, in the order in which they are shown."""
