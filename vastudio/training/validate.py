"""ESR at the validation captures while a run goes on, quickly: the clips cut into lanes.

Every lane starts as early as the model remembers, so that its state has come up where its part begins.
The final evaluation of a model is the engine's (`app.evaluate`), which plays each clip from start to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from vastudio.nets.model import KnobModel
from vastudio.training.batches import Material
from vastudio.types import Audio

LONGEST = 20 * 48_000
"""Samples per capture that are looked at; more would cost training time and change little."""


@dataclass(frozen=True)
class Score:
    """ESR by capture."""

    captures: tuple[float, ...]

    @property
    def esr(self) -> float:
        """Mean over captures: quiet knob positions weigh as much as loud ones, as they do in training."""
        return float(np.mean(self.captures))

    @property
    def median(self) -> float:
        """Median over captures."""
        return float(np.median(self.captures))

    @property
    def worst(self) -> float:
        """The worst capture."""
        return max(self.captures)


def validate(model: KnobModel, material: Sequence[Material], sequences: int) -> Score:
    """Measure `model` on every capture of `material`."""
    return Score(tuple(_esr(model, item, sequences) for item in material))


def _esr(model: KnobModel, item: Material, sequences: int) -> float:
    clean = np.concatenate([clip[0] for clip in item.clips])[:LONGEST]
    target = np.concatenate([clip[1] for clip in item.clips])[:LONGEST].astype(np.float64)
    error = target - _run(model, item, clean, sequences)
    return float(np.sum(error**2) / max(np.sum(target**2), 1e-30))


def _run(model: KnobModel, item: Material, clean: Audio, sequences: int) -> Audio:
    """The model's output for `clean`, computed in lanes."""
    lanes, run_up = sequences - 1, model.memory
    part = -(-len(clean) // lanes)
    padded = np.concatenate([np.zeros(run_up, np.float32), clean, np.zeros(part * lanes, np.float32)])
    x = np.zeros((1, run_up + part, sequences), np.float32)
    for lane in range(lanes):
        x[0, :, lane] = padded[lane * part : lane * part + run_up + part]
    device = next(model.parameters()).device
    with torch.no_grad():
        theta = model.theta(torch.from_numpy(item.knobs)[None].to(device))
        y, _ = model(torch.from_numpy(x).to(device), model.rest(theta, sequences), theta)
    joined: Audio = y[0, run_up:, :lanes].cpu().numpy().T.reshape(-1)[: len(clean)]
    return joined
