"""What the studio remembers between two starts: settings.toml in the user's configuration folder.

A file that cannot be read is set aside (settings.toml.damaged) and the defaults are used: the studio
always starts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vastudio import atomic, paths

SCHEMA = 1
THEMES = ("system", "dark", "light")


@dataclass(frozen=True)
class AudioSettings:
    """The chosen device. An empty name means the system's default."""

    host_api: str = ""
    device: str = ""
    sample_rate: int = 48_000
    block: int = 128
    input_channel: int = 1


@dataclass(frozen=True)
class WindowSettings:
    """Where the window was, and which page it showed."""

    width: int = 1440
    height: int = 900
    maximised: bool = False
    page: str = "play"


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered."""

    theme: str = "system"
    audio: AudioSettings = field(default_factory=AudioSettings)
    window: WindowSettings = field(default_factory=WindowSettings)
    level_match: bool = True
    last_model: str = ""
    last_dataset: str = ""
    known_datasets: tuple[str, ...] = ()


def settings_file() -> Path:
    """The file the settings live in."""
    return paths.user_config() / "settings.toml"


def load() -> Settings:
    """Read the settings; the defaults where there are none, or where the file is damaged."""
    path = settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError):
        return Settings()
    try:
        return _from_record(_upgraded(tomlkit.parse(text).unwrap()))
    except (TOMLKitError, TypeError, ValueError):
        path.replace(path.with_suffix(".toml.damaged"))
        return Settings()


def save(settings: Settings) -> None:
    """Write the settings. Raises OutputError when the folder cannot be written."""
    record: dict[str, Any] = {"schema": SCHEMA, **dataclasses.asdict(settings)}
    record["known_datasets"] = list(settings.known_datasets)
    atomic.write_text(settings_file(), tomlkit.dumps(record))


_UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From schema n to n + 1; empty as long as there is one schema."""


def _upgraded(record: dict[str, Any]) -> dict[str, Any]:
    schema = record.pop("schema", SCHEMA)
    if not isinstance(schema, int):
        raise TypeError("schema is not a number")
    for step in range(schema, SCHEMA):
        record = _UPGRADES[step](record)
    return record


def _from_record(record: dict[str, Any]) -> Settings:
    """Build settings from a table, leaving out what this version does not know."""
    plain = _known(Settings, record)
    plain["audio"] = AudioSettings(**_known(AudioSettings, record.get("audio", {})))
    plain["window"] = WindowSettings(**_known(WindowSettings, record.get("window", {})))
    plain["known_datasets"] = tuple(str(item) for item in record.get("known_datasets", ()))
    if plain.get("theme", "system") not in THEMES:
        plain["theme"] = "system"
    return Settings(**plain)


def _known(kind: type[Any], record: dict[str, Any]) -> dict[str, Any]:
    """The entries of `record` that `kind` has, checked to be of the type of its defaults."""
    kept = {}
    for item in dataclasses.fields(kind):
        if item.name not in record or item.default is dataclasses.MISSING:
            continue
        value = record[item.name]
        if type(value) is not type(item.default) and not isinstance(item.default, tuple):
            raise TypeError(f"{item.name} is not {type(item.default).__name__}")
        kept[item.name] = value
    return kept
