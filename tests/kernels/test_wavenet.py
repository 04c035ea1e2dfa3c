"""The streaming WaveNet against a plain one in float64; block sizes, rest, gliding, broken input."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numba import types
from numba.extending import intrinsic

from vastudio.errors import ModelFileError
from vastudio.kernels.emit import Emitter
from vastudio.kernels.jit import LANES, compiled
from vastudio.kernels.voice import Voice
from vastudio.kernels.wavenet import STRIDE, pack, program
from vastudio.kernels.wavenet_activations import activate, argument_scale
from vastudio.kernels.wavenet_shape import (
    NAM_SIZES,
    Activation,
    LayerArray,
    LeakyRelu,
    Tanh,
    WaveNetShape,
    WaveNetWeights,
    flat_size,
    receptive_field,
)

RATE = 48_000
BLOCKS = (1, 63, 64, 65, 8193)

Floats = npt.NDArray[np.float32]
Exact = npt.NDArray[np.float64]


def array(
    channels: int,
    dilations: tuple[int, ...] = (1, 5, 40),
    sizes: tuple[int, ...] = (3, 2, 4),
    activations: tuple[Activation, ...] = (Tanh(),) * 3,
    head: tuple[int, int, bool] = (1, 1, True),
) -> LayerArray:
    return LayerArray(channels, sizes, dilations, activations, *head)


UNUSUAL = {
    "one channel": WaveNetShape((array(1),)),
    "five, then thirty-five": WaveNetShape(
        (array(5, head=(35, 3, True)), array(35, (2,), (3,), (Tanh(),), head=(1, 2, False)))
    ),
    "three arrays": WaveNetShape((array(3, head=(4, 1, False)), array(4, head=(2, 1, True)), array(2))),
    "single taps": WaveNetShape((array(7, (1, 1), (1, 2), (LeakyRelu(0.2), Tanh()), (1, 4, True)),)),
}

SMALL = WaveNetShape((array(6, (1, 7), (3, 2), (Tanh(),) * 2, (3, 2, True)), array(3, head=(1, 1, False))))
STREAMED = {"A1 nano": NAM_SIZES["A1 nano"], "A2 lite": NAM_SIZES["A2 lite"], "small": SMALL}


def sound(seconds: float, seed: int = 1) -> Floats:
    """Decaying chords and noise, peaks near full scale."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (82.4, 123.5, 164.8, 207.7))
    return (0.2 * chord * np.exp(-3 * (t % 0.5)) + 0.02 * rng.normal(size=t.size)).astype(np.float32)


def convolved(weights: Floats, x: Exact, dilation: int) -> Exact:
    """Causal convolution after an endless constant x[:, 0]; weights (out, in, taps)."""
    taps = weights.shape[2]
    past = np.repeat(x[:, :1], (taps - 1) * dilation, axis=1)
    padded = np.concatenate([past, x], axis=1)
    return sum(
        weights[:, :, k].astype(np.float64) @ padded[:, k * dilation : k * dilation + x.shape[1]]
        for k in range(taps)
    )


def activated(activation: Activation, x: Exact) -> Exact:
    return np.tanh(x) if isinstance(activation, Tanh) else np.maximum(x, activation.slope * x)


def reference(weights: WaveNetWeights, x: Floats) -> Exact:
    """The response in float64, begun at rest."""
    condition = np.concatenate([[0.0], x])[None]  # the first column is what has been for ever
    signal, head = condition, None
    for shape, parts in zip(weights.shape.arrays, weights.arrays, strict=True):
        signal = parts.rechannel.astype(np.float64) @ signal
        sums = np.zeros_like(signal) if head is None else head
        for layer, taps_at, activation in zip(parts.layers, shape.dilations, shape.activations, strict=True):
            z = convolved(layer.conv, signal, taps_at) + layer.mixin[:, None] * condition
            z = activated(activation, z + layer.conv_bias[:, None])
            sums = sums + z
            signal = signal + layer.mix.astype(np.float64) @ z + layer.mix_bias[:, None]
        head = convolved(parts.head, sums, 1) + parts.head_bias[:, None]
    assert head is not None
    return weights.head_scale * head[0, 1:]


@cache
def random_weights(shape: WaveNetShape, seed: int = 0) -> WaveNetWeights:
    """Uniform weights as wide as torch's for a convolution, with an output as loud as the input."""
    rng = np.random.default_rng(seed)
    fan_in = max(part.channels for part in shape.arrays) * 3
    flat = rng.uniform(-1, 1, flat_size(shape)) / np.sqrt(fan_in)
    flat[-1] = 1.0
    weights, probe = WaveNetWeights.from_flat(shape, flat), sound(0.05)
    return replace(weights, head_scale=float(probe.std() / reference(weights, probe).std()))


def voice(shape: WaveNetShape, seed: int = 0) -> Voice:
    return Voice(program(shape), pack(random_weights(shape, seed)))


# --- shapes and weights -------------------------------------------------------------------------------------


def test_published_sizes_are_as_published() -> None:
    sizes = [(flat_size(shape), receptive_field(shape)) for shape in NAM_SIZES.values()]
    assert sizes == [(13802, 4093), (6554, 4093), (3026, 4093), (842, 4093), (12146, 6347), (1871, 6347)]


def test_flat_weights_are_cut_in_the_order_of_the_file() -> None:
    shape = WaveNetShape((array(2, (1,), (3,), (Tanh(),)),))
    weights = WaveNetWeights.from_flat(shape, range(flat_size(shape)))
    (parts,) = weights.arrays
    (layer,) = parts.layers
    np.testing.assert_array_equal(parts.rechannel, [[0], [1]])
    np.testing.assert_array_equal(layer.conv, np.arange(2, 14).reshape(2, 2, 3))
    np.testing.assert_array_equal([layer.conv_bias, layer.mixin], [[14, 15], [16, 17]])
    np.testing.assert_array_equal(layer.mix, [[18, 19], [20, 21]])
    np.testing.assert_array_equal(layer.mix_bias, [22, 23])
    np.testing.assert_array_equal(parts.head, [[[24], [25]]])
    assert (float(parts.head_bias[0]), weights.head_scale) == (26.0, 27.0)


@pytest.mark.parametrize("surplus", [-1, 1])
def test_a_wrong_number_of_weights_is_named(surplus: int) -> None:
    with pytest.raises(ModelFileError, match=f"{842 + surplus} weights, but its shape needs 842"):
        WaveNetWeights.from_flat(NAM_SIZES["A1 nano"], np.zeros(842 + surplus))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: WaveNetShape(()), "without layers"),
        (lambda: array(4, dilations=(1, 2)), "not one per layer"),
        (lambda: array(4, (), (), ()), "no layers"),
        (lambda: array(0), "1 or more"),
        (lambda: WaveNetShape((array(4, head=(3, 1, True)), array(4))), "3 channels, the array after it 4"),
        (lambda: WaveNetShape((array(4, head=(2, 1, True)),)), "2 outputs"),
        (lambda: LeakyRelu(1.5), "slope"),
    ],
)
def test_impossible_shapes_are_refused(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ModelFileError, match=message):
        build()


def test_packing_is_linear() -> None:
    """So that a glide of packed weights is a glide of the weights."""
    first, second = random_weights(SMALL, 1), random_weights(SMALL, 2)
    layer = [weights.arrays[0].layers[0] for weights in (first, second)]
    middle = (pack(first) + pack(second)) / 2
    begin = SMALL.arrays[0].channels
    scale = argument_scale(Tanh())
    mean = scale * (layer[0].conv_bias + layer[1].conv_bias) / 2
    np.testing.assert_allclose(middle[begin : begin + mean.size], mean, atol=1e-6)


# --- activations --------------------------------------------------------------------------------------------


def _tanh(lanes: int) -> Callable[[Floats, Floats], None]:
    @intrinsic
    def emitted(typing: Any, source: Any, out: Any) -> Any:
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            emit = Emitter(builder, lanes)
            emit.store(activate(emit, Tanh(), emit.load(emit.pointer(args[0]))), emit.pointer(args[1]))
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), lower

    @compiled
    def run(source: Floats, out: Floats) -> None:
        for i in range(0, source.size, lanes):
            emitted(source.ctypes.data + 4 * i, out.ctypes.data + 4 * i)

    return run


@pytest.mark.parametrize("lanes", [lanes for lanes in (4, 8, 16) if lanes <= LANES])
def test_tanh_is_good_everywhere(lanes: int) -> None:
    x = np.concatenate([[0.0, np.nan, 1e6, -1e6, 1e9, -1e9, 300.0, -50.0], np.linspace(-12, 12, 199_992)])
    u = (x * argument_scale(Tanh())).astype(np.float32)
    out = np.empty_like(u)
    _tanh(lanes)(u, out)
    np.testing.assert_allclose(out, np.tanh(u.astype(np.float64) / argument_scale(Tanh())), atol=3e-7)
    assert out[0] == 0.0
    assert np.isnan(out[1])


# --- streaming ----------------------------------------------------------------------------------------------


def assert_equals_reference(shape: WaveNetShape, seconds: float) -> None:
    weights, x = random_weights(shape), sound(seconds)
    expected = reference(weights, x)
    np.testing.assert_allclose(Voice(program(shape), pack(weights)).process(x, 64), expected, atol=1e-5)


@pytest.mark.parametrize("name", NAM_SIZES)
def test_published_sizes_equal_the_reference(name: str) -> None:
    assert_equals_reference(NAM_SIZES[name], 0.2)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAM_SIZES)
def test_published_sizes_equal_the_reference_for_ten_seconds(name: str) -> None:
    assert_equals_reference(NAM_SIZES[name], 10.0)


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_shapes_equal_the_reference(name: str) -> None:
    assert_equals_reference(UNUSUAL[name], 0.1)


@pytest.mark.parametrize("gliding", [False, True], ids=["still", "gliding"])
@pytest.mark.parametrize("name", STREAMED)
def test_the_block_size_never_changes_a_bit(name: str, gliding: bool) -> None:
    shape, x = STREAMED[name], sound(0.3)
    target = pack(random_weights(shape, 5))
    responses = []
    for block in BLOCKS:
        playing = voice(shape)
        begin = playing.process(x[:1000], block)
        if gliding:
            playing.glide_to(target, 40)
        responses.append(np.concatenate([begin, playing.process(x[1000:], block)]))
    for response in responses[1:]:
        np.testing.assert_array_equal(response, responses[0])


def test_the_state_is_carried_from_block_to_block() -> None:
    x = sound(0.2)
    whole, playing = voice(SMALL).process(x, 64), voice(SMALL)
    cuts = np.random.default_rng(3).integers(0, x.size, 30)
    pieces = [playing.process(piece, 512) for piece in np.split(x, np.sort(cuts)) if piece.size]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


@pytest.mark.parametrize("name", STREAMED)
def test_rest_is_what_endless_silence_leaves(name: str) -> None:
    shape = STREAMED[name]
    playing = voice(shape)
    silence = np.zeros(2 * receptive_field(shape), np.float32)
    rest = playing.process(silence, 64)
    assert np.ptp(rest) == 0
    np.testing.assert_allclose(rest[0], random_weights(shape).rest_output(), atol=2e-6)
    playing.process(sound(0.1), 64)
    tail = playing.process(silence, 64)
    assert tail[0] != rest[0]
    np.testing.assert_array_equal(tail[receptive_field(shape) - 1 :], rest[0])


def test_a_reset_voice_is_as_new() -> None:
    x, playing = sound(0.1), voice(SMALL)
    first = playing.process(x, 64)
    playing.reset()
    np.testing.assert_array_equal(playing.process(x, 64), first)


def test_a_glide_arrives_exactly() -> None:
    x, steps = sound(0.3), 20
    playing, target = voice(SMALL), random_weights(SMALL, 7)
    playing.glide_to(pack(target), steps)
    settled = steps * STRIDE + receptive_field(SMALL)
    response = playing.process(x, 64)
    arrived = Voice(program(SMALL), pack(target)).process(x, 64)
    assert np.abs(response - arrived)[:STRIDE].max() > 1e-3
    np.testing.assert_array_equal(response[settled:], arrived[settled:])


def test_a_jump_begins_at_the_rest_of_the_new_weights() -> None:
    x, playing, target = sound(0.1), voice(SMALL), pack(random_weights(SMALL, 7))
    playing.process(x, 64)
    playing.jump_to(target)
    np.testing.assert_array_equal(playing.process(x, 64), Voice(program(SMALL), target).process(x, 64))


def test_two_voices_do_not_hear_each_other() -> None:
    sounds, voices = (sound(0.1, 1), sound(0.1, 2)), (voice(SMALL, 0), voice(SMALL, 1))
    alone = [voice(SMALL, seed).process(x, 64) for seed, x in enumerate(sounds)]
    for begin in range(0, sounds[0].size, 100):
        for playing, x, expected in zip(voices, sounds, alone, strict=True):
            part = playing.process(x[begin : begin + 100], 64)
            np.testing.assert_array_equal(part, expected[begin : begin + 100])


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_no_sound_plays_as_silence(broken: float) -> None:
    x, silenced = sound(0.1), sound(0.1)
    x[700], silenced[700] = broken, 0.0
    playing = voice(SMALL)
    np.testing.assert_array_equal(playing.process(x, 64), voice(SMALL).process(silenced, 64))
    assert playing.faults == 1


@pytest.mark.parametrize("name", ["A1 nano", "A2 lite"])
def test_a_hundred_times_full_scale_is_played(name: str) -> None:
    shape, x = NAM_SIZES[name], 100 * sound(0.1)
    playing, expected = voice(shape), reference(random_weights(shape), x)
    response = playing.process(x, 64)
    assert playing.faults == 0
    np.testing.assert_allclose(response, expected, atol=2e-6 * np.abs(x).max())


def test_broken_weights_silence_the_voice() -> None:
    packed = pack(random_weights(SMALL))
    packed[3] = np.nan
    playing = Voice(program(SMALL), packed)
    assert not playing.process(sound(0.02), 64).any()
    assert playing.faults > 0


# --- narrower vectors ---------------------------------------------------------------------------------------


def check_narrower() -> None:
    """Run in a process of its own, for processors with narrower vectors."""
    assert_equals_reference(SMALL, 0.05)
    x = sound(0.05)
    np.testing.assert_array_equal(voice(SMALL).process(x, 64), voice(SMALL).process(x, 63))
    sys.stdout.write(f"{LANES}\n")


@pytest.mark.parametrize(("lanes", "processor"), [(8, "haswell"), (4, "generic")])
def test_narrower_vectors_play_the_same(lanes: int, processor: str) -> None:
    if lanes > LANES:
        pytest.skip("this processor's vectors are narrower")
    code = "from tests.kernels.test_wavenet import check_narrower; check_narrower()"
    named = os.environ | {"NUMBA_CPU_NAME": processor}
    result = subprocess.run(
        [sys.executable, "-c", code], env=named, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) == lanes
