"""Which control of a controller moves which parameter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from vastudio.errors import ControlError

SourceKind = Literal["control", "wide control", "note", "bend"]
ANY_CHANNEL = 0
SCHEMA = 1


@dataclass(frozen=True)
class Source:
    """A control of a controller.

    Attributes
    ----------
    kind:
        A control change of 7 bits, one of 14 bits (two numbers, the other one 32 higher), a note, or the
        pitch wheel.
    channel:
        1 to 16, or 0 for any.
    number:
        Of the control or the note, 0 to 127; of a wide control, 0 to 31.
    """

    kind: SourceKind
    channel: int
    number: int = 0

    def __post_init__(self) -> None:
        highest = 31 if self.kind == "wide control" else 127
        if not (0 <= self.channel <= 16 and 0 <= self.number <= highest):
            raise ControlError(f"There is no MIDI {self.kind} {self.number} on channel {self.channel}.")

    def hears(self, other: Source) -> bool:
        """Whether what comes from `other`, whose channel is known, is meant."""
        return (self.kind, self.number) == (other.kind, other.number) and self.channel in (
            ANY_CHANNEL,
            other.channel,
        )

    @property
    def text(self) -> str:
        """For a person, e.g. `CC 74, channel 1`."""
        names = {"control": "CC", "wide control": "CC (14 bit)", "note": "note", "bend": "pitch wheel"}
        number = "" if self.kind == "bend" else f" {self.number}"
        channel = "any channel" if self.channel == ANY_CHANNEL else f"channel {self.channel}"
        return f"{names[self.kind]}{number}, {channel}"


@dataclass(frozen=True)
class Mapping:
    """A control and the parameter that it moves.

    Attributes
    ----------
    parameter:
        Its key.
    lowest, highest:
        The part of the parameter's travel that it moves over, 0..1 each.
    inverted:
        Whether it moves the other way.
    picks_up:
        Whether it moves a knob only from where the knob stands, instead of making it jump.
    toggles:
        Whether pressing changes a switch over, instead of holding it.
    """

    source: Source
    parameter: str
    lowest: float = 0.0
    highest: float = 1.0
    inverted: bool = False
    picks_up: bool = True
    toggles: bool = False

    def __post_init__(self) -> None:
        if not (0.0 <= self.lowest < self.highest <= 1.0):
            raise ControlError(
                f"{self.parameter} cannot be moved from {self.lowest:g} to {self.highest:g}.",
                "Choose a range within 0 to 1.",
            )

    def fraction(self, position: float) -> float:
        """Where the parameter is to be, 0..1, for a control at `position`, 0..1."""
        position = 1.0 - position if self.inverted else position
        return self.lowest + position * (self.highest - self.lowest)

    def position(self, fraction: float) -> float:
        """Where the control would have to be for a parameter at `fraction`; beyond 0..1 out of its reach."""
        position = (fraction - self.lowest) / (self.highest - self.lowest)
        return 1.0 - position if self.inverted else position


def _is_of_model(mapping: Mapping) -> bool:
    return mapping.parameter.startswith("model.")


@dataclass(frozen=True)
class ControlMap:
    """All mappings: those of the rack hold always, those of a model's knobs for the model of that name."""

    everywhere: tuple[Mapping, ...] = ()
    models: dict[str, tuple[Mapping, ...]] = field(default_factory=dict)

    def of(self, model: str) -> tuple[Mapping, ...]:
        """What holds while a model plays."""
        return self.everywhere + self.models.get(model, ())

    def find(self, parameter: str, model: str) -> Mapping | None:
        """What moves a parameter while a model plays."""
        return next((item for item in self.of(model) if item.parameter == parameter), None)

    def added(self, mapping: Mapping, model: str) -> ControlMap:
        """The same, and one more; what moved the parameter, or what the control moved, gives way."""

        def others(items: Iterable[Mapping]) -> tuple[Mapping, ...]:
            return tuple(
                item
                for item in items
                if item.parameter != mapping.parameter and not mapping.source.hears(item.source)
            )

        everywhere, own = others(self.everywhere), others(self.models.get(model, ()))
        if _is_of_model(mapping):
            return replace(self, everywhere=everywhere, models={**self.models, model: (*own, mapping)})
        return ControlMap((*everywhere, mapping), _with(self.models, model, own))

    def without(self, parameter: str, model: str) -> ControlMap:
        """The same without what moves a parameter."""

        def others(items: Iterable[Mapping]) -> tuple[Mapping, ...]:
            return tuple(item for item in items if item.parameter != parameter)

        return ControlMap(
            others(self.everywhere), _with(self.models, model, others(self.models.get(model, ())))
        )


def _with(
    models: dict[str, tuple[Mapping, ...]], model: str, own: tuple[Mapping, ...]
) -> dict[str, tuple[Mapping, ...]]:
    rest = {name: items for name, items in models.items() if name != model}
    return {**rest, model: own} if own else rest


_MAP: TypeAdapter[ControlMap] = TypeAdapter(ControlMap)


def map_record(control_map: ControlMap) -> dict[str, Any]:
    """A map as plain values for JSON."""
    record: dict[str, Any] = _MAP.dump_python(control_map, mode="json")
    return record


def read_map(record: object, name: str) -> ControlMap:
    """The map of a record, which `name` is said to hold. Raises ControlError when it is none."""
    try:
        return _MAP.validate_python(record)
    except (ValidationError, ControlError) as error:
        raise ControlError(
            f"{name} holds no map of controls that can be used.",
            "It is damaged, or of a newer VA Studio: export it again, or update.",
            str(error),
        ) from error
