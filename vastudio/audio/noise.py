"""What a device says when nothing is played: noise, hum and DC."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vastudio.audio.hum import Hum, find_hum
from vastudio.audio.landmarks import Span
from vastudio.types import Audio

SETTLING_SECONDS = 0.25
"""Left out at the beginning of a silence: the device still rings."""

_MARGIN_SECONDS = 0.01
_PARTS = 4
_LEAST_DB = -150.0


@dataclass(frozen=True)
class Floor:
    """Of `seconds` of silence: RMS of the noise without DC and hum in dBFS, DC (full scale 1), hum if any."""

    noise_db: float
    dc: float
    hum: Hum | None
    seconds: float

    @property
    def rms(self) -> float:
        """Noise and hum together, full scale 1."""
        hum = 0.0 if self.hum is None else 10.0 ** (self.hum.level_db / 10.0)
        return math.sqrt(10.0 ** (self.noise_db / 10.0) + hum)


def measure_floor(target: Audio, silences: Sequence[Span], rate: int, lag: int = 0) -> Floor | None:
    """Measure what `target` holds in the longest of `silences` (of the clean signal, `lag` samples earlier).

    The beginning of the silence is left out, so that decays do not count as noise, and where nothing hums its
    quietest quarter counts: noise stays, what a device does when it is switched on dies away. None where no
    silence is long enough.
    """
    settling = round(SETTLING_SECONDS * rate)
    margin = round(_MARGIN_SECONDS * rate)  # a lag is not exact, and what follows is loud
    inside = []
    for span in silences:
        begin = span.start + lag + (settling if span.start else 0)
        inside.append((max(begin, 0), min(span.stop + lag - margin, len(target))))
    start, stop = max(inside, key=lambda ends: ends[1] - ends[0], default=(0, 0))
    if stop - start < settling:
        return None
    quiet = target[start:stop].astype(np.float64)
    hum = find_hum(quiet.astype(np.float32), rate)
    if hum is None:
        quiet = min(np.array_split(quiet, _PARTS), key=lambda part: float(np.var(part)))
    dc = float(quiet.mean())
    power = float(np.var(quiet)) - (0.0 if hum is None else 10.0 ** (hum.level_db / 10.0))
    noise_db = max(_LEAST_DB, 10.0 * math.log10(max(power, 1e-30)))
    return Floor(round(noise_db, 1), dc, hum, (stop - start) / rate)
