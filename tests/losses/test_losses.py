"""The losses against their definitions in NumPy and scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal
import torch

from vastudio.losses.dc import DcLoss
from vastudio.losses.esr import EsrLoss
from vastudio.losses.spectral import FLOOR, LOG_WEIGHT, SpectralLoss

Doubles = npt.NDArray[np.float64]


@pytest.fixture
def pair() -> tuple[Doubles, Doubles, Doubles]:
    """Target and model (2, 600, 3), and the power of the captures (2,)."""
    random = np.random.default_rng(5)
    target = random.normal(size=(2, 600, 3)) * np.array([1.0, 0.01])[:, None, None]
    model = 0.9 * target + 0.1 * np.roll(target, 1, axis=1)
    return target, model, np.array([1.1, 1.2e-4])


def value(loss: Any, target: Doubles, model: Doubles, power: Doubles) -> float:
    return float(loss(*(torch.from_numpy(part) for part in (target, model, power))))


def test_esr_is_error_energy_over_the_power_of_the_capture(pair: tuple[Doubles, ...]) -> None:
    target, model, power = pair
    wanted = np.mean(((target - model) ** 2).mean(axis=(1, 2)) / power)
    assert value(EsrLoss(emphasised=False), *pair) == pytest.approx(wanted)
    error = scipy.signal.lfilter([1, -0.85], [1], target - model, axis=1)[:, 1:]
    assert value(EsrLoss(emphasised=True), *pair) == pytest.approx(
        np.mean((error**2).mean(axis=(1, 2)) / power)
    )


def test_dc_is_the_difference_of_the_means(pair: tuple[Doubles, ...]) -> None:
    target, _, power = pair
    assert value(DcLoss(), target, target + 0.5, power) == pytest.approx(np.mean(0.25 / power))


def test_the_spectral_loss_equals_its_definition(pair: tuple[Doubles, ...]) -> None:
    target, model, power = pair
    losses = []
    for size in (512, 256, 128):
        magnitudes = [
            _magnitudes(signal, size) / np.sqrt(power)[:, None, None, None] for signal in (target, model)
        ]
        plain = np.abs(magnitudes[0] - magnitudes[1]).mean()
        logarithms = np.abs(np.log(magnitudes[0] + FLOOR) - np.log(magnitudes[1] + FLOOR)).mean()
        losses.append(plain + LOG_WEIGHT * logarithms)
    assert value(SpectralLoss(), *pair) == pytest.approx(np.mean(losses), rel=1e-6)


def _magnitudes(signal: Doubles, size: int) -> Doubles:
    """(G, S, bins, frames) of frames that lie wholly inside the signal, for a window of unit energy."""
    window = scipy.signal.get_window("hann", size)
    frames = [
        np.fft.rfft(window[None, :, None] * signal[:, start : start + size], axis=1)
        for start in range(0, signal.shape[1] - size + 1, size // 4)
    ]
    magnitudes: Doubles = np.abs(np.stack(frames, -1)).swapaxes(1, 2) / np.linalg.norm(window)
    return magnitudes


def test_equal_signals_have_no_spectral_loss_and_a_quiet_capture_weighs_as_much(
    pair: tuple[Doubles, ...],
) -> None:
    target, model, power = pair
    assert value(SpectralLoss(), target, target, power) == 0.0
    quieter = value(SpectralLoss(), 0.01 * target, 0.01 * model, 1e-4 * power)
    assert quieter == pytest.approx(value(SpectralLoss(), *pair), rel=1e-6)


def test_the_spectral_loss_takes_stretches_shorter_than_its_transforms(pair: tuple[Doubles, ...]) -> None:
    target, model, power = pair
    assert value(SpectralLoss(), target[:, :100], model[:, :100], power) > 0


def test_the_gradient_is_finite_in_silence() -> None:
    model = torch.zeros(1, 512, 2, requires_grad=True)
    SpectralLoss()(torch.zeros(1, 512, 2), model, torch.ones(1)).backward()  # type: ignore[no-untyped-call]
    assert model.grad is not None
    assert bool(torch.isfinite(model.grad).all())
