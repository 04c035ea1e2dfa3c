"""Recordings that were made elsewhere: a file for every position, or one long recording of the whole plan.

What was played comes from `vastudio capture PLAN --source files --export played.wav`: for every position in
the order of the plan a pause to turn the knobs in, then its signal. Played in a workstation program through
the device and recorded from the same beginning, it is cut here. Or every position has a file of its own,
named by its number in the plan, from 1 (`take 07.wav`), or by its values (`gain=5,bass=2.5.wav`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio.audio import io
from vastudio.audio.io import Subtype
from vastudio.capture.source import OnProgress, Option, Recording, Request, ignore_progress
from vastudio.errors import AudioFileError, CaptureError
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues, knob_vector

PAUSE_SECONDS = 10.0

_SUFFIXES = (".wav", ".flac", ".aif", ".aiff")
_LATEST_SECONDS = 1.0
_SHORTER_SECONDS = 0.1


@dataclass(frozen=True)
class Files:
    """A folder of takes, or one long take with pauses. Times in seconds."""

    name: str
    knobs: tuple[Knob, ...]
    sample_rate: int
    path: Path
    pause: float
    needs_hands: bool = False
    coding: Subtype = "FLOAT"
    lead: int = 0

    def open(self) -> None:
        """See that the recordings are there. Raises CaptureError."""
        if not self.path.exists():
            raise CaptureError(f"There are no recordings at {self.path}.", "Check --recordings.")

    def close(self) -> None:
        """Nothing is open between takes."""

    def record(
        self,
        signal: Audio,
        values: KnobValues,
        place: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> Recording:
        """Return what was recorded at this position.

        Raises
        ------
        KnobError
            When a knob is unknown or outside its dial.
        CaptureError
            When the recording is missing, too short, or at another rate.
        """
        knob_vector(self.knobs, values)
        if self.path.is_dir():
            file, start = self._file_of(values, place), 0
        else:
            file, start = self.path, place_of(place, signal.size, self.pause, self.sample_rate)
        try:
            audio, rate = io.read(file, start, signal.size + round(_LATEST_SECONDS * self.sample_rate))
        except AudioFileError as error:
            raise CaptureError(error.message, error.hint, error.details) from error
        if rate != self.sample_rate:
            raise CaptureError(f"{file} is at {rate} Hz, not {self.sample_rate}.", f"Choose --rate {rate}.")
        missing = (signal.size - audio.size) / rate
        if missing > _SHORTER_SECONDS:
            raise CaptureError(
                f"{file.name} ends {missing:.1f} s before position {place + 1} does.",
                "Record all of it.",
            )
        return Recording(audio)

    def _file_of(self, values: KnobValues, place: int) -> Path:
        """The file of a position. Raises CaptureError unless there is exactly one."""
        found = [path for path in _audio_files(self.path) if _belongs(path.stem, values, place)]
        if len(found) == 1:
            return found[0]
        spelt = ",".join(f"{name}={value:g}" for name, value in values.items())
        what = "no recording" if not found else f"more than one recording ({found[0].name}, {found[1].name})"
        raise CaptureError(
            f"{self.path} holds {what} of position {place + 1}.",
            f"Name it {place + 1:03d}.wav or {spelt}.wav.",
        )


def place_of(place: int, frames: int, pause: float, rate: int) -> int:
    """First frame of a position's signal, `frames` long, in a long recording; `pause` in seconds."""
    return (place + 1) * round(pause * rate) + place * frames


def laid_out(signals: Iterator[Audio], pause: float, rate: int) -> Audio:
    """Return the long signal to play: before each of `signals`, all of one length, a pause in seconds."""
    silence = np.zeros(round(pause * rate), np.float32)
    parts = [part for signal in signals for part in (silence, signal)]
    return np.concatenate([*parts, silence])


def _audio_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def _belongs(stem: str, values: Mapping[str, float], place: int) -> bool:
    """Whether a file's name means this position: by its values where it gives any, else by its number."""
    if "=" in stem:
        given = dict(re.findall(r"([^,;\s=]+?)\s*=\s*(-?\d+(?:\.\d+)?)", stem))
        return bool(given) and all(
            math.isclose(float(number), values.get(name, math.nan), abs_tol=1e-6)
            for name, number in given.items()
        )
    number = re.search(r"(\d+)$", stem)
    return number is not None and int(number[1]) == place + 1


class FilesKind:
    """Where the recordings are, and how they were made."""

    title = "recordings made elsewhere"
    options = (
        Option("recordings", "a folder with a file for every position, or one long recording", "", True),
        Option("pause", "seconds before every position in a long recording (default 10)", PAUSE_SECONDS),
        Option("rate", "sample rate in Hz (default 48000)", STANDARD_RATE),
    )

    def build(self, request: Request) -> Files:
        """Return the source; its knobs are the plan's."""
        path = Path(str(request.options["recordings"]))
        rate, pause = int(request.options["rate"]), float(request.options["pause"])
        return Files(request.device or path.stem, request.knobs, rate, path, pause)


KIND = FilesKind()
