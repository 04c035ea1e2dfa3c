"""A dynamic cell as a model: a static hypernetwork writes its weights from the knobs (`dynamic.py`)."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from vastudio.kernels.cells import Kind
from vastudio.nets.cell import RecurrentCell
from vastudio.nets.cell_layout import CellLayout
from vastudio.nets.conditioning_hyper import HyperConditioning
from vastudio.nets.dynamic import MOST_SCALERS, DynamicLayout, rest_states
from vastudio.nets.dynamic_gru import run_dynamic_gru, run_dynamic_gru_in_torch
from vastudio.nets.dynamic_lstm import run_dynamic_lstm, run_dynamic_lstm_in_torch
from vastudio.nets.recurrent_model import RecurrentModel


def dynamic_cell(kind: Kind, hidden: int) -> RecurrentCell:
    """A dynamic GRU or LSTM with `hidden` units, up to `MOST_SCALERS` of which scale the gates."""
    layout = DynamicLayout(CellLayout(kind, hidden), max(1, min(MOST_SCALERS, hidden // 2)))
    runs = {
        "gru": (run_dynamic_gru, run_dynamic_gru_in_torch),
        "lstm": (run_dynamic_lstm, run_dynamic_lstm_in_torch),
    }
    return RecurrentCell(kind, layout, *runs[kind], partial(rest_states, kind))


class DynamicModel(RecurrentModel):
    """A dynamic cell under a static hypernetwork.

    Parameters
    ----------
    kind, hidden:
        The cell and its number of units.
    knobs:
        Number of knobs, 0 or more.
    """

    def __init__(self, kind: Kind, hidden: int, knobs: int) -> None:
        cell = dynamic_cell(kind, hidden)
        conditioning = HyperConditioning(cell, knobs)
        super().__init__(cell, knobs, conditioning, "hyper")
        assert isinstance(cell.layout, DynamicLayout)
        self._scalers = cell.layout.scalers
        with torch.no_grad():
            conditioning.last.weight[cell.layout.scale_numbers] = 0.0

    def config(self) -> dict[str, Any]:
        """What a model file says about the shape of this model."""
        return {"network": "dynamic", **super().config(), "scalers": self._scalers}
