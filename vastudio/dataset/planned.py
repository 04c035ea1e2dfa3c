"""What an importer hands over: which files form which captures, before anything is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vastudio.dataset.manifest import Split

KnobRanges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class PlannedClip:
    """A clean/target pair of files: `frames` frames from each start, or all there are (None).

    `origin` says where the source names the pair, for messages: "row 7", or the target's file name.
    """

    clean: Path
    target: Path
    origin: str
    clean_start: int = 0
    target_start: int = 0
    frames: int | None = None


@dataclass(frozen=True)
class PlannedCapture:
    """A knob position and its clips. `split` None leaves the choice to `splits.assign`."""

    knobs: dict[str, float]
    clips: tuple[PlannedClip, ...]
    split: Split | None = None


@dataclass(frozen=True)
class Plan:
    """All captures, and the dial ranges that the source itself implies."""

    captures: tuple[PlannedCapture, ...]
    knob_ranges: KnobRanges = field(default_factory=dict)


@dataclass(frozen=True)
class ImportOptions:
    """Choices of the person who imports.

    Attributes
    ----------
    device:
        Name of the device; the source's name when empty.
    knob_ranges:
        Smallest and largest dial value of knobs; the others are inferred from the positions.
    knob_name:
        Name of the one knob whose position a number in the file names gives.
    """

    device: str = ""
    knob_ranges: KnobRanges = field(default_factory=dict)
    knob_name: str = "knob"


class Importer(Protocol):
    """A kind of source. Every module of `vastudio.dataset.importers` defines one as `IMPORTER`."""

    title: str

    def accepts(self, source: Path) -> bool:
        """Tell from the path alone whether `source` is of this kind."""
        ...

    def plan(self, source: Path, options: ImportOptions) -> Plan:
        """Read which files belong together. Raises DatasetError naming what is wrong and where."""
        ...


def group(
    positions: Sequence[tuple[Mapping[str, float], Split | None, PlannedClip]],
) -> tuple[PlannedCapture, ...]:
    """Join clips of the same knob values and split into one capture each, in order of appearance."""
    grouped: dict[tuple[tuple[tuple[str, float], ...], Split | None], list[PlannedClip]] = {}
    for knobs, split, clip in positions:
        grouped.setdefault((tuple(knobs.items()), split), []).append(clip)
    return tuple(
        PlannedCapture(dict(knobs), tuple(clips), split) for (knobs, split), clips in grouped.items()
    )
