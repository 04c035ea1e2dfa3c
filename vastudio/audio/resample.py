"""Sample-rate conversion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from vastudio.types import Audio


def resample(x: Audio, from_rate: int, to_rate: int) -> Audio:
    """Convert mono audio between rates in Hz (soxr, very high quality, linear phase, no delay)."""
    if from_rate == to_rate:
        return x
    return np.asarray(soxr.resample(x, from_rate, to_rate, quality="VHQ"), dtype=np.float32)


def resample_parts(parts: Iterable[Audio], from_rate: int, to_rate: int) -> Iterator[Audio]:
    """Convert mono audio that comes in parts; together they are what `resample` makes of the whole."""
    if from_rate == to_rate:
        yield from parts
        return
    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="VHQ")
    for part in parts:
        yield np.asarray(stream.resample_chunk(part), dtype=np.float32)
    yield np.asarray(stream.resample_chunk(np.zeros(0, np.float32), last=True), dtype=np.float32)


def reclock(x: Audio, ratio: float) -> Audio:
    """Play `x` faster by `ratio`, near 1: frame k of the result is what lies at frame k·`ratio` of `x`.

    This undoes the drift between two clocks. Exact to −85 dB up to 20 kHz at 48 kHz (soxr).
    """
    if ratio == 1.0:
        return x
    return np.asarray(soxr.resample(x, ratio, 1.0, quality="HQ"), dtype=np.float32)
