"""What a waveform plot draws: the lowest and highest sample under each column of pixels."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from vastudio.types import Audio

Envelope: TypeAlias = tuple[Audio, Audio]

_FACTOR = 8


def minmax(x: Audio, columns: int, start: int = 0, stop: int | None = None) -> Envelope:
    """Return the lowest and highest sample of `x[start:stop]` in each of `columns` equal parts.

    With fewer samples than columns, neighbouring columns repeat a sample. Both results have shape
    (columns,); an empty range gives zeros.
    """
    start, stop, _ = slice(start, stop).indices(len(x))
    return _reduce((x, x), 1, start, stop, columns)


class Pyramid:
    """Precomputed extremes of a signal at growing coarseness, for zooming and scrolling fluently.

    Level k holds the extremes of blocks of 8ᵏ samples. It costs about 2/7 of the signal's memory.
    """

    def __init__(self, x: Audio) -> None:
        self._levels: list[Envelope] = [(x, x)]
        while len(self._levels[-1][0]) > _FACTOR:
            low, high = self._levels[-1]
            starts = np.arange(0, len(low), _FACTOR)
            self._levels.append((np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)))

    def __len__(self) -> int:
        """Number of samples."""
        return len(self._levels[0][0])

    @property
    def signal(self) -> Audio:
        """What it was made of."""
        return self._levels[0][0]

    @property
    def peak(self) -> float:
        """The largest magnitude; 0 for silence."""
        low, high = self._levels[-1]
        return float(max(-np.min(low, initial=0.0), np.max(high, initial=0.0)))

    @property
    def loudest(self) -> int:
        """Where the largest magnitude is first reached; 0 for silence and for no samples."""
        place = 0
        for low, high in reversed(self._levels):
            part = slice(_FACTOR * place, _FACTOR * (place + 1))
            magnitudes = np.maximum(high[part], -low[part])
            place = part.start + (int(np.argmax(magnitudes)) if magnitudes.size else 0)
        return place

    def minmax(self, start: int, stop: int, columns: int) -> Envelope:
        """Return the extremes of samples `start` to `stop` in `columns` parts, each of shape (columns,).

        The coarsest level with at least four blocks for a column is read: no peak is lost, but one
        may also show in a neighbouring column. Parts outside the signal are left out.
        """
        start, stop = max(0, start), min(stop, len(self))
        level = 0
        while level + 1 < len(self._levels) and (stop - start) >= 4 * columns * _FACTOR ** (level + 1):
            level += 1
        return _reduce(self._levels[level], _FACTOR**level, start, stop, columns)


def _reduce(blocks: Envelope, size: int, start: int, stop: int, columns: int) -> Envelope:
    """Extremes of samples `start` to `stop` out of blocks of `size`, each column widened to whole blocks.

    The edges are computed in whole numbers: rounding must not drop a block.
    """
    low, high = blocks
    if stop <= start:
        return np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    edges = start * columns + np.arange(columns + 1, dtype=np.int64) * (stop - start)
    first = edges[:-1] // (columns * size)
    last = -(-edges[1:] // (columns * size))
    part = slice(first[0], last[-1])
    low, high = low[part], high[part]
    bounds = np.stack([first, last], axis=1).ravel() - first[0]
    lows = np.minimum.reduceat(np.append(low, low[-1]), bounds)[::2]
    highs = np.maximum.reduceat(np.append(high, high[-1]), bounds)[::2]
    return lows, highs
