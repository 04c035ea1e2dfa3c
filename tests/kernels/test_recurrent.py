"""The streaming GRU and LSTM: against torch, over block sizes, gliding, side by side, with broken input."""

from __future__ import annotations

import dataclasses
import itertools
import os
import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.models import parameter_count, random_cell
from vastudio.kernels.cells import CellWeights, Kind, at_knobs, flat_size
from vastudio.kernels.recurrent import MOST_UNITS, layout, pack, program
from vastudio.kernels.recurrent_glide import FINE_STRIDE, NOW
from vastudio.kernels.recurrent_layout import BIASES, OFFSET
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Voice

RATE = 48_000
BLOCKS = (1, 63, 64, 65, 8193)
KINDS: tuple[Kind, ...] = ("gru", "lstm")
SIZES = (8, 16, 24, 32, 40, 64, 96)

every_kind = pytest.mark.parametrize("kind", KINDS)


def cell(kind: Kind, hidden: int, seed: int = 0) -> CellWeights:
    return CellWeights.from_flat(random_cell(hidden, np.random.default_rng(seed), kind), hidden, kind)


def voice(weights: CellWeights) -> Voice:
    packed, converged = settled(weights)
    assert converged
    return Voice(program(weights.kind, weights.hidden), packed)


def guitar_like(seconds: float, seed: int = 1) -> Floats:
    """Decaying chords and noise, peaks near full scale."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (82.4, 123.5, 164.8, 207.7))
    return (0.2 * chord * np.exp(-3 * (t % 0.5)) + 0.02 * rng.normal(size=t.size)).astype(np.float32)


def torch_module(weights: CellWeights) -> torch.nn.GRU | torch.nn.LSTM:
    """torch's own cell in double precision."""
    hidden, bias = weights.hidden, torch.from_numpy(weights.bias).double()
    kind = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[weights.kind]
    module: torch.nn.GRU | torch.nn.LSTM = kind(1, hidden, batch_first=True).double()
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.from_numpy(weights.w_ih)[:, None])
        module.weight_hh_l0.copy_(torch.from_numpy(weights.w_hh))
        module.bias_ih_l0.copy_(bias[: module.bias_ih_l0.numel()])
        module.bias_hh_l0.zero_()
        if weights.kind == "gru":
            module.bias_hh_l0[2 * hidden :] = bias[3 * hidden :]
    return module


def torch_render(weights: CellWeights, x: Floats) -> npt.NDArray[np.float64]:
    """The response of torch's cell, started in the rest state that it finds by itself."""
    module = torch_module(weights)
    with torch.no_grad():
        _, rest = module(torch.zeros(1, 4000, 1, dtype=torch.float64))
        states, _ = module(torch.from_numpy(x).double()[None, :, None], rest)
        h_rest = rest[0] if weights.kind == "lstm" else rest
        out = (states[0] - h_rest[0, 0]) @ torch.from_numpy(weights.w_out).double()
    return out.numpy() + weights.skip * x.astype(np.float64)


def check_against_torch(kind: Kind, hidden: int, seconds: float, blocks: tuple[int, ...] = BLOCKS) -> None:
    weights, x = cell(kind, hidden, hidden), guitar_like(seconds)
    played = voice(weights)
    out = played.process(x, blocks[0])
    for block in blocks[1:]:
        played.reset()
        assert np.array_equal(out, played.process(x, block))
    assert np.max(np.abs(out - torch_render(weights, x))) < 1e-5


@every_kind
@pytest.mark.parametrize("hidden", [1, 5, 13, 20, *SIZES])
def test_equals_torch_at_any_size_and_block_size(kind: Kind, hidden: int) -> None:
    check_against_torch(kind, hidden, 0.2)


@every_kind
def test_equals_torch_over_two_seconds(kind: Kind) -> None:
    check_against_torch(kind, 24, 2.0, blocks=(64,))


@pytest.mark.slow
@every_kind
@pytest.mark.parametrize("hidden", SIZES)
def test_equals_torch_over_ten_seconds_at_every_size(kind: Kind, hidden: int) -> None:
    check_against_torch(kind, hidden, 10.0, blocks=(64,))


NARROW = {"8 lanes": "haswell", "4 lanes": "generic"}


@pytest.mark.parametrize("lanes", NARROW)
def test_equals_torch_on_smaller_processors(lanes: str) -> None:
    """In a process of its own: the width of vectors is fixed when the kernels are imported."""
    code = """
from vastudio.kernels.jit import LANES
from tests.kernels.test_recurrent import check_against_torch
for hidden in (8, 20, 40):
    check_against_torch("gru", hidden, 0.02)
    check_against_torch("lstm", hidden, 0.02)
print(LANES, "lanes")
"""
    environment = {**os.environ, "NUMBA_CPU_NAME": NARROW[lanes]}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == lanes, done.stderr


def test_the_flat_size_is_the_sum_of_its_parts() -> None:
    for kind in KINDS:
        assert flat_size(24, kind) == parameter_count(24, kind)


@pytest.mark.parametrize("hidden", [0, MOST_UNITS + 1])
def test_sizes_that_cannot_be_played_are_refused(hidden: int) -> None:
    with pytest.raises(ValueError, match="units"):
        program("gru", hidden)


@every_kind
@pytest.mark.parametrize("hidden", SIZES)
def test_silence_stays_silence(kind: Kind, hidden: int) -> None:
    for seed in range(3):
        out = voice(cell(kind, hidden, seed)).process(np.zeros(RATE // 4, np.float32), 512)
        assert np.max(np.abs(out)) < 1e-6  # −120 dBFS


@every_kind
def test_a_tail_decays_into_silence(kind: Kind) -> None:
    played = voice(cell(kind, 16))
    played.process(guitar_like(0.2), 64)
    assert np.max(np.abs(played.process(np.zeros(RATE, np.float32), 64)[RATE // 2 :])) < 1e-6


def test_a_cell_that_never_settles_rests_at_its_mean() -> None:
    """Two units that push each other round: a rotation with gain oscillates for ever."""
    zeros = np.zeros((2, 2))
    turn = 4.0 * np.sqrt(0.5) * np.array([[1.0, -1.0], [1.0, 1.0]])
    weights = CellWeights(
        "gru",
        np.full(6, 0.1, np.float32),
        np.concatenate([zeros, zeros, turn]).astype(np.float32),
        np.array([6, 6, 2, 2, 0.01, 0, 0, 0], np.float32),
        np.array([0.5, 0.2], np.float32),
        0.0,
    )
    packed, converged = settled(weights)
    out = Voice(program("gru", 2), packed).process(np.zeros(RATE, np.float32), 64)
    assert not converged
    assert np.isfinite(out).all()
    assert abs(out[-32_768:].mean()) < 0.01


@every_kind
@pytest.mark.parametrize("hidden", [8, 40, 64])
def test_the_state_is_carried_and_reset(kind: Kind, hidden: int) -> None:
    played, x = voice(cell(kind, hidden)), guitar_like(0.05)
    whole = played.process(x, 64)
    assert not np.array_equal(played.process(x, 64), whole)  # it does not begin at rest again
    played.process(x[:1], 1)  # an odd number of samples
    played.reset()
    parts = [played.process(part, 64) for part in np.split(x, [1, 700, 701])]
    assert np.array_equal(np.concatenate(parts), whole)


@every_kind
@pytest.mark.parametrize("hidden", [16, 64])
def test_two_voices_of_one_program_do_not_meet(kind: Kind, hidden: int) -> None:
    inputs = [guitar_like(0.05, seed) for seed in (1, 2)]
    alone = [voice(cell(kind, hidden)).process(x, 64) for x in inputs]
    pair = [voice(cell(kind, hidden)) for _ in inputs]
    cuts = [67, 128, 131, 1000]
    parts = [
        [played.process(piece, 64) for played, piece in zip(pair, pieces, strict=True)]
        for pieces in zip(*(np.split(x, cuts) for x in inputs), strict=True)
    ]
    for expected, got in zip(alone, zip(*parts, strict=True), strict=True):
        assert np.array_equal(np.concatenate(got), expected)


def glide_through(kind: Kind, block: int) -> Floats:
    """Render half a second in which the knobs turn at three fixed samples, in blocks of `block`."""
    shape, hidden = program(kind, 24), 24
    sets = [settled(cell(kind, hidden, seed)).packed for seed in range(4)]
    played, x = Voice(shape, sets[0]), guitar_like(0.5)
    turns = [0, 1_111, 1_500, 10_007, x.size]
    parts = []
    for i, (start, stop) in enumerate(itertools.pairwise(turns)):
        if i:
            played.glide_to(sets[i], shape.glide_steps(RATE))
        parts.append(played.process(x[start:stop], block))
    assert np.array_equal(played.weights, sets[-1])
    return np.concatenate(parts)


@every_kind
def test_block_size_does_not_change_a_glide(kind: Kind) -> None:
    reference = glide_through(kind, 64)
    for block in (1, 7, 63, 65, 8193):
        assert np.array_equal(reference, glide_through(kind, block))


@every_kind
def test_a_glide_is_linear_and_arrives_exactly(kind: Kind) -> None:
    shape = program(kind, 8)
    first, last = (settled(cell(kind, 8, seed)).packed for seed in (1, 2))
    played = Voice(shape, first)
    played.glide_to(last, shape.glide_steps(RATE))
    played.process(np.zeros(480, np.float32), 480)
    np.testing.assert_allclose(played.weights, 0.5 * (first + last), atol=1e-5)
    played.process(np.zeros(480, np.float32), 480)
    assert np.array_equal(played.weights, last)


def moving(played: Voice, kind: Kind, hidden: int) -> Floats:
    """What plays of rest state, biases, input and output weights."""
    shape = layout(kind, hidden)
    return played.state[shape.moving_at : shape.moving_at + shape.moving]


@every_kind
@pytest.mark.parametrize("hidden", [8, 64])
def test_biases_follow_a_glide_in_finer_steps_and_arrive_exactly(kind: Kind, hidden: int) -> None:
    """Between two strides they lie on the straight line from rest to target, half a stride ahead."""
    shape, form = program(kind, hidden), layout(kind, hidden)
    first, last = (settled(cell(kind, hidden, seed)).packed for seed in (1, 2))
    played = Voice(shape, first)
    steps = 5
    length = steps * shape.stride
    played.glide_to(last, steps)
    for done in range(FINE_STRIDE, length + 1, FINE_STRIDE):
        played.process(np.zeros(FINE_STRIDE, np.float32), FINE_STRIDE)
        if shape.stride < done <= length - shape.stride:
            share = (done + shape.stride / 2) / length
            line = ((1 - share) * first + share * last)[: form.moving]
            line[form.numbers + OFFSET] = -line[: form.width] @ line[form.section("output") :][: form.width]
            np.testing.assert_allclose(moving(played, kind, hidden), line, atol=1e-5)
    assert np.array_equal(moving(played, kind, hidden), last[: form.moving])


def holding_at(rest: npt.NDArray[np.float64], kind: Kind) -> Floats:
    """A cell whose gates hold whatever its state is, so that every state is a rest state: at `rest`."""
    hidden = 8
    form, weights = layout(kind, hidden), cell(kind, hidden)
    gates = {"z": 40.0, "f": 40.0, "i": -40.0}
    bias = np.repeat([gates.get(gate, 0.0) for gate in BIASES[kind]], hidden).astype(np.float32)
    weights = dataclasses.replace(weights, w_hh=np.zeros_like(weights.w_hh), bias=bias)
    packed = pack(weights, rest)
    form.set_offset(packed, float(-rest[:hidden] @ weights.w_out))
    return packed


@every_kind
def test_the_state_moves_with_its_rest_through_a_glide(kind: Kind) -> None:
    """Nothing else moves here, so that a GRU makes no sound on the way. An LSTM's h lags behind its c."""
    hidden = 8
    cells = np.random.default_rng(3).uniform(-0.5, 0.5, (2, hidden))
    rests = cells if kind == "gru" else np.concatenate([0.5 * np.tanh(cells), cells], axis=1)
    played = Voice(program(kind, hidden), holding_at(rests[0], kind))
    played.glide_to(holding_at(rests[1], kind), 10)
    heard = played.process(np.zeros(200, np.float32), 50)
    assert np.max(np.abs(heard if kind == "gru" else heard[-50:])) < 2e-6
    state = layout(kind, hidden).unpack_state(played.state, int(played.numbers[NOW]))
    np.testing.assert_allclose(state, rests[1], atol=1e-5)


@every_kind
def test_strides_hold_whole_fine_steps(kind: Kind) -> None:
    assert all(program(kind, hidden).stride % FINE_STRIDE == 0 for hidden in (8, 64))


@every_kind
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_broken_sample_is_a_fault_and_plays_as_silence(kind: Kind, bad: float) -> None:
    x = guitar_like(0.1)
    x[1000] = 0.0
    weights = cell(kind, 16)
    expected = voice(weights).process(x, 64)
    x[1000] = bad
    played = voice(weights)
    assert np.array_equal(played.process(x, 64), expected)
    assert played.faults == 1


@every_kind
@pytest.mark.parametrize("hidden", [16, 64])
def test_far_too_loud_input_does_no_harm(kind: Kind, hidden: int) -> None:
    weights, x = cell(kind, hidden), 100.0 * guitar_like(0.1)
    played = voice(weights)
    out = played.process(x, 64)
    assert played.faults == 0
    np.testing.assert_allclose(out, torch_render(weights, x), atol=2e-4)
    played.process(np.full(64, 999_999.0, np.float32), 64)
    assert np.max(np.abs(played.process(np.zeros(RATE, np.float32), 64)[RATE // 2 :])) < 1e-6


@every_kind
def test_knobs_among_the_inputs_are_biases(kind: Kind) -> None:
    hidden, rng = 8, np.random.default_rng(4)
    plain = cell(kind, hidden)
    w_ih = np.column_stack([plain.w_ih, rng.normal(size=(plain.w_ih.size, 3))])
    knobs = rng.uniform(-1, 1, 3)
    folded = at_knobs(kind, w_ih, plain.w_hh, plain.bias, plain.w_out, plain.skip, knobs)
    module = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](4, hidden, batch_first=True).double()
    alike = torch_module(plain)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            source = torch.from_numpy(w_ih) if name == "weight_ih_l0" else alike.get_parameter(name)
            parameter.copy_(source)
        x = torch.from_numpy(guitar_like(0.02)).double()[None, :, None]
        turned = torch.cat([x, torch.from_numpy(knobs).expand(1, x.shape[1], 3)], dim=2)
        expected, got = module(turned)[0], torch_module(folded)(x)[0]
    np.testing.assert_allclose(got.numpy(), expected.numpy(), atol=1e-6)


@every_kind
@pytest.mark.parametrize("hidden", [5, 20])
def test_padding_never_reaches_the_output(kind: Kind, hidden: int) -> None:
    shape = layout(kind, hidden)
    packed = pack(cell(kind, hidden))
    output = shape.section("output")
    assert packed.size == program(kind, hidden).packed
    assert not packed[output + hidden : output + shape.width].any()
