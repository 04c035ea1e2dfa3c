"""From a model file to something that plays: knob positions in, weights for the kernel out."""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.engine.conditioner import Conditioner, read_conditioner, unusable
from vastudio.kernels import recurrent
from vastudio.kernels.cells import GATE_COUNT, CellWeights, Kind
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program, Voice
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob, KnobValues, knob_vector

SMALLEST_HIDDEN, LARGEST_HIDDEN = 1, 96


@dataclass(frozen=True)
class PlayableModel:
    """A model that has been checked and can be turned at its knobs."""

    name: str
    knobs: tuple[Knob, ...]
    sample_rate: int
    cell: Kind
    hidden: int
    conditioner: Conditioner

    @classmethod
    def from_file(cls, model: ModelFile) -> PlayableModel:
        """Check a model's configuration and weights.

        Raises
        ------
        ModelFileError
            When the cell is unknown, its size is outside 1..96, an array is missing, of the wrong shape
            or not finite.
        """
        cell = model.config.get("cell")
        if not isinstance(cell, str) or cell not in GATE_COUNT:
            known = ", ".join(GATE_COUNT)
            raise unusable(model, f"its cell '{cell}' is unknown", f"This version plays: {known}.")
        hidden = model.config.get("hidden")
        if not isinstance(hidden, int) or not SMALLEST_HIDDEN <= hidden <= LARGEST_HIDDEN:
            raise unusable(model, f"its size {hidden!r} is not a number from 1 to {LARGEST_HIDDEN}")
        conditioner = read_conditioner(model, cell, hidden)
        return cls(model.name, model.knobs, model.sample_rate, cell, hidden, conditioner)

    def cell_weights(self, values: KnobValues) -> CellWeights:
        """Return the cell at the knob positions `values` (dial values; defaults where not given).

        Raises
        ------
        KnobError
            For an unknown knob and for a value outside its dial.
        """
        numbers = self.conditioner(knob_vector(self.knobs, values))
        return CellWeights.from_flat(numbers, self.hidden, self.cell)

    @property
    def program(self) -> Program:
        """What plays the model: compiled at the first use of its size on this computer, in half a second."""
        return recurrent.program(self.cell, self.hidden)

    @property
    def glide_steps(self) -> int:
        """Steps of a glide from one knob position to another."""
        return self.program.glide_steps(self.sample_rate)

    def voice(self, values: KnobValues) -> Voice:
        """Return a voice at rest with the knobs at `values`. Raises KnobError."""
        return Voice(self.program, self.packed(values))

    def packed(self, values: KnobValues) -> Floats:
        """Return the cell at `values` packed for the kernel, with its rest state. Raises KnobError."""
        return settled(self.cell_weights(values)).packed
