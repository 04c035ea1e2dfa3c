"""What can be trained, for menus; free of torch."""

from __future__ import annotations

from vastudio.nets import architectures


def label_of(architecture: str, hidden: object) -> str:
    """An architecture with its size, where it has one: `hyper-gru-32`. Unknown ones keep their name."""
    known = architectures().get(architecture)
    return known.label(hidden) if known and isinstance(hidden, int) else architecture


def architecture_choices() -> list[tuple[str, str, str]]:
    """(name, title, summary) of every architecture, the recommended one first."""
    choices = [(item.name, item.title, item.summary) for item in architectures().values()]
    return sorted(choices, key=lambda choice: choice[0] != RECOMMENDED)


RECOMMENDED = "hyper-gru"
