"""The rack as its knobs and switches have it: frozen values, to be compared, kept and sent to the player."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from vastudio.app.calibration import Driven
from vastudio.engine.effects import Effect
from vastudio.engine.equaliser import GUITAR_BANDS, Band, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.passive_tone import PassiveTone
from vastudio.engine.quality import Quality
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
    trim_on, gate_on, model_on, tone_on, cabinet_on, output_on:
        What is not on is bypassed, and remembered. Without trim and output their levels are 0 dB, and nothing
        is mixed.
    mix:
        Share of the processed sound, 0..1; the rest is the input.
    trim_calibrated, output_calibrated:
        Whether the levels are those of the captured device where they are known (`app.calibration`); what is
        set by hand is remembered.
    quality:
        How the model plays: more than `normal` costs more, and removes tones that are not of the notes.

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
    trim_on: bool = True
    output_on: bool = True
    trim_calibrated: bool = False
    output_calibrated: bool = False
    quality: Quality = Quality.NORMAL

    @property
    def as_heard(self) -> RackState:
        """The same with the levels that its bypassed ends leave."""
        trim_db = self.trim_db if self.trim_on else 0.0
        output_db, mix = (self.output_db, self.mix) if self.output_on else (0.0, 1.0)
        return replace(self, trim_db=trim_db, output_db=output_db, mix=mix)

    @property
    def bypassed(self) -> RackState:
        """The same with nothing in the way of the sound."""
        return replace(
            self,
            trim_on=False,
            gate_on=False,
            model_on=False,
            tone_on=False,
            cabinet_on=False,
            output_on=False,
        )

    def calibrated(self, trim: Driven, output: Driven) -> RackState:
        """The same with the levels of the captured device, where they are wanted and known.

        What lies beyond the range of a level becomes its end.
        """
        changes: dict[str, Any] = {}
        if self.trim_calibrated and trim.level_db is not None:
            changes["trim_db"] = _within("trim_db", trim.level_db)
        if self.output_calibrated and output.level_db is not None:
            changes["output_db"] = _within("output_db", output.level_db)
        return replace(self, **changes)

    def __post_init__(self) -> None:
        for name, (lowest, highest) in RANGES.items():
            if not lowest <= getattr(self, name) <= highest:
                raise KnobError(
                    f"The rack's {name.removesuffix('_db')} cannot be {getattr(self, name):g}.",
                    f"Its range is {lowest:g} to {highest:g}.",
                )


def _within(name: str, value: float) -> float:
    lowest, highest = RANGES[name]
    return min(max(value, lowest), highest)


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
