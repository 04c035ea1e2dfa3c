"""Names by which models beside each other are told apart."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence

from vastudio.app.studio import OpenedModel


def told_apart(models: Sequence[OpenedModel]) -> list[OpenedModel]:
    """Return the models; those that share a name with another get their file's name added, or a number.

    A model is called after its dataset unless a person named it, so models of one dataset often share theirs.
    """
    shared = _shared(opened.model.name for opened in models)
    named = [
        _called(opened, f"{opened.model.name} ({opened.path.stem})")
        if opened.model.name in shared
        else opened
        for opened in models
    ]
    shared = _shared(opened.model.name for opened in named)
    return [
        _called(opened, f"{opened.model.name} {number}") if opened.model.name in shared else opened
        for number, opened in enumerate(named, 1)
    ]


def _shared(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def _called(opened: OpenedModel, name: str) -> OpenedModel:
    return dataclasses.replace(
        opened,
        model=dataclasses.replace(opened.model, name=name),
        playable=dataclasses.replace(opened.playable, name=name),
    )
