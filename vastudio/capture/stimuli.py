"""What is played at which position."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from vastudio.audio import io
from vastudio.audio.capture_signal import capture_signal
from vastudio.audio.resample import resample
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import StimulusChoice
from vastudio.types import Audio


def signal_for(choice: StimulusChoice, position: Position, rate: int) -> Audio:
    """Return the signal for a position, mono at `rate` Hz: the same for the same arguments, always.

    Raises
    ------
    AudioFileError
        When the chosen file is missing, damaged or not audio.
    """
    return _own(rate) if choice.file is None else _from_file(choice.file, rate)


@lru_cache(maxsize=1)
def _own(rate: int) -> Audio:
    return capture_signal(rate)


@lru_cache(maxsize=1)
def _from_file(path: Path, rate: int) -> Audio:
    audio, file_rate = io.read(path)
    return resample(audio, file_rate, rate)
