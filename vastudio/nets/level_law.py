"""The level law: how loud a device is at its knob positions, in decibels, as a smooth map of the knobs.

Over the knobs of an amplifier the level of its output ranges over 30 to 60 dB. A law that is fitted to the
levels of the captures before training begins leaves the network a target of even level, of which it learns
the tone. The law scales θ, so that everything that takes θ needs to know nothing of it:

    g_in, g_out = 10^(dB(c) / 20)      w_in ← g_in·w_in      w_out, skip ← g_out·w_out, g_out·skip

dB(c) is quadratic in the knobs c ∈ [−1, 1]. Training goes on to refine it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

REFERENCE_DB = -18.0
"""dBFS, root mean square: the level of the output that the network learns."""

RIDGE = 0.3
"""Pull of the fit's coefficients towards zero, in squared captures: few captures bend the law little."""


def quadratic_features(knobs: Tensor) -> Tensor:
    """1, c and c_i·c_j, i ≤ j, for c = 2·knobs − 1: (G, K) in 0..1 → (G, (K + 1)·(K + 2) / 2)."""
    c = 2 * knobs - 1
    first, second = torch.triu_indices(c.shape[1], c.shape[1], device=c.device)
    return torch.cat([c.new_ones(len(c), 1), c, c[:, first] * c[:, second]], 1)


class LevelLaw(nn.Module):
    """Gains of input and output in dB over `knobs` knobs; 0 dB everywhere until `fit`.

    `weight` (2, (K + 1)·(K + 2) / 2) holds the coefficients for the input and for the output.
    """

    def __init__(self, knobs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2, (knobs + 1) * (knobs + 2) // 2))

    def forward(self, knobs: Tensor) -> Tensor:
        """Factors (G, 2) for input and output at knob positions (G, K) in 0..1."""
        factors: Tensor = 10 ** (quadratic_features(knobs) @ self.weight.t() / 20)
        return factors

    @torch.no_grad()
    def fit(self, knobs: Tensor, clean_db: Tensor, target_db: Tensor) -> None:
        """Set the output's gain from N captures: knobs (N, K) in 0..1, levels (N,) in dBFS.

        Captures may have been made with different signals: how the target's level follows that of the
        clean signal is fitted beside the law, so that a loud phrase is not taken for a loud knob position.
        Captures of silence (−inf dBFS) are left out; with none left the law stays as it is.
        """
        sounding = torch.isfinite(clean_db) & torch.isfinite(target_db)
        if not sounding.any():
            return
        knobs, clean_db, target_db = (part[sounding] for part in (knobs, clean_db, target_db))
        law = quadratic_features(knobs.double())
        loudness = (clean_db - clean_db.mean()).double()[:, None]
        features = torch.cat([law, loudness], 1)
        pull = RIDGE * torch.eye(features.shape[1], dtype=torch.float64)
        pull[0, 0] = 0.0
        wanted = target_db.double() - REFERENCE_DB
        solved = torch.linalg.solve(features.t() @ features + pull, features.t() @ wanted)
        self.weight[1] = solved[:-1]
