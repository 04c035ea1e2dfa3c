"""The built-in amplifier circuit as a device to capture: no hardware, nothing to connect."""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.audio.io import Subtype
from vastudio.capture.source import OnProgress, Option, Recording, Request, ignore_progress
from vastudio.kernels import circuit
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues, knob_vector


@dataclass(frozen=True)
class VirtualAmp:
    """Two triode stages and a tone stack; see `vastudio.kernels.circuit`."""

    name: str = "Virtual amp"
    knobs: tuple[Knob, ...] = circuit.KNOBS
    sample_rate: int = STANDARD_RATE
    needs_hands: bool = False
    coding: Subtype = "FLOAT"
    lead: int = 0

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to close."""

    def record(
        self,
        signal: Audio,
        values: KnobValues,
        place: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> Recording:
        """Return `signal` through the circuit, without delay. Raises KnobError."""
        gain, tone = (
            knob.denormalised(float(fraction))
            for knob, fraction in zip(self.knobs, knob_vector(self.knobs, values), strict=True)
        )
        return Recording(circuit.amplify(signal, gain, tone, self.sample_rate))


class VirtualAmpKind:
    """Always there."""

    title = "the built-in amplifier"
    options: tuple[Option, ...] = ()

    def build(self, request: Request) -> VirtualAmp:
        """Return the amplifier; the plan's knobs are `gain` and `tone`."""
        return VirtualAmp(request.device or VirtualAmp.name)


KIND = VirtualAmpKind()
