"""The lowest ESR that a dataset's recordings allow: no model can be closer to a target than the noise in it.

A target is y = s + n: what the device makes of the clean signal, and noise that has nothing to do with it
(hum, hiss, drift, the converter). A perfect model outputs s, and its ESR is Σn²/Σy².

**Repeats.** Two takes of one knob position share s. Their difference holds the noise of both, so with
independent noise Σ(y₁−y₂)² is 2·Σn²: the floor is half of their mutual ESR, and for K takes the scatter
Σₖ(yₖ−ȳ)² / (K−1), the usual unbiased variance. (The mutual ESR itself, which is sometimes drawn as the
floor, is what one take scores as a model of the other; a model that learned from many takes gets below it.)

**Silence.** Where nothing is played the target holds the noise alone. What is left of a decaying sound must
not count: the stretch starts some time after the last sound, and the median over short windows is taken.
Noise that the device makes only while it is played is not seen, so this floor lies lower, if anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.training.batches import Material
from vastudio.types import Audio

Method: TypeAlias = Literal["repeats", "silence"]

SILENT_DB = -80.0
"""A clean signal below this level, relative to full scale, is nobody playing."""

AFTER_SOUND = 0.25
WINDOW = 0.02
FEWEST_WINDOWS = 5


@dataclass(frozen=True)
class CaptureFloor:
    """The floor of one capture as ESR, with the energies it came from (sums of squares)."""

    capture: str
    noise: float
    signal: float

    @property
    def esr(self) -> float:
        """Lowest ESR of this capture."""
        return self.noise / self.signal


@dataclass(frozen=True)
class RecordingFloor:
    """The floor of a dataset. `captures` are those it could be measured at."""

    method: Method
    captures: tuple[CaptureFloor, ...]

    @property
    def esr(self) -> float:
        """Lowest ESR over these captures as one signal."""
        return sum(item.noise for item in self.captures) / sum(item.signal for item in self.captures)

    @property
    def worst(self) -> float:
        """The floor of the noisiest capture."""
        return max(item.esr for item in self.captures)


def recording_floor(material: Sequence[Material], rate: int) -> RecordingFloor | None:
    """Measure the floor of captures at `rate` Hz, from repeated takes where there are any.

    Returns None where the recordings tell nothing: no position twice, and no silence.
    """
    repeats = tuple(_repeats(material))
    if repeats:
        return RecordingFloor("repeats", repeats)
    silence = tuple(floor for item in material if (floor := _silence(item, rate)) is not None)
    return RecordingFloor("silence", silence) if silence else None


def _repeats(material: Sequence[Material]) -> Iterable[CaptureFloor]:
    """One floor for each position that was recorded more than once with the same clean signal."""
    groups: dict[tuple[float, ...], list[Material]] = defaultdict(list)
    for item in material:
        groups[tuple(item.knobs.tolist())].append(item)
    for takes in groups.values():
        noise = signal = 0.0
        for versions in _same_clean(takes):
            scatter, energy = _scatter(versions)
            noise, signal = noise + scatter, signal + energy
        if signal > 0:
            yield CaptureFloor(takes[0].id, noise, signal)


def _same_clean(takes: Sequence[Material]) -> Iterable[list[Audio]]:
    """The targets that belong to one clean signal, where there are at least two."""
    versions: dict[bytes, list[Audio]] = defaultdict(list)
    for take in takes:
        for clean, target in take.clips:
            versions[clean.tobytes()].append(target)
    return (targets for targets in versions.values() if len(targets) > 1)


def _scatter(targets: Sequence[Audio]) -> tuple[float, float]:
    """Energy of the noise and of the signal, each the mean over takes of equal length."""
    takes: npt.NDArray[np.float64] = np.stack(targets).astype(np.float64)
    noise = float(np.sum((takes - takes.mean(axis=0)) ** 2)) / (len(takes) - 1)
    return noise, float(np.sum(takes**2)) / len(takes)


def _silence(item: Material, rate: int) -> CaptureFloor | None:
    """The floor of one capture from the passages in which nobody plays; None without any."""
    window = round(WINDOW * rate)
    powers = [power for clean, target in item.clips for power in _silent_powers(clean, target, window, rate)]
    if len(powers) < FEWEST_WINDOWS:
        return None
    return CaptureFloor(item.id, float(np.median(powers)) * item.frames, item.power * item.frames)


def _silent_powers(clean: Audio, target: Audio, window: int, rate: int) -> npt.NDArray[np.float64]:
    """Mean squares of the target in the windows that are silent, and were for a while."""
    count = min(len(clean), len(target)) // window
    shape = (count, window)
    peaks = np.abs(clean[: count * window]).reshape(shape).max(axis=1, initial=0.0)
    sounding = peaks > 10 ** (SILENT_DB / 20)
    wait = max(1, round(AFTER_SOUND * rate / window))
    last = np.maximum.accumulate(np.where(sounding, np.arange(count), -1 - wait))
    silent = np.arange(count) - last > wait
    blocks = target[: count * window].reshape(shape)[silent].astype(np.float64)
    powers: npt.NDArray[np.float64] = (blocks**2).mean(axis=1)
    return powers
