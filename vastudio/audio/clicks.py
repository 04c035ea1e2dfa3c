"""Delays told by clicks that a signal holds more than once: exact whatever the device does to a click.

The same click into a device at rest gives the same answer, so two answers differ by the movement of the
recording between them, to some hundredths of a sample, and by noise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vastudio.audio.likeness import liken
from vastudio.types import Audio

ANSWER_SECONDS = 0.1
"""How long a click's answer is looked at."""

_BEFORE_SECONDS = 0.005
_REACH_SECONDS = 0.03
_LEAST_ALIKE = 0.9
_Real = npt.NDArray[np.float64]


def click_movements(target: Audio, clicks: Sequence[int], rate: int, lag: int) -> tuple[_Real, _Real]:
    """Return times in seconds and delays in samples relative to the first click, both of shape (found,).

    `clicks` are first frames in the clean signal; `target` is some `lag` samples later, by 30 ms more or
    less. Answers that do not look like the first one are left out: they drown in noise or are disturbed.
    """
    before, after = round(_BEFORE_SECONDS * rate), round(ANSWER_SECONDS * rate)
    answers = [
        (click, target[click + lag - before : click + lag + after])
        for click in clicks
        if click + lag >= before
    ]
    answers = [(click, answer) for click, answer in answers if len(answer) == before + after and answer.any()]
    times, delays = [], []
    for click, answer in answers:
        likeness = liken(
            answers[0][1] - answers[0][1].mean(), answer - answer.mean(), round(_REACH_SECONDS * rate)
        )
        if likeness.difference < 1.0 - _LEAST_ALIKE**2 and not likeness.inverted:
            times.append(click / rate)
            delays.append(likeness.delay_samples)
    return np.array(times), np.array(delays)
