"""From a model file to something that plays: knob positions in, weights for the kernel out."""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.engine.network import Network, read_network
from vastudio.kernels.voice import Floats, Program, Voice
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob, KnobValues, knob_vector


@dataclass(frozen=True)
class PlayableModel:
    """A model that has been checked and can be turned at its knobs."""

    name: str
    knobs: tuple[Knob, ...]
    sample_rate: int
    network: Network

    @classmethod
    def from_file(cls, model: ModelFile) -> PlayableModel:
        """Check a model's configuration and weights. Raises ModelFileError when it cannot be played."""
        return cls(model.name, model.knobs, model.sample_rate, read_network(model))

    @property
    def program(self) -> Program:
        """What plays the model: compiled at the first use of its shape on this computer."""
        return self.network.program

    @property
    def glide_steps(self) -> int:
        """Steps of a glide from one knob position to another."""
        return self.program.glide_steps(self.sample_rate)

    def voice(self, values: KnobValues) -> Voice:
        """Return a voice at rest with the knobs at `values`. Raises KnobError."""
        return Voice(self.program, self.packed(values))

    def packed(self, values: KnobValues) -> Floats:
        """Return the weights at `values` packed for the program.

        `values` are dial values; knobs that are not given stand at their default.

        Raises
        ------
        KnobError
            For an unknown knob and for a value outside its dial.
        """
        return self.network.packed(knob_vector(self.knobs, values))
