"""The kernels' Fourier transform against numpy's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from vastudio.kernels.fft import backward, deinterleave, forward, interleave, table

Complex = npt.NDArray[np.complex128]

SIZES = [64, 128, 512, 1024, 4096, 8192]


def random_numbers(points: int) -> Complex:
    rng = np.random.default_rng(points)
    return rng.standard_normal(points) + 1j * rng.standard_normal(points)


def bit_reversed(points: int) -> npt.NDArray[np.int64]:
    bits = points.bit_length() - 1
    return np.array([int(f"{i:0{bits}b}"[::-1], 2) for i in range(points)])


def relative(error: Complex, exact: Complex) -> float:
    return float(np.sqrt(np.mean(np.abs(error) ** 2) / np.mean(np.abs(exact) ** 2)))


@pytest.mark.parametrize("points", SIZES)
def test_agrees_with_numpy_in_bit_reversed_order(points: int) -> None:
    z = random_numbers(points)
    x = interleave(z)
    forward(x, table(points))
    exact = np.fft.fft(z)[bit_reversed(points)]
    assert relative(deinterleave(x) - exact, exact) < 3e-7


@pytest.mark.parametrize("points", SIZES)
def test_backward_undoes_forward(points: int) -> None:
    z = random_numbers(points)
    x = interleave(z)
    forward(x, table(points))
    backward(x, table(points))
    assert relative(deinterleave(x) / points - z, z) < 5e-7


def test_every_tone_arrives_at_its_place() -> None:
    points = 128
    order = bit_reversed(points)
    for k in range(points):
        x = interleave(np.exp(2j * np.pi * k * np.arange(points) / points))
        forward(x, table(points))
        spectrum = np.abs(deinterleave(x))
        assert order[np.argmax(spectrum)] == k
        assert np.sort(spectrum)[-2] < 1e-4


def test_products_of_turned_spectra_are_convolutions() -> None:
    """Of two real signals that fit, without wrapping round."""
    points = 64
    turn = deinterleave(table(points)[: 2 * points])
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal(points), rng.standard_normal(points)
    first, second = interleave(a * turn), interleave(b * turn)
    forward(first, table(points))
    forward(second, table(points))
    product = interleave(deinterleave(first) * deinterleave(second))
    backward(product, table(points))
    z = deinterleave(product) / points * turn.conj()
    exact = np.convolve(a, b)
    np.testing.assert_allclose(np.concatenate([z.real, z.imag[:-1]]), exact, rtol=0, atol=1e-5)


def test_silence_stays_silence() -> None:
    x = np.zeros(2 * 512, np.float32)
    forward(x, table(512))
    backward(x, table(512))
    assert not x.any()
