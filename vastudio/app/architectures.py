"""What can be trained, for menus; free of torch."""

from __future__ import annotations

from vastudio.nets import architectures


def architecture_choices() -> list[tuple[str, str, str]]:
    """(name, title, summary) of every architecture, the recommended one first."""
    choices = [(item.name, item.title, item.summary) for item in architectures().values()]
    return sorted(choices, key=lambda choice: choice[0] != RECOMMENDED)


RECOMMENDED = "hyper-gru"
