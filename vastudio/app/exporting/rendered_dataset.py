"""Recordings of a model instead of a device: noise-free, aligned, and at whatever positions are wanted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vastudio.audio import io
from vastudio.audio.align import Alignment
from vastudio.audio.capture_stimulus import capture_stimulus
from vastudio.dataset import checks
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.manifest import AudioRecord, Capture, Clip, Manifest, Split
from vastudio.dataset.store import Dataset
from vastudio.dataset.takes import AUDIO_FOLDER
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.types import Audio, Knob

_PERFECT = Alignment(0.0, False, 1.0, 0)


@dataclass(frozen=True)
class Take:
    """A model's response to a stimulus of so many seconds, at dial values, and what it is for."""

    values: Mapping[str, float]
    seconds: float
    split: Split


def render_dataset(
    model: PlayableModel,
    takes: Sequence[Take],
    folder: Path,
    knobs: Sequence[Knob] = (),
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Dataset:
    """Render every take into the folder, each to a stimulus of its own, and return the dataset.

    Parameters
    ----------
    knobs:
        The knobs that the dataset has; those of the model that are not among them are constants of it.
    tell:
        Called with how many of how many takes are rendered; an exception from it ends the rendering.

    Raises
    ------
    KnobError, OutputError
        For a position that the model does not have; when the folder cannot be written.
    """
    (folder / AUDIO_FOLDER).mkdir(parents=True, exist_ok=True)
    captures, records = [], []
    for number, take in enumerate(takes):
        tell(number, len(takes))
        clean = capture_stimulus(take.seconds, position=number, rate=model.sample_rate).audio
        target = render(model, clean, take.values)
        files = [
            _written(folder, f"{kind}-{number:03d}.wav", audio, model.sample_rate)
            for kind, audio in (("clean", clean), ("take", target))
        ]
        records += files
        measured = checks.measure(clean, target, _PERFECT)
        clip = Clip(files[0].path, 0, files[1].path, 0, clean.size, 0.0, inverted=False, measured=measured)
        values = {knob.name: float(take.values[knob.name]) for knob in knobs}
        captures.append(Capture(f"{number:03d}", values, take.split, (clip,)))
    tell(len(takes), len(takes))
    manifest = Manifest(model.name, tuple(knobs), model.sample_rate, tuple(captures), tuple(records))
    manifest_file.write(manifest, folder)
    return Dataset.open(folder)


def _written(folder: Path, name: str, audio: Audio, rate: int) -> AudioRecord:
    path = folder / AUDIO_FOLDER / name
    io.write(path, audio, rate)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return AudioRecord(f"{AUDIO_FOLDER}/{name}", digest, rate, audio.size, 1, "rendered")
