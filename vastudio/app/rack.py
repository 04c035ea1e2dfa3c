"""The rack as its knobs and switches have it: frozen values, to be compared, kept and sent to the player."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from vastudio.engine.effects import Effect
from vastudio.engine.equaliser import GUITAR_BANDS, Band, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.passive_tone import PassiveTone
from vastudio.errors import KnobError, PresetError

ToneKind = Literal["bands", "stack"]

RANGES: Mapping[str, tuple[float, float]] = {
    "trim_db": (-24.0, 24.0),
    "output_db": (-60.0, 12.0),
    "mix": (0.0, 1.0),
}


@dataclass(frozen=True)
class MicrophoneSettings:
    """One impulse response of the cabinet slot.

    Attributes
    ----------
    response:
        Its file's name in `app.impulses`; empty: none.
    level_db, delay_ms, inverted:
        As in `engine.cabinet_mix.Microphone`.
    """

    response: str = ""
    level_db: float = 0.0
    delay_ms: float = 0.0
    inverted: bool = False


@dataclass(frozen=True)
class CabinetSettings:
    """The cabinet slot: two microphones, and what is done to their responses (`engine.cabinet.Cabinet`)."""

    first: MicrophoneSettings = field(default_factory=MicrophoneSettings)
    second: MicrophoneSettings = field(default_factory=MicrophoneSettings)
    trimmed: bool = True
    minimum_phase: bool = False

    @property
    def microphones(self) -> tuple[MicrophoneSettings, ...]:
        """Those that have a response."""
        return tuple(item for item in (self.first, self.second) if item.response)


@dataclass(frozen=True)
class ToneSettings:
    """The equaliser's slot: bands, or an amplifier's tone stack in their place; both are remembered."""

    kind: ToneKind = "bands"
    bands: tuple[Band, ...] = GUITAR_BANDS
    stack: PassiveTone = field(default_factory=PassiveTone)

    @property
    def effect(self) -> Effect:
        """What plays."""
        return self.stack if self.kind == "stack" else Equaliser(self.bands)


@dataclass(frozen=True)
class RackState:
    """Every setting of the rack but the model's own knobs.

    Attributes
    ----------
    trim_db, output_db:
        Levels in front of the gate and behind everything: −24 to 24 dB, −60 to 12 dB.
    gate_on, model_on, tone_on, cabinet_on:
        What is not on is bypassed, and remembered.
    mix:
        Share of the processed sound, 0..1; the rest is the input.

    Raises KnobError when a number is out of its range.
    """

    trim_db: float = 0.0
    gate_on: bool = False
    gate: Gate = field(default_factory=Gate)
    model_on: bool = True
    tone_on: bool = False
    tone: ToneSettings = field(default_factory=ToneSettings)
    cabinet_on: bool = False
    cabinet: CabinetSettings = field(default_factory=CabinetSettings)
    output_db: float = 0.0
    mix: float = 1.0

    def __post_init__(self) -> None:
        for name, (lowest, highest) in RANGES.items():
            if not lowest <= getattr(self, name) <= highest:
                raise KnobError(
                    f"The rack's {name.removesuffix('_db')} cannot be {getattr(self, name):g}.",
                    f"Its range is {lowest:g} to {highest:g}.",
                )


@dataclass(frozen=True)
class Rig:
    """What one plays through: a rack, a model and where its knobs stand.

    Attributes
    ----------
    model:
        Path of the model file; empty: none.
    knobs:
        Dial values by name.
    """

    rack: RackState = field(default_factory=RackState)
    model: str = ""
    knobs: Mapping[str, float] = field(default_factory=dict)

    @property
    def model_path(self) -> Path | None:
        """The model file, if there is one."""
        return Path(self.model) if self.model else None


_RIG: TypeAdapter[Rig] = TypeAdapter(Rig)


def rig_record(rig: Rig) -> dict[str, Any]:
    """Return a rig as plain values for JSON."""
    record: dict[str, Any] = _RIG.dump_python(rig, mode="json")
    return record


def read_rig(record: object, name: str) -> Rig:
    """Return the rig of a record, which `name` is said to hold. Raises PresetError when it is none."""
    try:
        return _RIG.validate_python(record)
    except (ValidationError, KnobError) as error:
        raise PresetError(
            f"{name} holds settings that cannot be.",
            "It is damaged, or of a newer VA Studio: make it again, or update.",
            str(error),
        ) from error
