"""Audio files of any kind as what is played through the rack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio.app import recording
from vastudio.app.looping import PreparedLoop, prepare_loop
from vastudio.app.reamp import read_take
from vastudio.audio import io
from vastudio.errors import AudioFileError

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".au", ".caf", ".w64")
LONGEST_SECONDS = 1200.0
MOST_SAMPLES = 250_000_000
"""Frames times channels: a gigabyte while it is read."""


@dataclass(frozen=True, eq=False)
class Phrase:
    """A file that is ready to be looped."""

    path: Path
    loop: PreparedLoop

    @property
    def title(self) -> str:
        """Its name without what it is written in."""
        return self.path.stem


def read_phrase(path: Path, player_rate: int) -> Phrase:
    """Read a file and make it ready: on any thread, a long one takes seconds.

    Of several channels the mean is taken; a recording of the studio's own is its clean sound, with what was
    made of it as the target.

    Raises
    ------
    AudioFileError
        When it is missing, not audio, damaged, or too long.
    """
    info = io.probe(path)
    seconds = info.frames / info.rate
    if seconds > LONGEST_SECONDS or info.frames * info.channels > MOST_SAMPLES:
        raise AudioFileError(
            f"{path.name} is {seconds / 60:.0f} minutes long: too long for a phrase.",
            f"Cut out what you want to play, {LONGEST_SECONDS / 60:.0f} minutes at most.",
        )
    if path.parent == recording.folder():
        clean, processed, rate = read_take(path)
        return Phrase(path, prepare_loop(clean, processed, rate, player_rate))
    channels, rate = io.read_channels(path)
    if len(channels) < rate // 100:
        raise AudioFileError(f"{path.name} is shorter than a hundredth of a second.", "Choose another file.")
    mono = np.ascontiguousarray(channels.mean(axis=1, dtype=np.float32))
    return Phrase(path, prepare_loop(mono, None, rate, player_rate))
