"""What is measured: every processor of the studio, ready to play, with its rivals and its judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from vastudio.app.bench import layers, networks
from vastudio.app.bench.machine import missing_rivals
from vastudio.app.bench.timing import Play
from vastudio.engine.networks._imported import LayeredNetwork
from vastudio.kernels import recurrent, wavenet
from vastudio.kernels.cells import GATE_COUNT, Kind
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Program, Voice
from vastudio.kernels.wavenet_shape import NAM_SIZES
from vastudio.types import Audio

Doubles = npt.NDArray[np.float64]

Rival = Callable[[int], Play]
"""Makes a rival for a block size."""


@dataclass(frozen=True)
class Instrument:
    """One processor of ours and what it is held against.

    Attributes
    ----------
    play:
        Ours: a signal and a block size to the response; the state goes on to the next call.
    reset:
        Puts ours to rest.
    rivals:
        Name → how to make a rival for a block size.
    judge:
        The right response, from rest, in double precision, where something independent of us knows it.
    multiply_adds:
        Of one sample, where their number is what bounds the kernel.
    recurrence:
        The cell whose step bounds the kernel from below, if one does.
    prepare_seconds:
        What it took to have the program: compiling it, or finding it in the cache.
    """

    kernel: str
    size: int | str
    play: Callable[[Audio, int], Audio]
    reset: Callable[[], None]
    prepare_seconds: float
    rivals: dict[str, Rival] = field(default_factory=dict)
    judge: Callable[[Audio], Doubles] | None = None
    multiply_adds: int | None = None
    recurrence: Kind | None = None
    voice: Voice | None = None


Make = Callable[[], Instrument]

_CELL_SIZES = (8, 16, 24, 32, 40, 48, 64, 96)


def common() -> tuple[Make, ...]:
    """The networks that people use."""
    return (
        *(partial(recurrent_cell, "gru", hidden) for hidden in (16, 32, 64)),
        *(partial(recurrent_cell, "lstm", hidden) for hidden in (16, 32, 40)),
        *(partial(published_wavenet, name) for name in NAM_SIZES),
        *(partial(layered_network, name) for name in layers.SHAPES),
    )


def every() -> tuple[Make, ...]:
    """Every network at every size."""
    return (
        *(partial(recurrent_cell, kind, hidden) for kind in GATE_COUNT for hidden in _CELL_SIZES),
        *(partial(published_wavenet, name) for name in NAM_SIZES),
        *(partial(layered_network, name) for name in layers.SHAPES),
    )


def timed(program: Callable[[], Program]) -> tuple[Program, float]:
    """Call what compiles a program; return it and the seconds that it took."""
    begun = time.perf_counter()
    made = program()
    return made, time.perf_counter() - begun


def with_rivals(
    torch: Callable[[int], Play], onnx: Callable[[int], Play]
) -> dict[str, Callable[[int], Play]]:
    return {"torch": torch} if missing_rivals() else {"onnxruntime": onnx, "torch": torch}


def recurrent_cell(kind: Kind, hidden: int) -> Instrument:
    """A GRU or LSTM of `hidden` units with random weights."""
    cell = networks.random_cell(kind, hidden)
    program, seconds = timed(lambda: recurrent.program(kind, hidden))
    voice = Voice(program, settled(cell).packed)

    def onnx(block: int) -> Play:
        return onnx_engines().recurrent(cell, block)  # type: ignore[no-any-return]

    def torch(block: int) -> Play:
        engines = torch_engines()
        return engines.streaming(engines.Recurrent(cell), block, time_last=False)  # type: ignore[no-any-return]

    def judge(audio: Audio) -> Doubles:
        engines = torch_engines()
        right = engines.Recurrent(cell, engines.torch.float64)
        signal = np.concatenate([np.zeros(1, np.float32), audio])
        heard = engines.judged(right, signal, time_last=False)
        return heard[1:] - heard[0]  # type: ignore[no-any-return]  # at rest the first sample is the offset

    return Instrument(
        kind, hidden, voice.process, voice.reset, seconds, with_rivals(torch, onnx), judge,
        networks.cell_multiply_adds(kind, hidden), kind, voice,
    )  # fmt: skip


def published_wavenet(name: str) -> Instrument:
    """A WaveNet of a published size, as `NAM_SIZES` names it, with random weights."""
    weights = networks.random_wavenet(NAM_SIZES[name])
    stacks, scale = networks.stacks(weights), weights.head_scale
    program, seconds = timed(lambda: wavenet.program(weights.shape))
    voice = Voice(program, wavenet.pack(weights))

    def onnx(block: int) -> Play:
        return onnx_engines().wavenet(stacks, scale, block)  # type: ignore[no-any-return]

    def torch(block: int) -> Play:
        engines = torch_engines()
        return engines.streaming(engines.WaveNet(stacks, scale), block, time_last=True)  # type: ignore[no-any-return]

    def judge(audio: Audio) -> Doubles:
        engines = torch_engines()
        right = engines.WaveNet(stacks, scale, engines.torch.float64)
        return engines.judged(right, audio, time_last=True)  # type: ignore[no-any-return]

    return Instrument(
        "wavenet", name.lower().replace(" ", "-"), voice.process, voice.reset, seconds,
        with_rivals(torch, onnx), judge, networks.stack_multiply_adds(stacks), None, voice,
    )  # fmt: skip


def layered_network(name: str) -> Instrument:
    """A network without a kernel of its own, as `layers.SHAPES` names it, with random weights."""
    network = layers.SHAPES[name]()
    playable = LayeredNetwork(network, name)
    program, seconds = timed(lambda: playable.program)
    voice = Voice(program, playable.packed(np.zeros(0, np.float32)))
    return Instrument(
        "layered", name, voice.process, voice.reset, seconds,
        multiply_adds=layers.multiply_adds(network), voice=voice,
    )  # fmt: skip


def torch_engines() -> Any:
    """The module of that name; importing torch takes a second, so only when it is needed."""
    from vastudio.app.bench import torch_engines  # noqa: PLC0415

    return torch_engines


def onnx_engines() -> Any:
    """The module of that name; onnxruntime is optional."""
    from vastudio.app.bench import onnx_engines  # noqa: PLC0415

    return onnx_engines
