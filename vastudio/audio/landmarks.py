"""What a played signal itself says about where a measurement can look: silences, clicks, repeats.

A capture can be judged on any clean signal, also an old or a foreign one, as far as that signal allows. Its
landmarks are found in the samples, so nothing has to be remembered beside them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.audio.clipping import runs
from vastudio.types import Audio

QUIET = 1e-5
"""A clean sample below this (−100 dBFS) is silence."""

_SILENCE_SECONDS = 0.1
_LONGEST_CLICK_SECONDS = 0.005
_CLICK_LEAD_SECONDS = 0.05
_CLICK_ROOM_SECONDS = 0.12
_CLICK_PEAK = 0.05
_ANCHOR_SECONDS = 0.25
_LEAST_DISTANCE_SECONDS = 0.5
_PROBE_FRAMES = 8
_REPEAT_SECONDS = 1.0


@dataclass(frozen=True)
class Span:
    """Frames from `start` up to but not including `stop`."""

    start: int
    stop: int

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.stop - self.start


@dataclass(frozen=True)
class Repeat:
    """`frames` frames from `second` on are the same, sample for sample, as those from `first` on."""

    first: int
    second: int
    frames: int


@dataclass(frozen=True)
class Landmarks:
    """Of a clean signal: silent spans, first frames of lone clicks, repeats of a second or more."""

    silences: tuple[Span, ...]
    clicks: tuple[int, ...]
    repeats: tuple[Repeat, ...]


def find_landmarks(clean: Audio, rate: int) -> Landmarks:
    """Return the landmarks of `clean`, mono at `rate` Hz. Takes some milliseconds per second of signal."""
    quiet = np.abs(clean) <= QUIET
    starts, lengths = runs(quiet)
    long = lengths >= _SILENCE_SECONDS * rate
    silences = tuple(
        Span(int(start), int(start + length))
        for start, length in zip(starts[long], lengths[long], strict=True)
    )
    return Landmarks(silences, tuple(_clicks(clean, silences, rate)), tuple(_repeats(clean, quiet, rate)))


def _clicks(clean: Audio, silences: tuple[Span, ...], rate: int) -> Iterator[int]:
    """Sounds of a few milliseconds at most, between two silences; the first is kept long enough to settle."""
    for before, after in itertools.pairwise(silences):
        short = after.start - before.stop <= _LONGEST_CLICK_SECONDS * rate
        alone = before.frames >= _CLICK_LEAD_SECONDS * rate and after.frames >= _CLICK_ROOM_SECONDS * rate
        if short and alone and np.abs(clean[before.stop : after.start]).max() >= _CLICK_PEAK:
            yield before.stop


def _repeats(clean: Audio, quiet: npt.NDArray[np.bool_], rate: int) -> Iterator[Repeat]:
    """Later copies of earlier stretches: anchors are compared with every later frame, matches grown.

    An anchor is a handful of samples; two musical moments never share them bit for bit by chance.
    """
    words = np.ascontiguousarray(clean, np.float32).view(np.int32)
    distance = round(_LEAST_DISTANCE_SECONDS * rate)
    reached = 0
    for anchor in range(0, len(clean) - distance, round(_ANCHOR_SECONDS * rate)):
        if anchor < reached or quiet[anchor : anchor + _PROBE_FRAMES].any():
            continue
        for match in _occurrences(words, anchor, anchor + distance):
            repeat = _grown(words, anchor, match)
            if (
                np.count_nonzero(~quiet[repeat.first : repeat.first + repeat.frames])
                >= _REPEAT_SECONDS * rate
            ):
                reached = max(reached, repeat.first + repeat.frames)
                yield repeat
                break


def _occurrences(words: npt.NDArray[np.int32], anchor: int, first: int) -> npt.NDArray[np.intp]:
    """Frames from `first` on at which the anchor's samples come again."""
    matches = first + np.flatnonzero(words[first : len(words) - _PROBE_FRAMES] == words[anchor])
    for offset in range(1, _PROBE_FRAMES):
        matches = matches[words[matches + offset] == words[anchor + offset]]
    return matches


def _grown(words: npt.NDArray[np.int32], first: int, second: int) -> Repeat:
    """The longest equal stretches around two equal frames."""
    ahead = words[second:] != words[first : first + len(words) - second]
    after = int(np.argmax(ahead)) if ahead.any() else len(ahead)
    behind = words[second - first : second][::-1] != words[:first][::-1]
    before = int(np.argmax(behind)) if behind.any() else len(behind)
    return Repeat(first - before, second - before, before + after)
