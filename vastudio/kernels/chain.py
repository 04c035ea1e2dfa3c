"""The signal chain, from the source to the outputs, as one compiled function.

    loop or live input → input trim → model → monitor mix (clean, target, model) → output level
        → play/stop fade → limiter → every output channel

Runs in the audio callback: it takes no lock, allocates nothing, never touches Python. All gains glide over
`FADE` frames. Whatever would click (start, stop, seek, another loop or source) happens at the bottom of a
fade; another model fades in while the old one fades out. See `desk` for the memory and who writes what.
"""

from __future__ import annotations

import math
import sys
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray, cfunc, types

from vastudio.kernels import desk, gru, ramps
from vastudio.kernels.cycles import ticks
from vastudio.kernels.denormals import flush_denormals, restore_denormals
from vastudio.kernels.desk import CHUNK
from vastudio.kernels.gru import gru_process
from vastudio.kernels.jit import CACHED, compiled, inlined
from vastudio.kernels.memory import load_acquire, pointer, store_release

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

KNEE = np.float32(0.891)
"""Where the limiter begins: −1 dBFS. Below, the signal passes bit for bit."""

FULL_SCALE = np.float32(1.0)
_ZERO = np.float32(0.0)

_STATUS_TROUBLE = 0b1111
"""PortAudio's flags for input or output that came too late or got lost."""

_START_UP_BLOCKS = 8


# --- voices -----------------------------------------------------------------------------------------------


@inlined
def _voice(at: int) -> tuple[Ints, Floats, Floats, Floats]:
    """The numbers, weights, target and state of the voice at an address."""
    numbers = carray(pointer(at), gru.VOICE_SIZE, np.int64)
    size = numbers[gru.PACKED]
    state = 2 * gru.padded_units(numbers[gru.HIDDEN])
    return (
        numbers,
        carray(pointer(numbers[gru.WEIGHTS_AT]), size, np.float32),
        carray(pointer(numbers[gru.TARGET_AT]), size, np.float32),
        carray(pointer(numbers[gru.STATE_AT]), state, np.float32),
    )


@compiled
def _play_voice(ints: Ints, at: int, source: Floats, out: Floats, frames: int) -> None:
    """Run the voice at an address; without one the input passes."""
    if at == 0:
        for i in range(frames):
            out[i] = source[i]
        return
    numbers, weights, target, state = _voice(at)
    faults = numbers[gru.FAULTS]
    gru_process(source, out, frames, weights, target, state, numbers)
    ints[desk.FAULTS] += numbers[gru.FAULTS] - faults


@compiled
def _rest(at: int) -> None:
    """Let the voice arrive at its target and rest."""
    if at != 0:
        numbers, weights, target, state = _voice(at)
        gru.jump(weights, target, target, state, numbers)


# --- mail -------------------------------------------------------------------------------------------------


@inlined
def _take_voice(ints: Ints, floats: Doubles, sounding: bool) -> None:
    """Begin or end the change to another voice."""
    if ints[desk.SWAPPING] != 0:
        if ramps.left(floats, desk.SWAP) == 0 or not sounding:
            ramps.put(floats, desk.SWAP, 0.0)
            ints[desk.SOUNDING] = ints[desk.INCOMING]
            ints[desk.SWAPPING] = 0
            store_release(ints, desk.VOICE_TAKEN, ints[desk.VOICE_MAIL])
        return
    mail = load_acquire(ints, desk.VOICE_MAIL)
    if mail == ints[desk.VOICE_TAKEN]:
        return
    if not sounding:
        ints[desk.SOUNDING] = ints[desk.VOICE_AT]
        store_release(ints, desk.VOICE_TAKEN, mail)
        return
    ints[desk.INCOMING] = ints[desk.VOICE_AT]
    ints[desk.SWAPPING] = 1
    ramps.aim(floats, desk.SWAP, 1.0, ints[desk.FADE])


@inlined
def _take_weights(ints: Ints, sounding: bool) -> None:
    """Begin a glide to other weights; at once where nothing sounds. Weights for a voice gone are dropped."""
    mail = load_acquire(ints, desk.WEIGHTS_MAIL)
    if mail == ints[desk.WEIGHTS_TAKEN] or ints[desk.SWAPPING] != 0:
        return
    at = ints[desk.SOUNDING]
    if at != 0 and at == ints[desk.WEIGHTS_FOR]:
        numbers, weights, target, state = _voice(at)
        to = carray(pointer(ints[desk.WEIGHTS_AT]), numbers[gru.PACKED], np.float32)
        if sounding:
            gru.glide(target, to, numbers, ints[desk.WEIGHTS_STEPS])
        else:
            gru.jump(weights, target, to, state, numbers)
    store_release(ints, desk.WEIGHTS_TAKEN, mail)


@inlined
def _take_place(ints: Ints, mail: int) -> None:
    """Go to another loop, source or position."""
    ints[desk.SOURCE] = ints[desk.PLACE_SOURCE]
    ints[desk.CLEAN] = ints[desk.PLACE_CLEAN]
    ints[desk.TARGET] = ints[desk.PLACE_TARGET]
    ints[desk.FRAMES] = ints[desk.PLACE_FRAMES]
    ints[desk.POSITION] = ints[desk.PLACE_POSITION]
    store_release(ints, desk.PLACE_TAKEN, mail)


@compiled
def _take_mail(ints: Ints, floats: Doubles) -> bool:
    """Do what control asked for; return whether there is something to play."""
    silent = ramps.here(floats, desk.TRANSPORT) == 0.0 and ramps.left(floats, desk.TRANSPORT) == 0
    place = load_acquire(ints, desk.PLACE_MAIL)
    if silent and place != ints[desk.PLACE_TAKEN]:
        _take_place(ints, place)
    wanted = ints[desk.PLAY] != 0 and place == ints[desk.PLACE_TAKEN]
    running = wanted or not silent
    _take_voice(ints, floats, sounding=not silent)
    _take_weights(ints, sounding=not silent)
    if silent and wanted:
        _rest(ints[desk.SOUNDING])
    ramps.aim(floats, desk.TRANSPORT, 1.0 if wanted else 0.0, ints[desk.FADE])
    for ramp in range(desk.OUTPUT_GAIN + 1):
        if silent:
            ramps.put(floats, ramp, floats[desk.TRIM_GOAL + ramp])
        else:
            ramps.aim(floats, ramp, floats[desk.TRIM_GOAL + ramp], ints[desk.FADE])
    return running


# --- the chain --------------------------------------------------------------------------------------------


@compiled
def _read_loop(ints: Ints, at: int, out: Floats, frames: int) -> None:
    """Copy from the loop's signal at an address, beginning at the playhead, round and round."""
    length = ints[desk.FRAMES]
    if at == 0 or length == 0:
        for i in range(frames):
            out[i] = _ZERO
        return
    signal = carray(pointer(at), length, np.float32)
    position = ints[desk.POSITION]
    for i in range(frames):
        out[i] = signal[position]
        position += 1
        if position == length:
            position = 0


@compiled
def _read_source(
    ints: Ints, inp: Floats, at: int, clean: Floats, target: Floats, frames: int, running: bool
) -> None:
    """Fill `clean` and `target` from the live input or the loop and move the playhead."""
    live = ints[desk.SOURCE] == desk.LIVE
    channels = ints[desk.IN_CHANNELS]
    channel = ints[desk.IN_CHANNEL]
    if live:
        for i in range(frames):
            clean[i] = inp[(at + i) * channels + channel] if channel < channels else _ZERO
            target[i] = _ZERO
    elif running:
        _read_loop(ints, ints[desk.CLEAN], clean, frames)
        _read_loop(ints, ints[desk.TARGET], target, frames)
        if ints[desk.FRAMES] > 0:
            ints[desk.POSITION] = (ints[desk.POSITION] + frames) % ints[desk.FRAMES]
    else:
        for i in range(frames):
            clean[i] = _ZERO
            target[i] = _ZERO


@inlined
def limited(x: np.float32) -> np.float32:
    """Bend what exceeds −1 dBFS towards full scale, which is never exceeded; not-a-number becomes 0."""
    size = abs(x)
    if size <= KNEE:
        return x
    if not size < np.float32(np.inf):
        return _ZERO
    over = np.float32(math.tanh((size - KNEE) / (FULL_SCALE - KNEE)))
    return np.float32(math.copysign(KNEE + (FULL_SCALE - KNEE) * over, x))


@compiled
def _trim(ints: Ints, floats: Doubles, clean: Floats, drive: Floats, frames: int) -> None:
    """Set the input level and meter it."""
    peak = np.float32(floats[desk.INPUT_PEAK])
    for i in range(frames):
        drive[i] = clean[i] * ramps.advance(floats, desk.TRIM)
        size = abs(drive[i])
        peak = max(peak, size)
        ints[desk.INPUT_CLIPS] += size >= FULL_SCALE
    floats[desk.INPUT_PEAK] = peak


@compiled
def _play_model(
    ints: Ints, floats: Doubles, drive: Floats, model: Floats, incoming: Floats, frames: int
) -> None:
    """Run the model; while another one fades in, both."""
    _play_voice(ints, ints[desk.SOUNDING], drive, model, frames)
    if ints[desk.SWAPPING] != 0:
        _play_voice(ints, ints[desk.INCOMING], drive, incoming, frames)
        for i in range(frames):
            model[i] += ramps.advance(floats, desk.SWAP) * (incoming[i] - model[i])


@compiled
def _mix(ints: Ints, floats: Doubles, drive: Floats, target: Floats, model: Floats, frames: int) -> None:
    """Mix what is heard into `model`, set its level, limit and meter it."""
    peak = np.float32(floats[desk.OUTPUT_PEAK])
    for i in range(frames):
        heard = drive[i] * ramps.advance(floats, desk.CLEAN_GAIN)
        heard += target[i] * ramps.advance(floats, desk.TARGET_GAIN)
        heard += model[i] * ramps.advance(floats, desk.MODEL_GAIN)
        heard *= ramps.advance(floats, desk.OUTPUT_GAIN) * ramps.advance(floats, desk.TRANSPORT)
        ints[desk.OUTPUT_CLIPS] += abs(heard) >= FULL_SCALE
        model[i] = limited(heard)
        peak = max(peak, abs(model[i]))
    floats[desk.OUTPUT_PEAK] = peak


@compiled
def _tap(ints: Ints, audio: Floats, drive: Floats, heard: Floats, frames: int) -> None:
    """Leave a copy of input and output in the rings."""
    tapped = ints[desk.TAPPED]
    for i in range(frames):
        slot = (tapped + i) % desk.RING
        audio[desk.INPUT_RING + slot] = drive[i]
        audio[desk.OUTPUT_RING + slot] = heard[i]
    store_release(ints, desk.TAPPED, tapped + frames)


@compiled
def _process_chunk(
    ints: Ints, floats: Doubles, audio: Floats, inp: Floats, out: Floats, at: int, most: int
) -> int:
    """Process at most `most` frames from frame `at` of the block; return how many."""
    running = _take_mail(ints, floats)
    frames = min(CHUNK, most)
    for ramp in (desk.TRANSPORT, desk.SWAP):
        if (
            ramps.left(floats, ramp) > 0
        ):  # a fade ends at the end of a chunk, so that the next mail is taken then
            frames = min(frames, ramps.left(floats, ramp))
    clean = audio[desk.CLEAN_BUFFER * CHUNK :][:CHUNK]
    target = audio[desk.TARGET_BUFFER * CHUNK :][:CHUNK]
    drive = audio[desk.DRIVE_BUFFER * CHUNK :][:CHUNK]
    model = audio[desk.MODEL_BUFFER * CHUNK :][:CHUNK]
    incoming = audio[desk.INCOMING_BUFFER * CHUNK :][:CHUNK]
    _read_source(ints, inp, at, clean, target, frames, running)
    _trim(ints, floats, clean, drive, frames)
    if running:
        _play_model(ints, floats, drive, model, incoming, frames)
    else:
        for i in range(frames):
            model[i] = _ZERO
    _mix(ints, floats, drive, target, model, frames)
    _tap(ints, audio, drive, model, frames)
    channels = ints[desk.OUT_CHANNELS]
    for i in range(frames):
        for channel in range(channels):
            out[(at + i) * channels + channel] = model[i]
    return frames


@compiled
def process(ints: Ints, floats: Doubles, audio: Floats, inp: Floats, out: Floats, frames: int) -> None:
    """Process one block: `inp` and `out` hold `frames` interleaved frames (inp may be empty)."""
    previous = flush_denormals()
    begun = ticks()
    if ints[desk.PEAKS_GIVEN] != ints[desk.PEAKS_ASKED]:
        ints[desk.PEAKS_GIVEN] = ints[desk.PEAKS_ASKED]
        floats[desk.INPUT_PEAK] = 0.0
        floats[desk.OUTPUT_PEAK] = 0.0
    at = np.int64(0)  # a plain 0 would have everything below compiled a second time, for that constant
    while at < frames:
        at += _process_chunk(ints, floats, audio, inp, out, at, frames - at)
    ended = ticks()
    ints[desk.BUSY] += ended - begun
    ints[desk.LAST] = ended
    store_release(ints, desk.BLOCKS, ints[desk.BLOCKS] + 1)
    restore_denormals(previous)


# --- the callback -----------------------------------------------------------------------------------------

_UNSIGNED_LONG = types.uint32 if sys.platform == "win32" else types.uint64
_CALLBACK = types.int32(types.uintp, types.uintp, _UNSIGNED_LONG, types.uintp, _UNSIGNED_LONG, types.uintp)


@cache
def native_callback() -> Any:
    """Compile PortAudio's callback; `.address` is the function's address, for as long as this lives.

    Its user data is the address of three int64: the addresses of `ints`, `floats` and `audio`.
    """

    @cfunc(_CALLBACK, cache=CACHED, error_model="numpy")
    def callback(inp: int, out: int, frame_count: int, time: int, flags: int, user: int) -> int:
        frames = np.int64(frame_count)
        where = carray(pointer(user), 3, np.int64)
        ints = carray(pointer(where[0]), desk.INTS, np.int64)
        floats = carray(pointer(where[1]), desk.FLOATS, np.float64)
        audio = carray(pointer(where[2]), desk.AUDIO, np.float32)
        if np.int64(flags) & _STATUS_TROUBLE and ints[desk.BLOCKS] > _START_UP_BLOCKS:
            ints[desk.DROPOUTS] += 1
        source = carray(pointer(inp), frames * ints[desk.IN_CHANNELS], np.float32)
        sink = carray(pointer(out), frames * ints[desk.OUT_CHANNELS], np.float32)
        process(ints, floats, audio, source, sink, frames)
        return 0

    return callback
