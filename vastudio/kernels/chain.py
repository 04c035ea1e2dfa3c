"""The signal chain, from the source to the outputs, as one compiled function.

    loop or live input → input trim → gate → model ┐
                                            target ┴ mix → equaliser → cabinet ┐
    input trim ──────────────────────────────── as late as the model is: clean ┴ mix ┐
    bank of sounds ────────────────────────────────────────────────────── or instead ┴ output level
        → play/stop fade → fades at the loop's seam → limiter → (metronome) → the chosen output channels

What is heard (clean, target, model, or the null: the model less the target) is chosen by the gains of the
mix, which may be negative; equaliser and cabinet follow the target as they follow the model, so that the two
can be compared. Gate, model, equaliser and cabinet are slots (`slots`). Where the loop begins again the
model is put into the state it has there when the whole signal is rendered: every pass sounds as it is
measured. A bank of prepared sounds (`bank`) is heard as it is, past the whole chain. To the live input a loop
of what was played before is added (`looper`); the metronome (`metronome`) is heard, and not recorded.

Runs in the audio callback: it takes no lock, allocates nothing, never touches Python. All gains glide over
`FADE` frames. Whatever would click (start, stop, seek, another loop or source) happens at the bottom of a
fade. See `desk` for the memory and who writes what.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from vastudio.kernels import bank, desk, loop, looper, metronome, patience, ramps, slots, sockets
from vastudio.kernels.cycles import ticks
from vastudio.kernels.denormals import flush_denormals, restore_denormals
from vastudio.kernels.desk import CHUNK
from vastudio.kernels.jit import compiled, inlined
from vastudio.kernels.memory import load_acquire, store_release

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]

KNEE = np.float32(10 ** (-1 / 20))
"""Where the limiter begins: −1 dBFS. Up to there the signal passes bit for bit."""

CEILING = np.float32(10 ** (-0.2 / 20))
"""What the limiter never exceeds: −0.2 dBFS, whatever the gain."""

FULL_SCALE = np.float32(1.0)
_ZERO = np.float32(0.0)
_INFINITY = np.float32(np.inf)

START_UP_BLOCKS = 8
"""Blocks before which nothing counts as trouble: devices stumble when they start."""

_LATE = 1.5
"""A block that begins more than this many blocks after the one before is late."""


# --- mail -------------------------------------------------------------------------------------------------


@inlined
def _take_place(ints: Ints, mail: int) -> None:
    """Go to another loop, stretch, source or position."""
    if ints[desk.CLEAN] != ints[desk.PLACE_CLEAN] or ints[desk.START] != ints[desk.PLACE_START]:
        slots.forget_entries(ints)
    ints[desk.SOURCE] = ints[desk.PLACE_SOURCE]
    ints[desk.CLEAN] = ints[desk.PLACE_CLEAN]
    ints[desk.TARGET] = ints[desk.PLACE_TARGET]
    ints[desk.BANK] = ints[desk.PLACE_BANK]
    ints[desk.START] = ints[desk.PLACE_START]
    ints[desk.STOP] = ints[desk.PLACE_STOP]
    ints[desk.SEAM] = ints[desk.PLACE_SEAM]
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
    slots.take_mail(ints, floats, not silent)
    bank.take_wish(ints, floats, not silent)
    if silent and wanted:
        slots.rest(ints)
        patience.begin(ints)
    ramps.aim(floats, desk.TRANSPORT, 1.0 if wanted else 0.0, ints[desk.FADE])
    for ramp in range(desk.OUTPUT_GAIN + 1):
        if silent:
            ramps.put(floats, ramp, floats[desk.TRIM_GOAL + ramp])
        else:
            ramps.aim(floats, ramp, floats[desk.TRIM_GOAL + ramp], ints[desk.FADE])
    return wanted or not silent


# --- the chain --------------------------------------------------------------------------------------------


@compiled
def _read_source(ints: Ints, inp: Floats, at: int, clean: Floats, frames: int, running: bool) -> None:
    """Fill `clean` from the live input or the loop."""
    source = ints[desk.SOURCE]
    channels = ints[desk.IN_CHANNELS]
    channel = ints[desk.IN_CHANNEL]
    if source == desk.LIVE:
        for i in range(frames):
            sample = inp[(at + i) * channels + channel] if channel < channels else _ZERO
            is_sound = abs(sample) < _INFINITY
            ints[desk.FAULTS] += not is_sound
            clean[i] = sample if is_sound else _ZERO
    elif running and source == desk.LOOP:
        loop.read(ints, ints[desk.CLEAN], clean, frames, 0)
    else:
        for i in range(frames):
            clean[i] = _ZERO


@inlined
def limited(x: np.float32) -> np.float32:
    """Bend what exceeds −1 dBFS towards −0.2 dBFS, which is never exceeded; not-a-number becomes 0."""
    size = abs(x)
    if size <= KNEE:
        return x
    if not size < _INFINITY:
        return _ZERO
    over = np.float32(math.tanh((size - KNEE) / (CEILING - KNEE)))
    return np.float32(math.copysign(KNEE + (CEILING - KNEE) * over, x))


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


@inlined
def _mix_wet(floats: Doubles, target: Floats, sound: Floats, frames: int) -> None:
    """Mix target and model into `sound`."""
    for i in range(frames):
        wet = target[i] * ramps.advance(floats, desk.TARGET_GAIN)
        sound[i] = wet + sound[i] * ramps.advance(floats, desk.MODEL_GAIN)


@inlined
def _mix_out(floats: Doubles, dry: Floats, sound: Floats, frames: int) -> None:
    """Mix the clean signal into `sound` and set the level of what is heard."""
    for i in range(frames):
        heard = sound[i] + dry[i] * ramps.advance(floats, desk.CLEAN_GAIN)
        sound[i] = heard * (ramps.advance(floats, desk.OUTPUT_GAIN) * ramps.advance(floats, desk.TRANSPORT))


@compiled
def _limit(ints: Ints, floats: Doubles, sound: Floats, frames: int) -> None:
    """Keep what is heard below full scale and meter it."""
    peak = np.float32(floats[desk.OUTPUT_PEAK])
    for i in range(frames):
        ints[desk.OUTPUT_CLIPS] += abs(sound[i]) >= FULL_SCALE
        sound[i] = limited(sound[i])
        peak = max(peak, abs(sound[i]))
    floats[desk.OUTPUT_PEAK] = peak


@compiled
def _play(
    ints: Ints, floats: Doubles, drive: Floats, target: Floats, sound: Floats, incoming: Floats, frames: int
) -> None:
    """Run the slots: from `drive` and `target` to the wet signal in `sound`."""
    for i in range(frames):
        sound[i] = drive[i]
    slots.play(ints, floats, desk.GATE, sound, incoming, frames)
    slots.play(ints, floats, desk.MODEL, sound, incoming, frames)
    _mix_wet(floats, target, sound, frames)
    slots.play(ints, floats, desk.EQUALISER, sound, incoming, frames)
    slots.play(ints, floats, desk.CABINET, sound, incoming, frames)


@compiled
def _tap(ints: Ints, audio: Floats, heard: Floats, frames: int) -> None:
    """Leave a copy of the output in its ring; that of the input is in its own (`patience`)."""
    tapped = ints[desk.TAPPED]
    for i in range(frames):
        audio[desk.OUTPUT_RING + (tapped + i) % desk.RING] = heard[i]
    store_release(ints, desk.TAPPED, tapped + frames)


@inlined
def _frames_to_the_next_end(ints: Ints, floats: Doubles, most: int, running: bool) -> int:
    """A fade and the loop end at the end of a chunk; what comes then does so whatever the block."""
    frames = min(most, loop.frames_left(ints)) if running else most
    for ramp in range(desk.TRANSPORT, desk.RAMP_COUNT):
        left = ramps.left(floats, ramp)
        if 0 < left < frames:
            frames = left
    return frames


@compiled
def _process_chunk(
    ints: Ints, floats: Doubles, audio: Floats, inp: Floats, out: Floats, at: int, most: int
) -> int:
    """Process at most `most` frames from frame `at` of the block; return how many."""
    running = _take_mail(ints, floats)
    frames = _frames_to_the_next_end(ints, floats, min(CHUNK, most), running)
    clean = audio[desk.CLEAN_BUFFER * CHUNK :][:CHUNK]
    target = audio[desk.TARGET_BUFFER * CHUNK :][:CHUNK]
    drive = audio[desk.DRIVE_BUFFER * CHUNK :][:CHUNK]
    dry = audio[desk.DRY_BUFFER * CHUNK :][:CHUNK]
    sound = audio[desk.SOUND_BUFFER * CHUNK :][:CHUNK]
    incoming = audio[desk.INCOMING_BUFFER * CHUNK :][:CHUNK]
    _read_source(ints, inp, at, clean, frames, running)
    looper.play(ints, clean, frames)
    _trim(ints, floats, clean, drive, frames)
    if running and loop.is_at_its_start(ints):
        slots.begin(ints, desk.MODEL, from_rest=ints[desk.START] == 0)
        if ints[desk.START] == 0:
            patience.begin(ints)
    patience.wait(ints, floats, audio, drive, dry, frames)
    if running and ints[desk.SOURCE] == desk.BANK_OF_SOUNDS:
        bank.play(ints, floats, sound, incoming, frames)
    elif running:
        patience.read_target(ints, floats, target, incoming, frames)
        _play(ints, floats, drive, target, sound, incoming, frames)
    else:
        for i in range(frames):
            sound[i] = _ZERO
    _mix_out(floats, dry, sound, frames)
    if running:
        loop.fade_seam(ints, sound, frames)
        loop.advance(ints, frames)
    _limit(ints, floats, sound, frames)
    _tap(ints, audio, sound, frames)
    metronome.play(ints, floats, sound, frames)
    sockets.write(ints, sound, out, at, frames)
    return frames


# --- a block ----------------------------------------------------------------------------------------------


@inlined
def _note_beginning(ints: Ints, floats: Doubles, now: int, frames: int) -> None:
    """Keep account of how punctually blocks come."""
    before = ints[desk.BEGUN]
    ints[desk.BEGUN] = now
    if before != 0 and ints[desk.BLOCKS] > START_UP_BLOCKS:
        gap = now - before
        ints[desk.LONGEST_GAP] = max(ints[desk.LONGEST_GAP], gap)
        due = floats[desk.TICKS_PER_FRAME] * frames
        ints[desk.LATE] += due > 0.0 and gap > _LATE * due


@inlined
def _note_end(ints: Ints, begun: int, now: int) -> None:
    """Keep account of the time spent."""
    ints[desk.BUSY] += now - begun
    if ints[desk.BLOCKS] > START_UP_BLOCKS:
        ints[desk.LONGEST_BUSY] = max(ints[desk.LONGEST_BUSY], now - begun)
    ints[desk.LAST] = now
    store_release(ints, desk.BLOCKS, ints[desk.BLOCKS] + 1)


@compiled
def process(ints: Ints, floats: Doubles, audio: Floats, inp: Floats, out: Floats, frames: int) -> None:
    """Process one block: `inp` and `out` hold `frames` interleaved frames (inp may be empty)."""
    previous = flush_denormals()
    begun = ticks()
    _note_beginning(ints, floats, begun, frames)
    if ints[desk.PEAKS_GIVEN] != ints[desk.PEAKS_ASKED]:
        ints[desk.PEAKS_GIVEN] = ints[desk.PEAKS_ASKED]
        floats[desk.INPUT_PEAK] = 0.0
        floats[desk.OUTPUT_PEAK] = 0.0
        sockets.forget_peaks(floats)
    sockets.meter(ints, floats, inp, frames)
    at = np.int64(0)  # a plain 0 would have everything below compiled a second time, for that constant
    while at < frames:
        at += _process_chunk(ints, floats, audio, inp, out, at, frames - at)
    _note_end(ints, begun, ticks())
    restore_denormals(previous)
