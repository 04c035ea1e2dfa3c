"""One clip at a time: copied into the dataset, read, measured."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio.audio import align, io
from vastudio.audio.align import Alignment
from vastudio.audio.resample import reclock
from vastudio.dataset import checks
from vastudio.dataset.checks.drift import drift_of
from vastudio.dataset.checks.evidence import Evidence
from vastudio.dataset.manifest import AudioRecord, Clip, Finding
from vastudio.dataset.planned import PlannedClip
from vastudio.errors import DatasetError
from vastudio.types import Audio

AUDIO_FOLDER = "audio"
_FEWEST_SECONDS = 0.1


class AudioFolder:
    """Copies audio files into the dataset, each content once, under a readable name plus its hash.

    A file that lies in the dataset's audio folder already keeps its place and its name.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_source: dict[Path, AudioRecord] = {}
        self._by_path: dict[str, AudioRecord] = {}

    @property
    def records(self) -> tuple[AudioRecord, ...]:
        """Every file copied so far."""
        return tuple(self._by_path.values())

    def add(self, source: Path) -> AudioRecord:
        """Copy `source` unless it is here already. Raises AudioFileError when it is not audio."""
        key = source.resolve()
        if key not in self._by_source:
            self._by_source[key] = self._copy(source)
        return self._by_source[key]

    def _copy(self, source: Path) -> AudioRecord:
        info = io.probe(source)
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        folder = self._folder / AUDIO_FOLDER
        is_inside = source.resolve().parent == folder.resolve()
        stem = re.sub(r"[^\w.-]+", "_", source.stem).strip("._")[:48] or "audio"
        name = source.name if is_inside else f"{stem}-{digest[:8]}{source.suffix.lower()}"
        path = f"{AUDIO_FOLDER}/{name}"
        if path not in self._by_path:
            if not is_inside:
                folder.mkdir(exist_ok=True)
                shutil.copyfile(source, self._folder / path)
            self._by_path[path] = AudioRecord(
                path, digest, info.rate, info.frames, info.channels, source.name
            )
        return self._by_path[path]


@dataclass(frozen=True)
class Take:
    """One clip copied and measured, before the dataset's latency is known.

    `target_frames` counts the frames of the target's file from the clip's start on.
    """

    clip: Clip
    origin: str
    alignment: Alignment
    rate: int
    target_frames: int
    findings: tuple[Finding, ...]

    @property
    def is_usable(self) -> bool:
        """No error was found so far."""
        return not any(finding.severity == "error" for finding in self.findings)


def measure_take(planned: PlannedClip, store: AudioFolder) -> Take:
    """Copy both files of `planned`, read its frames and measure them. Raises as `take_evidence` does."""
    return take_evidence(planned, store)[0]


def take_evidence(planned: PlannedClip, store: AudioFolder) -> tuple[Take, Evidence | None]:
    """Copy both files of `planned`, read its frames and measure them.

    Returns the take, and what was measured, to compare it with others; None where the rates differ.

    Raises
    ------
    DatasetError
        When the two files have no frames in common at the given starts.
    AudioFileError
        When a file is missing, damaged, not audio, or holds samples that are not numbers.
    """
    clean_record, target_record = store.add(planned.clean), store.add(planned.target)
    frames, findings = _common_frames(planned, clean_record, target_record)
    clean, clean_notes = _first_channel(planned.clean, planned.clean_start, frames, "clean signal")
    target, target_notes = _first_channel(planned.target, planned.target_start, frames, "target")
    evidence = None
    if clean_record.rate == target_record.rate:
        evidence = Evidence(clean, target, clean_record.rate, planned.target_start)
        judged = _judge(evidence)
    else:
        findings.append(_rate_mismatch(clean_record.rate, target_record.rate))
        judged = _Judged(Alignment(0.0, False, 0.0, 0), 1.0, ())
    clip = Clip(
        input=clean_record.path,
        input_start=planned.clean_start,
        output=target_record.path,
        output_start=planned.target_start,
        frames=frames,
        delay_samples=0.0,
        inverted=False,
        measured=checks.measure(clean, target, judged.alignment),
        clock_ratio=judged.clock_ratio,
    )
    found = (*findings, *clean_notes, *target_notes, *judged.findings)
    left = target_record.frames - planned.target_start
    return Take(clip, planned.origin, judged.alignment, target_record.rate, left, found), evidence


@dataclass(frozen=True)
class _Judged:
    """Alignment at the take's first frame, the clocks' ratio, and what the checks found."""

    alignment: Alignment
    clock_ratio: float
    findings: tuple[Finding, ...]


def _judge(take: Evidence) -> _Judged:
    """Run the checks; where the clocks drift, align what is left once the drift is undone."""
    findings = checks.judge_take(take)
    drift = None if any(finding.severity == "error" for finding in findings) else drift_of(take)
    if drift is None:
        return _Judged(take.alignment, 1.0, findings)
    ratio = 1.0 + drift.ppm * 1e-6
    steady = reclock(take.target, ratio)
    return _Judged(align.measure(take.clean, steady, take.rate), ratio, findings)


def _common_frames(
    planned: PlannedClip, clean: AudioRecord, target: AudioRecord
) -> tuple[int, list[Finding]]:
    """How many frames both files have, and a warning when that is less than planned."""
    available = (clean.frames - planned.clean_start, target.frames - planned.target_start)
    wanted = max(available) if planned.frames is None else planned.frames
    frames = min(*available, wanted)
    if frames < _FEWEST_SECONDS * clean.rate:
        raise DatasetError(
            f"{planned.origin}: clean signal and target have less than {_FEWEST_SECONDS:g} s in common.",
            "Check the files, the start and the length.",
        )
    if frames == wanted:
        return frames, []
    shorter = "clean signal" if available[0] < available[1] else "target"
    message = f"The {shorter} ends {wanted - frames} frames early; the common part is used."
    return frames, [Finding("warning", "length", message, "Check that the files belong together.")]


def _first_channel(path: Path, start: int, frames: int, name: str) -> tuple[Audio, list[Finding]]:
    channels, _ = io.read_channels(path, start, frames)
    first = np.ascontiguousarray(channels[:, 0])
    count = channels.shape[1]
    if count == 1:
        return first, []
    others = channels[:, 1:]
    harmless = not others.any() or bool((others == channels[:, :1]).all())
    message = f"The {name} has {count} channels; the first is used."
    if harmless:
        return first, [Finding("info", "stereo", message, "The others are silent or the same.")]
    return first, [Finding("warning", "stereo", message, "The others differ: export the right one as mono.")]


def _rate_mismatch(clean_rate: int, target_rate: int) -> Finding:
    return Finding(
        "error",
        "rate",
        f"The clean signal is at {clean_rate} Hz, the target at {target_rate} Hz.",
        "Export both at the same sample rate.",
    )
