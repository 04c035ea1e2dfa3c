"""What is played at which position."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from vastudio.audio import io
from vastudio.audio.capture_stimulus import capture_stimulus
from vastudio.audio.resample import resample
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import StimulusChoice
from vastudio.types import Audio, KnobValues


def signal_for(choice: StimulusChoice, position: Position, rate: int) -> Audio:
    """Return the signal for a position, mono at `rate` Hz: the same for the same arguments, always.

    The studio's own stimulus has a part that is drawn anew for every position; a position that is recorded
    twice is played the same twice. A file is played as it is.

    Raises
    ------
    AudioFileError
        When the chosen file is missing, damaged or not audio, or the stimulus cannot be that short or long.
    """
    if choice.file is not None:
        return _from_file(choice.file, rate)
    return _own(choice.seconds, choice.seed, _number(position.values), rate)


def _number(values: KnobValues) -> int:
    """A whole number that belongs to the knob values, whatever place they have in the plan."""
    text = json.dumps(sorted((name, float(value)) for name, value in values.items()))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


@lru_cache(maxsize=2)
def _own(seconds: float, seed: int, number: int, rate: int) -> Audio:
    return capture_stimulus(seconds, seed, number, rate).audio


@lru_cache(maxsize=1)
def _from_file(path: Path, rate: int) -> Audio:
    audio, file_rate = io.read(path)
    return resample(audio, file_rate, rate)
