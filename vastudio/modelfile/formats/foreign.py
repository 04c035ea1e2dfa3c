"""What a format of another program is, and what comes out of reading a file of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vastudio.modelfile.checking import Part
from vastudio.modelfile.networks.layers import Floats
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob

LONGEST_NAME = 120
"""Characters of a name, as lists show it."""

SLOWEST, FASTEST = 8_000, 768_000
"""Sample rates in Hz that a model may have."""


@dataclass(frozen=True)
class ForeignModel:
    """A model of another program, checked and described in the terms of a `.vamodel`.

    Attributes
    ----------
    format, version:
        Such as `NAM` and `0.5.4`; the version may be empty.
    architecture:
        What a list shows, such as `NAM WaveNet`.
    config, weights:
        As in a `.vamodel`; `config["network"]` is the kind.
    sample_rate:
        Hz.
    rate_is_assumed:
        The file says nothing about its rate: the format's usual one was taken.
    levels:
        dBu of a full-scale sine: `input_dbu`, `output_dbu`, where known.
    said:
        What the file says besides and the studio passes on: loudness, gear, ESR of its trainer …
    sizes:
        Of a file that holds several sizes: the values to choose them by, in 0..1, with what they are.
    """

    format: str
    version: str
    name: str
    architecture: str
    config: Mapping[str, Any]
    weights: Mapping[str, Floats]
    sample_rate: int
    rate_is_assumed: bool
    knobs: tuple[Knob, ...] = ()
    levels: Mapping[str, float] = field(default_factory=dict)
    author: str = ""
    licence: str = ""
    notes: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    sizes: tuple[tuple[float, str], ...] = ()

    def as_model(self) -> ModelFile:
        """The same as the studio's own model."""
        imported: dict[str, Any] = {
            "format": self.format,
            "version": self.version,
            "rate_is_assumed": self.rate_is_assumed,
            **self.said,
        }
        if self.sizes:
            imported["sizes"] = [{"size": size, "network": what} for size, what in self.sizes]
        return ModelFile(
            name=self.name[:LONGEST_NAME],
            architecture=self.architecture,
            config=self.config,
            knobs=self.knobs,
            sample_rate=self.sample_rate,
            weights=self.weights,
            levels=self.levels,
            provenance={"imported": imported},
            licence=self.licence,
            author=self.author,
            notes=self.notes,
        )


@dataclass(frozen=True)
class Format:
    """A format: a module of this package that defines one as `FORMAT`.

    Attributes
    ----------
    title:
        What people call it.
    suffixes:
        Of file names, with the dot, in small letters.
    recognises:
        Whether a JSON document is of this format, damaged or not.
    read:
        Reads a document. Its path names the model where the document does not; the number, 0..1, chooses
        among several sizes. Raises ModelFileError naming the key that is wrong.
    """

    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Part], bool]
    read: Callable[[Part, Path, float], ForeignModel]


def has_keys(document: Part, *keys: str) -> bool:
    """Whether a document is an object with all of these keys."""
    return isinstance(document.value, dict) and all(key in document.value for key in keys)


def stem(path: Path) -> str:
    """A model's name where its file holds none."""
    return path.stem or "Model"
