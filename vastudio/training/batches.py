"""Sequences for truncated back-propagation through time, drawn from the captures of a dataset.

A round presents `groups` knob positions. For each, stretches are drawn at random places of that capture's
clips; each is a warm-up followed by chunks through which the state is carried. Two sequences without sound
follow. The last one rests: it stands for the rest state (see `nets.model`). The one before it falls silent:
after the warm-up it takes over the state of a sounding sequence of another knob position, as if the music
had stopped and the knobs had been turned, and has to become silent. Without it, units of the cell may turn
into integrators that move within minutes: harmless in a stretch of a quarter of a second, an offset that
stays when somebody plays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vastudio.audio.answer import measure_answer
from vastudio.audio.level import rms_db
from vastudio.dataset.manifest import Capture, Split
from vastudio.dataset.store import Dataset
from vastudio.errors import TrainingError
from vastudio.losses.esr import PRE_EMPHASIS
from vastudio.training.config import TrainingConfig
from vastudio.types import Audio, knob_vector

SHORTEST_STRETCH = 256


@dataclass(frozen=True)
class Material:
    """One capture, decoded.

    `power` and `emphasised_power` are the mean squares of its target, without and with pre-emphasis.
    """

    id: str
    knobs: npt.NDArray[np.float32]
    clips: tuple[tuple[Audio, Audio], ...]
    power: float
    emphasised_power: float

    @property
    def frames(self) -> int:
        """Samples of all clips together."""
        return sum(len(clean) for clean, _ in self.clips)


@dataclass(frozen=True)
class Batch:
    """One round: audio (G, T, S) with the warm-up in front, knobs (G, K), powers (G,), the captures' ids."""

    x: Tensor
    y: Tensor
    knobs: Tensor
    power: Tensor
    emphasised_power: Tensor
    captures: tuple[str, ...]

    def to(self, device: torch.device) -> Batch:
        """The same round in the memory of `device`."""
        x, y, knobs, power, emphasised = (
            part.to(device) for part in (self.x, self.y, self.knobs, self.power, self.emphasised_power)
        )
        return Batch(x, y, knobs, power, emphasised, self.captures)


def load_material(dataset: Dataset, split: Split) -> tuple[Material, ...]:
    """Decode the usable captures of a split, but for those that teach nothing.

    At a gain of zero a device lets nothing through. What is left, noise or the click of being switched on,
    cannot be learned, and normalised to its power it would outweigh all that can: four such takes among 36
    tripled the error everywhere else. A level law fitted to them is wrong at all low gains, too.

    Raises
    ------
    TrainingError
        When all of them are silent.
    """
    captures = dataset.captures(split)
    decoded = (_decode(dataset, capture) for capture in captures)
    material = tuple(item for item in decoded if item is not None)
    if captures and not material:
        raise TrainingError(
            f"Capture {captures[0].id} is silent, and so are all others.", "Record them again, louder."
        )
    return material


def _decode(dataset: Dataset, capture: Capture) -> Material | None:
    """Read a capture; None for one in which the device says nothing."""
    clips = tuple(dataset.read_clip(clip) for clip in capture.clips)
    if not any(measure_answer(*clip, dataset.sample_rate).is_there for clip in clips):
        return None
    targets = [target.astype(np.float64) for _, target in clips]
    frames = sum(len(target) for target in targets)
    power = sum(float(np.sum(target**2)) for target in targets) / max(frames, 1)
    emphasised = [target[1:] - PRE_EMPHASIS * target[:-1] for target in targets]
    emphasised_power = sum(float(np.sum(target**2)) for target in emphasised) / max(frames, 1)
    return Material(capture.id, knob_vector(dataset.knobs, capture.knobs), clips, power, emphasised_power)


def measured_levels(material: Sequence[Material]) -> tuple[Tensor, Tensor, Tensor]:
    """Knobs (N, K) in 0..1 of the captures, levels (N,) in dBFS of their clean signals and targets."""
    clean = [rms_db(np.concatenate([clip for clip, _ in item.clips])) for item in material]
    target = [rms_db(np.concatenate([clip for _, clip in item.clips])) for item in material]
    knobs = torch.from_numpy(np.stack([item.knobs for item in material]))
    return knobs, torch.tensor(clean), torch.tensor(target)


def fit_to_clips(config: TrainingConfig, material: Sequence[Material]) -> TrainingConfig:
    """Shorten warm-up, chunk and number of chunks until every capture has a clip that holds a stretch.

    Raises
    ------
    TrainingError
        When the recordings are shorter than any sensible stretch.
    """
    longest = min(max(len(clean) for clean, _ in item.clips) for item in material)
    if longest < 2 * SHORTEST_STRETCH:
        raise TrainingError(
            f"The recordings are too short: {longest} samples.", "Record at least a second per position."
        )
    warm_up = min(config.warm_up, longest // 3)
    chunk = min(config.chunk, longest - warm_up)
    chunks = max(1, min(config.chunks, (longest - warm_up) // chunk))
    return replace(config, warm_up=warm_up, chunk=chunk, chunks=chunks)


class Sampler:
    """Draws rounds from training material; deterministic by the seed."""

    def __init__(self, material: Sequence[Material], config: TrainingConfig, seed: int) -> None:
        self._material = material
        self._config = config
        self._random = np.random.default_rng(seed)
        self._length = config.warm_up + config.chunk * config.chunks
        self._order: list[int] = []

    @property
    def frames_per_round(self) -> int:
        """Samples of sound (silence and warm-up not counted) that one round presents."""
        config = self._config
        groups = min(config.groups, len(self._material))
        return groups * config.sounding * config.chunk * config.chunks

    @property
    def place(self) -> dict[str, Any]:
        """Where the sampler stands, as plain values; setting it makes the same rounds follow."""
        return {"random": self._random.bit_generator.state, "order": list(self._order)}

    @place.setter
    def place(self, place: Mapping[str, Any]) -> None:
        self._random.bit_generator.state = place["random"]
        self._order = [int(index) for index in place["order"]]

    def draw(self) -> Batch:
        """Draw one round; every capture comes up before any comes up again."""
        count = min(self._config.groups, len(self._material))
        while len(self._order) < count:
            self._order.extend(self._random.permutation(len(self._material)).tolist())
        chosen = [self._material[index] for index in self._order[:count]]
        del self._order[:count]
        pairs = [self._stretches(item) for item in chosen]
        return Batch(
            x=torch.from_numpy(np.stack([pair[0] for pair in pairs])),
            y=torch.from_numpy(np.stack([pair[1] for pair in pairs])),
            knobs=torch.from_numpy(np.stack([item.knobs for item in chosen])),
            power=torch.tensor([item.power for item in chosen], dtype=torch.float32),
            emphasised_power=torch.tensor([item.emphasised_power for item in chosen], dtype=torch.float32),
            captures=tuple(item.id for item in chosen),
        )

    def _stretches(self, item: Material) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Input and target (T, S) of one capture, the sequences without sound last."""
        x = np.zeros((self._length, self._config.sequences), np.float32)
        y = np.zeros_like(x)
        usable = [clip for clip in item.clips if len(clip[0]) >= self._length]
        weights = np.array([len(clean) for clean, _ in usable], np.float64)
        picks = self._random.choice(len(usable), self._config.sounding, p=weights / weights.sum())
        for lane, pick in enumerate(picks):
            clean, target = usable[pick]
            start = int(self._random.integers(0, len(clean) - self._length + 1))
            x[:, lane] = clean[start : start + self._length]
            y[:, lane] = target[start : start + self._length]
        return x, y
