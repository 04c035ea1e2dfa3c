"""Which knobs are tone controls, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

BASS, MIDDLE, TREBLE = ({"bass", "low", "lows"}, {"middle", "mid", "mids"}, {"treble", "high", "highs"})
OTHERS = {"tone", "presence", "depth", "resonance", "contour", "eq", "bright", "brightness"}
"""Words of tone controls that are no pot of the passive stack."""


class Roles(NamedTuple):
    """Knobs by their index; None where there is none.

    Attributes
    ----------
    pots:
        The knobs of the passive stack: treble, middle, bass.
    tone:
        All tone controls.
    """

    pots: tuple[int | None, int | None, int | None]
    tone: tuple[int, ...]

    @property
    def is_stack(self) -> bool:
        """Whether there are the knobs of a passive stack: treble and bass at least."""
        treble, _, bass = self.pots
        return treble is not None and bass is not None


def roles_of(names: Sequence[str]) -> Roles:
    """Find the tone controls among knobs; the first of each kind is the stack's."""
    words = [set(re.findall(r"[a-z]+", name.casefold())) for name in names]
    found = [[i for i, own in enumerate(words) if own & wanted] for wanted in (TREBLE, MIDDLE, BASS)]
    treble, middle, bass = (knobs[0] if knobs else None for knobs in found)
    tone = {i for knobs in found for i in knobs} | {i for i, own in enumerate(words) if own & OTHERS}
    return Roles((treble, middle, bass), tuple(sorted(tone)))
