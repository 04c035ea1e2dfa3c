"""The studio's errors: one line that says what happened, and one that says what to do next.

Everything a person can cause (a broken file, a missing device, a knob out of range) is raised as a
`StudioError`. The command line prints it and exits with `exit_code`; the window shows it beside the
thing it concerns. Any other exception is a defect in the studio.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class StudioError(Exception):
    """Something went wrong that a person can understand and act on.

    Parameters
    ----------
    message:
        One line: what happened, and to which file, knob or device.
    hint:
        One line: what to do next. Empty where there is nothing to do.
    details:
        Anything longer (a list of findings, an operating-system text), shown under "Details".
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class AudioFileError(StudioError):
    """An audio file is missing, empty, not audio, or holds samples that are not numbers."""


class DatasetError(StudioError):
    """A dataset or its source cannot be used."""


class ModelFileError(StudioError):
    """A model file is damaged, too new, or inconsistent."""


class KnobError(StudioError):
    """A knob is unknown, or its value is out of range."""


class TrainingError(StudioError):
    """Training cannot start or go on."""


class DeviceError(StudioError):
    """An audio device is missing or refuses the settings."""


class CaptureError(StudioError):
    """A take cannot be recorded, or a capture session cannot go on."""


class PresetError(StudioError):
    """A preset of the rack cannot be read, or holds what it must not."""


class ControlError(StudioError):
    """A map of controls cannot be read, or a MIDI port or an OSC address cannot be used."""


class ListeningError(StudioError):
    """A listening test cannot be set up, or cannot do that now."""


class OutputError(StudioError):
    """A file or folder cannot be written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the closest of `known`, or lists them all when none is close."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(choices)}." if choices else ""
