"""A network of one rate that plays at another: how models of 44.1 kHz play on a device at 48 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vastudio.engine.network import Network
from vastudio.kernels import resampled
from vastudio.kernels.voice import Floats, Program


@dataclass(frozen=True)
class ResampledNetwork:
    """A network, the rate in Hz that it was made for, and the one at which it plays."""

    network: Network
    model_rate: int
    rate: int

    @property
    def title(self) -> str:
        """That of the network."""
        return self.network.title

    @cached_property
    def program(self) -> Program:
        """The network's program between two resamplers: later by `program.latency` samples."""
        return resampled.program(self.network.program, self.model_rate, self.rate)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The network at a knob position (K,) in 0..1."""
        return self.network.packed(position)
