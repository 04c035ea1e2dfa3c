"""From a model file to something that plays: knob positions in, weights for the kernel out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from vastudio.engine.dc import BlockedNetwork, DcBlocking, has_dc
from vastudio.engine.network import Network, read_network
from vastudio.engine.quality import DoubledNetwork, Quality
from vastudio.engine.resampled import ResampledNetwork
from vastudio.errors import ModelFileError
from vastudio.kernels import resampled
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
    quality: Quality = Quality.NORMAL
    dc_blocked: bool = False

    @classmethod
    def from_file(cls, model: ModelFile) -> PlayableModel:
        """Check a model's configuration and weights. Raises ModelFileError when it cannot be played."""
        return cls(model.name, model.knobs, model.sample_rate, read_network(model))

    def at_rate(self, sample_rate: int) -> PlayableModel:
        """The same model for sounds at another rate in Hz: resampled on its way in and out, later by that.

        It itself where the rate is its own. Aliases and images are below −95 dB. Raises ModelFileError where
        the rates are too far apart, or have no common divisor to speak of.
        """
        return self._playing(sample_rate, self.quality, self.dc_blocked)

    def at_quality(self, quality: Quality) -> PlayableModel:
        """The same model at another quality, itself where it has it already."""
        return self._playing(self.sample_rate, quality, self.dc_blocked)

    def without_dc(self, blocking: DcBlocking) -> PlayableModel:
        """The same model with or without direct current in its sound; `auto` may take some milliseconds."""
        blocked = self.has_dc if blocking == "auto" else blocking == "on"
        return self._playing(self.sample_rate, self.quality, blocked)

    @cached_property
    def has_dc(self) -> bool:
        """Whether direct current lies under its sound (`engine.dc`); measured when it is first asked."""
        return has_dc(replace(self, network=self._bare, sample_rate=self._own_rate))

    def _playing(self, rate: int, quality: Quality, dc_blocked: bool) -> PlayableModel:
        if (rate, quality, dc_blocked) == (self.sample_rate, self.quality, self.dc_blocked):
            return self
        network, own = self._bare, self._own_rate
        if quality is Quality.HIGH:
            network = DoubledNetwork(network)
        if rate != own:
            if not resampled.fits(own, rate):
                raise ModelFileError(
                    f"The model '{self.name}' was made at {own} Hz and cannot play at {rate} Hz.",
                    f"Choose {own} Hz in the audio settings.",
                )
            network = ResampledNetwork(network, own, rate)
        if dc_blocked:
            network = BlockedNetwork(network, rate)
        return replace(self, sample_rate=rate, network=network, quality=quality, dc_blocked=dc_blocked)

    @property
    def _bare(self) -> Network:
        """The network as it is in the file."""
        network = self.network
        while isinstance(network, BlockedNetwork | ResampledNetwork | DoubledNetwork):
            network = network.network
        return network

    @property
    def _own_rate(self) -> int:
        """The rate in Hz that the network was made for."""
        network = self.network.network if isinstance(self.network, BlockedNetwork) else self.network
        return network.model_rate if isinstance(network, ResampledNetwork) else self.sample_rate

    def plays_as(self, other: PlayableModel) -> bool:
        """Whether both are the same network, played alike: voices of one are voices of the other."""
        here, there = ((model.sample_rate, model.quality, model.dc_blocked) for model in (self, other))
        return self._bare is other._bare and here == there

    @property
    def latency(self) -> int:
        """Frames from input to output: 0, but for a model at another rate than its own or at high quality."""
        return self.program.latency

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
