"""Names by which models beside each other are told apart."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from vastudio.app.studio import OpenedModel


def told_apart(models: Sequence[OpenedModel]) -> list[OpenedModel]:
    """Return the models; those that share a name with another get their file's name added.

    A model is called after its dataset unless a person named it, so models of one dataset often share theirs.
    """
    count = Counter(opened.model.name for opened in models)
    return [opened if count[opened.model.name] == 1 else _with_file_name(opened) for opened in models]


def _with_file_name(opened: OpenedModel) -> OpenedModel:
    name = f"{opened.model.name} ({opened.path.stem})"
    return dataclasses.replace(
        opened,
        model=dataclasses.replace(opened.model, name=name),
        playable=dataclasses.replace(opened.playable, name=name),
    )
