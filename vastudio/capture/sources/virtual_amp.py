"""The built-in amplifier circuit as a device to capture: no hardware, nothing to connect."""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.kernels import circuit
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues, knob_vector


@dataclass(frozen=True)
class VirtualAmp:
    """Two triode stages and a tone stack; see `vastudio.kernels.circuit`."""

    name: str = "Virtual amp"
    knobs: tuple[Knob, ...] = circuit.KNOBS
    sample_rate: int = STANDARD_RATE

    def record(self, signal: Audio, values: KnobValues) -> Audio:
        """Return `signal` through the circuit, without delay. Raises KnobError."""
        gain, tone = (
            knob.denormalised(float(fraction))
            for knob, fraction in zip(self.knobs, knob_vector(self.knobs, values), strict=True)
        )
        return circuit.amplify(signal, gain, tone, self.sample_rate)


SOURCE = VirtualAmp()
