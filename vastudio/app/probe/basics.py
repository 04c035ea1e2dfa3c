"""Judging the quick probe: the verdicts follow from what a model file holds."""

from __future__ import annotations

from dataclasses import replace

from vastudio.app.probe.verdict import Grade, Scale, Verdict
from vastudio.audio.align import DISPERSIVE
from vastudio.modelfile.probe import Latency, Match, Probe, ProbedPosition

DELAY = Scale(0.5, 0.9, "samples")
DC = Scale(-80.0, -60.0, "dBFS")
NOISE = Scale(-100.0, -80.0, "dBFS")
RESIDUE = Scale(-90.0, -70.0, "dBFS")
PEAK = Scale(0.0, 6.0, "dBFS")
MATCH_DELAY = Scale(0.5, 0.9, "samples")
"""A close model is a third of a sample beside its target: what it makes of the highest frequencies."""

MATCH_LEVEL = Scale(0.2, 0.4, "dB")

DISPERSED_SAMPLES = 4.0
"""Up to here a device that disperses cannot be told from one that is late."""


def judge(probe: Probe) -> tuple[Verdict, ...]:
    """Return the verdicts on a quick probe, each on the worst value of all positions."""
    verdicts = (*_timing(probe.latency), *_silence(probe.positions), _level(probe.positions))
    return (*verdicts, *_match(probe.matches)) if probe.matches else verdicts


def _timing(latency: Latency) -> tuple[Verdict, Verdict]:
    size = abs(latency.samples)
    words = "late" if latency.samples >= 0 else "early"
    delay = DELAY.verdict("delay", "Latency", round(size, 3), (
        "The model answers at once.",
        f"The model is {size:.2f} samples {words}: filters above the audible range can look like that.",
        f"The model is {size:.2f} samples {words}: mixed with the dry sound it acts as a comb filter.",
    ))  # fmt: skip
    sure = latency.confidence >= DISPERSIVE
    if not sure and size <= DISPERSED_SAMPLES:
        sentence = "The device smears its input so much that its delay is known to a few samples only."
        delay = replace(delay, grade="watch", sentence=sentence)
    return delay, _polarity(latency.inverted, sure=sure)


def _polarity(inverted: bool, *, sure: bool, measure: str = "polarity", against: str = "input") -> Verdict:
    title = "Polarity" if against == "input" else f"Polarity against the {against}"
    grade: Grade = "good"
    sentence = f"The output has the polarity of the {against}."
    if not sure:
        grade, sentence = "watch", "The device smears its input so much that its polarity is a guess."
    elif inverted:
        grade = "bad"
        sentence = f"The output is upside down against the {against}: mixed with it, the two cancel."
    return Verdict(measure, title, -1.0 if inverted else 1.0, "sign", "+1", grade, sentence)


def _silence(positions: tuple[ProbedPosition, ...]) -> tuple[Verdict, Verdict, Verdict]:
    dc = max(max(place.rest_dc_dbfs, place.residue_dc_dbfs) for place in positions)
    noise = max(place.rest_noise_dbfs for place in positions)
    residue = max(place.residue_dbfs[-1] for place in positions)
    return (
        DC.verdict("dc", "DC", dc, (
            "Silence lies at zero, before the music and after it.",
            "Silence lies a little beside zero: nobody hears it, but it takes room in the mix.",
            "Silence lies beside zero: switching and editing will click.",
        )),
        NOISE.verdict("rest_noise", "Noise at rest", noise, (
            "The model is silent until something is played.",
            "The model hisses very quietly by itself; a loud amplifier will bring it out.",
            "The model sounds by itself before anything is played.",
        )),
        RESIDUE.verdict("residue", "Residue after 5 s", residue, (
            "The model falls quiet after the music at every corner of its knobs.",
            "Five seconds after the music something is left, at one corner of the knobs at least.",
            "The model does not fall quiet after the music: it goes on sounding by itself.",
        )),
    )  # fmt: skip


def _level(positions: tuple[ProbedPosition, ...]) -> Verdict:
    peak = max(place.peak_dbfs for place in positions)
    return PEAK.verdict("peak", "Highest peak", peak, (
        "A guitar at its nominal level stays below full scale at every corner of the knobs.",
        "At one corner of the knobs at least the output goes over full scale: turn it down.",
        "The output goes far over full scale: it will be clipped unless it is turned down.",
    ))  # fmt: skip


def _match(matches: tuple[Match, ...]) -> tuple[Verdict, Verdict, Verdict]:
    known = [match for match in matches if match.confidence >= DISPERSIVE]
    late = max((match.delay_samples for match in known), key=abs, default=0.0)
    loud = max((match.level_db for match in matches), key=abs)
    delay = MATCH_DELAY.verdict("match_delay", "Delay against the target", round(abs(late), 3), (
        "The model and its target speak at the same moment.",
        f"The model is up to {abs(late):.2f} samples beside its target.",
        f"The model is {abs(late):.2f} samples {'late' if late > 0 else 'early'} against its target.",
    ))  # fmt: skip
    if not known:
        sentence = "Model and target have too little in common to tell a delay."
        delay = replace(delay, grade="watch", sentence=sentence)
    inverted = any(match.inverted for match in known)
    level = MATCH_LEVEL.verdict("match_level", "Level against the target", round(abs(loud), 2), (
        "The model is as loud as its target.",
        f"The model is {loud:+.2f} dB beside its target: enough to be preferred in a careless test.",
        f"The model is {abs(loud):.2f} dB {'louder' if loud > 0 else 'softer'} than its target.",
    ))  # fmt: skip
    return delay, _polarity(inverted, sure=bool(known), measure="match_polarity", against="target"), level
