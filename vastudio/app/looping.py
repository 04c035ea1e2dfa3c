"""A loop made ready for the player: what takes long about it, apart from the player itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.audio.envelope import Pyramid
from vastudio.audio.resample import resample
from vastudio.types import Audio


@dataclass(frozen=True, eq=False)
class PreparedLoop:
    """Signals at the player's rate, and what is drawn of them.

    Attributes
    ----------
    clean, target:
        Each (frames,), of one length; no target where none was recorded.
    rate:
        Hz, of both.
    outline:
        The clean signal, ready to draw.
    """

    clean: Audio
    target: Audio | None
    rate: int
    outline: Pyramid


def prepare_loop(clean: Audio, target: Audio | None, rate: int, player_rate: int) -> PreparedLoop:
    """Make a loop ready for a player: on any thread, minutes of audio take a second.

    Parameters
    ----------
    clean, target:
        Each (frames,) at `rate` Hz; a target is cut or filled up to the clean signal's length.
    player_rate:
        What the player runs at, in Hz; signals at other rates are resampled.
    """
    clean = np.ascontiguousarray(resample(clean, rate, player_rate), np.float32)
    if target is not None:
        target = _as_long_as(clean, resample(target, rate, player_rate))
    return PreparedLoop(clean, target, player_rate, Pyramid(clean))


def _as_long_as(clean: Audio, target: Audio) -> Audio:
    if target.size != clean.size:
        target = np.pad(target, (0, max(0, clean.size - target.size)))[: clean.size]
    return np.ascontiguousarray(target, np.float32)
