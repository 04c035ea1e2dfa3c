"""Every architecture: what torch trains is what the engine plays, after a trip through the model file."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
import torch

from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render, render_automation
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.nets import Blueprint, architectures
from vastudio.nets.model import KnobModel
from vastudio.types import STANDARD_RATE, Audio, Knob, knob_vector

KNOBS = (Knob("drive", maximum=10.0, default=5.0), Knob("tone", minimum=-1.0, default=0.0))
POSITIONS = ({"drive": 0.0, "tone": -1.0}, {"drive": 6.5, "tone": 0.3}, {"drive": 10.0, "tone": 1.0})
SETTLING = 4096


def build(name: str, knobs: int, hidden: int) -> KnobModel:
    torch.manual_seed(hidden)
    architecture = architectures()[name]
    sized = "hidden" in architecture.options
    model = architecture.build(Blueprint(knobs, hidden) if sized else Blueprint(knobs))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
        if knobs:
            model.level_law.weight.copy_(3 * torch.randn_like(model.level_law.weight))
    return model


def through_the_file(model: KnobModel, name: str, knobs: tuple[Knob, ...], folder: Path) -> PlayableModel:
    path = folder / "model.vamodel"
    store.save(ModelFile("m", name, model.config(), knobs, STANDARD_RATE, model.export()), path)
    return PlayableModel.from_file(store.load(path))


def in_torch(model: KnobModel, knobs: tuple[Knob, ...], position: dict[str, float], x: Audio) -> Audio:
    """The model's forward pass by torch in double precision, silence beside the signal, after settling."""
    return all_in_torch(model, knobs, [position], x)[0]


def all_in_torch(
    model: KnobModel, knobs: tuple[Knob, ...], positions: Sequence[dict[str, float]], x: Audio
) -> list[Audio]:
    """The same at several knob positions at once, which a model that torch runs sample by sample needs."""
    signal = torch.zeros(len(positions), SETTLING + x.size, 2, dtype=torch.float64)
    signal[:, SETTLING:, 0] = torch.from_numpy(x)
    place = torch.from_numpy(np.stack([knob_vector(knobs, position) for position in positions]))
    exact = deepcopy(model).double()
    with torch.no_grad():
        start = model.rest(model.theta(place), 2).double()
        y, _ = exact(signal, start, exact.theta(place.double()))
    return list(y[:, SETTLING:, 0].float().numpy())


def noise(seconds: float) -> Audio:
    random = np.random.default_rng(7)
    envelope = np.abs(np.sin(np.arange(int(seconds * STANDARD_RATE)) / 9000))
    return (0.5 * envelope * random.uniform(-1, 1, envelope.size)).astype(np.float32)


EVERY_SIZE = [
    (name, hidden)
    for name, architecture in sorted(architectures().items())
    for hidden in ((8, 32) if "hidden" in architecture.options else (0,))
]
"""Small and usual ones; those of a fixed size once."""


@pytest.mark.parametrize(("name", "hidden"), EVERY_SIZE)
def test_the_engine_plays_what_torch_trained(name: str, hidden: int, tmp_path: Path) -> None:
    model = build(name, len(KNOBS), hidden)
    playable = through_the_file(model, name, KNOBS, tmp_path)
    x = noise(0.5)
    for position, wanted in zip(POSITIONS, all_in_torch(model, KNOBS, POSITIONS, x), strict=True):
        outputs = [render(playable, x, position, block=block) for block in (1, 64, 65, 8193)]
        assert np.abs(outputs[0] - wanted).max() < 1e-4
        for other in outputs[1:]:
            np.testing.assert_array_equal(outputs[0], other)


@pytest.mark.parametrize("name", sorted(architectures()))
def test_a_knob_that_turns_while_sound_flows_arrives(name: str, tmp_path: Path) -> None:
    """Whatever the blocks; once the time before the turn is forgotten, as if it had always stood there."""
    model = build(name, len(KNOBS), 8)
    playable = through_the_file(model, name, KNOBS, tmp_path)
    x, turned = noise(0.6), 5000
    moves = [(0, POSITIONS[0]), (turned, POSITIONS[1])]
    outputs = [render_automation(playable, x, moves, block) for block in (64, 65, 8193)]
    for other in outputs[1:]:
        np.testing.assert_array_equal(outputs[0], other)
    late = slice(turned + 15_000, None)
    assert np.abs(outputs[0][late] - in_torch(model, KNOBS, POSITIONS[1], x)[late]).max() < 1e-4


@pytest.mark.parametrize("name", ["hyper-gru", "hyper-lstm"])
def test_ten_seconds_stay_equal(name: str, tmp_path: Path) -> None:
    model = build(name, len(KNOBS), 16)
    x = noise(10.0)
    output = render(through_the_file(model, name, KNOBS, tmp_path), x, POSITIONS[1])
    assert np.abs(output - in_torch(model, KNOBS, POSITIONS[1], x)).max() < 1e-4


@pytest.mark.parametrize("name", sorted(architectures()))
def test_a_model_may_have_no_knobs_at_all(name: str, tmp_path: Path) -> None:
    model = build(name, 0, 8)
    x = noise(0.2)
    output = render(through_the_file(model, name, (), tmp_path), x, {})
    assert np.abs(output - in_torch(model, (), {}, x)).max() < 1e-4


@pytest.mark.parametrize("conditioning", ["concat", "film", "hyper", "low-rank-hyper"])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_conditioning_goes_with_every_cell(conditioning: str, cell: str) -> None:
    config = build(f"{conditioning}-{cell}", 2, 8).config()
    assert (config["conditioning"], config["cell"]) == (conditioning, cell)


@pytest.mark.parametrize("name", sorted(architectures()))
def test_the_knobs_and_only_their_position_move_the_weights(name: str) -> None:
    model = build(name, 2, 8)
    with torch.no_grad():
        theta = model.theta(torch.tensor([[0.1, 0.9], [0.1, 0.9], [0.9, 0.9], [0.1, 0.2]]))
    assert torch.equal(theta[0], theta[1])
    assert not torch.allclose(theta[0], theta[2])
    assert not torch.allclose(theta[0], theta[3])


@pytest.mark.parametrize("name", sorted(architectures()))
def test_every_parameter_learns(name: str) -> None:
    model = build(name, 2, 6)
    theta = model.theta(torch.rand(3, 2))
    x = torch.from_numpy(noise(0.01))[None, :, None].repeat(3, 1, 4)
    x[:, :, -1] = 0
    y, _ = model(x, model.rest(theta, 4), theta)
    (y - x).square().mean().backward()
    silent = [label for label, part in model.named_parameters() if part.grad is None or not part.grad.any()]
    assert silent == []


@pytest.mark.parametrize("name", sorted(architectures()))
def test_an_architecture_is_named_after_its_file(name: str) -> None:
    architecture = architectures()[name]
    assert architecture.name == name
    assert architecture.title
    assert architecture.summary.endswith(".")
