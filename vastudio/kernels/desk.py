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
    FADE,  # frames of every fade
    # --- written by control ---
    PLAY,  # 1: sound, 0: silence
    PEAKS_ASKED,  # raised to have the peak meters start anew
    VOICE_MAIL,
    VOICE_AT,  # address of the voice's numbers; 0: no model, the input passes
    WEIGHTS_MAIL,
    WEIGHTS_FOR,  # address of the voice they are meant for
    WEIGHTS_AT,  # address of a packed weight set
    WEIGHTS_STEPS,  # length of the glide
    PLACE_MAIL,
    PLACE_SOURCE,  # LOOP or LIVE
    PLACE_CLEAN,  # addresses of the loop's signals; 0: there is none
    PLACE_TARGET,
    PLACE_FRAMES,
    PLACE_POSITION,
    # --- written by the callback ---
    VOICE_TAKEN,
    WEIGHTS_TAKEN,
    PLACE_TAKEN,
    POSITION,  # playhead, frames into the loop
    TAPPED,  # frames written into the rings so far
    BLOCKS,
    BUSY,  # ticks spent in the callback
    LAST,  # tick at the end of the newest block
    DROPOUTS,
    FAULTS,
    INPUT_CLIPS,  # frames at or over full scale
    OUTPUT_CLIPS,
    PEAKS_GIVEN,
    # --- the callback's own ---
    SOUNDING,  # address of the voice that is heard
    INCOMING,  # address of the voice that fades in
    SWAPPING,  # 1 while it does
    SOURCE,
    CLEAN,
    TARGET,
    FRAMES,
    INTS,
) = range(39)

LOOP, LIVE = 0, 1

(
    # --- written by control: linear gains ---
    TRIM_GOAL,
    CLEAN_GOAL,
    TARGET_GOAL,
    MODEL_GOAL,
    OUTPUT_GOAL,
    # --- written by the callback ---
    INPUT_PEAK,
    OUTPUT_PEAK,
    RAMPS,  # the callback's own: four numbers for each ramp
) = range(8)

TRIM, CLEAN_GAIN, TARGET_GAIN, MODEL_GAIN, OUTPUT_GAIN, TRANSPORT, SWAP, RAMP_COUNT = range(8)
"""The first five ramps follow the goals of the same order; transport fades play and stop, swap a voice in."""

HERE, GOAL, STEP, LEFT, RAMP_SIZE = range(5)
"""A ramp: the present value, where it goes, the change per frame, the frames left."""

FLOATS = RAMPS + RAMP_COUNT * RAMP_SIZE

CHUNK = 256
"""Most frames worked on at once."""

CLEAN_BUFFER, TARGET_BUFFER, DRIVE_BUFFER, MODEL_BUFFER, INCOMING_BUFFER, BUFFERS = range(6)
"""Work buffers of CHUNK frames, at the start of `audio`."""

RING = 1 << 17
"""Frames in a ring; must be a multiple of CHUNK."""

INPUT_RING = BUFFERS * CHUNK
OUTPUT_RING = INPUT_RING + RING
AUDIO = OUTPUT_RING + RING
