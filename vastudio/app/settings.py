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
MOST_DEVICES = 32
THEMES = ("system", "dark", "light")


@dataclass(frozen=True)
class AudioSettings:
    """A device and how it is used. An empty name means the system's default.

    Attributes
    ----------
    input_channel, output_channel, outputs:
        Which input is live, the first output that sounds (both counted from 1), how many outputs sound.
    input_dbu, output_dbu:
        Level at the socket of a sine at full scale, in dBu; None where nobody measured it.
    latency_samples:
        From the output through a cable to the input, as measured at this rate and block; None: not measured.
    """

    host_api: str = ""
    device: str = ""
    sample_rate: int = 48_000
    block: int = 128
    input_channel: int = 1
    output_channel: int = 1
    outputs: int = 2
    input_dbu: float | None = None
    output_dbu: float | None = None
    latency_samples: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other devices."""
        return self.host_api, self.device

    def changed(self, **changes: Any) -> AudioSettings:
        """The same device used in another way; at another rate or block its latency is unknown again."""
        made = dataclasses.replace(self, **changes)
        same = (made.sample_rate, made.block) == (self.sample_rate, self.block)
        return (
            made if same or "latency_samples" in changes else dataclasses.replace(made, latency_samples=None)
        )


@dataclass(frozen=True)
class WindowSettings:
    """Where the window was, and which page it showed."""

    width: int = 1440
    height: int = 900
    maximised: bool = False
    page: str = "play"


@dataclass(frozen=True)
class Settings:
    """Everything that is remembered.

    Attributes
    ----------
    audio, devices:
        The device in use, and how those were used that are not.
    """

    theme: str = "system"
    audio: AudioSettings = field(default_factory=AudioSettings)
    devices: tuple[AudioSettings, ...] = ()
    window: WindowSettings = field(default_factory=WindowSettings)
    level_match: bool = True
    last_model: str = ""
    last_dataset: str = ""
    known_datasets: tuple[str, ...] = ()

    def using(self, audio: AudioSettings) -> Settings:
        """The same with `audio` in use; how the device before was used is kept for its return."""
        others = tuple(each for each in self.devices if each.key not in (audio.key, self.audio.key))
        before = () if self.audio.key == audio.key else (self.audio,)
        return dataclasses.replace(self, audio=audio, devices=(others + before)[-MOST_DEVICES:])

    def device(self, host_api: str, name: str) -> AudioSettings:
        """How a device was used the last time; one that is new begins at the rate and block in use."""
        for known in (self.audio, *self.devices):
            if known.key == (host_api, name):
                return known
        now = self.audio
        return AudioSettings(host_api, name, now.sample_rate, now.block)


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
    record["audio"] = _audio_record(settings.audio)
    record["devices"] = [_audio_record(device) for device in settings.devices]
    atomic.write_text(settings_file(), tomlkit.dumps(record))


def _audio_record(audio: AudioSettings) -> dict[str, Any]:
    """TOML knows no nothing: what is not known is left out."""
    return {name: value for name, value in dataclasses.asdict(audio).items() if value is not None}


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
    devices = record.get("devices", ())
    plain["devices"] = tuple(AudioSettings(**_known(AudioSettings, device)) for device in devices)
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
        wanted: type[Any] = float if item.default is None else type(item.default)
        value = float(value) if wanted is float and type(value) is int else value
        if type(value) is not wanted and not isinstance(item.default, tuple):
            raise TypeError(f"{item.name} is not {wanted.__name__}")
        kept[item.name] = value
    return kept
