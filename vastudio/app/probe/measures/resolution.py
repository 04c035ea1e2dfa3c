"""Resolution: whether the output moves in steps that can be heard."""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.app.probe.measure import Grid, Measure
from vastudio.app.probe.stimuli import standard_phrase
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Grade, Verdict
from vastudio.audio.resolution import FINEST_BITS, resolution_bits
from vastudio.types import KnobValues

GOOD_BITS, BAD_BITS = 15.5, 11.5


@dataclass(frozen=True)
class Resolution:
    """Bits of a converter that moves in the steps of the output; 24 where there are none."""

    resolution_bits: float


def run(subject: Subject, values: KnobValues) -> Resolution:
    """Play the standard phrase."""
    heard = subject.play(standard_phrase(subject.sample_rate), values)
    return Resolution(round(resolution_bits(heard), 2))


def judge(result: Resolution) -> tuple[Verdict, ...]:
    """Judge the steps."""
    bits = result.resolution_bits
    grade: Grade = "good" if bits >= GOOD_BITS else "bad" if bits < BAD_BITS else "watch"
    sentence = f"The output moves in steps of {bits:.0f} bits: quiet sounds turn into grit."
    if grade == "good":
        sentence = "The output moves smoothly." if bits >= FINEST_BITS else "Its steps are too small to hear."
    return (Verdict("resolution", "Resolution", bits, "bits", "≥ 16 bits", grade, sentence),)


def grid(result: Resolution) -> Grid:
    """One row."""
    finest = result.resolution_bits >= FINEST_BITS
    return Grid(("bits",), (("no steps" if finest else f"{result.resolution_bits:.1f}",),))


MEASURE = Measure("Resolution", run, judge, grid)
