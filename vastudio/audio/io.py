"""Reading and writing audio files: WAV, FLAC, AIFF and whatever else libsndfile knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from vastudio.atomic import atomic_file
from vastudio.errors import AudioFileError, OutputError
from vastudio.types import Audio

Subtype: TypeAlias = Literal["FLOAT", "PCM_24"]

_STEREO_FLOAT_BYTES = 8
_LARGEST_WAV_BYTES = 4_000_000_000
_READABLE = "Use a WAV, FLAC or AIFF file."


@dataclass(frozen=True)
class AudioInfo:
    """What a file's header says: rate in Hz, length in frames, channels, container and coding."""

    rate: int
    frames: int
    channels: int
    format: str


def probe(path: Path) -> AudioInfo:
    """Read the header of an audio file. Raises AudioFileError when it is missing, empty or not audio."""
    with _opened(path) as file:
        return AudioInfo(file.samplerate, file.frames, file.channels, f"{file.format} {file.subtype}")


def read(path: Path, start: int = 0, frames: int = -1) -> tuple[Audio, int]:
    """Return the first channel of `path` as float32 and its rate in Hz.

    Parameters
    ----------
    start:
        First frame to read, 0 or more.
    frames:
        How many frames to read; −1 reads to the end. Fewer come back where the file ends earlier.

    Raises
    ------
    AudioFileError
        When the file is missing, empty, not audio, ends before `start`, or holds samples that are
        not numbers.
    """
    channels, rate = read_channels(path, start, frames)
    return np.ascontiguousarray(channels[:, 0]), rate


def read_channels(path: Path, start: int = 0, frames: int = -1) -> tuple[npt.NDArray[np.float32], int]:
    """Return all channels, shape (frames, channels), and the rate in Hz. Arguments and errors as `read`."""
    with _opened(path) as file:
        if start >= file.frames:
            raise AudioFileError(
                f"{path} ends before frame {start}: it has {file.frames} frames.",
                "Check the start position.",
            )
        file.seek(start)
        samples: npt.NDArray[np.float32] = file.read(frames, dtype="float32", always_2d=True)
        rate = int(file.samplerate)
    _refuse_non_numbers(path, samples, start)
    return samples, rate


def read_parts(path: Path, frames: int) -> Iterator[Audio]:
    """Yield the first channel of `path` in parts of `frames`, the last one shorter. Errors as `read`."""
    with _opened(path) as file:
        start = 0
        for part in file.blocks(frames, dtype="float32", always_2d=True):
            _refuse_non_numbers(path, part, start)
            start += len(part)
            yield np.ascontiguousarray(part[:, 0])


def write_parts(path: Path, parts: Iterable[npt.NDArray[np.float32]], rate: int, frames: int) -> int:
    """Write a WAV of floats, atomically, from parts of shape (n, 2); return how many frames there were.

    Where about `frames` of them are more than a WAV can hold it becomes an RF64, which has larger numbers.
    Raises OutputError, and whatever `parts` raises; no file is left behind then.
    """
    container = "RF64" if frames * _STEREO_FLOAT_BYTES > _LARGEST_WAV_BYTES else "WAV"
    written = 0
    with (
        atomic_file(path) as temporary,
        soundfile.SoundFile(temporary, "w", rate, 2, subtype="FLOAT", format=container) as file,
    ):
        for part in parts:
            file.write(part)
            written += len(part)
    return written


def write(path: Path, audio: npt.NDArray[np.float32], rate: int, subtype: Subtype = "FLOAT") -> None:
    """Write `audio`, (frames,) or (frames, channels), atomically; the suffix of `path` chooses the container.

    `PCM_24` clips at full scale. FLAC holds no float samples: write it as `PCM_24`.

    Raises
    ------
    OutputError
        When the suffix names no container that holds `subtype`, or the file cannot be written.
    """
    container = {".wav": "WAV", ".flac": "FLAC", ".aiff": "AIFF", ".aif": "AIFF"}.get(path.suffix.lower())
    if container is None or not soundfile.check_format(container, subtype):
        raise OutputError(
            f"Cannot write {path.name} as {subtype} samples.", "Choose a name that ends in .wav."
        )
    with atomic_file(path) as temporary:
        soundfile.write(temporary, audio, rate, subtype=subtype, format=container)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open for reading; everything that can be wrong with the file becomes one clear line."""
    path = Path(path)
    if not path.is_file():
        raise AudioFileError(f"There is no audio file {path}.", "Check the path.")
    if path.stat().st_size == 0:
        raise AudioFileError(f"{path} is an empty file.", "Record or export it again.")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.SoundFileError, TypeError, OSError) as error:  # TypeError: headerless .raw
        raise AudioFileError(
            f"{path} is not an audio file that can be read.", _READABLE, str(error)
        ) from error
    with file:
        if file.frames == 0:
            raise AudioFileError(f"{path} holds no samples.", "Record or export it again.")
        try:
            yield file
        except soundfile.SoundFileError as error:
            raise AudioFileError(
                f"{path} is damaged and cannot be read.", "Record or export it again.", str(error)
            ) from error


def _refuse_non_numbers(path: Path, samples: npt.NDArray[np.float32], start: int) -> None:
    broken = np.flatnonzero(~np.isfinite(samples).all(axis=1))
    if broken.size:
        raise AudioFileError(
            f"{path} holds {broken.size} frames that are not numbers, first frame {start + broken[0]}.",
            "Export it again from the program that made it.",
        )
