"""The learned tone stacks: the circuit and the cookbook they are, and never unstable."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.signal import freqz

from tests.kernels.test_biquads import cookbook
from vastudio.kernels.tone_stack import ToneStack
from vastudio.nets.fir import LearnedFir
from vastudio.nets.recursive_filter import Coefficients
from vastudio.nets.tone_stack import LearnedToneStack
from vastudio.nets.tone_stack_eq import HIGHEST, LEAST_Q, LOWEST, MOST_DB, MOST_Q, EqToneStack
from vastudio.nets.tone_stack_fmv import POT_END, TAPERS, FmvToneStack
from vastudio.nets.tone_stack_roles import roles_of
from vastudio.types import STANDARD_RATE

ROLES = roles_of(("treble", "middle", "bass"))


def response(section: Coefficients, row: int = 0) -> np.ndarray:
    b, a = (part[row].detach().numpy() for part in section)
    return np.asarray(freqz(b, np.append(1.0, a), 256)[1])


@pytest.mark.parametrize("position", [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (1.0, 0.0, 1.0), (0.2, 1.0, 0.7)])
def test_the_passive_stack_begins_as_the_circuit(position: tuple[float, float, float]) -> None:
    stack = FmvToneStack(ROLES)
    section = stack.cascade(stack(torch.tensor([position])))[0]
    pots = [POT_END + (1 - 2 * POT_END) * c**taper for c, taper in zip(position, TAPERS, strict=True)]
    b, a = ToneStack().digital(*pots, STANDARD_RATE)
    wanted = float(stack.gain.detach().exp()) * freqz(b, a, 256)[1]
    np.testing.assert_allclose(response(section), wanted, rtol=1e-3, atol=1e-4)


def test_the_passive_stack_begins_about_as_loud_as_its_input() -> None:
    stack = FmvToneStack(ROLES)
    level = np.abs(response(stack.cascade(stack(torch.full((1, 3), 0.5)))[0]))
    assert 0.3 < np.median(level) < 3.0


def test_the_equaliser_is_the_cookbooks() -> None:
    stack = EqToneStack((0,), 1)
    u = 0.8 * torch.randn(3, stack.numbers, generator=torch.Generator().manual_seed(1))
    shapes = ("low_shelf", "peaking", "peaking", "high_shelf")
    for index, (shape, section) in enumerate(zip(shapes, stack.cascade(u), strict=True)):
        for row in range(3):
            f, gain, q = u[row, 3 * index : 3 * index + 3].double().tolist()
            wanted = cookbook(
                shape,
                LOWEST * (HIGHEST / LOWEST) ** (1 / (1 + math.exp(-f))),
                LEAST_Q * (MOST_Q / LEAST_Q) ** (1 / (1 + math.exp(-q))),
                MOST_DB * math.tanh(gain),
            )
            np.testing.assert_allclose(section.b[row].numpy(), wanted[:3], rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(section.a[row].numpy(), wanted[4:], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("make", [lambda: FmvToneStack(ROLES), lambda: EqToneStack((0, 1, 2), 3)])
def test_no_parameters_make_it_unstable(make: Callable[[], LearnedToneStack]) -> None:
    torch.manual_seed(0)
    for scale in (0.3, 1.0, 3.0):
        stack = make()
        with torch.no_grad():
            for parameter in stack.parameters():
                parameter.add_(scale * torch.randn_like(parameter))
            for section in stack.cascade(stack(torch.rand(50, 3).round(decimals=1))):
                for a in section.a.numpy():
                    assert np.abs(np.roots(np.append(1.0, a))).max() < 1.0


def test_a_pot_is_monotone() -> None:
    stack = FmvToneStack(ROLES)
    with torch.no_grad():
        stack.tapers.add_(torch.randn(3))
        pots = stack(torch.linspace(0, 1, 50)[:, None].repeat(1, 3))[:, 7:10]
    assert (pots.diff(dim=0) > 0).all()
    assert pots.min() >= 0
    assert pots.max() <= 1


def test_the_learned_filter_is_a_convolution_that_carries_its_state() -> None:
    fir = LearnedFir(5)
    x = torch.randn(2, 30, 3)
    start = torch.zeros(2, fir.rows, 3)
    torch.testing.assert_close(fir(x, start)[0], x)
    with torch.no_grad():
        fir.taps.copy_(torch.randn(5))
        whole, end = fir(x, start)
        first, state = fir(x[:, :2], start)
        second, last = fir(x[:, 2:], state)
    wanted = np.convolve(x[1, :, 2].numpy(), fir.taps.detach().numpy())[:30]
    np.testing.assert_allclose(whole[1, :, 2].numpy(), wanted, rtol=0, atol=1e-5)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)
    torch.testing.assert_close(last, end)
