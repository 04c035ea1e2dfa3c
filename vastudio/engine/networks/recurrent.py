"""A GRU or LSTM whose numbers a conditioner writes from the knobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.engine.conditioner import Conditioner, LevelLaw, LowRank, read_layers, read_level_law
from vastudio.kernels import fir, recurrent, series
from vastudio.kernels.cells import GATE_COUNT, CellWeights, Kind, flat_size
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import Doubles, array, unusable, whole_number

LARGEST_HIDDEN = 96


@dataclass(frozen=True)
class RecurrentNetwork:
    """A cell of `hidden` units, the conditioner of its flat weight set, and its level law if it has one.

    `taps` are those of a filter in front.
    """

    cell: Kind
    hidden: int
    conditioner: Conditioner
    level_law: LevelLaw | None
    taps: Doubles | None = None

    @property
    def title(self) -> str:
        """Such as `GRU-32`."""
        return f"{self.cell.upper()}-{self.hidden}"

    @property
    def program(self) -> Program:
        """Compiled at the first use of its size on this computer, in half a second."""
        return self._stages[-1] if self.taps is None else series.program(self._stages)

    @property
    def _stages(self) -> tuple[Program, ...]:
        cell = recurrent.program(self.cell, self.hidden)
        return (cell,) if self.taps is None else (fir.program(self.taps.size), cell)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The cell at a knob position (K,) in 0..1, packed for the kernel with its rest state."""
        packed = settled(self.weights(position)).packed
        return packed if self.taps is None else series.pack(self._stages, (fir.pack(self.taps), packed))

    def weights(self, position: npt.NDArray[np.float32]) -> CellWeights:
        """The cell at a knob position (K,) in 0..1."""
        numbers = self.conditioner(position)
        if self.level_law is not None:
            rows, outputs = GATE_COUNT[self.cell] * self.hidden, self.hidden + 1
            gain_in, gain_out = self.level_law(position)
            numbers[:rows] *= gain_in
            numbers[numbers.size - outputs :] *= gain_out
        return CellWeights.from_flat(numbers.astype(np.float32), self.hidden, self.cell)


def read(model: ModelFile) -> RecurrentNetwork:
    """Check and read a model.

    Raises
    ------
    ModelFileError
        When the cell is unknown, its size is outside 1..96, an array is missing, of the wrong shape or not
        finite.
    """
    cell = model.config.get("cell")
    if not isinstance(cell, str) or cell not in GATE_COUNT:
        known = ", ".join(GATE_COUNT)
        raise unusable(model, f"its cell '{cell}' is unknown", f"This version plays: {known}.")
    hidden = whole_number(model, "hidden", 1, LARGEST_HIDDEN)
    low_rank = _low_rank(model, cell, hidden)
    conditioner = read_layers(model, flat_size(hidden, cell) if low_rank is None else low_rank.size)
    if low_rank is not None:
        conditioner = conditioner.then(low_rank)
    return RecurrentNetwork(cell, hidden, conditioner, read_level_law(model), _taps(model))


def _taps(model: ModelFile) -> Doubles | None:
    if not model.config.get("taps"):
        return None
    return array(model, "fir.taps", (whole_number(model, "taps", 1, fir.MOST_TAPS),))


def _low_rank(model: ModelFile, cell: Kind, hidden: int) -> LowRank | None:
    if model.config.get("rank") is None:
        return None
    rank = whole_number(model, "rank", 1, LARGEST_HIDDEN)
    shared = array(model, "conditioner.shared", (flat_size(hidden, cell),))
    return LowRank(shared, GATE_COUNT[cell] * hidden, hidden, rank)


NETWORK = read
