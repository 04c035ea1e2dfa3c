"""The rivals compute what the judge computes, block after block: they are slower, not different."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vastudio.app.bench import networks, torch_engines
from vastudio.app.bench.networks import Convolution, Layer, Stack
from vastudio.app.bench.timing import Play
from vastudio.kernels.cells import Kind

onnx_engines = pytest.importorskip("vastudio.app.bench.onnx_engines", exc_type=ImportError)

BLOCK = 48
TOLERANCE = 2e-6

Engines = tuple[Any, Play, Play]


def signal() -> networks.Floats:
    return np.random.default_rng(3).uniform(-0.5, 0.5, 10 * BLOCK).astype(np.float32)


def random_stacks() -> list[Stack]:
    rng = np.random.default_rng(4)

    def random(*shape: int) -> networks.Floats:
        return (rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    def layer(channels: int, taps: int, dilation: int, activation: str) -> Layer:
        conv = Convolution(random(channels, channels, taps), random(channels), dilation)
        mix = Convolution(random(channels, channels, 1), random(channels))
        return Layer(conv, random(channels, 1), mix, activation)

    first = tuple(layer(4, 3, 2**k, "tanh") for k in range(6))
    second = tuple(layer(3, 6, 17, "leaky_relu") for _ in range(2))
    return [
        Stack(random(4, 1), first, Convolution(random(3, 4, 1), random(3))),
        Stack(random(3, 4), second, Convolution(random(1, 3, 16), random(1))),
    ]


def cell(kind: Kind) -> Engines:
    weights = networks.random_cell(kind, 12)
    return (
        lambda kind: torch_engines.Recurrent(weights, kind),
        torch_engines.streaming(torch_engines.Recurrent(weights), BLOCK, time_last=False),
        onnx_engines.recurrent(weights, BLOCK),
    )


def wavenet() -> Engines:
    stacks = random_stacks()
    return (
        lambda kind: torch_engines.WaveNet(stacks, 0.5, kind),
        torch_engines.streaming(torch_engines.WaveNet(stacks, 0.5), BLOCK, time_last=True),
        onnx_engines.wavenet(stacks, 0.5, BLOCK),
    )


def impulse_response() -> Engines:
    taps = np.random.default_rng(5).normal(size=200).astype(np.float32) / 20
    return (
        lambda kind: torch_engines.filter_of(taps, kind),
        torch_engines.streaming(torch_engines.filter_of(taps), BLOCK, time_last=True),
        onnx_engines.filter_of(taps, BLOCK),
    )


@pytest.mark.parametrize(
    ("make", "time_last"),
    [(lambda: cell("gru"), False), (lambda: cell("lstm"), False), (wavenet, True), (impulse_response, True)],
    ids=["gru", "lstm", "wavenet", "convolution"],
)
def test_rivals_agree_with_double_precision(make: Callable[[], Engines], time_last: bool) -> None:
    judge, torch, onnx = make()
    network = judge(torch_engines.torch.float64)
    right = torch_engines.judged(network, signal(), time_last=time_last, rest_frames=0)
    assert np.abs(right).max() > 0.05
    np.testing.assert_allclose(torch(signal()), right, atol=TOLERANCE)
    np.testing.assert_allclose(onnx(signal()), right, atol=TOLERANCE)


def test_multiply_adds_are_counted() -> None:
    assert networks.cell_multiply_adds("gru", 32) == 3 * 32 * 32 + 3 * 32 + 32
    assert networks.stack_multiply_adds(random_stacks()) == sum((
        4 + 6 * (48 + 4 + 16) + 12,
        12 + 2 * (54 + 3 + 9) + 48,
    ))  # fmt: skip


def test_threads_are_given_back() -> None:
    torch = torch_engines.torch
    before = torch.get_num_threads()
    with torch_engines.one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
