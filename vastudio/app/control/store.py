"""What is remembered of controllers: the map, the MIDI ports, and whether OSC is heard.

`control.json` in the configuration folder, written atomically; a damaged file is set aside
(`control.json.damaged`) and everything starts empty.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic, paths
from vastudio.app.control.mapping import SCHEMA, ControlMap, map_record, read_map
from vastudio.errors import ControlError, StudioError

SUFFIX = ".vamap"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class MidiSettings:
    """Which MIDI ports are heard: all of them, or those named; and which channel (0: any)."""

    enabled: bool = True
    all_ports: bool = True
    ports: tuple[str, ...] = ()
    channel: int = 0


@dataclass(frozen=True)
class OscSettings:
    """Whether OSC messages are heard, and where. Another address than loopback lets other computers in."""

    enabled: bool = False
    address: str = LOOPBACK
    port: int = 9000

    @property
    def is_open_to_others(self) -> bool:
        """Whether other computers can send."""
        return not (self.address.startswith("127.") or self.address == "localhost")


@dataclass(frozen=True)
class ControlSettings:
    """Everything that is remembered."""

    midi: MidiSettings = field(default_factory=MidiSettings)
    osc: OscSettings = field(default_factory=OscSettings)
    map: ControlMap = field(default_factory=ControlMap)


_MIDI: TypeAdapter[MidiSettings] = TypeAdapter(MidiSettings)
_OSC: TypeAdapter[OscSettings] = TypeAdapter(OscSettings)


def control_file() -> Path:
    """Where it is kept."""
    return paths.user_config() / "control.json"


def load() -> ControlSettings:
    """Read what is remembered; the defaults where there is nothing, or nothing that can be read."""
    path = control_file()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return ControlSettings(
            _MIDI.validate_python(record["midi"]),
            _OSC.validate_python(record["osc"]),
            read_map(record["map"], path.name),
        )
    except OSError:
        return ControlSettings()
    except (ControlError, ValidationError, ValueError, KeyError, TypeError):
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".json.damaged"))
        return ControlSettings()


def save(settings: ControlSettings) -> None:
    """Write it; a folder that cannot be written loses only the memory of it."""
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "midi": asdict(settings.midi),
        "osc": asdict(settings.osc),
        "map": map_record(settings.map),
    }
    with contextlib.suppress(StudioError):
        atomic.write_text(control_file(), json.dumps(record, indent=1, allow_nan=False))


def export_map(control_map: ControlMap, path: Path) -> None:
    """Write a map to a file for another computer. Raises OutputError."""
    record = {"schema": SCHEMA, "map": map_record(control_map)}
    atomic.write_text(path, json.dumps(record, indent=1, allow_nan=False))


def import_map(path: Path) -> ControlMap:
    """Read a map from a file. Raises ControlError."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return read_map(record["map"], path.name)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ControlError(
            f"{path.name} is not a map of controls.", f"Choose a {SUFFIX} file.", str(error)
        ) from error
