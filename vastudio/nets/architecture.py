"""An entry of the registry of architectures.

Free of torch, which takes a second to import: a list of what can be trained must not wait for it. The
architectures therefore import their parts when they are built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


@dataclass(frozen=True)
class Architecture:
    """A cell and a conditioning put together under a name.

    Attributes
    ----------
    title, summary:
        What a menu shows.
    build:
        (number of knobs, hidden size) → model.
    """

    name: str
    title: str
    summary: str
    build: Callable[[int, int], KnobModel]
