"""A GRU or LSTM whose last units scale what enters its gates; its numbers come from the knobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.engine.conditioner import Conditioner, LevelLaw, read_layers, read_level_law
from vastudio.engine.networks.recurrent import LARGEST_HIDDEN
from vastudio.kernels import recurrent
from vastudio.kernels.cells import GATE_COUNT, CellWeights, Kind, flat_size
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import unusable, whole_number


@dataclass(frozen=True)
class DynamicNetwork:
    """A cell of `hidden` units, `scalers` of which scale, its conditioner, its level law where it has one."""

    cell: Kind
    hidden: int
    scalers: int
    conditioner: Conditioner
    level_law: LevelLaw | None

    @property
    def title(self) -> str:
        """Such as `Dynamic GRU-32`."""
        return f"Dynamic {self.cell.upper()}-{self.hidden}"

    @property
    def program(self) -> Program:
        """Compiled at the first use of its size on this computer."""
        return recurrent.program(self.cell, self.hidden, self.scalers)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The cell at a knob position (K,) in 0..1, packed for the kernel with its rest state."""
        return settled(self.weights(position)).packed

    def weights(self, position: npt.NDArray[np.float32]) -> CellWeights:
        """The cell at a knob position (K,) in 0..1."""
        numbers = self.conditioner(position)
        if self.level_law is not None:
            gain_in, gain_out = self.level_law(position)
            numbers[: GATE_COUNT[self.cell] * self.hidden] *= gain_in
            numbers[numbers.size - self.hidden - 1 :] *= gain_out
        return CellWeights.from_flat(numbers.astype(np.float32), self.hidden, self.cell, self.scalers)


def read(model: ModelFile) -> DynamicNetwork:
    """Check and read a model.

    Raises
    ------
    ModelFileError
        When the cell is unknown, its size is outside 1..96, more units scale than there are, an array is
        missing, of the wrong shape or not finite.
    """
    cell = model.config.get("cell")
    if not isinstance(cell, str) or cell not in GATE_COUNT:
        known = ", ".join(GATE_COUNT)
        raise unusable(model, f"its cell '{cell}' is unknown", f"This version plays: {known}.")
    hidden = whole_number(model, "hidden", 1, LARGEST_HIDDEN)
    scalers = whole_number(model, "scalers", 1, hidden)
    conditioner = read_layers(model, flat_size(hidden, cell, scalers))
    return DynamicNetwork(cell, hidden, scalers, conditioner, read_level_law(model))


NETWORK = read
