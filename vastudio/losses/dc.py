"""DC loss: the squared difference of the means, over the power of the capture."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class DcLoss:
    """Mean over groups of (mean y − mean ŷ)² / power(y), the means taken per sequence."""

    def __call__(self, target: Tensor, model: Tensor, power: Tensor) -> Tensor:
        """Loss of target and model (G, T, S); `power` (G,) is the capture's power."""
        offset = (target - model).mean(dim=1)
        return (offset.square().mean(dim=1) / power).mean()


LOSS = DcLoss
