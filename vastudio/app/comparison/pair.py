"""What a model is compared with: a clean signal and what the device made of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from vastudio.audio import align, io
from vastudio.audio.level import from_db
from vastudio.audio.resample import resample
from vastudio.dataset import latency
from vastudio.dataset.store import Dataset
from vastudio.errors import AudioFileError, DatasetError
from vastudio.types import Audio, Knob, KnobValues

SHORTEST_SECONDS = 0.1
"""Less than this, both files together, is nothing to compare."""

_ALIGNED_SECONDS = 12.0
_SILENT_PEAK = from_db(-90.0)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two aligned recordings of equal length.

    Attributes
    ----------
    title:
        The pair in a line: its knob positions, or its file names.
    clean, target:
        Each (frames,); latency and inversion undone.
    sample_rate:
        Hz, of both.
    knobs:
        Dial values at which the target was recorded; empty where nobody knows.
    capture, clip:
        Where it lies in its dataset; empty and 0 for files.
    origin:
        The dataset's folder, or the names of the files.
    notes:
        What was changed or found while reading, a sentence each.
    """

    title: str
    clean: Audio
    target: Audio
    sample_rate: int
    knobs: dict[str, float] = field(default_factory=dict)
    capture: str = ""
    clip: int = 0
    origin: str = ""
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.clean) / self.sample_rate


def dataset_pair(dataset: Dataset, capture_id: str, clip_index: int = 0) -> Pair:
    """Read one clip of a dataset.

    Raises
    ------
    DatasetError
        When the capture or the clip does not exist.
    AudioFileError
        When its audio cannot be read.
    """
    capture = dataset.capture(capture_id)
    if not 0 <= clip_index < len(capture.clips):
        raise DatasetError(
            f"Capture {capture_id} has no clip {clip_index}.", f"It has {len(capture.clips)}, counted from 0."
        )
    clean, target = dataset.read_clip(capture.clips[clip_index])
    title = position_text(dataset.knobs, capture.knobs) or f"Capture {capture_id}"
    if len(capture.clips) > 1:
        title += f" · clip {clip_index + 1}"
    return Pair(
        title, clean, target, dataset.sample_rate, dict(capture.knobs), capture_id, clip_index,
        origin=str(dataset.path),
    )  # fmt: skip


def file_pair(clean_path: Path, target_path: Path, knobs: KnobValues | None = None) -> Pair:
    """Read two audio files that belong together.

    The target is brought to the clean file's rate; its latency and polarity are measured, undone and told in
    the notes; of two lengths the shorter counts; of several channels the first.

    Parameters
    ----------
    knobs:
        Dial values at which the target was recorded, where they are known.

    Raises
    ------
    AudioFileError
        When a file cannot be read, one of them is silent or too short, or the target is earlier than the
        clean signal.
    """
    with ThreadPoolExecutor(2) as both:
        reading_clean = both.submit(_read, Path(clean_path), "clean signal")
        reading_target = both.submit(_read, Path(target_path), "target")
        clean, rate, about_clean = reading_clean.result()
        target, target_rate, about_target = reading_target.result()
    notes = [*about_clean, *about_target]
    if target_rate != rate:
        target = resample(target, target_rate, rate)
        notes.append(f"The target was converted from {target_rate} to {rate} Hz.")
    frames = min(len(clean), len(target))
    if frames < SHORTEST_SECONDS * rate:
        raise AudioFileError(
            f"{Path(clean_path).name} and {Path(target_path).name} share {frames} frames only.",
            f"Choose recordings of {SHORTEST_SECONDS:g} s and more.",
        )
    if len(clean) != len(target):
        longer = "clean signal" if len(clean) > len(target) else "target"
        surplus = abs(len(clean) - len(target)) / rate
        notes.append(f"The last {surplus:.3g} s of the {longer} have no counterpart and are left out.")
    target = _aligned(clean[:frames], target[:frames], rate, Path(target_path), notes)
    names = f"{Path(clean_path).name} → {Path(target_path).name}"
    return Pair(names, clean[:frames], target, rate, dict(knobs or {}), origin=names, notes=tuple(notes))


def position_text(knobs: Sequence[Knob], values: KnobValues) -> str:
    """Knob positions in a line, by the names on the panel: `Drive 0.7, Tone 0.2`."""
    return ", ".join(
        f"{knob.title} {values[knob.name]:g} {knob.unit}".rstrip() for knob in knobs if knob.name in values
    )


def recorded_values(knobs: Sequence[Knob], pair: Pair) -> dict[str, float]:
    """Where a model's knobs stand to imitate `pair`: as recorded, within the dials, else at the default."""
    return {
        knob.name: min(max(pair.knobs.get(knob.name, knob.default), knob.minimum), knob.maximum)
        for knob in knobs
    }


def _read(path: Path, role: str) -> tuple[Audio, int, list[str]]:
    """The first channel, its rate, and what there is to say of the file."""
    channels, rate = io.read_channels(path)
    first = np.ascontiguousarray(channels[:, 0])
    if max(float(first.max()), -float(first.min())) < _SILENT_PEAK:
        raise AudioFileError(f"{path} is silent, as {role} it says nothing.", "Choose another recording.")
    notes = []
    if channels.shape[1] > 1:
        alike = bool((channels == channels[:, :1]).all())
        which = "all alike" if alike else "the others differ from it"
        notes.append(f"Of the {channels.shape[1]} channels of the {role} the first is used ({which}).")
    return first, rate, notes


def _aligned(clean: Audio, target: Audio, rate: int, path: Path, notes: list[str]) -> Audio:
    """Undo latency and polarity, and say so."""
    stretch = _loudest_stretch(clean, round(_ALIGNED_SECONDS * rate))
    alignment = align.measure(clean[stretch], target[stretch], rate)
    correction = latency.settle([alignment]).correction(alignment)
    for finding in correction.findings:
        if finding.severity == "error":
            raise AudioFileError(f"{path}: {finding.message}", finding.hint)
        notes.append(finding.message)
    if correction.delay_samples:
        notes.append(f"The target was {correction.delay_samples:.2f} samples late; this is undone.")
        target = align.advance(target, correction.delay_samples)
    if correction.inverted:
        notes.append("The target was inverted; this is undone.")
        target = np.negative(target)
    return target


def _loudest_stretch(x: Audio, frames: int) -> slice:
    """Where the most energy lies, on a grid of a quarter of the stretch: long files need no more."""
    if len(x) <= frames:
        return slice(0, len(x))
    starts = [*range(0, len(x) - frames, frames // 4), len(x) - frames]
    energies = [float(np.dot(x[start : start + frames], x[start : start + frames])) for start in starts]
    start = starts[int(np.argmax(energies))]
    return slice(start, start + frames)
