"""What is played into a device at one knob position: half a minute that visits its levels and frequencies.

Clicks at both ends tell latency, clock drift and lost samples; silence tells noise and hum; noise in
steps and a sweep visit levels and frequencies evenly; plucked strings are what the device will hear in
life. A part is the same at every position, so that takes can be compared; its phrase comes twice, so that
a take can be compared with itself. The rest is drawn anew for every position, so that no two takes teach
the same notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio import phrase
from vastudio.audio.level import from_db
from vastudio.audio.phrase import Note, Score
from vastudio.audio.pluck import Pluck
from vastudio.audio.stimulus import blips, log_sweep
from vastudio.errors import AudioFileError
from vastudio.types import STANDARD_RATE, Audio

SHORTEST_SECONDS, LONGEST_SECONDS = 20.0, 60.0

_NOISE_DB = (-54.0, -46.0, -38.0, -30.0, -24.0, -18.0, -12.0, -6.0)
_BURST_SECONDS, _BETWEEN_SECONDS = 0.2, 0.05
_SWEEP_SECONDS, _SWEEP_DB = 2.0, -12.0
_PHRASE_SECONDS = 3.0
_SILENCE_SECONDS = 1.0
_REST_SECONDS = 0.5
_FADE_SECONDS = 0.05
_TEMPO = 120.0  # half a second to the beat
_LOWEST, _HIGHEST = 40, 88  # E2 to E6, a guitar's range in MIDI notes
_LOWEST_BASS = 28


@dataclass(frozen=True)
class Part:
    """A named stretch of a stimulus, in seconds from its beginning."""

    name: str
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class Stimulus:
    """What is played, mono at `rate` Hz with peaks at −6 dBFS, and where its parts lie."""

    audio: Audio
    rate: int
    parts: tuple[Part, ...]

    def part(self, name: str) -> Audio:
        """The first stretch of that name. Raises KeyError."""
        found = next((part for part in self.parts if part.name == name), None)
        if found is None:
            raise KeyError(name)
        return self.audio[round(found.start_s * self.rate) : round(found.stop_s * self.rate)]


def capture_stimulus(
    seconds: float = 30.0, seed: int = 0, position: int = 0, rate: int = STANDARD_RATE
) -> Stimulus:
    """Return the stimulus for a position: equal for equal arguments, always.

    Parameters
    ----------
    seconds:
        Its length, 20 to 60.
    seed:
        Of the whole session: draws what the positions share.
    position:
        Any whole number from 0; draws the position's own part. Takes of one number are comparable throughout.

    Raises
    ------
    AudioFileError
        When `seconds` are too few or too many.
    """
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise AudioFileError(
            f"A stimulus of {seconds:g} s cannot be made.",
            f"Choose {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g} s.",
        )
    shared = _common_phrase(seed, rate)
    before = [
        ("clicks", blips(rate)),
        ("silence", _silence(_SILENCE_SECONDS, rate)),
        ("noise", _noise_steps(seed, rate)),
        ("sweep", log_sweep(_SWEEP_SECONDS, rate) * np.float32(from_db(_SWEEP_DB))),
        ("rest", _silence(_REST_SECONDS, rate)),
        ("phrase", shared),
        ("rest", _silence(_REST_SECONDS, rate)),
    ]
    after = [
        ("rest", _silence(_REST_SECONDS, rate)),
        ("phrase again", shared),
        ("decay", _silence(_REST_SECONDS, rate)),
        ("clicks", blips(rate)),
    ]
    left = round(seconds * rate) - sum(len(audio) for _, audio in (*before, *after))
    return _joined([*before, ("own", _own(left, (seed, position), rate)), *after], rate)


def with_marks(audio: Audio, rate: int) -> Stimulus:
    """Return a person's own clean signal with silence and clicks around it."""
    silence = _silence(_SILENCE_SECONDS, rate)
    clicks = ("clicks", blips(rate))
    return _joined([clicks, ("silence", silence), ("own", audio), ("decay", silence), clicks], rate)


def _joined(pieces: Sequence[tuple[str, Audio]], rate: int) -> Stimulus:
    ends = np.cumsum([len(audio) for _, audio in pieces]) / rate
    starts = [0.0, *ends[:-1]]
    parts = tuple(
        Part(name, float(start), float(end))
        for (name, _), start, end in zip(pieces, starts, ends, strict=True)
    )
    return Stimulus(np.concatenate([audio for _, audio in pieces]).astype(np.float32), rate, parts)


def _silence(seconds: float, rate: int) -> Audio:
    return np.zeros(round(seconds * rate), np.float32)


def _noise_steps(seed: int, rate: int) -> Audio:
    """Bursts of noise falling by 3 dB per octave above 50 Hz, their peaks rising from −54 to −6 dBFS."""
    frames, gap = round(_BURST_SECONDS * rate), np.zeros(round(_BETWEEN_SECONDS * rate))
    rng = np.random.default_rng((seed, 1))
    hertz = np.fft.rfftfreq(frames, 1.0 / rate)
    colour = np.sqrt(50.0 / np.maximum(hertz, 50.0)) * (hertz > 20.0)
    window = scipy.signal.windows.tukey(frames, 0.1)
    steps: list[npt.NDArray[np.float64]] = []
    for level_db in _NOISE_DB:
        burst = np.fft.irfft(np.fft.rfft(rng.standard_normal(frames)) * colour, frames)
        burst -= np.sum(burst * window) / np.sum(window)
        burst *= window
        steps += [burst * (from_db(level_db) / np.abs(burst).max()), gap]
    return np.concatenate(steps).astype(np.float32)


def _common_phrase(seed: int, rate: int) -> Audio:
    """A muted run, a power chord, an open chord, a high note and a bass note: a sample of everything."""
    notes = (
        *(Note(beat, (40,), 0.25, Pluck(velocity=0.8, muted=0.6)) for beat in (0.0, 0.5)),
        Note(1.0, (43, 50, 55), 0.9, Pluck(velocity=1.0), strum_seconds=0.006),
        Note(2.0, (40, 47, 52, 56, 59, 64), 1.4, Pluck(velocity=0.55, pick_position=0.2), strum_seconds=0.02),
        Note(3.5, (76,), 0.7, Pluck(velocity=0.9, vibrato=0.2)),
        Note(4.25, (_LOWEST_BASS,), 1.2, Pluck(velocity=0.8, pick_position=0.22)),
    )
    return _played(notes, _PHRASE_SECONDS, 1 + seed, rate)


def _own(frames: int, seeds: tuple[int, int], rate: int) -> Audio:
    """Notes and chords of any pitch, loudness and length, drawn by the seeds."""
    rng = np.random.default_rng((*seeds, 2))
    seconds = frames / rate
    end = seconds * _TEMPO / 60.0 - 1.0  # the last beat decays
    notes: list[Note] = []
    beat = 0.0
    while beat < end - 0.25:
        note, length = _drawn(rng, beat, end)
        notes.append(note)
        beat += length
    return _played(tuple(notes), seconds, int(rng.integers(1 << 30)), rate, frames)


def _drawn(rng: np.random.Generator, beat: float, end: float) -> tuple[Note, float]:
    """One event and how long it is waited before the next, in beats."""
    kind = rng.choice(["note", "mute", "chord", "power", "bass", "bend"], p=[0.3, 0.2, 0.15, 0.15, 0.1, 0.1])
    velocity, pick = float(rng.uniform(0.25, 1.0)), float(rng.uniform(0.08, 0.3))
    length = min(float(rng.choice([0.25, 0.5, 1.0, 2.0], p=[0.2, 0.4, 0.3, 0.1])), end - beat)
    root = int(rng.integers(_LOWEST, _HIGHEST + 1))
    low = int(rng.integers(_LOWEST, _LOWEST + 18))
    if kind == "mute":
        style = Pluck(velocity, muted=float(rng.uniform(0.3, 0.8)), pick_position=pick)
        return Note(beat, (low,), length, style), length
    if kind == "chord":
        third = int(rng.integers(3, 5))
        pitches = (low, low + 7, low + 12, low + 12 + third, low + 19)
        strum = float(rng.uniform(0.005, 0.03))
        return Note(beat, pitches, length, Pluck(velocity, pick_position=pick), strum), length
    if kind == "power":
        return Note(
            beat, (low, low + 7, low + 12), length, Pluck(velocity, pick_position=pick), 0.006
        ), length
    if kind == "bass":
        bass = int(rng.integers(_LOWEST_BASS, _LOWEST))
        return Note(beat, (bass,), length, Pluck(velocity, pick_position=pick)), length
    bend = float(rng.uniform(0.5, 2.0)) if kind == "bend" else 0.0
    return Note(beat, (root,), length, Pluck(velocity, pick_position=pick, bend=bend)), length


def _played(
    notes: tuple[Note, ...], seconds: float, seed: int, rate: int, frames: int | None = None
) -> Audio:
    """Play notes into a stretch that begins and ends in silence, faded: no seam on either side."""
    score = Score(notes, beats=seconds * _TEMPO / 60.0, tempo=_TEMPO, seed=seed)
    audio = phrase.render(score, rate)
    frames = len(audio) if frames is None else frames
    audio = np.pad(audio, (0, max(0, frames - len(audio))))[:frames]
    fade = round(_FADE_SECONDS * rate)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)).astype(np.float32)
    lead = rate // 200  # a pickup's low cut rings over the loop's seam
    audio[:lead] *= np.linspace(0.0, 1.0, lead, dtype=np.float32)
    audio[-fade:] *= ramp[::-1]
    return audio
