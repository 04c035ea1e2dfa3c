"""The passive treble-middle-bass network of classic guitar amplifiers, as a third-order filter.

Transfer function of the circuit in component values and pot positions after D. T. Yeh and J. O. Smith,
"Discretization of the '59 Fender Bassman tone stack" (DAFx-06); digitised by the bilinear transform.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ToneStack:
    """Component values: pots r1 (treble), r2 (bass), r3 (middle), slope resistor r4; ohms and farads."""

    r1: float = 220e3
    r2: float = 1e6
    r3: float = 22e3
    r4: float = 33e3
    c1: float = 470e-12
    c2: float = 22e-9
    c3: float = 22e-9

    def analog(self, treble: float, middle: float, bass: float) -> tuple[Floats, Floats]:
        """Return numerator and denominator in s, highest power first, shape (4,) each; pots in 0..1.

        The source is ideal and the output unloaded, as in the paper.
        """
        numerator, denominator = polynomials(astuple(self), treble, middle, bass)
        return np.array([*numerator, 0.0]), np.array([*denominator, 1.0])

    def digital(self, treble: float, middle: float, bass: float, rate: float) -> tuple[Floats, Floats]:
        """Return numerator and denominator in 1/z for `rate` samples per second, shape (4,) each."""
        numerator, denominator = scipy.signal.bilinear(*self.analog(treble, middle, bass), fs=rate)
        return np.asarray(numerator), np.asarray(denominator)


def polynomials(
    components: Iterable[Any], treble: Any, middle: Any, bass: Any
) -> tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]:
    """Coefficients of s³, s² and s in numerator and denominator; the constants are 0 and 1.

    `components` are r1, r2, r3, r4, c1, c2, c3. Plain arithmetic: numbers, arrays and tensors will do.
    """
    r1, r2, r3, r4, c1, c2, c3 = components
    t, m, l = treble, middle, bass  # noqa: E741 the paper's letters
    c12, c13, c23, c123 = c1 * c2, c1 * c3, c2 * c3, c1 * c2 * c3
    b1 = t * c1 * r1 + m * c3 * r3 + l * (c1 + c2) * r2 + (c1 + c2) * r3
    b2 = (
        t * (c12 + c13) * r1 * r4
        - m * m * (c13 + c23) * r3 * r3
        + m * (c13 * r1 * r3 + (c13 + c23) * r3 * r3)
        + l * (c12 * r1 * r2 + (c12 + c13) * r2 * r4)
        + l * m * (c13 + c23) * r2 * r3
        + c12 * r1 * r3
        + (c12 + c13) * r3 * r4
    )
    both = c123 * (r1 + r4) * r3
    b3 = (
        l * m * both * r2
        + m * (1.0 - m) * both * r3
        + t * (1.0 - m) * c123 * r1 * r3 * r4
        + t * l * c123 * r1 * r2 * r4
    )
    a1 = c1 * r1 + (c1 + c2) * r3 + (c2 + c3) * r4 + m * c3 * r3 + l * (c1 + c2) * r2
    a2 = (
        m * (c13 * r1 * r3 - c23 * r3 * r4 + (c13 + c23) * r3 * r3)
        + l * m * (c13 + c23) * r2 * r3
        - m * m * (c13 + c23) * r3 * r3
        + l * (c12 * (r1 + r4) * r2 + (c13 + c23) * r2 * r4)
        + (c12 + c13) * r1 * r4
        + c12 * (r1 + r4) * r3
        + (c13 + c23) * r3 * r4
    )
    a3 = (
        l * m * both * r2
        - m * m * both * r3
        + m * c123 * (r3 * r3 * r4 + r1 * r3 * r3 - r1 * r3 * r4)
        + l * c123 * r1 * r2 * r4
        + c123 * r1 * r3 * r4
    )
    return (b3, b2, b1), (a3, a2, a1)
