"""A model's network in terms that files of other programs hold: at a knob position, or with live knobs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from vastudio.app.exporting import wavenets
from vastudio.engine.conditioner import Conditioner
from vastudio.engine.graph import PlayableModel
from vastudio.engine.network import Network
from vastudio.engine.networks._layered import at_knobs
from vastudio.engine.networks.recurrent import RecurrentNetwork
from vastudio.engine.networks.wavenet import WaveNetNetwork
from vastudio.kernels import recurrent
from vastudio.kernels.cells import GATE_COUNT, CellWeights
from vastudio.kernels.rest import settled
from vastudio.modelfile.checking import Part
from vastudio.modelfile.exports.cells import Cell, Doubles, constant_in_units
from vastudio.modelfile.exports.exporter import NamNetwork, Portable
from vastudio.modelfile.networks import nam, sequential
from vastudio.modelfile.networks.layers import Convolution, Floats, Recurrent, Sequential
from vastudio.modelfile.schema import ModelFile
from vastudio.types import KnobValues, knob_vector

Position = npt.NDArray[np.float32]


STEADY_DB = 1e-6
"""A level law whose coefficients of the knobs are below this is constant."""


LIVE_PLACES = (33, 9, 5)
"""Places on each dial at which live knobs are silenced, for one, two and more knobs."""


@dataclass(frozen=True)
class Form:
    """A portable network, or why there is none."""

    portable: Portable | None
    problem: str = ""


def at_position(model: ModelFile, values: KnobValues) -> Form:
    """The network that a model is while its knobs stand at `values`, which become constants of it.

    What a model of the studio subtracts, its output at rest, goes into the bias of its last sum. Players that
    begin at another state are the same once that has died away.

    Raises
    ------
    KnobError, ModelFileError
        For an unknown knob or one outside its dial, and for a model that cannot be played.
    """
    network, position = PlayableModel.from_file(model).network, knob_vector(model.knobs, values)
    if model.config.get("network") in _IMPORTED:
        return Form(_imported(model, position))
    if isinstance(network, RecurrentNetwork):
        if network.taps is not None:
            return Form(None, "it begins with a filter, which no other program's recurrent models have")
        return Form(Portable(_layers(network.weights(position))))
    if isinstance(network, WaveNetNetwork):
        return Form(Portable(nam=wavenets.as_nam(network.silent(position))))
    return Form(None, f"no other program knows networks of the kind {_title(network)}")


def with_live_knobs(model: ModelFile, *, silenced: bool = True) -> Form:
    """The network with its knobs as inputs beside the sound; without what silences it where not `silenced`.

    Raises ModelFileError for a model that cannot be played.
    """
    network = PlayableModel.from_file(model).network
    if model.config.get("network") in _IMPORTED:
        return Form(_imported(model))
    if isinstance(network, RecurrentNetwork):
        problem = _why_not_live(network)
        return Form(None, problem) if problem else Form(Portable(_with_inputs(network, silenced=silenced)))
    return Form(None, f"the knobs of a {_title(network)} do more than enter beside the sound")


def _title(network: Network) -> str:
    return network.title.rstrip("0123456789").rstrip("-")


_IMPORTED = ("nam", "sequential")
"""The kinds of networks that came from other programs."""


def _imported(model: ModelFile, position: Position | None = None) -> Portable:
    """A model that was imported, its knobs live where no position is given: in both forms if it has both."""
    part = Part(dict(model.config), f"The model '{model.name}'")
    if model.config["network"] == "sequential":
        network = sequential.read(part, model.weights, 1 + len(model.knobs))
        return Portable(network if position is None else at_knobs(network, position))
    described = nam.describe(part, model.weights)
    as_it_is = NamNetwork(part.need("architecture").text(), part.need("config").value, model.weights)
    return Portable(described if isinstance(described, Sequential) else None, as_it_is)


# --- recurrent networks -------------------------------------------------------------------------------------


def _layers(weights: CellWeights) -> Sequential:
    """A cell with one input and its sum, silent at rest."""
    b_ih, b_hh = _biases(weights.kind, weights.bias)
    cell = Recurrent(weights.kind, weights.w_ih[:, None], weights.w_hh, b_ih, b_hh)
    return Sequential(1, (cell, _sum(weights, _offset(weights))), weights.skip)


def _sum(weights: CellWeights, bias: float) -> Convolution:
    return Convolution(weights.w_out[None, :, None], np.array([bias], np.float32))


def _offset(weights: CellWeights) -> float:
    """What is added to the output so that silence is silent."""
    layout = recurrent.layout(weights.kind, weights.hidden)
    return layout.offset(settled(weights).packed)


def _biases(kind: str, bias: Floats) -> tuple[Floats, Floats]:
    """Torch's two biases: those of a GRU's n stay apart, of all others the second is nothing."""
    if kind == "lstm":
        return bias, np.zeros_like(bias)
    size = bias.size // 4
    b_hh = np.zeros(3 * size, np.float32)
    b_hh[2 * size :] = bias[3 * size :]
    return bias[: 3 * size], b_hh


# --- live knobs ---------------------------------------------------------------------------------------------


def _why_not_live(network: RecurrentNetwork) -> str:
    """Why the knobs of a network are not inputs of its cell; empty where they are."""
    if network.taps is not None:
        return "it begins with a filter, which no other program's recurrent models have"
    if (
        network.level_law is not None
        and np.abs(network.level_law.coefficients[:, 1:]).max(initial=0) > STEADY_DB
    ):
        return "its level law turns gains with the knobs, and other programs have fixed gains"
    weight = _matrix(network.conditioner)
    if weight is None or weight[_outside_inputs(network)].any():
        return "its knobs change the weights; only those of a concat model are inputs"
    return ""


def _matrix(conditioner: Conditioner) -> npt.NDArray[np.float64] | None:
    """The matrix from the knobs in −1..1 to the numbers, where it is one."""
    plain = len(conditioner.layers) == 1 and conditioner.finish is None
    return conditioner.layers[0][0] if plain else None


def _outside_inputs(network: RecurrentNetwork) -> npt.NDArray[np.bool_]:
    """Which numbers are no biases of the input's side."""
    rows = GATE_COUNT[network.cell] * network.hidden
    first = rows * (1 + network.hidden)
    outside = np.ones(network.conditioner.layers[0][1].size, np.bool_)
    outside[first : first + rows] = False
    return outside


def _with_inputs(network: RecurrentNetwork, *, silenced: bool) -> Sequential:
    """A cell whose further inputs are the knobs in 0..1, silent at rest wherever they stand, or nearly.

    With knobs c = 2p − 1 in −1..1 and the matrix W from them to the biases b: b + W·c = (b − W·1) + 2W·p.
    """
    weight = _matrix(network.conditioner)
    assert weight is not None
    inputs = weight[~_outside_inputs(network)]
    centre = network.weights(np.full(weight.shape[1], 0.5, np.float32))
    b_ih, b_hh = _biases(centre.kind, centre.bias)
    w_ih = np.concatenate([centre.w_ih[:, None].astype(np.float64), 2 * inputs], axis=1)
    moved = (b_ih - inputs.sum(axis=1)).astype(np.float32)
    layer = Recurrent(centre.kind, w_ih.astype(np.float32), centre.w_hh, moved, b_hh)
    cell = Cell(layer, _sum(centre, 0.0), centre.skip)
    if silenced:
        cell = constant_in_units(cell, *_offsets(network, inputs.shape[1]))
    return Sequential(w_ih.shape[1], (cell.layer, cell.head), centre.skip)


def _offsets(network: RecurrentNetwork, knobs: int) -> tuple[Doubles, Doubles]:
    """What makes silence silent, (N,), at N positions (N, K) all over the dials."""
    places = np.linspace(0.0, 1.0, LIVE_PLACES[min(knobs, len(LIVE_PLACES)) - 1])
    positions = np.array(list(product(places, repeat=knobs)))
    offsets = [_offset(network.weights(position)) for position in positions.astype(np.float32)]
    return positions, np.array(offsets)
