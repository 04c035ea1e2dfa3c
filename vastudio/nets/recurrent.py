"""What the recurrent cells share around their compiled kernels: work memory, padding, arrays for tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vastudio.kernels.jit import LANES
from vastudio.kernels.memory import ALIGNMENT
from vastudio.kernels.training import (
    GATES,
    ROW,
    TILE,
    UNIT_MULTIPLE,
    Extent,
    Gradients,
    Scratch,
    whole_vectors,
)

Array = npt.NDArray[np.float32]


def _aligned(size: int) -> Array:
    """`size` numbers that start on a cache line, not cleared: numpy asks for huge pages only for these."""
    spare = ALIGNMENT // np.dtype(np.float32).itemsize
    raw = np.empty(size + spare, np.float32)
    start = (-raw.ctypes.data % ALIGNMENT) // raw.itemsize
    return raw[start : start + size]


class Pool:
    """Buffers that outlive an update: touching fresh pages costs as much as the arithmetic.

    A buffer is taken out by size and given back; whoever forgets to give it back only loses it.
    """

    MOST_FREE = 16

    def __init__(self) -> None:
        self._free: list[Array] = []

    def take(self, size: int) -> Array:
        """Return `size` numbers, not cleared, aligned to a cache line."""
        fitting = [i for i, array in enumerate(self._free) if size <= array.size <= 2 * size]
        if not fitting:
            return _aligned(size)
        return self._free.pop(min(fitting, key=lambda i: self._free[i].size))

    def give(self, *arrays: Array) -> None:
        """Take buffers back; the ones that waited longest make room."""
        self._free = [*self._free, *arrays][-self.MOST_FREE :]


pool = Pool()


def runs_in_kernel(x: Tensor, hidden: int) -> bool:
    """Whether the compiled kernels cover this device, type and size; torch's own cells cover the rest."""
    return x.device.type == "cpu" and x.dtype == torch.float32 and hidden % UNIT_MULTIPLE == 0


def with_channel(x: Tensor) -> Tensor:
    """(G, T, S) → (G, T, 1, S); (G, T, I, S) stays."""
    return x.unsqueeze(2) if x.dim() == 3 else x


def extent_of(x: Tensor, hidden: int) -> Extent:
    """The extent of a run over x (G, T, I, S); a group that does not fill its last block is padded."""
    groups, steps, inputs, sequences = x.shape
    return Extent(groups, -(-sequences // LANES), steps, hidden, inputs)


def flat(tensor: Tensor) -> Array:
    """The numbers of a tensor for a kernel: one contiguous row, shared where that is possible."""
    array: Array = tensor.detach().contiguous().numpy().reshape(-1)
    return array


def padded(tensor: Tensor, extent: Extent) -> Tensor:
    """(…, S) with zeros up to whole blocks."""
    missing = extent.per_group * LANES - tensor.shape[-1]
    return torch.nn.functional.pad(tensor.detach(), (0, missing)) if missing else tensor.detach()


def to_blocks(tensor: Tensor, extent: Extent) -> Tensor:
    """(G, A, S) → (B, A, L)."""
    rows = tensor.shape[1]
    cut = padded(tensor, extent).reshape(extent.groups, rows, extent.per_group, LANES)
    return cut.transpose(1, 2).reshape(-1, rows, LANES)


def from_blocks(tensor: Tensor, extent: Extent, sequences: int) -> Tensor:
    """(B, A, L) → (G, A, S)."""
    rows = tensor.shape[1]
    cut = tensor.reshape(extent.groups, extent.per_group, rows, LANES).transpose(1, 2)
    return cut.reshape(extent.groups, rows, -1)[..., :sequences]


def panels(weights: Tensor, units: int) -> Tensor:
    """(G, gates, H, K) → (G, H / units, K, gates, units): in the order in which the kernels read."""
    groups, gates, hidden, columns = weights.shape
    cut = weights.reshape(groups, gates, hidden // units, units, columns)
    return cut.permute(0, 2, 4, 1, 3)


def column_view(columns: Array, extent: Extent, slots: int) -> Tensor:
    """The columns of a run as a tensor (B, slots, H + 1 + I, L)."""
    height = extent.hidden + 1 + extent.inputs
    size = extent.groups * extent.per_group * slots * height * LANES
    return torch.from_numpy(columns[:size]).reshape(-1, slots, height, LANES)


def column_buffer(extent: Extent, slots: int, state: Tensor) -> Array:
    """Columns for a run from `state` (B, H, L), with some slack: the kernels read up to a block further."""
    height = extent.hidden + 1 + extent.inputs
    size = extent.groups * extent.per_group * slots * height * LANES
    columns = pool.take(size + LANES * LANES)
    columns[size:] = 0
    column_view(columns, extent, slots)[:, 0, : extent.hidden] = state
    return columns


def scratch_for(extent: Extent) -> Scratch:
    """Working memory of a backward pass, out of the pool."""
    blocks, hidden = extent.groups * extent.per_group, extent.hidden
    return Scratch(
        pool.take(blocks * GATES * hidden * ROW),
        pool.take(blocks * TILE * LANES * whole_vectors(hidden)),
        pool.take(blocks * (GATES * hidden * (1 + extent.inputs) + hidden) * LANES),
    )


def gradients_for(extent: Extent, state_rows: int, *, with_input: bool) -> Gradients:
    """Room for the gradients of every block; `state_rows` rates depend on the state."""
    blocks, hidden = extent.groups * extent.per_group, extent.hidden
    return Gradients(
        _aligned(blocks * state_rows * whole_vectors(hidden)),
        np.empty(blocks * GATES * hidden * (1 + extent.inputs), np.float32),
        np.empty(blocks * hidden, np.float32),
        np.empty(blocks * extent.steps * extent.inputs * LANES if with_input else 0, np.float32),
    )


def summed(gradient: Array, extent: Extent, shape: Sequence[int]) -> Tensor:
    """The sum over the blocks of each group, (G, *shape)."""
    return torch.from_numpy(gradient).reshape(extent.groups, extent.per_group, *shape).sum(1)


def input_gradient_of(gradients: Gradients, extent: Extent, sequences: int) -> Tensor | None:
    """The gradient of the input, (G, T, I, S), where it was asked for."""
    if not gradients.x.size:
        return None
    shape = (extent.groups, extent.steps, extent.inputs, extent.per_group * LANES)
    return torch.from_numpy(gradients.x).reshape(shape)[..., :sequences]


def take_kept(ctx: Any) -> Any:
    """What a forward pass left in `ctx`, once: the backward pass gives its buffers back."""
    kept = getattr(ctx, "kept", None)
    if kept is None:
        raise RuntimeError(
            "The compiled cells go back through a graph only once; run the forward pass again."
        )
    ctx.kept = None
    return kept


def through(
    operation: type[torch.autograd.Function],
    forward: Callable[..., tuple[Tensor, Tensor, Any]],
    *parts: Tensor,
) -> tuple[Tensor, Tensor]:
    """Run a kernel's `operation` on `parts` where gradients are asked for, else its plain `forward`."""
    if torch.is_grad_enabled() and any(part.requires_grad for part in parts):
        result: tuple[Tensor, Tensor] = operation.apply(*parts)  # type: ignore[no-untyped-call]
        return result
    return forward(*parts, keep=False)[:2]
