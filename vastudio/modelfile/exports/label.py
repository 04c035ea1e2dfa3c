"""What is written on an exported model beside its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

Fidelity: TypeAlias = Literal["exact", "distilled"]
"""Whether a file holds the model itself, or a network that learned from it."""

GEAR_TYPES = ("amp", "pedal", "pedal_amp", "amp_cab", "amp_pedal_cab", "preamp", "studio")
TONE_TYPES = ("clean", "overdrive", "crunch", "hi_gain", "fuzz")
"""The words that the Neural Amp Modeler knows; others are not written into its files."""


@dataclass(frozen=True)
class ExportLabel:
    """Name, maker, gear and measures. What is empty or None is left out, or null where a format wants it.

    Attributes
    ----------
    input_dbu, output_dbu:
        dBu of a full-scale sine where it enters, and where it leaves.
    esr:
        Error-to-signal ratio against the device at held-out recordings; of a distilled file against the
        model that it learned from.
    loudness_db, gain:
        What the Neural Amp Modeler's players level their models by (`app.exporting.loudness`).
    knobs:
        Where the knobs stood, in the units of the dials; empty where they are live or there are none.
    """

    name: str = ""
    author: str = ""
    gear_make: str = ""
    gear_model: str = ""
    gear_type: str = ""
    tone_type: str = ""
    licence: str = ""
    notes: str = ""
    input_dbu: float | None = None
    output_dbu: float | None = None
    esr: float | None = None
    loudness_db: float | None = None
    gain: float | None = None
    made: datetime | None = None
    fidelity: Fidelity = "exact"
    knobs: Mapping[str, float] = field(default_factory=dict)

    def origin(self) -> dict[str, Any]:
        """What the studio writes under its own name, where a format lets others add to its files."""
        return {"export": self.fidelity, **({"knobs": dict(self.knobs)} if self.knobs else {})}
