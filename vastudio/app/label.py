"""What a person writes on a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelLabel:
    """What a person writes on a model. An empty name means the dataset's."""

    name: str = ""
    author: str = ""
    licence: str = ""
    notes: str = ""
