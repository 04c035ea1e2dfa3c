"""The noise gate as its knobs have it."""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.errors import KnobError
from vastudio.kernels import gate
from vastudio.kernels.voice import Floats, Program

_RANGES = {
    "threshold_db": (-90.0, 0.0, "dBFS"),
    "hysteresis_db": (0.0, 24.0, "dB"),
    "hold_ms": (0.0, 1000.0, "ms"),
    "attack_ms": (1.0, 100.0, "ms"),
    "release_ms": (10.0, 5000.0, "ms"),
}


@dataclass(frozen=True)
class Gate:
    """A noise gate's settings; the defaults let a guitar's chords ring and silence a single coil's hum.

    Attributes
    ----------
    threshold_db:
        Peak of a steady tone that opens the gate, −90 to 0 dBFS.
    hysteresis_db:
        How far below it the signal must fall for the gate to close, 0 to 24 dB.
    hold_ms:
        For how long it must have fallen, 0 to 1000 ms.
    attack_ms:
        Time in which the gate opens, to 90 % of the gain, 1 to 100 ms.
    release_ms:
        Time in which the closing gate falls by 60 dB, 10 to 5000 ms.

    Raises
    ------
    KnobError
        When a setting is not a number, or out of its range.
    """

    threshold_db: float = -60.0
    hysteresis_db: float = 6.0
    hold_ms: float = 50.0
    attack_ms: float = 1.0
    release_ms: float = 300.0

    def __post_init__(self) -> None:
        for name, (lowest, highest, unit) in _RANGES.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise KnobError(
                    f"The gate's {name.rsplit('_', 1)[0]} cannot be {value:g} {unit}.",
                    f"Its range is {lowest:g} to {highest:g} {unit}.",
                )

    @property
    def glides(self) -> bool:
        """Settings change without a crossfade."""
        return True

    def program(self, sample_rate: int) -> Program:
        """Return what plays a gate, at any rate."""
        return gate.program()

    def packed(self, sample_rate: int) -> Floats:
        """Return the settings as the program takes them, for `sample_rate` in Hz."""
        return gate.pack(
            open_at=10.0 ** (self.threshold_db / 20.0),
            close_at=10.0 ** ((self.threshold_db - self.hysteresis_db) / 20.0),
            hold_seconds=self.hold_ms / 1000.0,
            attack_seconds=self.attack_ms / 1000.0,
            release_seconds=self.release_ms / 1000.0,
            sample_rate=sample_rate,
        )
