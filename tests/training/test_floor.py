"""The floor: known noise is found again, from repeats and from silence, and nothing is made up."""

from __future__ import annotations

import numpy as np
import pytest

from tests.datasets import clean_signal, device, make_dataset
from vastudio.training.batches import Material, load_material
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Floor
from vastudio.training.floor import recording_floor
from vastudio.training.loop import train
from vastudio.types import STANDARD_RATE, Audio

NOISE = 1e-3


def _take(name: str, drive: float, clean: Audio, noise: float, seed: int) -> Material:
    random = np.random.default_rng(seed)
    target = device(clean, drive) + (noise * random.normal(size=len(clean))).astype(np.float32)
    power = float(np.mean(target.astype(np.float64) ** 2))
    return Material(name, np.array([drive], np.float32), ((clean, target),), power, power)


@pytest.mark.parametrize("takes", [2, 5])
def test_repeats_give_the_error_of_a_perfect_model(takes: int) -> None:
    clean = clean_signal(2.0)
    material = [_take(str(index), 0.5, clean, NOISE, index) for index in range(takes)]
    material.append(_take("alone", 0.9, clean, 100 * NOISE, 9))
    floor = recording_floor(material, STANDARD_RATE)
    assert floor is not None
    assert floor.method == "repeats"
    assert len(floor.captures) == 1
    perfect = device(clean, 0.5).astype(np.float64)
    errors = [np.sum((item.clips[0][1] - perfect) ** 2) / np.sum(item.clips[0][1] ** 2) for item in material]
    assert floor.esr == pytest.approx(np.mean(errors[:takes]), rel=0.03)


def test_takes_of_different_signals_are_no_repeats() -> None:
    material = [_take(str(seed), 0.5, clean_signal(1.0, seed), NOISE, seed) for seed in range(2)]
    assert recording_floor(material, STANDARD_RATE) is None


def test_silence_gives_the_noise_and_not_the_tail_of_the_sound() -> None:
    clean = clean_signal(4.0)
    clean[: STANDARD_RATE // 2] = 0
    clean[2 * STANDARD_RATE : 3 * STANDARD_RATE] = 0
    take = _take("a", 0.5, clean, NOISE, 0)
    tail = np.exp(-40 * np.arange(STANDARD_RATE) / STANDARD_RATE).astype(np.float32)
    take.clips[0][1][2 * STANDARD_RATE : 3 * STANDARD_RATE] += 0.3 * tail
    floor = recording_floor([take], STANDARD_RATE)
    assert floor is not None
    assert floor.method == "silence"
    assert floor.esr == floor.worst == pytest.approx(NOISE**2 / take.power, rel=0.05)


def test_recordings_that_tell_nothing_have_no_floor(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    material = load_material(make_dataset(folder), "train")
    assert recording_floor(material, STANDARD_RATE) is None
    assert recording_floor([], STANDARD_RATE) is None


def test_a_run_tells_the_floor_at_its_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    dataset = make_dataset(
        folder, positions=((0.5, "train"), (0.5, "train"), (0.25, "validation")), noise=NOISE
    )
    config = TrainingConfig(hidden=8, minutes=None, epochs=1, chunk=512, chunks=2, threads=1)
    events = train(dataset, config, folder / "run")
    next(events)
    floor = next(events)
    assert isinstance(floor, Floor)
    assert (floor.method, floor.captures) == ("repeats", 1)
    assert 0.2 * NOISE**2 < floor.esr < 10 * NOISE**2
