"""What a MIDI controller says, read from the bytes of its messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vastudio.app.control.mapping import Source

_NOTE_OFF, _NOTE_ON, _CONTROL, _PROGRAM, _BEND = 0x80, 0x90, 0xB0, 0xC0, 0xE0
WIDE_OFFSET = 32
"""How much higher the number of a control's lower seven bits is."""


@dataclass(frozen=True)
class Event:
    """One message.

    Attributes
    ----------
    channel:
        1 to 16.
    number:
        Of the control, the note or the program; 0 of the pitch wheel.
    value:
        0 to 127; of the pitch wheel 0 to 16,383; of a note how hard it was struck, 0 when it was let go.
    """

    kind: Literal["control", "note", "bend", "program"]
    channel: int
    number: int
    value: int

    @property
    def source(self) -> Source:
        """What it comes from. Raises ControlError for a program change, which comes from no control."""
        return Source(self.kind, self.channel, self.number)  # type: ignore[arg-type]

    @property
    def position(self) -> float:
        """Where the control stands, 0..1."""
        return self.value / (16_383 if self.kind == "bend" else 127)


def parse(message: Sequence[int]) -> Event | None:
    """Read a message; None for what moves nothing (clocks, pressure, exclusive ones) and what is cut off."""
    if not message or not 0x80 <= message[0] < 0xF0:
        return None
    kind, channel, data = message[0] & 0xF0, (message[0] & 0x0F) + 1, message[1:]
    if len(data) < (1 if kind == _PROGRAM else 2) or any(not 0 <= byte <= 127 for byte in data):
        return None
    if kind == _PROGRAM:
        return Event("program", channel, data[0], data[0])
    if kind in (_NOTE_ON, _NOTE_OFF):
        return Event("note", channel, data[0], data[1] if kind == _NOTE_ON else 0)
    if kind == _CONTROL:
        return Event("control", channel, data[0], data[1])
    return Event("bend", channel, 0, data[0] + 128 * data[1]) if kind == _BEND else None
