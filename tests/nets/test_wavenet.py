"""WaveNets: against torch's own convolutions, from chunk to chunk, at rest, and in the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from vastudio.engine.graph import PlayableModel
from vastudio.engine.networks.wavenet import WaveNetNetwork
from vastudio.engine.offline import render, render_automation
from vastudio.errors import ModelFileError
from vastudio.kernels.wavenet_shape import (
    NAM_SIZES,
    LayerArray,
    LeakyRelu,
    Tanh,
    WaveNetShape,
    WaveNetWeights,
    flat_size,
)
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.nets.wavenet import PIECE, WaveNetModel
from vastudio.nets.wavenet_conditioning import WaveNetConditioning
from vastudio.nets.wavenet_layout import array_parts, layer_parts
from vastudio.training.device import spread_over
from vastudio.types import STANDARD_RATE, Audio, Knob, knob_vector

KNOBS = (Knob("drive"), Knob("tone"))
TINY = WaveNetShape(
    (
        LayerArray(2, (3, 2), (1, 3), (Tanh(), LeakyRelu(0.1)), 3, head_kernel=2, head_bias=True),
        LayerArray(3, (2, 1), (2, 1), (LeakyRelu(), Tanh()), 1, head_kernel=3, head_bias=True),
    )
)
SHAPES = {"tiny": TINY, "A1 nano": NAM_SIZES["A1 nano"], "A2 lite": NAM_SIZES["A2 lite"]}


def build(shape: WaveNetShape, knobs: int = 2, size: str = "A1 nano") -> WaveNetModel:
    """An untrained model whose knobs and level law do something."""
    torch.manual_seed(3)
    conditioning = WaveNetConditioning(shape, knobs)
    model = WaveNetModel(shape, size, knobs, conditioning)
    with torch.no_grad():
        model.level_law.weight.copy_(3 * torch.randn_like(model.level_law.weight))
        conditioning.last.weight.mul_(3)
    return model


def sound(groups: int, steps: int, sequences: int) -> Tensor:
    """Noise (G, T, S) in double precision, the last sequence silent."""
    x = 0.3 * torch.randn(groups, steps, sequences, dtype=torch.float64)
    x[:, :, -1] = 0
    return x


def by_convolutions(shape: WaveNetShape, theta: Tensor, x: Tensor) -> Tensor:
    """One WaveNet θ (P,) over x (T, S) by `conv1d`, after enough silence to be at rest: (T, S)."""
    settle = 7000
    heard = functional.pad(x.t()[:, None], (settle, 0))
    signal, sums = heard, None
    for array, part in zip(shape.arrays, array_parts(theta[None], shape), strict=True):
        signal = functional.conv1d(signal, part.rechannel[0][:, :, None])
        for layer, step, activation in zip(
            layer_parts(part.layers, array), array.dilations, array.activations, strict=True
        ):
            past = functional.pad(signal, ((layer.conv.shape[3] - 1) * step, 0))
            z = functional.conv1d(past, layer.conv[0], layer.conv_bias[0], dilation=step)
            z = z + functional.conv1d(heard, layer.mixin[0][:, None, None])
            z = torch.tanh(z) if isinstance(activation, Tanh) else functional.leaky_relu(z, activation.slope)
            sums = z if sums is None else sums + z
            signal = signal + functional.conv1d(z, layer.mix[0][:, :, None], layer.mix_bias[0])
        assert sums is not None
        sums = functional.pad(sums, (array.head_kernel - 1, 0))
        sums = functional.conv1d(sums, part.head[0], part.head_bias[0])
    assert sums is not None
    return theta[-1] * sums[:, 0, settle:].t()


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_what_torchs_convolutions_compute(name: str) -> None:
    model = build(SHAPES[name]).double()
    x = sound(2, 150, 3)
    with torch.no_grad():
        theta = model.theta(torch.rand(2, 2, dtype=torch.float64))
        output, _ = model(x, model.rest(theta, 3), theta)
        for group in range(2):
            wanted = by_convolutions(SHAPES[name], theta[group], x[group])
            assert wanted.std() > 1e-4
            assert (output[group] - (wanted - wanted[:, -1:])).abs().max() < 1e-12


@pytest.mark.parametrize("name", SHAPES)
def test_the_state_carries_everything_from_chunk_to_chunk(name: str) -> None:
    model = build(SHAPES[name]).double()
    x = sound(2, 300, 3)
    with torch.no_grad():
        theta = model.theta(torch.rand(2, 2, dtype=torch.float64))
        state = start = model.rest(theta, 3)
        whole, last = model(x, start, theta)
        parts = []
        for chunk in torch.split(x, [1, 59, 140, 100], 1):
            part, state = model(chunk, state, theta)
            parts.append(part)
    assert (torch.cat(parts, 1) - whole).abs().max() < 1e-13
    assert (state - last).abs().max() < 1e-13


def test_without_gradients_a_long_sound_is_run_in_pieces() -> None:
    model = build(TINY).double()
    x = sound(1, PIECE + 100, 2)
    theta = model.theta(torch.rand(1, 2, dtype=torch.float64))
    at_once, last = model(x, model.rest(theta, 2), theta)
    with torch.no_grad():
        in_pieces, state = model(x, model.rest(theta, 2), theta)
    assert at_once.requires_grad
    assert not in_pieces.requires_grad
    assert (in_pieces - at_once).abs().max() < 1e-13
    assert (state - last).abs().max() < 1e-13


def test_torch_has_the_threads_of_a_model_that_it_trains() -> None:
    before = torch.get_num_threads()
    try:
        for in_torch, wanted in ((True, 2), (False, 1)):
            spread_over(2, in_torch=in_torch)
            assert torch.get_num_threads() == wanted
    finally:
        torch.set_num_threads(before)
    assert build(TINY).in_torch


def test_gradients_are_those_of_finite_differences() -> None:
    model = build(TINY).double()
    x = sound(2, 7, 3)
    theta = model.theta(torch.rand(2, 2, dtype=torch.float64)).detach().requires_grad_()
    state = torch.randn_like(model.rest(theta, 3))
    assert torch.autograd.gradcheck(lambda numbers: model(x, state, numbers)[0], theta)


@pytest.mark.parametrize("name", SHAPES)
def test_theta_is_the_list_of_numbers_of_a_plain_wavenet(name: str) -> None:
    model = build(SHAPES[name])
    with torch.no_grad():
        theta = model.theta(torch.rand(1, 2))
        settled, _ = model.run(torch.zeros(1, 200, 2), model.rest(theta, 2), theta)
    plain = WaveNetWeights.from_flat(SHAPES[name], theta[0].numpy())
    assert theta.shape == (1, flat_size(SHAPES[name]))
    assert abs(plain.rest_output()) > 1e-4
    assert (settled - plain.rest_output()).abs().max() < 1e-6


# --- in the engine ------------------------------------------------------------------------------------------


def playable(model: WaveNetModel, folder: Path) -> PlayableModel:
    path = folder / "model.vamodel"
    store.save(ModelFile("m", "wavenet", model.config(), KNOBS, STANDARD_RATE, model.export()), path)
    return PlayableModel.from_file(store.load(path))


def noise(frames: int) -> Audio:
    return (0.3 * np.random.default_rng(1).normal(size=frames)).astype(np.float32)


def level(theta: Tensor, model: WaveNetModel) -> Tensor:
    """The same WaveNet θ (1, P) with the scale of the output, less the output at rest, in its last head."""
    theta = theta.clone()
    last = model.shape.arrays[-1]
    rest, _ = model.run(theta.new_zeros(1, 1, 1), model.rest(theta, 1), theta)
    theta[:, -2 - last.channels * last.head_kernel : -1] *= theta[:, -1:]
    theta[:, -2] -= rest[0, 0]
    theta[:, -1] = 1
    return theta


@pytest.mark.parametrize("size", ["A1 nano", "A2 lite"])
def test_a_knob_that_turns_while_it_plays(size: str, tmp_path: Path) -> None:
    model = build(NAM_SIZES[size], size=size)
    engine = playable(model, tmp_path)
    turn, x = 2000, noise(9000)
    positions = ({"drive": 0.1, "tone": 0.8}, {"drive": 0.9, "tone": 0.2})
    outputs = [
        render_automation(engine, x, [(0, positions[0]), (turn, positions[1])], n) for n in (1, 65, 8193)
    ]

    model = model.double()
    stride, steps = engine.program.stride, engine.glide_steps
    with torch.no_grad():
        knobs = [torch.from_numpy(knob_vector(KNOBS, values))[None].double() for values in positions]
        first, second = (level(model.theta(values), model) for values in knobs)
        state, parts = model.rest(first, 1), []
        cuts = [turn, *[stride] * (steps - 1), x.size - turn - stride * (steps - 1)]
        for index, piece in enumerate(torch.split(torch.from_numpy(x).double()[None, :, None], cuts, 1)):
            part, state = model.run(piece, state, first + index / steps * (second - first))
            parts.append(part)
    wanted = torch.cat(parts, 1)[0, :, 0].numpy()
    assert np.abs(wanted[turn:]).max() > 1e-2
    assert np.abs(outputs[0] - wanted).max() < 1e-5
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(outputs[0], outputs[2])


@pytest.mark.parametrize("size", ["A1 nano", "A2 lite"])
def test_silence_stays_silence(size: str, tmp_path: Path) -> None:
    engine = playable(build(NAM_SIZES[size], size=size), tmp_path)
    network = engine.network
    assert isinstance(network, WaveNetNetwork)
    assert abs(network.weights(np.array([0.9, 0.2], np.float32)).rest_output()) > 1e-4
    output = render(engine, np.zeros(9000, np.float32), {"drive": 0.9, "tone": 0.2})
    assert np.abs(output).max() < 1e-6


def described(shape: WaveNetShape) -> list[dict[str, Any]]:
    """A shape as a model file describes it."""
    return [
        {
            "channels": array.channels,
            "kernel_sizes": list(array.kernel_sizes),
            "dilations": list(array.dilations),
            "activations": ["tanh" if isinstance(kind, Tanh) else "leaky_relu" for kind in array.activations],
            "head_size": array.head_size,
            "head_kernel": array.head_kernel,
            "head_bias": array.head_bias,
        }
        for array in shape.arrays
    ]


def file_of(config: dict[str, Any], numbers: int) -> ModelFile:
    weights = {"conditioner.0.bias": np.linspace(-0.5, 0.5, numbers, dtype=np.float32)}
    return ModelFile("m", "wavenet", {"network": "wavenet", **config}, (), STANDARD_RATE, weights)


def test_a_file_may_describe_any_shape() -> None:
    shape, x = NAM_SIZES["A1 nano"], noise(500)
    by_name = PlayableModel.from_file(file_of({"size": "A1 nano"}, flat_size(shape)))
    by_keys = PlayableModel.from_file(file_of({"arrays": described(shape)}, flat_size(shape)))
    assert by_name.network.title == "WaveNet A1 nano"
    np.testing.assert_array_equal(render(by_keys, x), render(by_name, x))


def without_head_bias() -> tuple[list[dict[str, Any]], int]:
    arrays = described(NAM_SIZES["A1 nano"])
    arrays[-1]["head_bias"] = False
    return arrays, flat_size(NAM_SIZES["A1 nano"]) - 1


def test_a_head_without_bias_is_silent_at_rest_too() -> None:
    arrays, numbers = without_head_bias()
    engine = PlayableModel.from_file(file_of({"arrays": arrays}, numbers))
    network = engine.network
    assert isinstance(network, WaveNetNetwork)
    assert abs(network.weights(np.zeros(0, np.float32)).rest_output()) > 1e-3
    assert np.abs(render(engine, np.zeros(3000, np.float32))).max() < 1e-6


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    arrays = described(NAM_SIZES["A1 nano"])
    change(arrays[0])
    return {"arrays": arrays}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"size": "A1 nan"},
        {"size": ["A1 nano"]},
        {"arrays": []},
        {"arrays": {}},
        {"arrays": [7]},
        changed(lambda array: array.pop("channels")),
        changed(lambda array: array.update(channels=4.5)),
        changed(lambda array: array.update(channels=1 << 20)),
        changed(lambda array: array.update(head_size=3)),
        changed(lambda array: array["dilations"].pop()),
        changed(lambda array: array["dilations"].append(1 << 40)),
        changed(lambda array: array.update(dilations=[1 << 40] * 7)),
        changed(lambda array: array.update(dilations=[0] * 7)),
        changed(lambda array: array.update(kernel_sizes=[1 << 20] * 7)),
        changed(lambda array: array.update(activations=["sin"] * 7)),
    ],
)
def test_a_shape_that_is_none_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ModelFileError):
        PlayableModel.from_file(file_of(config, flat_size(NAM_SIZES["A1 nano"])))


def test_numbers_that_do_not_fit_the_shape_are_refused() -> None:
    with pytest.raises(ModelFileError, match="numbers"):
        PlayableModel.from_file(file_of({"size": "A1 nano"}, 7))
