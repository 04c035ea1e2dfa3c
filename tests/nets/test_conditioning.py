"""What the conditionings may and may not move."""

from __future__ import annotations

import pytest
import torch

from vastudio.nets.cell import LONGEST_MEMORY, RecurrentCell, gru_cell, lstm_cell
from vastudio.nets.conditioning import Conditioning
from vastudio.nets.conditioning_film import FilmConditioning
from vastudio.nets.conditioning_hyper import HyperConditioning
from vastudio.nets.conditioning_low_rank import RANK, LowRankConditioning

CELLS = [gru_cell(8), lstm_cell(8)]
KNOBS = torch.rand(5, 3, generator=torch.Generator().manual_seed(1))


def moved(conditioning: Conditioning) -> torch.Tensor:
    """A conditioning's θ (5, P) after every parameter has left its first value."""
    with torch.no_grad():
        for parameter in conditioning.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        return conditioning(KNOBS)  # type: ignore[no-any-return]


def state_deltas(cell: RecurrentCell, theta: torch.Tensor) -> torch.Tensor:
    """How the state weights of each position differ from the first's, (4, rows, H)."""
    weights = theta[:, cell.parts.w_state].reshape(len(theta), -1, cell.layout.hidden)
    return weights[1:] - weights[:1]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.kind)
@pytest.mark.parametrize("kind", [FilmConditioning, LowRankConditioning])
def test_knobs_change_nothing_at_the_start(
    kind: type[FilmConditioning | LowRankConditioning], cell: RecurrentCell
) -> None:
    theta = kind(cell, 3)(KNOBS)
    assert torch.equal(theta, theta[:1].expand(5, -1))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.kind)
def test_low_rank_deltas_have_low_rank(cell: RecurrentCell) -> None:
    theta = moved(LowRankConditioning(cell, 3))
    shared = theta[:, cell.parts.w_state].reshape(5, -1, 8)
    ranks = torch.linalg.matrix_rank(shared[1:] - shared[:1], rtol=1e-4)
    assert ranks.tolist() == [2 * RANK] * 4


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.kind)
def test_film_scales_the_rows_of_shared_weights(cell: RecurrentCell) -> None:
    theta = moved(FilmConditioning(cell, 3))
    weights = theta[:, cell.parts.w_state].reshape(5, -1, 8)
    directions = torch.nn.functional.normalize(weights, dim=2)
    assert ((directions[1:] * directions[:1]).sum(2).abs() > 0.9999).all()
    assert state_deltas(cell, theta).abs().max() > 0.01


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.kind)
def test_without_biases_a_hypernetwork_rests_at_zero(cell: RecurrentCell) -> None:
    conditioning = HyperConditioning(cell, 3, biases=False)
    theta = moved(conditioning)
    assert not theta[:, cell.parts.bias].any()
    assert theta[:, cell.parts.w_state].std(0).min() > 0
    assert not cell.rest_states(cell.layout.split(theta)).any()
    weight, bias = conditioning.export().layers[-1]
    assert not weight[cell.parts.bias].any()
    assert not bias[cell.parts.bias].any()


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.kind)
def test_units_begin_with_memories_from_samples_to_milliseconds(cell: RecurrentCell) -> None:
    """Without input, a unit whose state weights are cut off forgets at the rate its gate begins with."""
    theta = cell.initial()
    theta[cell.parts.w_state] = 0.0
    start = torch.zeros(1, 16, 1) if cell.kind == "lstm" else torch.ones(1, 8, 1)
    start[:, -8:] = 1.0
    x = torch.zeros(1, 1, 1)
    _, kept = cell.run_in_torch(x, start, cell.layout.split(theta[None]))
    samples = -1 / kept[0, -8:, 0].log()
    assert samples[0] < 3
    assert samples[-1] == pytest.approx(LONGEST_MEMORY, rel=0.05)
    assert (samples[1:] > samples[:-1]).all()
