"""What an export format is, and what it is given to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from vastudio import registry
from vastudio.errors import ModelFileError, did_you_mean
from vastudio.modelfile.exports.label import ExportLabel
from vastudio.modelfile.networks.layers import Floats, Sequential


@dataclass(frozen=True)
class NamNetwork:
    """A network as `.nam` files describe it: `config` without numbers, and lists of numbers by name.

    The names are those of `modelfile.networks.nam`: `weights`, `condition.weights` …
    """

    architecture: str
    config: Mapping[str, Any]
    weights: Mapping[str, Floats]


@dataclass(frozen=True)
class Portable:
    """A network that files of other programs may hold; at least one of the two descriptions is there.

    Attributes
    ----------
    layers:
        As layers in a row. Those of its inputs that are not the sound are live knobs, 0..1.
    nam:
        As `.nam` has it.
    """

    layers: Sequential | None = None
    nam: NamNetwork | None = None

    @property
    def knobs(self) -> int:
        """How many knobs stay live."""
        return 0 if self.layers is None else self.layers.inputs - 1


@dataclass(frozen=True)
class Exporter:
    """A format: a module of this package that defines one as `EXPORT`.

    Attributes
    ----------
    title:
        What people call it.
    suffix:
        Of file names, with the dot.
    most_knobs:
        How many knobs can stay live in it.
    problem:
        Why it cannot hold a network, in half a sentence; empty where it can.
    write:
        The JSON document for a network, its rate in Hz and its label. Asked only where there is no problem.
    remarks:
        What a person should know about players of the format, one sentence each.
    """

    title: str
    suffix: str
    most_knobs: int
    problem: Callable[[Portable], str]
    write: Callable[[Portable, int, ExportLabel], dict[str, Any]]
    remarks: Callable[[Portable, int], list[str]] = field(default=lambda _portable, _rate: [])


@cache
def exporters() -> dict[str, Exporter]:
    """Every format that can be written, by the name of its module."""
    found: dict[str, Exporter] = registry.discover("vastudio.modelfile.exports", "EXPORT")
    return found


def exporter(name: str) -> Exporter:
    """The format of that name. Raises ModelFileError when there is none."""
    known = exporters()
    if name not in known:
        raise ModelFileError(f"There is no export format '{name}'.", did_you_mean(name, known))
    return known[name]


def numbers(array: Floats) -> Any:
    """An array as nested lists, every number with no more digits than single precision needs."""
    if array.ndim > 1:
        return [numbers(row) for row in array]
    return [float(str(value)) for value in np.asarray(array, np.float32)]
