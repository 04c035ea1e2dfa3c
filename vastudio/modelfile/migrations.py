"""Reading older .vamodel headers: one function per schema step, registered by the version it starts from.

Schema 2 came with level laws and low-rank conditionings, which a studio that does not know them must not
play without; a file of schema 1 has neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vastudio.errors import ModelFileError
from vastudio.modelfile.schema import SCHEMA_VERSION

RawHeader = dict[str, Any]
Step = Callable[[RawHeader], RawHeader]

_STEPS: dict[int, Step] = {}


def migrates(version: int) -> Callable[[Step], Step]:
    """Register a function that turns a header of `version` into one of `version + 1`."""

    def register(step: Step) -> Step:
        _STEPS[version] = step
        return step

    return register


@migrates(1)
def _without_level_law(header: RawHeader) -> RawHeader:
    """Nothing changes but the number."""
    return header


def to_current(header: RawHeader, path: str) -> RawHeader:
    """Bring a header to the current schema.

    Raises
    ------
    ModelFileError
        When the file says nothing about its version, or was written by a newer studio.
    """
    version = header.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ModelFileError(
            f"{path} does not say which version of the format it is.", "Export it again from VA Studio."
        )
    if version > SCHEMA_VERSION:
        raise ModelFileError(
            f"{path} is a .vamodel of version {version}; this studio reads up to version {SCHEMA_VERSION}.",
            "Update VA Studio to open it.",
        )
    for step in range(version, SCHEMA_VERSION):
        header = _STEPS[step](header)
    return header
