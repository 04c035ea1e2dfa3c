"""A recurrent pre-amp, a tone stack and a small recurrent power amp, one after the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.engine.conditioner import Conditioner, LevelLaw, read_layers, read_level_law
from vastudio.engine.networks.recurrent import LARGEST_HIDDEN
from vastudio.engine.networks.tone_stack import Sections, read_tone_stack
from vastudio.kernels import biquads, recurrent, series
from vastudio.kernels.cells import GATE_COUNT, CellWeights, flat_size
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import unusable, whole_number


@dataclass(frozen=True)
class GreyBoxNetwork:
    """Two GRUs with filters between them.

    Attributes
    ----------
    hidden, power_hidden:
        Units of pre-amp and power amp.
    pre, power:
        The conditioners of their flat weight sets.
    tone_stack:
        Gives the filters at a knob position.
    level_law:
        Gains of the pre-amp's input and the power amp's output, if there is one.
    """

    hidden: int
    power_hidden: int
    pre: Conditioner
    tone_stack: Sections
    power: Conditioner
    level_law: LevelLaw | None

    @property
    def title(self) -> str:
        """Such as `Grey box GRU-32`."""
        return f"Grey box GRU-{self.hidden}"

    @property
    def _stages(self) -> tuple[Program, ...]:
        sizes = self.hidden, self.power_hidden
        pre, power = (recurrent.program("gru", hidden) for hidden in sizes)
        return pre, biquads.program(), power

    @property
    def program(self) -> Program:
        """Compiled at the first use of its sizes on this computer."""
        return series.program(self._stages)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """All stages at a knob position (K,) in 0..1; both cells with their rest states."""
        pre, power = (settled(cell).packed for cell in self.cells(position))
        return series.pack(self._stages, (pre, biquads.pack(self.tone_stack(position)), power))

    def cells(self, position: npt.NDArray[np.float32]) -> tuple[CellWeights, CellWeights]:
        """Pre-amp and power amp at a knob position (K,) in 0..1."""
        pre, power = self.pre(position), self.power(position)
        gain_in, gain_out = (1.0, 1.0) if self.level_law is None else self.level_law(position)
        pre[: GATE_COUNT["gru"] * self.hidden] *= gain_in
        power[power.size - self.power_hidden - 1 :] *= gain_out
        return (
            CellWeights.from_flat(pre.astype(np.float32), self.hidden),
            CellWeights.from_flat(power.astype(np.float32), self.power_hidden),
        )


def read(model: ModelFile) -> GreyBoxNetwork:
    """Check and read a model.

    Raises
    ------
    ModelFileError
        When a cell's kind or size or the tone stack is unknown, an array is missing, of the wrong shape or
        not finite.
    """
    if model.config.get("cell") != "gru":
        raise unusable(model, f"its cell '{model.config.get('cell')}' is unknown", "This version plays: gru.")
    hidden, power_hidden = (
        whole_number(model, name, 1, LARGEST_HIDDEN) for name in ("hidden", "power_hidden")
    )
    return GreyBoxNetwork(
        hidden,
        power_hidden,
        read_layers(model, flat_size(hidden), "pre"),
        read_tone_stack(model),
        read_layers(model, flat_size(power_hidden), "power"),
        read_level_law(model),
    )


NETWORK = read
