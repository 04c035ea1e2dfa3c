"""Measuring a path before the first take: latency, polarity, levels, noise, hum, drift, lost blocks.

A few seconds of the studio's stimulus go out and come back, and the checks that judge takes judge them, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.app.capture import source_for
from vastudio.app.capture_project import Draft
from vastudio.audio.align import DISPERSIVE
from vastudio.audio.capture_stimulus import SHORTEST_SECONDS, capture_stimulus
from vastudio.capture.source import OnProgress, ignore_progress
from vastudio.dataset.checks import Evidence, judge_take
from vastudio.dataset.manifest import Finding
from vastudio.types import Audio

HOTTEST_DB, QUIETEST_DB = -1.0, -24.0
"""Between these peaks, in dBFS, a return is neither close to clipping nor lost in the noise."""


@dataclass(frozen=True)
class LoopReport:
    """What came back.

    Attributes
    ----------
    delay_samples, confidence:
        The latency and how sure it is (0..1).
    peak_db:
        Of the return, dBFS; None for silence.
    noise_db:
        Of the return while nothing is played, dBFS; None where that cannot be told.
    hum_db, hum_hz:
        Mains hum in it, None where there is none.
    drift_ppm:
        How much faster the recording clock is, None where nothing can be told.
    """

    audio: Audio
    sample_rate: int
    delay_samples: float
    confidence: float
    inverted: bool
    peak_db: float | None
    clipped_frames: int
    noise_db: float | None
    hum_db: float | None
    hum_hz: float | None
    drift_ppm: float | None
    dropouts: int
    findings: tuple[Finding, ...]

    @property
    def is_sure(self) -> bool:
        """Whether the latency is told to a fraction of a sample."""
        return self.confidence >= DISPERSIVE

    @property
    def delay_ms(self) -> float:
        """The latency in milliseconds."""
        return self.delay_samples / self.sample_rate * 1000.0


def measure_loop(draft: Draft, on_progress: OnProgress = ignore_progress) -> LoopReport:
    """Play through the draft's source, its knobs as they are, and judge what comes back.

    Blocks for as long as it sounds (20 s); an exception from `on_progress` ends it.

    Raises
    ------
    CaptureError, DeviceError
        When the source cannot be used.
    """
    source = source_for(draft.source, [dial.knob for dial in draft.dials], draft.device)
    rate = source.sample_rate
    signal = capture_stimulus(SHORTEST_SECONDS, 0, 0, rate).audio
    source.open()
    try:
        recording = source.record(signal, {}, 0, on_progress)
    finally:
        source.close()
    heard = recording.audio[source.lead :]
    take = Evidence(signal, heard, rate, source.lead)
    findings = judge_take(take)
    hum = take.floor.hum if take.floor is not None else None
    movement = take.movement if take.levels.rms_db is not None else None
    return LoopReport(
        heard,
        rate,
        take.alignment.delay_samples,
        take.alignment.confidence,
        take.alignment.inverted,
        take.levels.peak_db,
        take.levels.clipped_frames,
        take.floor.noise_db if take.floor is not None else None,
        hum.level_db if hum is not None else None,
        hum.mains_hz if hum is not None else None,
        movement.samples_per_second / rate * 1e6 if movement is not None and not movement.jumps else None,
        recording.dropouts,
        findings,
    )
