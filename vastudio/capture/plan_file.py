"""A capture plan as a file, `PLAN.toml`: the dials, the positions in their order, and what is played.

The file is meant to be read and edited by a person; docs/file-format.md lists its keys. A plan is written
with every value spelled out, and reading it gives the same plan back.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vastudio import atomic
from vastudio.audio.capture_stimulus import LONGEST_SECONDS, SHORTEST_SECONDS
from vastudio.capture.plan import KnobPlan, Position
from vastudio.dataset.manifest import Split
from vastudio.errors import DatasetError, did_you_mean
from vastudio.types import Knob, KnobKind, knob_vector

SCHEMA_VERSION = 1

Taper: TypeAlias = Literal["linear", "audio", "reverse-audio"]
"""How a dial's effect grows on the way from its lowest to its highest mark."""

_UNKNOWN_KEY = "extra_forbidden"  # pydantic's name for it


@dataclass(frozen=True)
class Dial:
    """A knob as it is captured.

    Attributes
    ----------
    steps:
        Equal steps from the lowest mark to the highest that a person can set; None leaves it to the planner.
    is_output_volume:
        The knob only makes the device louder, after everything else in it.
    """

    knob: Knob
    steps: int | None = None
    taper: Taper = "linear"
    is_output_volume: bool = False


@dataclass(frozen=True)
class StimulusChoice:
    """What is played at every position.

    Attributes
    ----------
    seconds:
        Length of the studio's own stimulus.
    seed:
        The same seed gives the same stimulus at the same position.
    file:
        A clean recording to play instead; None for the studio's own stimulus.
    """

    seconds: float = 30.0
    seed: int = 0
    file: Path | None = None


@dataclass(frozen=True)
class CapturePlan:
    """Everything a capture session needs to know beside the device itself.

    A position that appears more than once is recorded more than once; how far its takes lie apart is the
    floor that no model can beat.
    """

    dials: tuple[Dial, ...]
    positions: tuple[Position, ...]
    stimulus: StimulusChoice = StimulusChoice()
    device: str = ""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The knobs, in the order of the dials."""
        return tuple(dial.knob for dial in self.dials)

    @property
    def knob_plan(self) -> KnobPlan:
        """Knobs and positions alone, as the planner makes them."""
        return KnobPlan(self.knobs, self.positions)


def write_plan(plan: CapturePlan, path: Path) -> None:
    """Write `plan` to `path` atomically. A stimulus file is named relative to the plan where it can be.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    atomic.write_text(path, plan_text(plan, path.parent))


def plan_text(plan: CapturePlan, folder: Path) -> str:
    """Return `plan` as TOML for a file in `folder`."""
    document = tomlkit.document()
    document.add("schema", tomlkit.item(SCHEMA_VERSION))
    document.add("device", tomlkit.item(plan.device))
    document.add("stimulus", tomlkit.item(_stimulus_record(plan.stimulus, folder)))
    knobs, positions = tomlkit.aot(), tomlkit.aot()
    for dial in plan.dials:
        knobs.append(tomlkit.item(_dial_record(dial)))
    for position in plan.positions:
        values = tomlkit.inline_table()
        values.update(position.values)
        table = tomlkit.table()
        table.update({"split": position.split, "knobs": values})
        positions.append(table)
    document.update({name: items for name, items in (("knobs", knobs), ("positions", positions)) if items})
    return tomlkit.dumps(document)


def read_plan(path: Path) -> CapturePlan:
    """Read a plan.

    Raises
    ------
    DatasetError
        When the file is missing, not TOML, written by a newer studio, or says something impossible; the
        message names the place.
    KnobError
        When a position names an unknown knob or a value outside its dial, or a dial has no range.
    """
    path = Path(path)
    try:
        record = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DatasetError(
            f"There is no plan {path}.", "Make one with 'vastudio plan'.", str(error)
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} is not TOML: {error}.", "Mend that line.") from error
    _refuse_newer(path, record)
    try:
        plan = _File.model_validate(record).plan(path.parent)
    except ValidationError as error:
        raise _complaint(path, error) from error
    _refuse_twins(path, plan)
    if not plan.positions:
        raise DatasetError(f"{path} holds no position to record.", "Plan at least one.")
    return _complete(plan)


class _Part(BaseModel):
    """A table of the file: no unknown keys, no numbers in quotes."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Stimulus(_Part):
    seconds: Annotated[float, Field(ge=SHORTEST_SECONDS, le=LONGEST_SECONDS)] = 30.0
    seed: Annotated[int, Field(ge=0)] = 0
    file: str = ""

    def choice(self, folder: Path) -> StimulusChoice:
        return StimulusChoice(self.seconds, self.seed, folder / self.file if self.file else None)


class _Knob(_Part):
    name: str
    label: str = ""
    minimum: float = 0.0
    maximum: float = 10.0
    default: float | None = None
    unit: str = ""
    kind: KnobKind = "continuous"
    steps: Annotated[int, Field(ge=1)] | None = None
    taper: Taper = "linear"
    output_volume: bool = False

    def dial(self) -> Dial:
        middle = (self.minimum + self.maximum) / 2.0
        rest = self.default if self.default is not None else middle
        if self.default is None and self.kind == "switch":
            rest = self.minimum
        knob = Knob(self.name, self.label, self.minimum, self.maximum, rest, self.unit, self.kind)
        return Dial(knob, self.steps, self.taper, self.output_volume)


class _Position(_Part):
    split: Split = "train"
    knobs: dict[str, float] = {}


class _File(_Part):
    schema_: Annotated[int, Field(alias="schema", ge=1)] = SCHEMA_VERSION
    device: str = ""
    stimulus: _Stimulus = _Stimulus()
    knobs: list[_Knob] = []
    positions: list[_Position]

    def plan(self, folder: Path) -> CapturePlan:
        return CapturePlan(
            tuple(knob.dial() for knob in self.knobs),
            tuple(Position(position.knobs, position.split) for position in self.positions),
            self.stimulus.choice(folder),
            self.device,
        )


def _stimulus_record(choice: StimulusChoice, folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = {"seconds": float(choice.seconds), "seed": choice.seed}
    if choice.file is not None:
        file, base = choice.file.resolve(), folder.resolve()
        record["file"] = (file.relative_to(base) if file.is_relative_to(base) else file).as_posix()
    return record


def _dial_record(dial: Dial) -> dict[str, Any]:
    knob = dial.knob
    record: dict[str, Any] = {
        "name": knob.name,
        "label": knob.label,
        "minimum": float(knob.minimum),
        "maximum": float(knob.maximum),
        "default": float(knob.default),
        "unit": knob.unit,
        "kind": knob.kind,
        "steps": dial.steps,
        "taper": dial.taper,
        "output_volume": dial.is_output_volume,
    }
    return {name: value for name, value in record.items() if value not in ("", None)}


def _refuse_newer(path: Path, record: Mapping[str, Any]) -> None:
    version = record.get("schema")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise DatasetError(
            f"{path} was written by a newer VA Studio (schema {version}, known up to {SCHEMA_VERSION}).",
            "Update VA Studio.",
        )


def _complaint(path: Path, error: ValidationError) -> DatasetError:
    """The first thing that is wrong, with its place; a misspelt key with the key that was meant."""
    first = next((each for each in error.errors() if each["type"] == _UNKNOWN_KEY), error.errors()[0])
    *table, key = first["loc"] or ("",)
    where = " ".join(str(part + 1) if isinstance(part, int) else f"'{part}'" for part in (*table, key))
    if first["type"] != _UNKNOWN_KEY:
        return DatasetError(f"{path}, {where}: {first['msg']}.", "Mend that line.", str(error))
    shapes: dict[str, type[_Part]] = {"stimulus": _Stimulus, "knobs": _Knob, "positions": _Position}
    shape = shapes.get(str(table[0]) if table else "", _File)
    known = [field.alias or name for name, field in shape.model_fields.items()]
    return DatasetError(f"{path}, {where}: there is no such key.", did_you_mean(str(key), known), str(error))


def _refuse_twins(path: Path, plan: CapturePlan) -> None:
    names = sorted(knob.name for knob in plan.knobs)
    twice = next((name for name, other in itertools.pairwise(names) if name == other), None)
    if twice is not None:
        raise DatasetError(f"{path} has two knobs '{twice}'.", "Give every knob a name of its own.")


def _complete(plan: CapturePlan) -> CapturePlan:
    """Give every position a value for every knob; one not named rests at its default. Raises KnobError."""
    positions = []
    for position in plan.positions:
        knob_vector(plan.knobs, position.values)
        values = {knob.name: float(position.values.get(knob.name, knob.default)) for knob in plan.knobs}
        positions.append(replace(position, values=values))
    return replace(plan, positions=tuple(positions))
