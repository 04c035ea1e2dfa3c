"""Spectral loss: how far the magnitudes of short-time spectra are apart, at several resolutions.

The squared error alone is governed by the strongest partials; logarithms also count what is weak.
Multi-resolution STFT loss after Yamamoto, Song & Kim (ICASSP 2020) and Steinmetz & Reiss (2020), with two
changes: the magnitudes are normalised by the power of the capture and not by a batch, and the transforms
are short enough to fit into the stretch of one update.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LOG_WEIGHT = 0.1
"""Weight of the difference of the logarithms beside that of the magnitudes."""

FLOOR = 1e-3
"""What is 60 dB below the capture's level is not told apart from silence."""


@dataclass(frozen=True)
class SpectralLoss:
    """Mean over transforms of |A − Â| + 0.1·|ln A − ln Â|, A the magnitudes over the capture's RMS.

    Attributes
    ----------
    sizes:
        Samples of the transforms, Hann windows with three quarters of overlap. Those longer than the signal
        are shortened to it.
    """

    sizes: tuple[int, ...] = (512, 256, 128)

    def __call__(self, target: Tensor, model: Tensor, power: Tensor) -> Tensor:
        """Loss of target and model (G, T, S), T at least 4; `power` (G,) is the capture's."""
        level = power.sqrt()[:, None, None, None]
        sizes = {min(size, target.shape[1]) for size in self.sizes}
        return torch.stack([self._at(size, target, model, level) for size in sorted(sizes)]).mean()

    def _at(self, size: int, target: Tensor, model: Tensor, level: Tensor) -> Tensor:
        window = torch.hann_window(size, dtype=target.dtype, device=target.device)
        scaled = window / (window.norm() * level)
        wanted, got = (
            torch.fft.rfft(signal.unfold(1, size, size // 4) * scaled).abs() for signal in (target, model)
        )
        logarithms = (wanted + FLOOR).log() - (got + FLOOR).log()
        loss: Tensor = (wanted - got).abs().mean() + LOG_WEIGHT * logarithms.abs().mean()
        return loss


LOSS = SpectralLoss
