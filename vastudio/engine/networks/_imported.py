"""Which kernel plays a network that another program made: one written for its shape where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vastudio.engine.networks._layered import at_knobs, build
from vastudio.engine.networks._published import as_published, title_of
from vastudio.kernels import recurrent, wavenet
from vastudio.kernels.cells import CellWeights
from vastudio.kernels.layered import Layered
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Program
from vastudio.kernels.wavenet_shape import WaveNetWeights
from vastudio.modelfile.networks.layers import Convolution, Recurrent, Sequential
from vastudio.modelfile.networks.wavenet import Network, WaveNet

Position = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LayeredNetwork:
    """Any network of layers. With knobs, what they add to the first layer is worked out when they move."""

    network: Network
    title: str

    @cached_property
    def _centre(self) -> Layered:
        """The network with its knobs at their centre: the shape is the same everywhere."""
        return build(self._at(np.full(_knobs(self.network), 0.5, np.float32)))

    @property
    def program(self) -> Program:
        """Compiled once on this computer, for networks of all shapes."""
        return self._centre.program

    def packed(self, position: Position) -> Floats:
        """The network at a knob position (K,) in 0..1."""
        return build(self._at(position)).packed if position.size else self._centre.packed

    def _at(self, position: Position) -> Network:
        network = self.network
        return network if isinstance(network, WaveNet) else at_knobs(network, position)


@dataclass(frozen=True)
class PublishedNetwork:
    """A WaveNet without any of the additions of later years, which has a kernel of its own."""

    weights: WaveNetWeights
    title: str

    @property
    def program(self) -> Program:
        """Compiled at the first use of its shape on this computer, in some seconds."""
        return wavenet.program(self.weights.shape)

    def packed(self, position: Position) -> Floats:
        """The network; it has no knobs."""
        return wavenet.pack(self.weights)


@dataclass(frozen=True)
class CellNetwork:
    """One recurrent layer and a sum, which has a kernel of its own. Its knobs are inputs."""

    network: Sequential
    title: str

    @property
    def _cell(self) -> Recurrent:
        cell = self.network.layers[0]
        assert isinstance(cell, Recurrent)
        return cell

    @property
    def program(self) -> Program:
        """Compiled at the first use of its size on this computer."""
        return recurrent.program(self._cell.cell, self._cell.hidden)

    def packed(self, position: Position) -> Floats:
        """The cell at a knob position (K,) in 0..1, with its rest state; what it puts out there stays."""
        head = self.network.layers[1]
        assert isinstance(head, Convolution)
        cell = at_knobs(self.network, position).layers[0]
        assert isinstance(cell, Recurrent)
        weights = CellWeights(
            cell.cell,
            np.ascontiguousarray(cell.w_ih[:, 0]),
            np.ascontiguousarray(cell.w_hh),
            _biases(cell),
            np.ascontiguousarray(head.weight[0, :, 0]),
            self.network.skip,
        )
        layout = recurrent.layout(cell.cell, cell.hidden)
        packed = settled(weights).packed
        bias = 0.0 if head.bias is None else float(head.bias[0])
        layout.keep(packed, bias - layout.offset(packed))
        return packed


Imported = LayeredNetwork | PublishedNetwork | CellNetwork


def playable(network: Network) -> Imported:
    """Choose the kernel for a network with one output."""
    title = title_of(network)
    published = as_published(network)
    if published is not None:
        return PublishedNetwork(published, title)
    if isinstance(network, Sequential) and _is_cell(network):
        return CellNetwork(network, title)
    return LayeredNetwork(network, title)


def _is_cell(network: Sequential) -> bool:
    if len(network.layers) != 2:
        return False
    cell, head = network.layers
    if not (isinstance(cell, Recurrent) and isinstance(head, Convolution)):
        return False
    return cell.hidden <= recurrent.MOST_UNITS and head.weight.shape[2] == 1


def _biases(cell: Recurrent) -> Floats:
    """Torch's biases as the kernel takes them: those of a GRU's n stay apart."""
    both = cell.b_ih.astype(np.float64) + cell.b_hh
    if cell.cell == "lstm":
        return both.astype(np.float32)
    size = 2 * cell.hidden
    return np.concatenate([both[:size], cell.b_ih[size:], cell.b_hh[size:]]).astype(np.float32)


def _knobs(network: Network) -> int:
    return 0 if isinstance(network, WaveNet) else network.inputs - 1
