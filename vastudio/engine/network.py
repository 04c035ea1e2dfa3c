"""What the weights of a model file describe: a program of the rack, and its numbers at a knob position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio import registry
from vastudio.errors import did_you_mean
from vastudio.kernels.voice import Floats, Program
from vastudio.modelfile.schema import ModelFile
from vastudio.modelfile.weights import unusable

DEFAULT = "recurrent"
"""The kind of files that name none."""


class Network(Protocol):
    """A network of one shape. Reading it from a file has checked everything it needs to play."""

    @property
    def title(self) -> str:
        """What a list shows, such as `GRU-32`."""
        ...

    @property
    def program(self) -> Program:
        """What plays it: compiled at the first use of its shape on this computer."""
        ...

    def packed(self, position: npt.NDArray[np.float32]) -> Floats:
        """The program's packed weights at the knob position (K,) in 0..1, at rest in silence."""
        ...


NetworkReader: TypeAlias = Callable[[ModelFile], Network]
"""Checks and reads the network of a model file. Raises ModelFileError when it cannot be played.

Every module of `vastudio.engine.networks` defines one as `NETWORK`; a file names the module in its
configuration as `network`."""


def read_network(model: ModelFile) -> Network:
    """Read the network of a model file, of whatever kind it is.

    Raises
    ------
    ModelFileError
        When the kind is unknown, or what the kind needs is missing, damaged or out of range.
    """
    readers: dict[str, NetworkReader] = registry.discover("vastudio.engine.networks", "NETWORK")
    kind = model.config.get("network", DEFAULT)
    if not isinstance(kind, str) or kind not in readers:
        raise unusable(model, f"its network '{kind}' is unknown", did_you_mean(str(kind), readers))
    return readers[kind](model)
