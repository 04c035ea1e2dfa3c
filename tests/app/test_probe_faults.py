"""A real model, made wrong in one way, is found out by the measures meant for that fault and by no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest

from tests.models import random_model
from vastudio.app.probe.quick import Recording
from vastudio.app.probe.report import Report, report
from vastudio.app.probe.stimuli import standard_phrase
from vastudio.app.probe.subject import Subject
from vastudio.engine.graph import PlayableModel
from vastudio.types import Audio, KnobValues

RATE = 48_000
SEED = 1
"""Of a random recurrent network that has no fault of its own."""

MAKEUP = 8.0
"""Makes it as loud as an amplifier would be."""

Fault: TypeAlias = Callable[[Audio, Audio], Audio]
"""What becomes of the response, and of the clean signal that it is the response to."""

_OUTPUT = slice(-9, None)
"""Where the weights of its output and of its dry signal lie."""


def model(output_gain: float = 1.0) -> PlayableModel:
    """The network as the engine plays it, with its output weights multiplied."""
    file = random_model(hidden=8, knobs=0, seed=SEED)
    file.weights["conditioner.0.bias"][_OUTPUT] *= np.float32(MAKEUP * output_gain)
    return PlayableModel.from_file(file)


def target() -> Audio:
    """What the faultless network makes of the standard phrase."""
    return Subject.of(model()).play(standard_phrase(RATE), {})


def wrong(fault: Fault) -> Subject:
    """The network with a fault behind it."""
    right = Subject.of(model())

    def play(audio: Audio, values: KnobValues) -> Audio:
        return fault(right.play(audio, values), audio)

    return replace(right, play=play)


def late(x: Audio, _clean: Audio) -> Audio:
    return np.concatenate([np.zeros(1, np.float32), x])[: x.size]


def offset(x: Audio, _clean: Audio) -> Audio:
    return x + np.float32(0.01)


def humming(x: Audio, clean: Audio) -> Audio:
    """A limit cycle: hums at −51 dBFS as long as nothing is played."""
    hum = 0.004 * np.sin(2 * np.pi * 100 * np.arange(x.size) / RATE)
    return np.asarray(x + np.where(clean == 0.0, hum, 0.0), np.float32)


def eight_bit(x: Audio, _clean: Audio) -> Audio:
    return np.asarray(np.round(x * 128.0) / 128.0, np.float32)


def hard(x: Audio, _clean: Audio) -> Audio:
    """Cuts the tops off at the rate of the signal, as loud as the right one is for the standard phrase."""
    heard, cut = target(), np.float32(0.02)
    makeup = np.linalg.norm(heard) / np.linalg.norm(np.clip(heard, -cut, cut))
    return np.asarray(makeup * np.clip(x, -cut, cut), np.float32)


FAULTS: dict[str, tuple[Subject, set[str]]] = {
    "right": (Subject.of(model()), set()),
    "a sample late": (wrong(late), {"delay", "match_delay"}),
    "inverted": (Subject.of(model(-1.0)), {"polarity", "match_polarity"}),
    "0.5 dB loud": (Subject.of(model(10 ** (0.5 / 20))), {"match_level"}),
    "aliasing": (wrong(hard), {"aliasing"}),
    "dc": (wrong(offset), {"dc"}),
    "noisy silence": (wrong(humming), {"rest_noise", "residue"}),
    "8 bit": (wrong(eight_bit), {"resolution"}),
}


def measured(subject: Subject) -> Report:
    return report(subject, recordings=[Recording(standard_phrase(RATE), target(), {})])


@pytest.mark.parametrize("fault", FAULTS)
def test_the_faults_own_measures_are_bad_and_every_other_is_good(fault: str) -> None:
    subject, meant_for_it = FAULTS[fault]
    found = {
        verdict.measure: (verdict.grade, verdict.value, verdict.sentence)
        for verdict in measured(subject).verdicts
        if verdict.grade in ("bad", "watch")
    }
    assert set(found) == meant_for_it, found
    assert all(grade == "bad" for grade, _, _ in found.values())
