"""What `manifest.json` says about a dataset: frozen dataclasses inside, pydantic at the file.

A capture is the device at one knob position; a clip is one clean/target pair of it. The audio files
are exact copies of what was imported: alignment and polarity are facts here, applied on reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic
from vastudio.errors import DatasetError
from vastudio.types import Knob

SCHEMA_VERSION = 1
MANIFEST_NAME = "manifest.json"

Severity: TypeAlias = Literal["info", "warning", "error"]
Split: TypeAlias = Literal["train", "validation"]


@dataclass(frozen=True)
class Finding:
    """Something a measurement noticed. An error keeps the clip it names out of training.

    Attributes
    ----------
    capture, clip:
        A capture's id (empty: the whole dataset), and its clip's index (−1: all of them).
    at_seconds:
        Where in the clip's target, counted from the start of its file; None where it is not one place.
    value, unit:
        What was measured, where it is one number.
    """

    severity: Severity
    code: str
    message: str
    hint: str = ""
    capture: str = ""
    clip: int = -1
    at_seconds: float | None = None
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class AudioRecord:
    """One audio file of the dataset: where it lies, what it is, where it came from."""

    path: str
    sha256: str
    rate: int
    frames: int
    channels: int
    source: str


@dataclass(frozen=True)
class Measurement:
    """What was measured on a clip: delays in samples, levels in dBFS.

    `delay_samples` is latency alone, `correlation_lag` also holds what the device's filters add, and
    `confidence` (0..1) is that of the delay. Levels are None for silence. `clipped_frames` counts
    target samples in flat runs at full scale; `dc` is the target's mean in units of full scale.
    """

    delay_samples: float
    confidence: float
    correlation_lag: int
    input_peak_db: float | None
    input_rms_db: float | None
    peak_db: float | None
    rms_db: float | None
    dc: float
    input_clipped_frames: int
    clipped_frames: int


@dataclass(frozen=True)
class Clip:
    """One clean/target pair: `frames` frames from `input_start` and `output_start` of two files.

    Attributes
    ----------
    input, output:
        Paths relative to the dataset folder.
    delay_samples:
        The latency removed on reading: the target is taken that much later (sub-sample).
    inverted:
        The target's polarity is turned round on reading.
    clock_ratio:
        Samples of the target in the time of one sample of the clean signal: 1 + 20e-6 where the recording
        clock is 20 ppm fast. The target is resampled on reading, from the clip's first frame on.
    """

    input: str
    input_start: int
    output: str
    output_start: int
    frames: int
    delay_samples: float
    inverted: bool
    measured: Measurement
    clock_ratio: float = 1.0

    @property
    def peak_db(self) -> float | None:
        """The target's peak in dBFS, None for silence."""
        return self.measured.peak_db


@dataclass(frozen=True)
class Capture:
    """The device at one knob position, in the units of the dials."""

    id: str
    knobs: dict[str, float]
    split: Split
    clips: tuple[Clip, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def usable_clips(self) -> tuple[Clip, ...]:
        """The clips without an error."""
        errors = [finding.clip for finding in self.findings if finding.severity == "error"]
        if -1 in errors:
            return ()
        return tuple(clip for index, clip in enumerate(self.clips) if index not in errors)


@dataclass(frozen=True)
class Manifest:
    """A dataset: device, knobs, captures, files, and what was found while importing or capturing.

    `send_dbu` and `return_dbu` are the levels, in dBu of a sine at full scale, at the output that fed the
    device and the input that recorded it; None where nobody measured them.
    """

    device: str
    knobs: tuple[Knob, ...]
    sample_rate: int
    captures: tuple[Capture, ...]
    audio: tuple[AudioRecord, ...]
    findings: tuple[Finding, ...] = ()
    send_dbu: float | None = None
    return_dbu: float | None = None
    schema_version: int = field(default=SCHEMA_VERSION)

    def all_findings(self) -> Iterator[Finding]:
        """Yield the findings about the whole dataset, then those of each capture."""
        yield from self.findings
        for capture in self.captures:
            yield from capture.findings


_ADAPTER: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def write(manifest: Manifest, folder: Path) -> None:
    """Write `manifest.json` into `folder` atomically. Raises OutputError."""
    text = _ADAPTER.dump_json(manifest, indent=1).decode("utf-8")
    atomic.write_text(folder / MANIFEST_NAME, text + "\n")


def read(folder: Path) -> Manifest:
    """Read `manifest.json` from `folder`.

    Raises
    ------
    DatasetError
        When there is none, it is damaged, or a newer VA Studio wrote it.
    """
    path = folder / MANIFEST_NAME
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{folder} is not a dataset: it has no readable {MANIFEST_NAME}.",
            "Make one with 'vastudio import'.",
            str(error),
        ) from error
    _refuse_newer(path, text)
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise DatasetError(
            f"{path} is damaged: {error.errors()[0]['msg']}.", "Import the recordings again.", str(error)
        ) from error


def _refuse_newer(path: Path, text: bytes) -> None:
    try:
        record = TypeAdapter(dict[str, Any]).validate_json(text)
    except ValidationError:
        return  # the full reading says what is wrong
    version = record.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise DatasetError(
            f"{path} was written by a newer VA Studio (schema {version}, known up to {SCHEMA_VERSION}).",
            "Update VA Studio.",
        )
