"""Error-to-signal ratio, normalised by the energy of the whole capture.

Quiet knob positions weigh as much as loud ones, and a quiet passage does not blow the ratio up, because
the divisor belongs to the capture and not to the chunk.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

PRE_EMPHASIS = 0.85
"""Coefficient of 1 − a·z⁻¹, applied to target and model (Wright & Välimäki, ICASSP 2020)."""


def pre_emphasise(signal: Tensor) -> Tensor:
    """1 − 0.85·z⁻¹ along the time axis of (G, T, S); the first sample is dropped."""
    return signal[:, 1:] - PRE_EMPHASIS * signal[:, :-1]


@dataclass(frozen=True)
class EsrLoss:
    """Mean over groups of E[(y − ŷ)²] / power(y), with or without pre-emphasis."""

    emphasised: bool

    def __call__(self, target: Tensor, model: Tensor, power: Tensor) -> Tensor:
        """Loss of target and model (G, T, S); `power` (G,) is the capture's (pre-emphasised) power."""
        error = target - model
        if self.emphasised:
            error = pre_emphasise(error)
        return (error.square().mean(dim=(1, 2)) / power).mean()


LOSS = EsrLoss
