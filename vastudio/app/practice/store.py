"""What is remembered of practising: `practice.json` in the configuration folder.

Written atomically; a damaged file is set aside (`practice.json.damaged`) and the defaults are used.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from vastudio import atomic, paths
from vastudio.engine.metronome import Beat
from vastudio.errors import KnobError, StudioError

SCHEMA = 1
MOST_RECENT = 10


@dataclass(frozen=True)
class PracticeSettings:
    """The metronome, whether a recording is counted in, and the phrases played last, the newest first."""

    beat: Beat = field(default_factory=Beat)
    counts_in: bool = False
    recent: tuple[str, ...] = ()

    def with_recent(self, path: Path) -> PracticeSettings:
        """The same with a phrase at the top."""
        others = (item for item in self.recent if item != str(path))
        return replace(self, recent=(str(path), *others)[:MOST_RECENT])

    def without_recent(self, path: Path) -> PracticeSettings:
        """The same without a phrase that cannot be read any more."""
        return replace(self, recent=tuple(item for item in self.recent if item != str(path)))


_SETTINGS: TypeAdapter[PracticeSettings] = TypeAdapter(PracticeSettings)


def practice_file() -> Path:
    """Where it is kept."""
    return paths.user_config() / "practice.json"


def load() -> PracticeSettings:
    """Read what is remembered; the defaults where there is nothing, or nothing that can be read."""
    path = practice_file()
    try:
        return _SETTINGS.validate_python(json.loads(path.read_text(encoding="utf-8"))["practice"])
    except OSError:
        return PracticeSettings()
    except (ValidationError, KnobError, ValueError, KeyError, TypeError):
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".json.damaged"))
        return PracticeSettings()


def save(settings: PracticeSettings) -> None:
    """Write it; a folder that cannot be written loses only the memory of it."""
    record = {"schema": SCHEMA, "practice": asdict(settings)}
    with contextlib.suppress(StudioError):
        atomic.write_text(practice_file(), json.dumps(record, indent=1, allow_nan=False))
