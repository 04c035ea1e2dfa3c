"""The audio files of a session: written once, whole, and never touched again.

A file has its name only when all of it is on the disk. Takes are numbered by position and attempt, so a
retake stands beside the take it replaces. A clean signal is named after its content: positions that are
played the same signal share one file.
"""

from __future__ import annotations

import hashlib
import io as streams
from pathlib import Path

import soundfile

from vastudio.atomic import atomic_file
from vastudio.audio.io import Subtype
from vastudio.dataset.takes import AUDIO_FOLDER
from vastudio.types import Audio


class TakesFolder:
    """The folder `audio` of the session in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / AUDIO_FOLDER

    def clean(self, signal: Audio, rate: int) -> Path:
        """Return the file that holds `signal`, written where it is new. Raises OutputError."""
        digest = hashlib.sha256(f"{rate} ".encode() + signal.tobytes()).hexdigest()
        path = self.path / f"clean-{digest[:12]}.wav"
        if not path.exists():
            self.write(path, signal, rate, "FLOAT")
        return path

    def take(self, place: int, attempt: int) -> Path:
        """Where attempt `attempt` (from 0) at position `place` is kept."""
        return self.path / f"take-{place:03d}-{attempt}.wav"

    def write(self, path: Path, audio: Audio, rate: int, coding: Subtype) -> None:
        """Write a WAV atomically. Raises OutputError, with the system's reason, and leaves nothing behind.

        It is coded in memory first: libsndfile does not say why a write failed.
        """
        coded = streams.BytesIO()
        soundfile.write(coded, audio, rate, subtype=coding, format="WAV")
        with atomic_file(path) as temporary:
            temporary.write_bytes(coded.getbuffer())

    def sweep(self) -> None:
        """Remove what a killed process left half-written."""
        for kind in ("clean", "take"):
            for leftover in self.path.glob(f".{kind}-*.wav"):
                leftover.unlink(missing_ok=True)
