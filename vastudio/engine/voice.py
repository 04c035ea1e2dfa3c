"""A model's state while it plays: the memory that the kernel works in."""

from __future__ import annotations

import numpy as np

from vastudio.engine.graph import PlayableModel
from vastudio.kernels.cells import Floats
from vastudio.kernels.gru import (
    FAULTS,
    PACKED,
    STATE_AT,
    TARGET_AT,
    WEIGHTS_AT,
    glide,
    glide_steps,
    gru_process,
    gru_render,
    jump,
    new_voice,
    packed_size,
    padded,
)
from vastudio.kernels.memory import address, aligned
from vastudio.types import Audio, KnobValues


class Voice:
    """One model playing, at rest when it is made. Not for two threads at a time.

    Attributes
    ----------
    latency:
        Samples from input to output.
    numbers:
        The voice as the kernels know it; the callback needs only its address.
    steps:
        Length of a glide.
    """

    latency = 0

    def __init__(self, model: PlayableModel, values: KnobValues) -> None:
        self.model = model
        size = packed_size(model.hidden)
        self.weights: Floats = aligned(size, np.float32)
        self.target: Floats = aligned(size, np.float32)
        self.state: Floats = aligned(2 * padded(model.hidden), np.float32)
        self.numbers = new_voice(model.hidden)
        self.numbers[PACKED] = size
        self.numbers[[WEIGHTS_AT, TARGET_AT, STATE_AT]] = [
            address(array) for array in (self.weights, self.target, self.state)
        ]
        self.steps = glide_steps(model.sample_rate)
        self.jump_to(values)

    @property
    def faults(self) -> int:
        """How often the state had to be put back to rest because it was not a number."""
        return int(self.numbers[FAULTS])

    def jump_to(self, values: KnobValues) -> None:
        """Set the knobs at once and return to rest. Raises KnobError."""
        jump(self.weights, self.target, self.model.packed(values), self.state, self.numbers)

    def glide_to(self, values: KnobValues) -> None:
        """Turn the knobs over the next 20 ms of sound. Raises KnobError."""
        glide(self.target, self.model.packed(values), self.numbers, self.steps)

    def reset(self) -> None:
        """Arrive where the knobs point and return to rest."""
        jump(self.weights, self.target, self.target.copy(), self.state, self.numbers)

    def prewarm(self) -> None:
        """Have everything compiled and in the caches before sound has to flow; the voice stays at rest."""
        silence = np.zeros(2, np.float32)
        gru_process(silence, np.empty_like(silence), 2, self.weights, self.target, self.state, self.numbers)
        self.reset()

    def process(self, audio: Audio, block: int) -> Audio:
        """Return the model's response to `audio`, computed in blocks of `block` samples."""
        source = np.ascontiguousarray(audio, np.float32)
        out = np.empty_like(source)
        gru_render(source, out, block, self.weights, self.target, self.state, self.numbers)
        return out
