"""What files say about themselves beside their numbers: taken where it is usable, else left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

LONGEST_TEXT = 2_000


def text(metadata: Mapping[str, Any], *keys: str) -> str:
    """The first of these that is a text with something in it, on one line; empty where none is."""
    for key in keys:
        found = metadata.get(key)
        if isinstance(found, str) and found.strip():
            printable = "".join(c if c.isprintable() else " " for c in found[:LONGEST_TEXT])
            return " ".join(printable.split())
    return ""


def number(metadata: Mapping[str, Any], key: str) -> float | None:
    """A finite number, or a text that is one; None where it is neither."""
    found = metadata.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return None
    try:
        value = float(found)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


def mapping(metadata: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """What stands under keys within each other, if it is an object, else nothing."""
    found: Any = metadata
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def known(**values: float | str | None) -> dict[str, Any]:
    """Those that say something."""
    return {key: value for key, value in values.items() if value not in (None, "")}


def levels(metadata: Mapping[str, Any]) -> dict[str, float]:
    """dBu of a full-scale sine at the input and the output, under the names of `.nam` files."""
    found = {key: number(metadata, f"{key}_level_dbu") for key in ("input", "output")}
    return {f"{key}_dbu": value for key, value in found.items() if value is not None}


def exported(metadata: Mapping[str, Any]) -> str:
    """What the studio wrote of its own export: `exact` or `distilled`; empty for files of others."""
    return text(mapping(metadata, "vastudio"), "export")
