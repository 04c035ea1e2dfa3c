"""A dataset on disk, read: captures, and clips with alignment and polarity applied."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from vastudio.audio import align, io, resample
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.manifest import Capture, Clip, Manifest, Split
from vastudio.errors import DatasetError, did_you_mean
from vastudio.types import Audio, Knob

_CONTEXT = 256  # frames around a clip that shifting by less than a sample and resampling look at


class Dataset:
    """A folder with `manifest.json` and the audio it names. Open one with `Dataset.open`."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Read the manifest and look for every audio file.

        Raises
        ------
        DatasetError
            When `path` is no dataset, its manifest is damaged or too new, or audio is missing.
        """
        path = Path(path)
        manifest = manifest_file.read(path)
        missing = [record.path for record in manifest.audio if not (path / record.path).is_file()]
        if missing:
            raise DatasetError(
                f"The dataset {path} lacks {len(missing)} of its audio files, first {missing[0]}.",
                "Copy the whole folder, or import the recordings again.",
                "\n".join(missing),
            )
        return cls(path, manifest)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.resolve().name

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The device's knobs, in the order of the dataset."""
        return self.manifest.knobs

    @property
    def sample_rate(self) -> int:
        """Hz, of every usable clip."""
        return self.manifest.sample_rate

    def captures(self, split: Split | None = None) -> tuple[Capture, ...]:
        """Return the captures that can be used, each with its usable clips only.

        Raises
        ------
        DatasetError
            When errors were found in every capture of the dataset; the details list them.
        """
        usable = [
            dataclasses.replace(capture, clips=capture.usable_clips)
            for capture in self.manifest.captures
            if capture.usable_clips
        ]
        if not usable:
            raise no_usable_captures(self.manifest)
        return tuple(capture for capture in usable if split in (None, capture.split))

    def capture(self, capture_id: str) -> Capture:
        """Return one usable capture. Raises DatasetError for an unknown id."""
        known = {capture.id: capture for capture in self.captures()}
        if capture_id not in known:
            raise DatasetError(
                f"The dataset {self.name} has no capture '{capture_id}'.", did_you_mean(capture_id, known)
            )
        return known[capture_id]

    def read_clip(self, clip: Clip) -> tuple[Audio, Audio]:
        """Return clean and target of `clip`, each of shape (clip.frames,), latency and inversion undone.

        Raises
        ------
        AudioFileError
            When a file cannot be read, or is shorter than it was.
        """
        clean, _ = io.read(self.path / clip.input, clip.input_start, clip.frames)
        target = self._read_target(clip)
        frames = min(len(clean), len(target))
        return clean[:frames], target[:frames]

    def _read_target(self, clip: Clip) -> Audio:
        """Read with context on both sides, so that a sub-sample shift has no edges inside the clip."""
        ratio = clip.clock_ratio
        place = clip.output_start + clip.delay_samples
        start = math.floor(place)
        context = 0 if place == start and ratio == 1.0 else _CONTEXT
        before = min(start, context)
        count = before + math.ceil(clip.frames * ratio) + context
        target, _ = io.read(self.path / clip.output, start - before, count)
        first = math.floor(before / ratio)
        target = align.advance(target, place - start + before - first * ratio)
        target = resample.reclock(target, ratio)[first : first + clip.frames]
        return np.negative(target) if clip.inverted else target

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what a model learns from: knobs, and each clip's audio, place and corrections."""
        hashes = {record.path: record.sha256 for record in self.manifest.audio}
        content: list[object] = [self.sample_rate, [dataclasses.asdict(knob) for knob in self.knobs]]
        for capture in self.captures():
            clips = [_identity(clip, hashes) for clip in capture.clips]
            content.append([capture.knobs, capture.split, clips])
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _identity(clip: Clip, hashes: Mapping[str, str]) -> tuple[object, ...]:
    clean = (hashes.get(clip.input, ""), clip.input_start)
    target = (hashes.get(clip.output, ""), clip.output_start)
    clock = () if clip.clock_ratio == 1.0 else (clip.clock_ratio,)
    return clean, target, clip.frames, clip.delay_samples, clip.inverted, *clock


def no_usable_captures(manifest: Manifest) -> DatasetError:
    """Return the error for a dataset in which every capture has an error; its details list them."""
    errors = [finding for finding in manifest.all_findings() if finding.severity == "error"]
    first = errors[0] if errors else None
    return DatasetError(
        f"No capture can be used: {first.message}" if first else "The dataset holds no captures.",
        first.hint if first else "Import recordings.",
        "\n".join(f"{finding.message} {finding.hint}".rstrip() for finding in errors),
    )
