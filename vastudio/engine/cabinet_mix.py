"""Several microphones in front of a cabinet: impulse responses, each with its level and its delay, mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from vastudio.engine.cabinet import Cabinet, Doubles, taps
from vastudio.errors import KnobError
from vastudio.kernels import convolution
from vastudio.kernels.partitions import MAX_TAPS
from vastudio.kernels.voice import Floats, Program
from vastudio.types import Audio

MOST_MICROPHONES = 2
_EXACT = 0.03
"""Of a sample: what is nearer to a whole number is one."""

_MOST_POLES = 16
_RINGING = 128
"""Samples that the filter rings on."""

_RANGES = {"level_db": (-60.0, 12.0, "dB"), "delay_ms": (0.0, 20.0, "ms")}


@dataclass(frozen=True, eq=False)
class Microphone:
    """One impulse response of the mix.

    Attributes
    ----------
    cabinet:
        The response and how it is used.
    level_db:
        −60 to 12 dB.
    delay_ms:
        0 to 20 ms, to a fraction of a sample (`delayed`).
    inverted:
        Upside down.

    Raises KnobError when a number is out of its range.
    """

    cabinet: Cabinet
    level_db: float = 0.0
    delay_ms: float = 0.0
    inverted: bool = False

    def __post_init__(self) -> None:
        for name, (lowest, highest, unit) in _RANGES.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise KnobError(
                    f"A microphone's {name.rsplit('_', 1)[0]} cannot be {value:g} {unit}.",
                    f"Its range is {lowest:g} to {highest:g} {unit}.",
                )

    def taps(self, sample_rate: int) -> Audio:
        """Return what it adds at `sample_rate` in Hz, shape (taps,)."""
        gain = 10.0 ** (self.level_db / 20.0) * (-1.0 if self.inverted else 1.0)
        response = gain * taps(self.cabinet, sample_rate).astype(np.float64)
        return delayed(response, self.delay_ms / 1000.0 * sample_rate).astype(np.float32)


def delayed(response: Doubles, samples: float) -> Doubles:
    """Return `response` (taps,) later by a number of samples, whole or not, with all levels unchanged.

    The fraction is that of an all-pass filter whose delay is flat (T. Laakso et al., "Splitting the unit
    delay", IEEE Signal Processing Magazine 13, 1996: Thiran's formula). From eight samples on it is right to
    a fiftieth of a sample up to 0.6 of the band; shorter ones only lower down.
    """
    whole = round(samples)
    if abs(samples - whole) < _EXACT:
        return np.concatenate([np.zeros(whole), response])
    order = min(max(whole, 1), _MOST_POLES)
    before = max(whole - order, 0)
    poles = _thiran(order, samples - before)
    padded = np.concatenate([np.zeros(before), response, np.zeros(order + _RINGING)])
    return np.asarray(scipy.signal.lfilter(poles[::-1], poles, padded))


def _thiran(order: int, delay: float) -> Doubles:
    """Coefficients (order + 1,) of an all-pass filter with a flat delay, in samples, near its order."""
    n = np.arange(order + 1)
    ratios = [np.prod((delay - order + n) / (delay - order + k + n)) for k in range(order + 1)]
    return np.asarray((-1.0) ** n * scipy.special.comb(order, n) * ratios)


class CabinetMix:
    """One or two microphones, as one effect. Raises KnobError for none, or for more."""

    def __init__(self, microphones: tuple[Microphone, ...]) -> None:
        if not 1 <= len(microphones) <= MOST_MICROPHONES:
            raise KnobError(
                f"A cabinet cannot be mixed of {len(microphones)} impulse responses.",
                f"Choose one to {MOST_MICROPHONES}.",
            )
        self.microphones = microphones
        self._made: dict[int, Audio] = {}
        self._packed: dict[int, Floats] = {}

    @property
    def glides(self) -> bool:
        """Cabinets crossfade."""
        return False

    def taps(self, sample_rate: int) -> Audio:
        """Return the sum at `sample_rate` in Hz, shape (taps,); made once, on the thread that asks first."""
        if sample_rate not in self._made:
            parts = [microphone.taps(sample_rate) for microphone in self.microphones]
            mixed = np.zeros(max(part.size for part in parts), np.float32)
            for part in parts:
                mixed[: part.size] += part
            self._made[sample_rate] = mixed[:MAX_TAPS]
        return self._made[sample_rate]

    def program(self, sample_rate: int) -> Program:
        """Return what plays the mix at `sample_rate` in Hz."""
        return convolution.program(self.taps(sample_rate).size)

    def packed(self, sample_rate: int) -> Floats:
        """Return the mix as the program takes it; made once, too."""
        if sample_rate not in self._packed:
            self._packed[sample_rate] = convolution.pack(self.taps(sample_rate))
        return self._packed[sample_rate]
