"""A column of the Compare page: a model beside others, and what is worked out of all of them in the pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from vastudio.app.comparison.comparing import Comparison, Rendering, measure_rendering, render_pair
from vastudio.app.comparison.pair import Pair
from vastudio.app.studio import OpenedModel
from vastudio.engine.graph import PlayableModel
from vastudio.modelfile.schema import ModelFile
from vastudio.types import KnobValues


@dataclass(frozen=True, eq=False)
class Column:
    """A model beside the others."""

    opened: OpenedModel

    @property
    def model(self) -> ModelFile:
        """The model file."""
        return self.opened.model

    @property
    def playable(self) -> PlayableModel:
        """What plays it."""
        return self.opened.playable


Key: TypeAlias = tuple[Column, tuple[tuple[str, float], ...]]
"""A column, and where the knobs of its model stand."""


def render_all(
    pair: Pair, wanted: Sequence[tuple[Column, KnobValues]], known: Mapping[Key, Rendering]
) -> dict[Key, Rendering]:
    """Worker: what each model makes of the pair, in order; what is known already is not rendered again."""
    done: dict[Key, Rendering] = {}
    for column, values in wanted:
        key = (column, tuple(sorted(values.items())))
        done[key] = known.get(key) or render_pair(column.playable, pair, values)
    return done


def measure_all(renderings: Mapping[Key, Rendering], *, quick: bool) -> dict[Key, Comparison]:
    """Worker: measure what is not measured yet; `quick` leaves out what takes long."""
    return {
        key: rendering if isinstance(rendering, Comparison) else measure_rendering(rendering, quick=quick)
        for key, rendering in renderings.items()
    }
