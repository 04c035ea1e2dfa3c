"""What can be captured: a device with knobs that answers a signal with a recording."""

from __future__ import annotations

from typing import Protocol

from vastudio import registry
from vastudio.types import Audio, Knob, KnobValues


class Source(Protocol):
    """A device under capture. Every module of `vastudio.capture.sources` defines one as `SOURCE`."""

    @property
    def name(self) -> str:
        """What the device is called on screen and in the manifest."""
        ...

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The knobs a capture varies."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz, of the signal played and of the recording."""
        ...

    def record(self, signal: Audio, values: KnobValues) -> Audio:
        """Play `signal` at the knob positions `values`; return what comes back, equal in length.

        Blocks until the recording is complete. A knob not named rests at its default.

        Raises
        ------
        KnobError
            When a knob is unknown or outside its dial.
        """
        ...


def sources() -> dict[str, Source]:
    """Return every kind of device the studio can capture, by module name."""
    return registry.discover("vastudio.capture.sources", "SOURCE")
