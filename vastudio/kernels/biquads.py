"""An equaliser: eight second-order sections in one SIMD value, which is as fast as one section.

The sections stand in a row and each needs the output of the one before it, so they work as a pipeline: at
step t, lane k computes section k for sample t − 2k, and hands its result to lane k + 1, which needs it two
steps later. (One step would do, but then each step waits for the hand-over of the last.) A block of n samples
takes n + 14 steps. In the first and the last of them, lanes that have no sample of this block keep their
state; the pipeline is empty between blocks, so there is no latency, and the size of the blocks does not
change a bit.

A section is a trapezoidal state-variable filter (V. Zavalishin, "The Art of VA Filter Design", 2018;
A. Simper, "Linear trapezoidal integrated SVF", 2013). With g = tan(π·f/rate), damping k and
a = 1 / (1 + g·(g + k)), its two integrators change, for the input x, by

    band += 2·g·a·(x − low) − 2·g·a·(g + k)·band
    low  += 2·g·a·band + 2·g²·a·(x − low)

with the old values on the right, and the output is a mix of x, band and low. Two things follow. What is
rounded are small changes, so single precision is quiet at the lowest frequencies, where direct forms hiss.
And for every g > 0 and k ≥ 0 no step lengthens the vector (band, low); nor does, then, a mean of two
settings: the filter stays stable however its weights glide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import cfunc, types
from numba.extending import intrinsic

from vastudio.kernels.emit import FLOAT, INT32, INT64, Emitter
from vastudio.kernels.jit import CACHED
from vastudio.kernels.memory import aligned
from vastudio.kernels.voice import (
    PROCESS_SIGNATURE,
    REST_SIGNATURE,
    STATE_AT,
    WEIGHTS_AT,
    Program,
    floats_at,
    numbers_at,
)

Floats = npt.NDArray[np.float32]

SECTIONS = 8

_DELAY = 2
"""Steps from one section to the next."""

_FILL = _DELAY * (SECTIONS - 1)
"""Steps until the last section has something to do."""

_STRIDE = 4
"""Samples between two steps of a glide: a sweep of 24 dB in 0.1 s leaves steps below −65 dB."""

_ROWS = 6
"""Packed weights, each for all sections: three of the integrators, three of the output."""

_STATE = 2 * SECTIONS
"""Integrators: `band` of every section, then `low`."""


@dataclass(frozen=True)
class Section:
    """A second-order filter: out = dry·x + wet_band·band + wet_low·low.

    Attributes
    ----------
    g:
        tan(π·frequency/rate), above 0.
    k:
        Damping, 0 or more: 1/Q of the poles.
    dry, wet_band, wet_low:
        The mix, with band and low taken in the middle of the trapezoidal step.
    """

    g: float
    k: float
    dry: float = 1.0
    wet_band: float = 0.0
    wet_low: float = 0.0

    def weights(self) -> tuple[float, ...]:
        """Return the six numbers of the kernel; the output's three are for the old integrators."""
        a1 = 1.0 / (1.0 + self.g * (self.g + self.k))
        a2 = self.g * a1
        a3 = self.g * a2
        return (
            2.0 * a2,
            -2.0 * a2 * (self.g + self.k),
            2.0 * a3,
            self.dry + self.wet_band * a2 + self.wet_low * a3,
            self.wet_band * a1 + self.wet_low * a2,
            self.wet_low * (1.0 - a3) - self.wet_band * a2,
        )


# The filters of R. Bristow-Johnson's "Audio EQ Cookbook", whose bilinear transform is the same as the
# trapezoidal rule. Frequencies are fractions of the sample rate, 0 to 0.5.


def low_pass(frequency: float, q: float) -> Section:
    """Return a low-pass with the corner at `frequency`."""
    return Section(math.tan(math.pi * frequency), 1.0 / q, 0.0, 0.0, 1.0)


def high_pass(frequency: float, q: float) -> Section:
    """Return a high-pass with the corner at `frequency`."""
    return Section(math.tan(math.pi * frequency), 1.0 / q, 1.0, -1.0 / q, -1.0)


def peaking(frequency: float, q: float, gain_db: float) -> Section:
    """Return a bell of height `gain_db` around `frequency`."""
    root = 10.0 ** (gain_db / 40.0)
    k = 1.0 / (q * root)
    return Section(math.tan(math.pi * frequency), k, 1.0, k * (root * root - 1.0), 0.0)


def low_shelf(frequency: float, q: float, gain_db: float) -> Section:
    """Return a shelf of `gain_db` below `frequency`, half-way in dB there."""
    root = 10.0 ** (gain_db / 40.0)
    g = math.tan(math.pi * frequency) / math.sqrt(root)
    return Section(g, 1.0 / q, 1.0, (root - 1.0) / q, root * root - 1.0)


def high_shelf(frequency: float, q: float, gain_db: float) -> Section:
    """Return a shelf of `gain_db` above `frequency`, half-way in dB there."""
    root = 10.0 ** (gain_db / 40.0)
    g = math.tan(math.pi * frequency) * math.sqrt(root)
    return Section(g, 1.0 / q, root * root, (1.0 - root) * root / q, 1.0 - root * root)


def pack(sections: Sequence[Section]) -> Floats:
    """Arrange at most eight sections for the kernel; those not given pass their input on.

    Shape (program().packed,). Raises ValueError for more than eight.
    """
    if len(sections) > SECTIONS:
        raise ValueError(f"{len(sections)} sections, at most {SECTIONS}")
    packed = aligned(_ROWS * SECTIONS, np.float32)
    rows = packed.reshape(_ROWS, SECTIONS)
    # Unused sections still have integrators, which must keep contracting while others glide in.
    rows[:] = np.array(Section(1.0, 2.0).weights())[:, None]
    for lane, section in enumerate(sections):
        rows[:, lane] = section.weights()
    return packed


# --- compiled -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cascade:
    """Emits the pipeline: `source` and `out` are pointers, `frames` a count of 1 or more."""

    emit: Emitter
    rows: Sequence[Any]
    source: Any
    out: Any
    frames: Any

    def run(self, state: Any) -> None:
        """Process the block; `state` is a pointer."""
        emit = self.emit
        zero = emit.splat(0.0)
        integrators = [emit.variable(emit.load(state)), emit.variable(emit.load(state, SECTIONS))]
        handed = [emit.variable(zero) for _ in range(_DELAY)]
        with emit.loop(_FILL) as t:
            self._step(t, integrators, handed, masked=True)
        full = self._clipped(emit.minus(self.frames, _FILL))
        with emit.loop(full) as t:
            result = self._step(emit.plus(t, _FILL), integrators, handed, masked=False)
            emit.put(result, self.out, t)
        late = emit.minus(self.frames, full)
        with emit.loop(late) as i:
            t = emit.plus(full, i)
            result = self._step(emit.plus(t, _FILL), integrators, handed, masked=True)
            emit.put(result, self.out, t)
        emit.store(integrators[0].get(), state)
        emit.store(integrators[1].get(), state, SECTIONS)

    def _clipped(self, number: Any) -> Any:
        """Return `number`, or 0 where it is negative."""
        zero = ir.Constant(INT64, 0)
        negative = self.emit.builder.icmp_signed("<", number, zero)
        return self.emit.builder.select(negative, zero, number)

    def _step(self, t: Any, integrators: Sequence[Any], handed: Sequence[Any], *, masked: bool) -> Any:
        """Advance every lane by one sample; return the last section's output."""
        emit = self.emit
        to_band, minus_loss, to_low, dry, wet_band, wet_low = self.rows
        band, low = integrators[0].get(), integrators[1].get()
        x = self._shifted_in(handed[0].get(), t)
        above = emit.sub(x, low)
        new_band = emit.fma(to_band, above, emit.fma(minus_loss, band, band))
        new_low = emit.fma(to_low, above, emit.fma(to_band, band, low))
        result = emit.fma(dry, x, emit.fma(wet_band, band, emit.mul(wet_low, low)))
        if masked:
            busy = self._busy(t)
            new_band = emit.builder.select(busy, new_band, band)
            new_low = emit.builder.select(busy, new_low, low)
        integrators[0].set(new_band)
        integrators[1].set(new_low)
        handed[0].set(handed[1].get())
        handed[1].set(result)
        return emit.builder.extract_element(result, ir.Constant(INT32, SECTIONS - 1))

    def _shifted_in(self, results: Any, t: Any) -> Any:
        """Every lane's input: the result of the lane before it; for the first lane, sample `t`.

        Behind the block's end the last sample is read again, for a lane that ignores it.
        """
        emit = self.emit
        last = emit.minus(self.frames, 1)
        inside = emit.builder.icmp_signed("<", t, last)
        sample = emit.number(self.source, emit.builder.select(inside, t, last))
        order = ir.Constant(emit.integers, [SECTIONS, *range(SECTIONS - 1)])
        return emit.builder.shuffle_vector(results, emit.splat(sample), order)

    def _busy(self, t: Any) -> Any:
        """Lanes whose sample, t − 2·lane, lies in the block."""
        builder = self.emit.builder
        starts = ir.Constant(self.emit.integers, [_DELAY * lane for lane in range(SECTIONS)])
        newest = self._integers(t)
        oldest = self._integers(self.emit.minus(t, self.frames))
        begun = builder.icmp_signed("<=", starts, newest)
        return builder.and_(begun, builder.icmp_signed(">", starts, oldest))

    def _integers(self, number: Any) -> Any:
        """A 64-bit number, as 32-bit integer in every lane."""
        builder = self.emit.builder
        undefined = ir.Constant(self.emit.integers, ir.Undefined)
        first = builder.insert_element(undefined, builder.trunc(number, INT32), ir.Constant(INT32, 0))
        return self.emit.pick(first, [0] * SECTIONS)


@intrinsic
def _cascade(
    typing: Any, packed: Any, state: Any, source: Any, out: Any, frames: Any
) -> tuple[Any, Callable[..., Any]]:
    """`_cascade(packed, state, source, out, frames)`: addresses and a count."""

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        emit = Emitter(builder, SECTIONS)
        packed, state, source, out = (emit.pointer(arg, FLOAT) for arg in args[:4])
        rows = [emit.load(packed, row * SECTIONS) for row in range(_ROWS)]
        _Cascade(emit, rows, source, out, args[4]).run(state)
        return context.get_dummy_value()

    return types.void(types.uintp, types.uintp, types.uintp, types.uintp, types.intp), lower


@cache
def program() -> Program:
    """Compile the equaliser: any eight sections, set by the packed weights."""

    @cfunc(PROCESS_SIGNATURE, cache=CACHED, error_model="numpy")
    def process(at: int, source: int, out: int, frames: int) -> None:
        voice = numbers_at(at)
        _cascade(voice[WEIGHTS_AT], voice[STATE_AT], source, out, frames)

    @cfunc(REST_SIGNATURE, cache=CACHED, error_model="numpy")
    def rest(at: int) -> None:
        floats_at(numbers_at(at)[STATE_AT], _STATE)[:] = np.float32(0.0)

    size = _ROWS * SECTIONS
    return Program(
        process.address, rest.address, size, _STATE, stride=_STRIDE, forgets=True, keep=(process, rest)
    )
