"""Measures what a configuration costs on this computer: training with it, and playing what comes out.

Activities: everything runs in the calling thread, and training with the threads it will use; about two
seconds once the kernels are compiled. It needs quiet cores and disturbs what plays: the window has a child
process do it while nothing does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
import torch

from vastudio.app.bench.timing import clock
from vastudio.app.presets import Cost, keep, known_cost
from vastudio.engine.graph import PlayableModel
from vastudio.errors import OutputError
from vastudio.modelfile.schema import ModelFile
from vastudio.nets.model import KnobModel
from vastudio.training.batches import Material
from vastudio.training.config import TrainingConfig
from vastudio.training.device import choose_device, spread_over
from vastudio.training.learner import Learner
from vastudio.training.threads import threads_for
from vastudio.types import STANDARD_RATE, Knob

KNOBS = 2
"""Of the device that is imagined: their number changes little."""

CHUNKS = 4
"""Updates per round that is measured."""

FULL_SECONDS, ALONE_SECONDS, LOAD_SECONDS = 1.2, 0.3, 0.3
"""How long the measurements may take; each is made twice at least."""

BLOCK = 64
_PIECE = STANDARD_RATE // 20


def cost_of(config: TrainingConfig, *, again: bool = False) -> Cost:
    """What is known about a configuration, or is measured now and remembered; `again`: measure anyway.

    Where the user's data folder cannot be written, nothing is remembered. Raises TrainingError when the
    device of the configuration is missing.
    """
    known = None if again else known_cost(config)
    if known is not None:
        return known
    cost = measure(config)
    with suppress(OutputError):
        keep(config, cost)
    return cost


def measure(config: TrainingConfig) -> Cost:
    """Train and play for a moment on noise. Raises TrainingError when the device is missing."""
    device = choose_device(config.device)
    brief = replace(config, chunks=CHUNKS, warm_up=config.warm_up * CHUNKS // config.chunks)
    alone, _ = _update_seconds(brief, 1, device, ALONE_SECONDS)
    full, model = _update_seconds(brief, config.groups, device, FULL_SECONDS)
    return Cost(_load(config, model), alone, full, config.groups)


def _update_seconds(
    config: TrainingConfig, positions: int, device: torch.device, seconds: float
) -> tuple[float, KnobModel]:
    """Seconds per update with so many knob positions, the warm-up's share included; and what was trained."""
    learner = Learner(_noise(positions, config), config, 0, device)
    spread_over(threads_for(config.threads), in_torch=learner.model.in_torch)
    learner.compile()
    learner.round()
    return _quickest(learner.round, seconds, time.perf_counter) / CHUNKS, learner.model


def _noise(positions: int, config: TrainingConfig) -> list[Material]:
    """Captures of an imagined device."""
    random = np.random.default_rng(0)
    frames = config.warm_up + CHUNKS * config.chunk + 1
    clean = random.normal(scale=0.1, size=frames).astype(np.float32)
    target = np.tanh(2 * clean)
    power = float(np.mean(target**2))
    return [
        Material(str(n), random.uniform(size=KNOBS).astype(np.float32), ((clean, target),), power, power)
        for n in range(positions)
    ]


def _load(config: TrainingConfig, model: KnobModel) -> float:
    """Share of a core that the player needs for a model of this shape."""
    file = ModelFile(
        name="measured",
        architecture=config.architecture,
        config=model.config(),
        knobs=tuple(Knob(f"knob_{n + 1}") for n in range(KNOBS)),
        sample_rate=STANDARD_RATE,
        weights=model.export(),
    )
    voice = PlayableModel.from_file(file).voice({})
    audio = np.random.default_rng(0).normal(scale=0.1, size=_PIECE).astype(np.float32)
    voice.process(audio, BLOCK)
    quickest = _quickest(lambda: voice.process(audio, BLOCK), LOAD_SECONDS, lambda: clock() / 1e9)
    return quickest * STANDARD_RATE / _PIECE


def _quickest(work: Callable[[], object], seconds: float, now: Callable[[], float]) -> float:
    """Seconds of the quickest turn of those, two at least, that fit into `seconds`."""
    turns: list[float] = []
    end = time.perf_counter() + seconds
    while len(turns) < 2 or time.perf_counter() < end:
        begun = now()
        work()
        turns.append(now() - begun)
    return min(turns)
