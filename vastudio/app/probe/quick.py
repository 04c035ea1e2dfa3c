"""The probe that follows every training: seconds, and its result goes into the model file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vastudio.app.probe import positions
from vastudio.app.probe.levels import ac_dbfs, dc_dbfs, tidy_db
from vastudio.app.probe.stimuli import noise, standard_phrase
from vastudio.app.probe.subject import Subject
from vastudio.audio import align
from vastudio.audio.level import integrated_loudness, peak_db, rms_db
from vastudio.modelfile.probe import RESIDUE_SECONDS, Latency, Match, Probe, ProbedPosition
from vastudio.types import Audio, KnobValues

REST_SECONDS = (0.05, 0.25, 0.3)
"""Begin and end of the rest, and begin of the phrase. Before lies the start, whose pop is another measure;
between them is room for filters that answer before they are asked."""

RESIDUE_WINDOW_SECONDS = 0.1


@dataclass(frozen=True)
class Recording:
    """A clip of the modelled device: clean and target (frames,) at the knob position `knobs`."""

    clean: Audio
    target: Audio
    knobs: KnobValues


def probe(
    subject: Subject,
    recordings: Sequence[Recording] = (),
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Probe:
    """Measure latency at the centre of the dials, and rest, level and residue there and at every corner.

    With `recordings` of the device, delay and level against each are measured too. The same model gives the
    same result. Every position plays seven seconds.
    """
    places = positions.probed(subject.knobs)
    probed = []
    for done, values in enumerate(places):
        on_progress(done, len(places))
        probed.append(probe_position(subject, values))
    on_progress(len(places), len(places))
    matches = tuple(match(subject, recording) for recording in recordings)
    return Probe(latency(subject, places[0]), tuple(probed), matches)


def latency(subject: Subject, values: KnobValues) -> Latency:
    """Measure the delay of noise at −18 dBFS, with the device's own filters taken out (`audio.align`)."""
    clean = noise(subject.sample_rate)
    found = align.measure(clean, subject.play(clean, values), subject.sample_rate)
    return Latency(round(found.delay_samples, 3), found.inverted, round(found.confidence, 3))


def probe_position(subject: Subject, values: KnobValues) -> ProbedPosition:
    """Play silence, the standard phrase and silence, and measure each."""
    rate = subject.sample_rate
    phrase = standard_phrase(rate)
    start, end, lead = (round(seconds * rate) for seconds in REST_SECONDS)
    window = round(RESIDUE_WINDOW_SECONDS * rate)
    tail = round(RESIDUE_SECONDS[-1] * rate) + window
    heard = subject.play(np.pad(phrase, (lead, tail)), values)
    _, rest, _, music, silence = np.split(heard, [start, end, lead, lead + phrase.size])
    residues = [silence[round(seconds * rate) :][:window] for seconds in RESIDUE_SECONDS]
    return ProbedPosition(
        knobs=dict(values),
        rest_dc_dbfs=dc_dbfs(rest),
        rest_noise_dbfs=ac_dbfs(rest),
        rms_dbfs=tidy_db(rms_db(music)),
        peak_dbfs=tidy_db(peak_db(music)),
        loudness_lufs=tidy_db(integrated_loudness(music, rate)),
        residue_dbfs=tuple(map(ac_dbfs, residues)),
        residue_dc_dbfs=dc_dbfs(residues[-1]),
    )


def match(subject: Subject, recording: Recording) -> Match:
    """Hold the model against a recording of the device: delay, polarity, level."""
    heard = subject.play(recording.clean, recording.knobs)
    found = align.measure(recording.target, heard, subject.sample_rate)
    return Match(
        knobs=dict(recording.knobs),
        delay_samples=round(found.delay_samples, 3),
        inverted=found.inverted,
        level_db=round(ac_dbfs(heard) - ac_dbfs(recording.target), 2),
        confidence=round(found.confidence, 3),
    )
