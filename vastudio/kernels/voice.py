"""What plays: a compiled streaming function and its memory, the same from outside for every processor.

A *program* is a function `process(numbers, source, out, frames)` in machine code, compiled for one shape
(a GRU with 32 units, say), together with the sizes of the memory that one instance of it needs. A *voice*
is such an instance. The rack knows nothing else: models, gate, equaliser and cabinet are all voices.

A voice is an int64 array, laid out as below, that holds the addresses of three float32 arrays: the packed
weights, the weights that they glide to, and the state. Its address is all that the audio callback gets.

Gliding. After `glide` the weights move linearly to their target, in steps every `stride` samples. All
positions are counted in samples inside the voice: the size of the blocks never changes a bit of the output.

Trouble. A sample that is not a number, or beyond `LOUDEST`, is replaced by silence before the program sees
it. If a program's own output is not a number all the same, the voice returns to rest and the block is
silent. Both count as faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import carray, types
from numba.extending import intrinsic

from vastudio.kernels.denormals import flush_denormals, restore_denormals
from vastudio.kernels.jit import LANES, compiled, inlined
from vastudio.kernels.memory import address, aligned, pointer
from vastudio.kernels.simd import Vector, vfma, vload, vmax, vselect_less, vsplat, vstore, vsum

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

(
    PROCESS,  # address of the compiled `process`
    REST,  # address of the compiled `rest`
    WEIGHTS_AT,
    TARGET_AT,
    PACKED,  # float32 numbers in weights and target, whole vectors
    STATE_AT,
    STATE,  # float32 numbers in the state
    STRIDE,  # samples between two steps of a glide
    STEPS_LEFT,  # of the glide
    TO_STEP,  # samples to the next one
    FAULTS,
    OWN,  # the program's own numbers begin here
) = range(12)

LOUDEST = np.float32(1e6)
"""Where a sample counts as broken: 120 dB over full scale."""

GLIDE_SECONDS = 0.02

_ZERO = np.float32(0.0)
_ONE = np.float32(1.0)
_PREWARM_FRAMES = 64

PROCESS_SIGNATURE = types.void(types.uintp, types.uintp, types.uintp, types.intp)
"""`process(numbers, source, out, frames)`: addresses and a count. `source` and `out` may be the same."""

REST_SIGNATURE = types.void(types.uintp)
"""`rest(numbers)`: put the state to rest, for the weights that it has now."""


@dataclass(frozen=True)
class Program:
    """A streaming function compiled for one shape, and what a voice of it needs.

    `process` and `rest` are addresses of functions with the signatures above. They run in the audio callback:
    they must not raise, allocate, lock or touch Python, and any split of a signal into blocks must give the
    same output bit by bit.

    Attributes
    ----------
    packed, state:
        Sizes in float32 numbers.
    own:
        The program's own integers; each voice gets a copy, from index `OWN` on.
    stride:
        Samples between two steps of a glide.
    latency:
        Samples from input to output.
    forgets:
        Whether a voice that starts at rest soon sounds as if it had always played. What it plays next is then
        better faded over to than glided to, if it is far away.
    keep:
        What has to stay alive for the addresses to be valid.
    """

    process: int
    rest: int
    packed: int
    state: int
    own: tuple[int, ...] = ()
    stride: int = 16
    latency: int = 0
    forgets: bool = False
    keep: object = None

    def glide_steps(self, sample_rate: int) -> int:
        """Steps of a glide of `GLIDE_SECONDS` at `sample_rate`."""
        return max(1, round(GLIDE_SECONDS * sample_rate / self.stride))


# --- compiled -----------------------------------------------------------------------------------------------


def _call(builder: Any, address: Any, arguments: Any) -> None:
    """Call the C function at an address."""
    kind = ir.FunctionType(ir.VoidType(), [argument.type for argument in arguments])
    builder.call(builder.inttoptr(address, kind.as_pointer()), arguments)


@intrinsic
def _call_process(
    typing: Any, function: Any, numbers: Any, source: Any, out: Any, frames: Any
) -> tuple[Any, Callable[..., Any]]:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _call(builder, args[0], args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64, types.intp), lower


@intrinsic
def _call_rest(typing: Any, function: Any, numbers: Any) -> tuple[Any, Callable[..., Any]]:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        _call(builder, args[0], args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), lower


@inlined
def numbers_at(at: int) -> Integers:
    """The first numbers of the voice at an address."""
    return carray(pointer(at), OWN, np.int64)


@inlined
def floats_at(at: int, size: int) -> Floats:
    """The float32 numbers at an address."""
    return carray(pointer(at), size, np.float32)


@compiled
def rest(at: int) -> None:
    """Let the voice at an address arrive at its target and return to rest."""
    voice = numbers_at(at)
    if voice[STEPS_LEFT] > 0:  # a long cabinet has megabytes of them
        weights = floats_at(voice[WEIGHTS_AT], voice[PACKED])
        target = floats_at(voice[TARGET_AT], voice[PACKED])
        for i in range(weights.size):
            weights[i] = target[i]
    voice[STEPS_LEFT] = 0
    voice[TO_STEP] = 0
    _call_rest(voice[REST], at)


@compiled
def follow(at: int, other: int, own: int) -> None:
    """Take weights and state of another voice of the same program, which has `own` numbers of its own."""
    voice, wanted = numbers_at(at), numbers_at(other)
    weights, target = floats_at(voice[WEIGHTS_AT], voice[PACKED]), floats_at(voice[TARGET_AT], voice[PACKED])
    wanted_weights = floats_at(wanted[WEIGHTS_AT], voice[PACKED])
    for i in range(weights.size):
        weights[i] = target[i] = wanted_weights[i]
    state, wanted_state = floats_at(voice[STATE_AT], voice[STATE]), floats_at(wanted[STATE_AT], voice[STATE])
    for i in range(state.size):
        state[i] = wanted_state[i]
    mine, theirs = carray(pointer(at), OWN + own, np.int64), carray(pointer(other), OWN + own, np.int64)
    for i in range(OWN, OWN + own):
        mine[i] = theirs[i]
    voice[STEPS_LEFT] = voice[TO_STEP] = 0


@compiled
def jump(at: int, to: int) -> None:
    """Take the packed weights at the address `to` at once and return to rest: nothing sounds."""
    voice = numbers_at(at)
    target, wanted = floats_at(voice[TARGET_AT], voice[PACKED]), floats_at(to, voice[PACKED])
    for i in range(target.size):
        target[i] = wanted[i]
    voice[STEPS_LEFT] = 1
    rest(at)


@compiled
def glide(at: int, to: int, steps: int) -> None:
    """Begin to move to the packed weights at the address `to`, in `steps` steps."""
    voice = numbers_at(at)
    target, wanted = floats_at(voice[TARGET_AT], voice[PACKED]), floats_at(to, voice[PACKED])
    for i in range(target.size):
        target[i] = wanted[i]
    voice[STEPS_LEFT] = steps


@inlined
def _move(weights: Floats, target: Floats, i: int, part: Vector) -> None:
    """Go a part of the way with the vector of weights at i."""
    here = vload(weights, i)
    vstore(weights, i, vfma(part, vload(target, i) - here, here))


@compiled
def _glide_step(voice: Integers) -> None:
    """Go one of the remaining steps; the last one arrives exactly."""
    weights, target = floats_at(voice[WEIGHTS_AT], voice[PACKED]), floats_at(voice[TARGET_AT], voice[PACKED])
    if voice[STEPS_LEFT] == 1:
        for i in range(weights.size):
            weights[i] = target[i]
    else:
        part = vsplat(np.float32(1.0 / voice[STEPS_LEFT]))
        pairs = weights.size // (2 * LANES) * 2 * LANES
        for i in range(0, pairs, 2 * LANES):  # by twos: this runs between two samples
            _move(weights, target, i, part)
            _move(weights, target, i + LANES, part)
        for i in range(pairs, weights.size, LANES):
            _move(weights, target, i, part)
    voice[STEPS_LEFT] -= 1
    voice[TO_STEP] = voice[STRIDE]


@compiled
def _copy_sound(source: Floats, out: Floats, frames: int) -> int:
    """Copy what can be played, silence in place of the rest; return how many samples that were."""
    one, zero, loudest = vsplat(_ONE), vsplat(_ZERO), vsplat(LOUDEST)
    whole = frames // LANES * LANES
    sound = zero
    for i in range(0, whole, LANES):
        sample = vload(source, i)
        size = vmax(sample, -sample)
        vstore(out, i, vselect_less(size, loudest, sample, zero))
        sound = sound + vselect_less(size, loudest, one, zero)
    count = int(vsum(sound))
    for i in range(whole, frames):
        is_sound = abs(source[i]) < LOUDEST
        out[i] = source[i] if is_sound else _ZERO
        count += is_sound
    return frames - count


@compiled
def _is_sound(out: Floats, frames: int) -> bool:
    """Whether all samples are finite: only then is the sum of their products with 0 a number."""
    zero = vsplat(_ZERO)
    whole = frames // LANES * LANES
    lanes = zero
    for i in range(0, whole, LANES):
        lanes = vfma(vload(out, i), zero, lanes)
    total = vsum(lanes)
    for i in range(whole, frames):
        total += out[i] * _ZERO
    return bool(total == _ZERO)


@compiled
def play(at: int, source: Floats, out: Floats, frames: int) -> None:
    """Run the voice at an address over `frames` samples; `source` and `out` may be the same array."""
    voice = numbers_at(at)
    voice[FAULTS] += _copy_sound(source, out, frames)
    done = np.int64(0)  # a plain 0 would be a type of its own
    while done < frames:
        if voice[STEPS_LEFT] > 0 and voice[TO_STEP] == 0:
            _glide_step(voice)
        count = frames - done
        if voice[TO_STEP] > 0:
            count = min(count, voice[TO_STEP])
            voice[TO_STEP] -= count
        here = np.int64(out.ctypes.data) + 4 * done
        _call_process(voice[PROCESS], at, here, here, count)
        done += count
    if not _is_sound(out, frames):
        out[:frames] = _ZERO
        voice[FAULTS] += 1
        rest(at)


@compiled
def stream(at: int, source: Floats, out: Floats, block: int) -> None:
    """Run the voice over all of `source`, in blocks, as an audio device would."""
    previous = flush_denormals()
    for begin in range(0, source.size, block):
        count = min(block, source.size - begin)
        play(at, source[begin : begin + count], out[begin : begin + count], count)
    restore_denormals(previous)


# --- the interpreter's side ---------------------------------------------------------------------------------


class Voice:
    """An instance of a program, at rest when it is made. Not for two threads at a time.

    Attributes
    ----------
    program:
        What it runs.
    numbers:
        The voice as the kernels know it.
    at:
        The address of `numbers`: what the callback gets. Valid as long as the voice lives.
    """

    def __init__(self, program: Program, packed: Floats) -> None:
        self.program = program
        self.weights = aligned(program.packed, np.float32)
        self.target = aligned(program.packed, np.float32)
        self.state = aligned(program.state, np.float32)
        self.numbers = aligned(OWN + len(program.own), np.int64)
        self.numbers[[PROCESS, REST]] = program.process, program.rest
        self.numbers[[WEIGHTS_AT, TARGET_AT, PACKED]] = (
            address(self.weights),
            address(self.target),
            program.packed,
        )
        self.numbers[[STATE_AT, STATE, STRIDE]] = address(self.state), program.state, program.stride
        self.numbers[OWN:] = program.own
        self.at = address(self.numbers)
        self.jump_to(packed)

    @property
    def faults(self) -> int:
        """How often something that is no sound was met."""
        return int(self.numbers[FAULTS])

    def jump_to(self, packed: Floats) -> None:
        """Take other weights, shape (program.packed,), at once and return to rest."""
        jump(self.at, address(self._fitting(packed)))

    def glide_to(self, packed: Floats, steps: int) -> None:
        """Move to other weights, shape (program.packed,), in `steps` steps of `program.stride` samples."""
        glide(self.at, address(self._fitting(packed)), steps)

    def _fitting(self, packed: Floats) -> Floats:
        if packed.size != self.program.packed:
            raise ValueError(f"{packed.size} packed numbers instead of {self.program.packed}")
        return np.ascontiguousarray(packed, np.float32)

    def reset(self) -> None:
        """Arrive where the weights glide to, and return to rest."""
        rest(self.at)

    def follow(self, other: Voice) -> None:
        """Take weights and state of another voice of the same program. Raises ValueError for another."""
        if other.program != self.program:
            raise ValueError("a voice can only follow another one of its program")
        follow(self.at, other.at, len(self.program.own))

    def prewarm(self) -> None:
        """Have code and memory at hand before sound has to flow; the voice is at rest afterwards."""
        self.process(np.zeros(_PREWARM_FRAMES, np.float32), _PREWARM_FRAMES)
        self.reset()

    def process(self, audio: Floats, block: int) -> Floats:
        """Return the response to `audio` (frames,), computed in blocks of `block` samples."""
        source = np.ascontiguousarray(audio, np.float32)
        out = np.empty_like(source)
        stream(self.at, source, out, block)
        return out
