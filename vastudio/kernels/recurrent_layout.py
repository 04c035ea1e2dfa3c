"""How the weights and the state of a streaming recurrent cell lie in memory.

Units are cut into *chunks*, one vector each: as wide as the processor's vectors, and a last one of half the
width where that is enough. Rows of the recurrent matrix that are computed together form a *panel*; in it the
weights of one column stand side by side, and the columns follow each other. A packed weight set is

    sections of `width` numbers    rest state, biases, input weights, output weights; see `SECTIONS`
    16 numbers                     skip, offset = kept − w_out·h_rest, kept, unused
    panels                         for every column: for every row of the panel: one vector
    scales                         in a dynamic cell, `width` numbers for every gate and scaler

The rows of sigmoid gates are scaled by −log2 e, those of tanh gates by 2·log2 e, so that the gates are
1/(1 + 2^u) and 1 − 2/(1 + 2^u) without a multiplication in front. For the same reason the LSTM's cell is kept
scaled by 2·log2 e. Padding units have zero weights and no effect.

The state is h, (c,) a second h, and the *moving* part of the weights that is played: everything but the
panels, and behind it its increments. While weights glide it moves in finer steps than they do (see
`recurrent_glide`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vastudio.kernels.cells import CellWeights, Kind
from vastudio.kernels.emit import LOG2_E
from vastudio.kernels.jit import MAX_LANES
from vastudio.kernels.memory import aligned

Floats = npt.NDArray[np.float32]

SIGMOID_SCALE, TANH_SCALE = -LOG2_E, 2.0 * LOG2_E

GATES: dict[Kind, str] = {"gru": "rzn", "lstm": "ifgo"}
"""torch's order. The GRU's `n` stands for the state side of its third gate, `x` for the input side."""

BIASES: dict[Kind, str] = {"gru": "rzxn", "lstm": "ifgo"}

INPUTS: dict[Kind, str] = {"gru": "rzx", "lstm": "ifgo"}

SECTIONS: dict[Kind, tuple[str, ...]] = {
    kind: (
        "rest",
        *(["rest cell"] if kind == "lstm" else []),
        *(f"bias {gate}" for gate in BIASES[kind]),
        *(f"input {gate}" for gate in INPUTS[kind]),
        "output",
    )
    for kind in ("gru", "lstm")
}
"""Names of the sections in their order."""

SKIP, OFFSET, KEPT = range(3)
"""Numbers behind the sections."""


def scale(gate: str) -> float:
    """The factor in front of a gate's rows."""
    return TANH_SCALE if gate in "xng" else SIGMOID_SCALE


@dataclass(frozen=True)
class Chunk:
    """Units start … start + lanes − 1."""

    start: int
    lanes: int


@dataclass(frozen=True)
class Panel:
    """Rows (gate, chunk) of one width that are computed together, and where their weights begin."""

    rows: tuple[tuple[str, Chunk], ...]
    at: int

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Whose rows these are."""
        return tuple(dict.fromkeys(chunk for _, chunk in self.rows))

    @property
    def lanes(self) -> int:
        """Numbers in a vector."""
        return self.rows[0][1].lanes

    @property
    def column(self) -> int:
        """Numbers in a column."""
        return len(self.rows) * self.lanes


@dataclass(frozen=True)
class Layout:
    """Sizes and positions, all in float32 numbers, for `kind` with `hidden` units.

    `lanes` is the widest vector to be used; `group` is the most chunks in a panel. The last `scalers` units
    scale the gates.
    """

    kind: Kind
    hidden: int
    lanes: int
    group: int
    scalers: int = 0

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The vectors of units."""
        half = self.lanes // 2 if self.lanes > 8 else self.lanes
        found = []
        for start in range(0, self.hidden, self.lanes):
            found.append(Chunk(start, half if self.hidden - start <= half else self.lanes))
        return tuple(found)

    @property
    def width(self) -> int:
        """Size of a section: the padded units, on cache lines."""
        return -(-self.hidden // MAX_LANES) * MAX_LANES

    def section(self, name: str) -> int:
        """Where a section begins."""
        return SECTIONS[self.kind].index(name) * self.width

    @property
    def numbers(self) -> int:
        """Where skip and offset stand."""
        return len(SECTIONS[self.kind]) * self.width

    @property
    def resting(self) -> int:
        """Size of the rest state, at the beginning of weights and state: h, or h and c."""
        return self.width * (2 if self.kind == "lstm" else 1)

    @property
    def moving(self) -> int:
        """Size of what lies before the panels."""
        return self.numbers + MAX_LANES

    @property
    def moving_at(self) -> int:
        """Where in the state the moving weights lie, and behind them their increments."""
        return self.resting + self.width

    @property
    def state(self) -> int:
        """Size of the state."""
        return self.moving_at + 2 * self.moving

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """The recurrent matrix, cut into panels of chunks of one width."""
        panels, at = [], self.numbers + MAX_LANES
        for group in self._groups():
            panel = Panel(tuple((gate, chunk) for gate in GATES[self.kind] for chunk in group), at)
            panels.append(panel)
            at += -(-panel.column * self.hidden // MAX_LANES) * MAX_LANES
        return tuple(panels)

    def _groups(self) -> list[Sequence[Chunk]]:
        """Chunks of one width, in groups of about equal size."""
        groups: list[Sequence[Chunk]] = []
        for lanes in (self.lanes, self.lanes // 2):
            same = [chunk for chunk in self.chunks if chunk.lanes == lanes]
            parts = -(-len(same) // self.group)
            groups += [same[i * len(same) // parts : (i + 1) * len(same) // parts] for i in range(parts)]
        return groups

    @cached_property
    def scales_at(self) -> int:
        """Where the panels end and the scales begin."""
        last = self.panels[-1]
        return -(-(last.at + last.column * self.hidden) // MAX_LANES) * MAX_LANES

    def scale(self, gate: str, scaler: int) -> int:
        """Where the scales of a gate's rows by one of the scalers begin."""
        return self.scales_at + (GATES[self.kind].index(gate) * self.scalers + scaler) * self.width

    @property
    def packed(self) -> int:
        """Size of a packed weight set."""
        return self.scales_at + len(GATES[self.kind]) * self.scalers * self.width

    def pack(self, cell: CellWeights) -> Floats:
        """Arrange a weight set. Rest state and offset are left at zero."""
        packed = aligned(self.packed, np.float32)
        rows = dict(zip(GATES[self.kind], cell.w_hh.reshape(-1, self.hidden, self.hidden), strict=True))
        for gate, values in zip(BIASES[self.kind], cell.bias.reshape(-1, self.hidden), strict=True):
            self._fill(packed, f"bias {gate}", values * np.float32(scale(gate)))
        for gate, values in zip(INPUTS[self.kind], cell.w_ih.reshape(-1, self.hidden), strict=True):
            self._fill(packed, f"input {gate}", values * np.float32(scale(gate)))
        self._fill(packed, "output", cell.w_out)
        packed[self.numbers + SKIP] = cell.skip
        for panel in self.panels:
            self._fill_panel(packed, panel, rows)
        if cell.scales is not None:
            self._fill_scales(packed, cell.scales)
        return packed

    def _fill(self, packed: Floats, section: str, values: Floats) -> None:
        at = self.section(section)
        packed[at : at + self.hidden] = values

    def _fill_scales(self, packed: Floats, scales: Floats) -> None:
        for gate, rows in zip(GATES[self.kind], scales.reshape(-1, self.hidden, self.scalers), strict=True):
            for scaler, values in enumerate(rows.T):
                at = self.scale(gate, scaler)
                packed[at : at + self.hidden] = values

    def _fill_panel(self, packed: Floats, panel: Panel, rows: dict[str, Floats]) -> None:
        columns = packed[panel.at : panel.at + panel.column * self.hidden].reshape(self.hidden, panel.column)
        for i, (gate, chunk) in enumerate(panel.rows):
            part = rows[gate][chunk.start : chunk.start + chunk.lanes]
            at = i * panel.lanes
            columns[:, at : at + len(part)] = (part * np.float32(scale(gate))).T

    def set_rest(self, packed: Floats, rest: npt.NDArray[np.floating]) -> None:
        """Write a rest state h (H,), or h and c (2H,), into a packed weight set."""
        for name, values in zip(("rest", "rest cell"), rest.reshape(-1, self.hidden), strict=False):
            factor = TANH_SCALE if name == "rest cell" else 1.0
            self._fill(packed, name, (values * factor).astype(np.float32))

    def unpack_state(self, state: Floats, now: int) -> npt.NDArray[np.float64]:
        """Return h (H,), or h and c (2H,), from a voice's state whose present half is `now`."""
        at = now * self.resting
        h = state[at : at + self.hidden].astype(np.float64)
        if self.kind == "gru":
            return h
        cell = state[self.width : self.width + self.hidden].astype(np.float64)
        return np.concatenate([h, cell / TANH_SCALE])

    def set_offset(self, packed: Floats, offset: float) -> None:
        """Write what is added to the output."""
        packed[self.numbers + OFFSET] = offset

    def offset(self, packed: Floats) -> float:
        """What is added to the output."""
        return float(packed[self.numbers + OFFSET])

    def keep(self, packed: Floats, constant: float) -> None:
        """Let a settled cell put out a constant at rest instead of nothing."""
        packed[self.numbers + OFFSET] += constant - packed[self.numbers + KEPT]
        packed[self.numbers + KEPT] = constant
