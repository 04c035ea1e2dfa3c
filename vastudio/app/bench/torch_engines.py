"""torch as a rival, and in double precision as the judge.

The rival streams as a host would call it: eager, without gradients, one call a block, the state carried
from block to block. The judge gets the whole signal at once, after a stretch of silence in which it comes
to rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from vastudio.app.bench.networks import Convolution, Stack
from vastudio.app.bench.timing import Play
from vastudio.kernels.cells import CellWeights
from vastudio.types import Audio

Doubles = npt.NDArray[np.float64]

REST_FRAMES = 24_000
"""Silence in front of what is judged: a cell of ordinary weights has come to rest by then."""

LEAK = 0.01


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread, and as many as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _tensor(numbers: npt.NDArray[np.float32], kind: torch.dtype) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(numbers)).to(kind)


class Recurrent(torch.nn.Module):
    """torch's own GRU or LSTM with an output row and a direct path."""

    def __init__(self, cell: CellWeights, kind: torch.dtype = torch.float32) -> None:
        super().__init__()
        hidden = cell.hidden
        made = torch.nn.GRU if cell.kind == "gru" else torch.nn.LSTM
        self.cell = made(1, hidden, batch_first=True, dtype=kind)
        bias = np.split(cell.bias, 4)
        side = np.concatenate([0 * bias[0], 0 * bias[1], bias[3]]) if cell.kind == "gru" else 0 * cell.bias
        values = (
            ("weight_ih_l0", cell.w_ih[:, None]),
            ("weight_hh_l0", cell.w_hh),
            ("bias_ih_l0", np.concatenate(bias[:3]) if cell.kind == "gru" else cell.bias),
            ("bias_hh_l0", side),
        )
        self.out = torch.nn.Linear(hidden, 1, dtype=kind)
        with torch.no_grad():
            for name, value in values:
                getattr(self.cell, name).copy_(_tensor(value, kind))
            self.out.weight.copy_(_tensor(cell.w_out[None], kind))
            self.out.bias.zero_()
        self.skip = cell.skip
        self.state: Any = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (1, frames, 1) to the same shape and keep the state."""
        states, self.state = self.cell(x, self.state)
        result: torch.Tensor = self.out(states) + self.skip * x
        return result


class WaveNet(torch.nn.Module):
    """A WaveNet that keeps, for every convolution, the samples that it still has to look at."""

    def __init__(self, stacks: Sequence[Stack], scale: float, kind: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.scale = scale
        self.stacks = [
            (
                _tensor(stack.rechannel[:, :, None], kind),
                [
                    (_Streaming(layer.conv, kind), _tensor(layer.mixin[:, :, None], kind),
                     _Streaming(layer.mix, kind), layer.activation)
                    for layer in stack.layers
                ],
                _Streaming(stack.head, kind),
            )
            for stack in stacks
        ]  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (1, 1, frames) to the same shape."""
        y, head = x, torch.zeros(())
        for index, (rechannel, layers, head_conv) in enumerate(self.stacks):
            y = functional.conv1d(y, rechannel)
            total = head if index else torch.zeros_like(y)
            for conv, mixin, mix, activation in layers:
                z = conv(y) + functional.conv1d(x, mixin)
                z = torch.tanh(z) if activation == "tanh" else functional.leaky_relu(z, LEAK)
                total = total + z
                y = y + mix(z)
            head = head_conv(total)
        return self.scale * head


class _Streaming:
    """A causal convolution that carries its history, zeros at first."""

    def __init__(self, convolution: Convolution, kind: torch.dtype) -> None:
        self.weight, self.bias = _tensor(convolution.weight, kind), _tensor(convolution.bias, kind)
        self.dilation = convolution.dilation
        self.past = torch.zeros(1, convolution.weight.shape[1], convolution.history, dtype=kind)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if self.past.shape[2]:
            x = torch.cat([self.past, x], 2)
            self.past = x[:, :, -self.past.shape[2] :]
        return functional.conv1d(x, self.weight, self.bias, dilation=self.dilation)


def filter_of(taps: Audio, kind: torch.dtype = torch.float32) -> _Streaming:
    """A convolution with an impulse response (taps,)."""
    weight = np.ascontiguousarray(taps[::-1])[None, None]
    return _Streaming(Convolution(weight, np.zeros(1, np.float32)), kind)


def streaming(network: Any, block: int, *, time_last: bool) -> Play:
    """Have `network` called once a block, as a host would.

    `time_last`: it takes (1, 1, frames), otherwise (1, frames, 1).
    """
    shape = (-1, 1, 1, block) if time_last else (-1, 1, block, 1)

    def play(audio: Audio) -> Audio:
        with torch.inference_mode():
            blocks = [network(x) for x in torch.from_numpy(audio).reshape(shape)]
            return np.asarray(torch.cat(blocks, 2 if time_last else 1).numpy().ravel(), np.float32)

    return play


def judged(network: Any, audio: Audio, *, time_last: bool, rest_frames: int = REST_FRAMES) -> Doubles:
    """Return what a double-precision network, at rest, makes of `audio` (frames,)."""
    signal = np.concatenate([np.zeros(rest_frames), audio.astype(np.float64)])
    shape = (1, 1, -1) if time_last else (1, -1, 1)
    with torch.inference_mode():
        result = network(torch.from_numpy(signal).reshape(shape))
    return np.asarray(result.numpy().ravel()[rest_frames:], np.float64)


def rest_output(network: Any, *, time_last: bool, rest_frames: int = REST_FRAMES) -> float:
    """What a network gives after a stretch of silence."""
    return float(judged(network, np.zeros(1, np.float32), time_last=time_last, rest_frames=rest_frames)[0])
