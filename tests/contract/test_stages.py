"""Models made of stages: a learned filter in front, and the grey box with both of its tone stacks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.contract.test_architectures import in_torch, noise, through_the_file
from tests.engine.test_zipper import BEGIN, EDGE_HZ, above, swept
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render, render_automation
from vastudio.errors import ModelFileError
from vastudio.modelfile.schema import ModelFile
from vastudio.nets import Blueprint, architecture
from vastudio.nets.grey_box import GreyBoxModel
from vastudio.nets.model import KnobModel
from vastudio.nets.tone_stack_roles import roles_of
from vastudio.types import STANDARD_RATE, Knob

NAMES = ("volume", "bass", "middle", "treble")
POSITIONS = (
    {"volume": 0.0, "bass": 0.0, "middle": 0.0, "treble": 0.0},
    {"volume": 1.0, "bass": 1.0, "middle": 1.0, "treble": 1.0},
    {"volume": 0.7, "bass": 0.0, "middle": 1.0, "treble": 0.5},
    {"volume": 0.3, "bass": 0.6, "middle": 0.4, "treble": 0.9},
)
CASES = {
    "fmv": ("grey-box", NAMES, {}),
    "fmv without a middle": ("grey-box", ("gain", "low", "high"), {}),
    "eq": ("grey-box", NAMES, {"tone_stack": "eq"}),
    "eq of nameless knobs": ("grey-box", ("a", "b"), {}),
    "one tap": ("hyper-gru", ("a", "b"), {"taps": 1}),
    "taps": ("film-lstm", ("a", "b"), {"taps": 21}),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """torch's threads wait for each other longer than these small cells take."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def build(case: str) -> tuple[KnobModel, str, tuple[Knob, ...]]:
    """A model with every parameter moved away from where it begins."""
    name, names, options = CASES[case]
    torch.manual_seed(3)
    model = architecture(name).build(Blueprint(len(names), 16, names=names, **options))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
        model.level_law.weight.copy_(3 * torch.randn_like(model.level_law.weight))
    return model, name, tuple(Knob(name) for name in names)


def play(case: str, folder: Path) -> tuple[PlayableModel, KnobModel, tuple[Knob, ...]]:
    model, name, knobs = build(case)
    return through_the_file(model, name, knobs, folder), model, knobs


def only(position: dict[str, float], knobs: tuple[Knob, ...], turn: int) -> dict[str, float]:
    values = list(position.values())
    return {knob.name: values[(index + turn) % 4] for index, knob in enumerate(knobs)}


@pytest.mark.parametrize("case", CASES)
def test_the_engine_plays_what_torch_trained(case: str, tmp_path: Path) -> None:
    playable, model, knobs = play(case, tmp_path)
    x = noise(0.18)
    for turn, position in enumerate(POSITIONS[:3]):
        values = only(position, knobs, turn)
        wanted = in_torch(model, knobs, values, x)
        outputs = [render(playable, x, values, block=block) for block in (1, 64, 65, 8193)]
        assert np.abs(outputs[0] - wanted).max() < 1e-4 * max(1.0, np.abs(wanted).max())
        for other in outputs[1:]:
            np.testing.assert_array_equal(outputs[0], other)


@pytest.mark.parametrize("case", CASES)
def test_knobs_turn_in_mid_stream(case: str, tmp_path: Path) -> None:
    """Blocks change no bit of it, and behind the glide it is what torch says for the new position."""
    playable, model, knobs = play(case, tmp_path)
    x = noise(0.3)
    before, after = (only(POSITIONS[i], knobs, 0) for i in (3, 2))
    moves = [(0, before), (1201, after)]
    outputs = [render_automation(playable, x, moves, block) for block in (1, 64, 65, 8193)]
    for other in outputs[1:]:
        np.testing.assert_array_equal(outputs[0], other)
    wanted = in_torch(model, knobs, after, x)
    late = slice(STANDARD_RATE // 5, None)
    assert np.abs(outputs[0] - wanted)[late].max() < 1e-3 * np.abs(wanted).max()


@pytest.mark.parametrize("case", ["fmv", "eq"])
@pytest.mark.parametrize("knob", ["volume", "bass"])
def test_no_stairs_are_heard_while_a_knob_sweeps(case: str, knob: str, tmp_path: Path) -> None:
    """Against the same glide in the smallest steps: the stairs stay 80 dB below full scale."""
    playable, _, _ = play(case, tmp_path)
    smooth = dataclasses.replace(playable.program, stride=2)
    stairs = swept(playable, playable.program, knob) - swept(playable, smooth, knob)
    assert 20 * np.log10(np.abs(above(stairs, EDGE_HZ)[BEGIN - 600 :]).max() + 1e-12) < -80.0


@pytest.mark.parametrize("case", CASES)
def test_silence_stays_silence(case: str, tmp_path: Path) -> None:
    playable, _, knobs = play(case, tmp_path)
    for turn, position in enumerate(POSITIONS):
        out = render(playable, np.zeros(STANDARD_RATE // 8, np.float32), only(position, knobs, turn))
        assert np.abs(out).max() < 1e-5


@pytest.mark.parametrize("case", CASES)
def test_every_parameter_learns(case: str) -> None:
    model, _, knobs = build(case)
    theta = model.theta(torch.rand(3, len(knobs)))
    x = torch.from_numpy(noise(0.02))[None, :, None].repeat(3, 1, 4)
    x[:, :, -1] = 0
    y, _ = model(x, model.rest(theta, 4), theta)
    (y - x).square().mean().backward()
    assert [name for name, part in model.named_parameters() if part.grad is None or not part.grad.any()] == []


@pytest.mark.parametrize("case", ["fmv", "eq", "taps"])
def test_a_state_carries_from_chunk_to_chunk(case: str) -> None:
    model, _, knobs = build(case)
    with torch.no_grad():
        theta = model.theta(torch.rand(2, len(knobs)))
        x = torch.from_numpy(noise(0.02))[None, :, None].repeat(2, 1, 3)
        x[:, :, -1] = 0
        whole, last = model(x, model.rest(theta, 3), theta)
        first, state = model(x[:, :7], model.rest(theta, 3), theta)
        second, end = model(x[:, 7:], state, theta)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=2e-5)
    torch.testing.assert_close(end, last, rtol=0, atol=2e-5)


def test_tone_controls_leave_the_cells_alone() -> None:
    model, _, _ = build("fmv")
    assert isinstance(model, GreyBoxModel)
    with torch.no_grad():
        theta = model.theta(torch.tensor([[0.3, 0.1, 0.9, 0.2], [0.3, 0.8, 0.2, 0.7], [0.4, 0.1, 0.9, 0.2]]))
    moved = theta[1] != theta[0]
    stack = slice(model.pre.layout.total, model.pre.layout.total + model.tone_stack.numbers)
    assert moved[stack].any()
    moved[stack] = False
    assert not moved.any()
    assert torch.equal(theta[0, stack], theta[2, stack])


@pytest.mark.parametrize(
    ("names", "pots", "tone"),
    [
        (("Gain", "Bass", "Mid", "Treble", "Presence"), (3, 2, 1), (1, 2, 3, 4)),
        (("low_2", "HIGH", "drive"), (1, None, 0), (0, 1)),
        (("drive", "tone"), (None, None, None), (1,)),
        (("allowed", "bassoon"), (None, None, None), ()),
    ],
)
def test_tone_controls_are_known_by_their_names(
    names: tuple[str, ...], pots: tuple[int | None, ...], tone: tuple[int, ...]
) -> None:
    assert roles_of(names) == (pots, tone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tone_stack": "valve"}, "its tone stack 'valve' is unknown"),
        ({"pots": [3, 2, 9]}, "are not knobs of it"),
        ({"power_hidden": 0}, "its power_hidden 0"),
        ({"cell": "lstm"}, "its cell 'lstm' is unknown"),
    ],
)
def test_a_damaged_grey_box_is_refused(change: dict[str, object], message: str) -> None:
    model, name, knobs = build("fmv")
    file = ModelFile("m", name, {**model.config(), **change}, knobs, STANDARD_RATE, model.export())
    with pytest.raises(ModelFileError, match=message):
        PlayableModel.from_file(file)


@pytest.mark.parametrize("tensor", ["tone.components", "tone.tapers", "tone.pots"])
def test_values_that_no_part_can_have_are_refused(tensor: str) -> None:
    model, name, knobs = build("fmv")
    weights = model.export()
    weights[tensor][0] = -1.0
    with pytest.raises(ModelFileError, match="tone stack"):
        PlayableModel.from_file(ModelFile("m", name, model.config(), knobs, STANDARD_RATE, weights))
