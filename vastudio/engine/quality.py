"""High quality: a network at twice its rate, so that fewer tones come out that do not belong to the notes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vastudio.engine.network import Network
from vastudio.kernels import doubled
from vastudio.kernels.voice import Floats, Program


class Quality(StrEnum):
    """How a model plays.

    NORMAL
        At its own rate, without latency.
    HIGH
        At twice its rate, later by `kernels.doubled.LATENCY` samples of its own. For models that were made at
        96 kHz and more it is a waste.
    """

    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True)
class DoubledNetwork:
    """A network that plays at twice its rate."""

    network: Network

    @property
    def title(self) -> str:
        """That of the network."""
        return self.network.title

    @cached_property
    def program(self) -> Program:
        """The network's program, twice, between half-band filters: later by `program.latency` samples."""
        return doubled.program(self.network.program)

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The network at a knob position (K,) in 0..1."""
        return self.network.packed(position)
