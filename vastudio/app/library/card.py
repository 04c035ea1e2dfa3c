"""What a library knows of one model file without building its network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Card:
    """A model file as it describes itself.

    Attributes
    ----------
    path:
        Absolute; may hold surrogates where the file system's names are no UTF-8.
    size, modified_ns:
        Bytes, and the time of the last change: what tells whether the file has to be read again.
    bytes_hash:
        Of the whole file: equal files are copies.
    content:
        Of what sounds alone (network, numbers, sample rate): equal for copies that say other things of
        themselves. Of files that cannot be read it is `bytes_hash`.
    format:
        Such as `NAM`; empty where it is not known.
    kind:
        `amp`, `pedal`, `preamp`, `amp_cab`, `pedal_amp`, `amp_pedal_cab`, `studio` or another word.
    maker, gear, tone:
        Who made the device, which one it is, and `clean`, `overdrive`, `hi_gain` …
    sample_rate:
        Hz; 0 where it is not known.
    knobs:
        Their labels, in the order of the file.
    sizes:
        Of a file that holds several sizes of a network: the values to choose them by and what they are.
    weights:
        Numbers that every sample of sound passes.
    nanoseconds:
        Time that one sample takes, as estimated from the network (`load`).
    esr:
        The error that the file names; None where it names none.
    dataset, dataset_hash:
        What it learned from: name and content.
    is_model:
        False for a file that has a model's suffix and is something else: lists leave it out.
    error, hint:
        Why the file cannot be read, and what to do; empty where it can.
    """

    path: str
    size: int = 0
    modified_ns: int = 0
    bytes_hash: str = ""
    content: str = ""
    format: str = ""
    name: str = ""
    kind: str = ""
    maker: str = ""
    gear: str = ""
    tone: str = ""
    author: str = ""
    licence: str = ""
    remarks: str = ""
    architecture: str = ""
    sample_rate: int = 0
    knobs: tuple[str, ...] = ()
    sizes: tuple[tuple[float, str], ...] = ()
    weights: int = 0
    nanoseconds: float = 0.0
    esr: float | None = None
    dataset: str = ""
    dataset_hash: str = ""
    is_model: bool = True
    error: str = ""
    hint: str = ""

    @property
    def file(self) -> Path:
        """The path."""
        return Path(self.path)

    @property
    def title(self) -> str:
        """The name, or that of the file where it has none."""
        return self.name or shown(self.file.stem)

    @property
    def core_percent(self) -> float:
        """Share of one processor core in percent that playing takes at the model's own rate, estimated."""
        return self.nanoseconds * 1e-9 * self.sample_rate * 100.0


def shown(name: str) -> str:
    """A file's name as text that can be displayed: what is no UTF-8 becomes a question mark."""
    return os.fsencode(name).decode("utf-8", "replace")
