"""The memory that the audio callback and the controlling thread share: three arrays, every place named.

Two activities: the *callback* (PortAudio's thread or the silent clock) must never wait; the *control*
thread may. Every place has one writer. There are no locks:

* plain values (play, gains) are single aligned stores; the callback looks at them in every block;
* what consists of several numbers is a *mail*: control fills the places of the mail, then raises its
  number (release); the callback sees a number that it has not taken (acquire), uses the contents, then
  sets `…_TAKEN` to it (release). Control writes the next mail only when the last one was taken, and keeps
  everything the mail points to alive until then.

`ints` is int64, `floats` is float64, `audio` is float32.
"""

from __future__ import annotations

(
    # --- set before the stream starts ---
    IN_CHANNELS,
    OUT_CHANNELS,
    IN_CHANNEL,  # counted from 0
    OUT_FIRST,  # the first output channel that sounds, counted from 0
    OUT_COUNT,  # how many sound from there on
    FADE,  # frames of every fade
    # --- written by control ---
    PLAY,  # 1: sound, 0: silence
    PEAKS_ASKED,  # raised to have the peak meters start anew
    INPUTS_WATCHED,  # 1: meter every input channel of the device, heard or not
    WANTED,  # which sound of the bank
    PLACE_MAIL,
    PLACE_SOURCE,  # LOOP, LIVE or BANK
    PLACE_CLEAN,  # addresses of the loop's signals; 0: there is none
    PLACE_TARGET,
    PLACE_BANK,  # address of the addresses of the bank's sounds
    PLACE_START,  # first frame of the stretch that is looped
    PLACE_STOP,  # the frame after its last; 0: there is nothing to play
    PLACE_SEAM,  # frames of the fades at its ends
    PLACE_POSITION,
    # --- written by the callback ---
    PLACE_TAKEN,
    POSITION,  # playhead, frames into the signals
    TAPPED,  # frames written into the rings so far
    BLOCKS,
    BUSY,  # ticks spent in the callback
    LONGEST_BUSY,  # ticks of the slowest block
    LAST,  # tick at the end of the newest block
    BEGUN,  # tick at its beginning
    LONGEST_GAP,  # most ticks from the beginning of one block to that of the next
    LATE,  # blocks that began half a block or more too late
    DROPOUTS,
    FAULTS,
    INPUT_CLIPS,  # frames at or over full scale
    OUTPUT_CLIPS,
    PEAKS_GIVEN,
    # --- the callback's own ---
    SOURCE,
    CLEAN,
    TARGET,
    BANK,
    START,
    STOP,
    SEAM,
    HEARD,  # which sound of the bank plays
    COMING,  # which one fades in; the same where none does
    DRY_FROM,  # the first frame, counted as TAPPED, that is not silence to what waits for the model
    SLOTS,  # SLOT_SIZE numbers for each slot begin here
) = range(45)

GATE, MODEL, EQUALISER, CABINET, SLOT_COUNT = range(5)
"""The slots, in the order of the signal. Each holds a voice (`kernels.voice`), or none: then it is a wire."""

(
    # --- written by control ---
    VOICE_MAIL,
    VOICE_AT,  # address of the voice; 0: none
    VOICE_RUN_IN,  # frames that it plays unheard before it fades in
    VOICE_FADE,  # frames of the crossfade to it
    VOICE_LATENCY,  # frames that it is late by
    WEIGHTS_MAIL,
    WEIGHTS_FOR,  # address of the voice they are meant for
    WEIGHTS_AT,  # address of a packed weight set
    WEIGHTS_STEPS,  # length of the glide
    ENTRY_MAIL,
    ENTRY_FOR,  # address of the voice it is meant for
    ENTRY_AT,  # address of a voice as it is when the loop begins; 0: unknown
    ENTRY_OWN,  # how many numbers of its own it has
    # --- written by the callback ---
    VOICE_TAKEN,
    WEIGHTS_TAKEN,
    ENTRY_TAKEN,
    # --- the callback's own ---
    SOUNDING,  # address of the voice that is heard
    INCOMING,  # address of the voice that fades in
    SWAPPING,  # 1 while it does
    LATENCY,  # of the voice that is heard
    INCOMING_LATENCY,
    ENTRY,  # address of the voice whose state is taken where the loop begins; 0: none
    SLOT_SIZE,
) = range(23)

_BEHIND_SLOTS = SLOTS + SLOT_COUNT * SLOT_SIZE

(
    # --- written by control: the metronome (`kernels.metronome`) ---
    BEAT_MAIL,
    BEAT_ON,
    BEAT_PERIOD_ASKED,  # of a beat, in 1/2^BEAT_SHIFT frames
    BEAT_BEATS,  # in a bar
    BEAT_PARTS,  # of a beat that sound
    BEAT_CLICKS,  # address of BEAT_KINDS clicks, one after the other
    BEAT_FRAMES,  # of one click
    # --- written by the callback ---
    BEAT_TAKEN,
    BEAT_RUNS,
    BEAT_ORIGIN,  # when beat 0 was, or would have been, in 1/2^BEAT_SHIFT frames of the clock TAPPED
    BEAT_PERIOD,
    # --- the callback's own ---
    BEAT_NEXT,  # the part of a beat that sounds next, counted from beat 0
    BEAT_PARTS_NOW,
    BEAT_FROM,  # frame in which the newest click began
    BEAT_KIND,  # which one it is
    # --- the looper (`kernels.looper`): written by control ---
    LOOPER_MAIL,
    LOOPER_ASKED,  # LOOPER_FIELDS numbers begin here
) = range(_BEHIND_SLOTS, _BEHIND_SLOTS + 17)

BEAT_SHIFT = 24
ACCENT, BEAT, PART, BEAT_KINDS = range(4)
"""The clicks: of a bar, of a beat, of a part of a beat."""

(
    LOOPER_HISTORY,  # address of a ring that keeps the live input; 0: there is no looper
    LOOPER_MASK,  # its size, a power of two, less 1
    LOOPER_ORIGIN,  # the frame of the clock TAPPED in which a pass of the loop begins
    LOOPER_LENGTH,  # frames; 0: there is no loop
    LOOPER_LAYER,  # address of the loop; 0: it lies in the ring, from its origin on
    LOOPER_FROM,  # the frame from which on it is heard
    LOOPER_UNTIL,  # the frame from which on it is not
    LOOPER_DUB_FROM,  # the frame from which on the live input is added to it
    LOOPER_DUB_UNTIL,
    LOOPER_FIELDS,
) = range(10)
"""What the looper is told, in a mail from `LOOPER_ASKED` on."""

LOOPER_LAST = LOOPER_ASKED + LOOPER_FIELDS
"""What was asked last: the callback's own."""
LOOPER_NOW = LOOPER_LAST + LOOPER_FIELDS
"""What it does now; a date that had passed when it was asked for is the frame in which it was."""

(
    # --- written by the callback ---
    LOOPER_TAKEN,
    # --- the callback's own: the loop that fades out ---
    LOOPER_OLD_ORIGIN,
    LOOPER_OLD_LENGTH,
    LOOPER_OLD_LAYER,
    LOOPER_SWAPPED,  # the frame in which it began to fade out
    INTS,
) = range(LOOPER_NOW + LOOPER_FIELDS, LOOPER_NOW + LOOPER_FIELDS + 6)


def place(slot: int, field: int) -> int:
    """Where in `ints` a field of a slot lies."""
    return SLOTS + slot * SLOT_SIZE + field


LOOP, LIVE, BANK_OF_SOUNDS = range(3)

ALL = 1 << 16
"""More channels than a device has."""

BANK_SIZE = 16
"""Most sounds in a bank."""

(
    # --- written by control: linear gains, of either sign ---
    TRIM_GOAL,
    CLEAN_GOAL,
    TARGET_GOAL,
    MODEL_GOAL,
    OUTPUT_GOAL,
    TICKS_PER_FRAME,  # of the clock that BUSY counts; 0: unknown, nothing counts as late
    # --- written by the callback ---
    INPUT_PEAK,
    OUTPUT_PEAK,
    RAMPS,  # the callback's own: RAMP_SIZE numbers for each ramp
) = range(9)

TRIM, CLEAN_GAIN, TARGET_GAIN, MODEL_GAIN, OUTPUT_GAIN, TRANSPORT, CHANGE, SWAP = range(8)
"""The first five ramps follow the goals of the same order; transport fades play and stop; change fades
another sound of the bank in; from SWAP on, one for each slot fades a voice in."""

RAMP_COUNT = SWAP + SLOT_COUNT

HERE, GOAL, STEP, LEFT, RAMP_SIZE = range(5)
"""A ramp: the present value, where it goes, the change per frame, the frames left."""

INPUT_PEAKS = RAMPS + RAMP_COUNT * RAMP_SIZE
"""Written by the callback: the peaks of the device's first input channels, while they are watched."""

MOST_WATCHED = 16

BEAT_LEVEL = INPUT_PEAKS + MOST_WATCHED
"""Linear level of the metronome, written by control; a click keeps the level that it began with."""
BEAT_HEARD = BEAT_LEVEL + 1
"""The callback's own: the level of the newest click."""
FLOATS = BEAT_HEARD + 1

CHUNK = 256
"""Most frames worked on at once."""

CLEAN_BUFFER, TARGET_BUFFER, DRIVE_BUFFER, DRY_BUFFER, SOUND_BUFFER, INCOMING_BUFFER, BUFFERS = range(7)
"""Work buffers of CHUNK frames, at the start of `audio`."""

RING = 1 << 17
"""Frames in a ring; must be a multiple of CHUNK."""

INPUT_RING = BUFFERS * CHUNK
OUTPUT_RING = INPUT_RING + RING
AUDIO = OUTPUT_RING + RING
