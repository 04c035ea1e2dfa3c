"""What can be trained, for menus; free of torch."""

from __future__ import annotations

from vastudio.nets import Architecture, architectures
from vastudio.training.presets import STANDARD


def label_of(architecture: str, hidden: object) -> str:
    """An architecture with its size, where it has one: `hyper-gru-32`. Unknown ones keep their name."""
    known = architectures().get(architecture)
    return known.label(hidden) if known and isinstance(hidden, int) else architecture


def architecture_choices() -> list[Architecture]:
    """Every architecture, the one of the standard preset first."""
    return sorted(architectures().values(), key=lambda item: item.name != STANDARD.architecture)
