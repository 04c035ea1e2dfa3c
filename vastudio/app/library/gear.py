"""Which device a model imitates: where files keep it, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KINDS = {
    "amp": "Amp",
    "preamp": "Preamp",
    "pedal": "Pedal",
    "amp_cab": "Amp and cab",
    "pedal_amp": "Pedal and amp",
    "amp_pedal_cab": "Pedal, amp and cab",
    "studio": "Studio",
}
"""Kinds of gear, as `.nam` files name them."""

TONES = {
    "clean": "Clean",
    "overdrive": "Overdrive",
    "crunch": "Crunch",
    "hi_gain": "High gain",
    "fuzz": "Fuzz",
    "other": "Other",
}

PLACE = "gear"
"""The key of a `.vamodel`'s provenance under which the device stands: `make`, `model`, `type`, `tone`."""

_IMPORTED = {"make": "gear_make", "model": "gear_model", "type": "gear_type", "tone": "tone_type"}


@dataclass(frozen=True)
class Gear:
    """A device: who made it, which it is, its kind and its tone. What is not known is empty."""

    maker: str = ""
    model: str = ""
    kind: str = ""
    tone: str = ""


def gear_of(provenance: Mapping[str, Any]) -> Gear:
    """The device as a `.vamodel` has it: what its owner wrote, else what the file that it came from said."""
    written, imported = _texts(provenance.get(PLACE)), _texts(provenance.get("imported"))
    found = {key: written.get(key, imported.get(theirs, "")) for key, theirs in _IMPORTED.items()}
    return Gear(found["make"], found["model"], word(found["type"]), word(found["tone"]))


def word(text: str) -> str:
    """A kind or a tone as the files spell it: `High Gain` and `high-gain` are `hi_gain`."""
    plain = "_".join(text.casefold().replace("-", " ").split()).replace(" ", "_")
    return {"high_gain": "hi_gain", "higain": "hi_gain", "od": "overdrive"}.get(plain, plain)


def title(text: str) -> str:
    """A kind or a tone as a person reads it."""
    return KINDS.get(text) or TONES.get(text) or text.replace("_", " ").capitalize()


def _texts(part: Any) -> dict[str, str]:
    return {k: v for k, v in part.items() if isinstance(v, str)} if isinstance(part, Mapping) else {}
