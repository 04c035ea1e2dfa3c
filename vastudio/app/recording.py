"""Recording what is played, clean and processed side by side in one file that opens whatever happens.

Activities: one thread of its own reads the player's rings some times a second and writes; it waits for the
disk, nothing waits for it. The rings hold seconds: only a disk that stands still for longer loses sound,
which is then silence in its place, and told.

The file is a WAV of 32-bit floats with two channels: what went into the model (behind the input trim), and
what came out of the rack. Samples are written first, the lengths in the header after them: at every instant
the header tells of no more than what is there. A power failure costs the last second at most.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np

from vastudio import paths
from vastudio.app.library import free_path
from vastudio.engine.stream import Player
from vastudio.errors import OutputError
from vastudio.types import Audio

CHANNELS = 2
_FLOAT, _BYTES = 3, 4
"""The WAV format's number for floats, and bytes of one."""

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sII4sI")
_FMT_BYTES, _FACT_BYTES = 16, 4
_SIZES_AT = 4, _HEADER.size - 12, _HEADER.size - 4
"""Where the header keeps the size of the file, the frames, and the bytes of sound."""

LARGEST_BYTES = 4_000_000_000
"""A WAV's length has 32 bits; 2.9 h at 48 kHz."""

_PAUSE_SECONDS = 0.2
_SYNC_SECONDS = 1.0


class TakeWriter:
    """A WAV of clean and processed sound that is whole at every instant.

    Raises OutputError when it cannot be written.
    """

    def __init__(self, path: Path, rate: int) -> None:
        self.path, self.rate, self.frames = path, rate, 0
        self._synced = time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("xb")
            self._file.write(_header(rate, 0))
            self._sync()
        except OSError as error:
            raise _refused(path, error) from error

    def write(self, clean: Audio, processed: Audio) -> None:
        """Append, (frames,) each. Raises OutputError; what was written before stays."""
        both = np.stack([clean, processed], axis=1).astype("<f4")
        try:
            self._file.seek(0, os.SEEK_END)
            self._file.write(both.tobytes())
            self._file.flush()
            self.frames += len(both)
            self._write_sizes()
            if time.monotonic() - self._synced > _SYNC_SECONDS:
                self._sync()
        except OSError as error:
            raise _refused(self.path, error) from error

    def _write_sizes(self) -> None:
        """The sound comes before them in the file and in time: they never promise too much."""
        for at, size in zip(_SIZES_AT, _sizes(self.frames), strict=True):
            self._file.seek(at)
            self._file.write(struct.pack("<I", size))
        self._file.flush()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether the format holds no more."""
        return _HEADER.size + self.frames * CHANNELS * _BYTES >= LARGEST_BYTES

    def close(self) -> None:
        """Let the disk have everything. Raises OutputError."""
        try:
            with self._file:
                self._sync()
        except OSError as error:
            raise _refused(self.path, error) from error

    def __enter__(self) -> TakeWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _sizes(frames: int) -> tuple[int, int, int]:
    sound = frames * CHANNELS * _BYTES
    return _HEADER.size - 8 + sound, frames, sound


def _header(rate: int, frames: int) -> bytes:
    whole, count, sound = _sizes(frames)
    frame = CHANNELS * _BYTES
    return _HEADER.pack(
        b"RIFF", whole, b"WAVE",
        b"fmt ", _FMT_BYTES, _FLOAT, CHANNELS, rate, rate * frame, frame, 8 * _BYTES,
        b"fact", _FACT_BYTES, count,
        b"data", sound,
    )  # fmt: skip


def _refused(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The recording {path.name} cannot be written: {error.strerror or error}.",
        "Make room on the disk, or choose a folder you may write to. What was recorded so far is kept.",
    )


@dataclass(frozen=True)
class TakeReport:
    """How a recording ended.

    Attributes
    ----------
    paths:
        Its files; more than one where a file was full.
    seconds:
        Of sound.
    lost_frames:
        Frames that came faster than the disk took them: silence in their place.
    problem:
        What ended it before its time.
    """

    paths: tuple[Path, ...]
    seconds: float
    lost_frames: int = 0
    problem: OutputError | None = None


class Recording:
    """Records a player from now on, until `stop`. Raises OutputError when the file cannot be made."""

    def __init__(self, player: Player, path: Path) -> None:
        self._player = player
        self._since = player.read(1 << 62).end
        self._writer = TakeWriter(path, player.sample_rate)
        self._first = path
        self._paths = [path]
        self._lost, self._seconds = 0, 0.0
        self._problem: OutputError | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How much is on the disk."""
        return self._seconds

    @property
    def problem(self) -> OutputError | None:
        """What has ended it, if anything."""
        return self._problem

    def stop(self) -> TakeReport:
        """Write the rest and close the file; waits for the disk."""
        self._ending.set()
        self._thread.join()
        return TakeReport(tuple(self._paths), self.seconds, self._lost, self._problem)

    def _run(self) -> None:
        """The recording's thread."""
        try:
            while not self._ending.wait(_PAUSE_SECONDS):
                self._take()
            self._take()
        except OutputError as error:
            self._problem = error
        try:
            self._writer.close()
        except OutputError as error:
            self._problem = self._problem or error

    def _take(self) -> None:
        """Write what has come since the last time."""
        taken = self._player.read(self._since)
        self._since = taken.end
        if not taken.lost and not taken.input.size:
            return
        if self._writer.is_full or self._writer.rate != self._player.sample_rate:
            self._begin_part()
        if taken.lost:
            silence = np.zeros(taken.lost, np.float32)
            self._lost += taken.lost
            self._writer.write(silence, silence)
        self._writer.write(taken.input, taken.output)
        self._seconds += (taken.lost + taken.input.size) / self._writer.rate

    def _begin_part(self) -> None:
        """Go on in another file: this one is full, or the device runs at another rate now."""
        self._writer.close()
        path = self._first.with_name(f"{self._first.stem} part {len(self._paths) + 1}.wav")
        self._writer = TakeWriter(path, self._player.sample_rate)
        self._paths.append(path)


def folder() -> Path:
    """Where recordings go."""
    return paths.user_data() / "recordings"


def new_path(clock: Callable[[], time.struct_time] = time.localtime) -> Path:
    """A name for a recording that begins now."""
    return free_path(folder(), time.strftime("Take %Y-%m-%d %H.%M.%S", clock()), ".wav")


def takes() -> list[Path]:
    """The recordings, the newest first."""
    return sorted(folder().glob("*.wav"), key=lambda path: path.stat().st_mtime, reverse=True)
