"""A slot of the rack: the voice in it, the one that replaces it, and the weights that they glide to.

Runs in the audio callback. A voice is replaced by a crossfade of `VOICE_FADE` frames during which both play,
after `VOICE_RUN_IN` frames in which the new one, that begins at rest, catches up unheard; where nothing
sounds, at once. Where the loop begins again a voice can take the state of another voice of the same program,
its *entry*: the state that rendering the whole signal has there. An entry belongs to one voice, one weight
set and one place; with another one the voice goes on as it is. Protocol and memory: `desk`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.kernels import desk, ramps, voice
from vastudio.kernels.jit import compiled, inlined
from vastudio.kernels.memory import load_acquire, store_release

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]


@inlined
def _place(slot: int, field: int) -> int:
    """`desk.place` for kernels."""
    return desk.SLOTS + slot * desk.SLOT_SIZE + field


@inlined
def _take_voice(ints: Ints, floats: Doubles, slot: int, sounding: bool) -> None:
    """Begin or end the change to another voice."""
    taken, swap = _place(slot, desk.VOICE_TAKEN), desk.SWAP + slot
    if ints[_place(slot, desk.SWAPPING)] != 0:
        if ramps.left(floats, swap) == 0 or not sounding:
            ramps.put(floats, swap, 0.0)
            ints[_place(slot, desk.SOUNDING)] = ints[_place(slot, desk.INCOMING)]
            ints[_place(slot, desk.LATENCY)] = ints[_place(slot, desk.INCOMING_LATENCY)]
            ints[_place(slot, desk.SWAPPING)] = 0
            store_release(ints, taken, ints[_place(slot, desk.VOICE_MAIL)])
        return
    mail = load_acquire(ints, _place(slot, desk.VOICE_MAIL))
    if mail == ints[taken]:
        return
    ints[_place(slot, desk.ENTRY)] = 0
    if not sounding:
        ints[_place(slot, desk.SOUNDING)] = ints[_place(slot, desk.VOICE_AT)]
        ints[_place(slot, desk.LATENCY)] = ints[_place(slot, desk.VOICE_LATENCY)]
        store_release(ints, taken, mail)
        return
    ints[_place(slot, desk.INCOMING)] = ints[_place(slot, desk.VOICE_AT)]
    ints[_place(slot, desk.INCOMING_LATENCY)] = ints[_place(slot, desk.VOICE_LATENCY)]
    ints[_place(slot, desk.SWAPPING)] = 1
    ramps.begin(floats, swap, ints[_place(slot, desk.VOICE_RUN_IN)], ints[_place(slot, desk.VOICE_FADE)])


@inlined
def _take_weights(ints: Ints, slot: int, sounding: bool) -> None:
    """Begin a glide to other weights; at once where nothing sounds. Weights for a voice gone are dropped."""
    taken = _place(slot, desk.WEIGHTS_TAKEN)
    mail = load_acquire(ints, _place(slot, desk.WEIGHTS_MAIL))
    if mail == ints[taken] or ints[_place(slot, desk.SWAPPING)] != 0:
        return
    at = ints[_place(slot, desk.SOUNDING)]
    if at != 0 and at == ints[_place(slot, desk.WEIGHTS_FOR)]:
        ints[_place(slot, desk.ENTRY)] = 0
        if sounding:
            voice.glide(at, ints[_place(slot, desk.WEIGHTS_AT)], ints[_place(slot, desk.WEIGHTS_STEPS)])
        else:
            voice.jump(at, ints[_place(slot, desk.WEIGHTS_AT)])
    store_release(ints, taken, mail)


@inlined
def _take_entry(ints: Ints, slot: int) -> None:
    """Know another state to begin the loop in; one for a voice that is gone is dropped."""
    taken = _place(slot, desk.ENTRY_TAKEN)
    mail = load_acquire(ints, _place(slot, desk.ENTRY_MAIL))
    if mail == ints[taken] or ints[_place(slot, desk.SWAPPING)] != 0:
        return
    fits = ints[_place(slot, desk.ENTRY_FOR)] == ints[_place(slot, desk.SOUNDING)]
    ints[_place(slot, desk.ENTRY)] = ints[_place(slot, desk.ENTRY_AT)] if fits else 0
    store_release(ints, taken, mail)


@compiled
def take_mail(ints: Ints, floats: Doubles, sounding: bool) -> None:
    """Do what control asked for in every slot."""
    for slot in range(desk.SLOT_COUNT):
        _take_voice(ints, floats, slot, sounding)
        _take_weights(ints, slot, sounding)
        _take_entry(ints, slot)


@compiled
def rest(ints: Ints) -> None:
    """Put every voice to rest."""
    for slot in range(desk.SLOT_COUNT):
        at = ints[_place(slot, desk.SOUNDING)]
        if at != 0:
            voice.rest(at)


@compiled
def forget_entries(ints: Ints) -> None:
    """The loop begins elsewhere now."""
    for slot in range(desk.SLOT_COUNT):
        ints[_place(slot, desk.ENTRY)] = 0


@compiled
def begin(ints: Ints, slot: int, from_rest: bool) -> None:
    """The loop begins: let the slot's voice be as it is there. `from_rest`: where the signal begins."""
    at, entry = ints[_place(slot, desk.SOUNDING)], ints[_place(slot, desk.ENTRY)]
    if at != 0 and from_rest:
        voice.rest(at)
    elif at != 0 and entry != 0:
        voice.follow(at, entry, ints[_place(slot, desk.ENTRY_OWN)])
    incoming = ints[_place(slot, desk.INCOMING)]
    if ints[_place(slot, desk.SWAPPING)] != 0 and incoming != 0 and from_rest:
        voice.rest(incoming)


@compiled
def _play_voice(ints: Ints, at: int, source: Floats, out: Floats, frames: int) -> None:
    """Run the voice at an address; without one the sound passes."""
    if at == 0:
        for i in range(frames):
            out[i] = source[i]
        return
    numbers = voice.numbers_at(at)
    faults = numbers[voice.FAULTS]
    voice.play(at, source, out, frames)
    ints[desk.FAULTS] += numbers[voice.FAULTS] - faults


@compiled
def play(ints: Ints, floats: Doubles, slot: int, sound: Floats, incoming: Floats, frames: int) -> None:
    """Run a slot over `sound`, in place; `incoming` is room for the voice that fades in."""
    if ints[_place(slot, desk.SWAPPING)] != 0:
        _play_voice(ints, ints[_place(slot, desk.INCOMING)], sound, incoming, frames)
        _play_voice(ints, ints[_place(slot, desk.SOUNDING)], sound, sound, frames)
        for i in range(frames):
            sound[i] += ramps.smooth(ramps.advance(floats, desk.SWAP + slot)) * (incoming[i] - sound[i])
    elif ints[_place(slot, desk.SOUNDING)] != 0:
        _play_voice(ints, ints[_place(slot, desk.SOUNDING)], sound, sound, frames)
