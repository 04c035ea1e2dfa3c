"""The controlling side of the signal chain: its memory, its mail, its controls.

Two activities: the controlling thread calls everything here but `process`; whoever drives the sound (the
device, the silent clock, a test) calls `process` or the compiled callback with `user_data`. They share
memory only as `kernels.desk` says; neither waits for the other.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from vastudio.engine.levels import gain
from vastudio.engine.mail import Mailbox
from vastudio.engine.slot import Slot
from vastudio.kernels import desk
from vastudio.kernels.chain import process
from vastudio.kernels.cycles import ticks_per_second
from vastudio.kernels.memory import address, aligned, observe
from vastudio.kernels.voice import Floats
from vastudio.types import Audio

FADE_SECONDS = 0.005


class Recorded(NamedTuple):
    """A stretch of what went into the model and came out of the rack, each (frames,), without gaps.

    Attributes
    ----------
    end:
        The frame after the last, counted from the first block.
    lost:
        Frames in front of it that were overwritten before they were read.
    """

    input: Audio
    output: Audio
    end: int
    lost: int


Source = Literal["loop", "live"]

_SOURCES = {"loop": desk.LOOP, "live": desk.LIVE}


class Rack:
    """One signal chain at one sample rate: stopped, its slots empty, without a loop, all levels at 0 dB.

    Attributes
    ----------
    gate, model, equaliser, cabinet:
        The slots, in the order of the signal.
    """

    def __init__(self, sample_rate: int) -> None:
        self.ints = aligned(desk.INTS, np.int64)
        self.floats = aligned(desk.FLOATS, np.float64)
        self.audio: Floats = aligned(desk.AUDIO, np.float32)
        self._table = np.array([address(self.ints), address(self.floats), address(self.audio)], np.int64)
        self.gate, self.model, self.equaliser, self.cabinet = self._slots = tuple(
            Slot(self.ints, slot) for slot in (desk.GATE, desk.MODEL, desk.EQUALISER, desk.CABINET)
        )
        self._place_mail = Mailbox(self.ints, desk.PLACE_MAIL, desk.PLACE_TAKEN)
        self._source: Source = "loop"
        self._clean: Audio = np.zeros(0, np.float32)
        self._target: Audio | None = None
        self._position = 0
        self.set_rate(sample_rate)
        self.connect(inputs=1, outputs=1, channel=0)
        for goal in (desk.TRIM_GOAL, desk.MODEL_GOAL, desk.OUTPUT_GOAL):
            self.floats[goal] = 1.0

    # --- driving it -----------------------------------------------------------------------------------

    @property
    def user_data(self) -> int:
        """What the compiled callback needs to know: an address, valid as long as the rack lives."""
        return address(self._table)

    def process(self, inp: Floats, out: Floats) -> None:
        """Process one block: `inp` and `out` of shape (frames · channels,), interleaved."""
        frames = out.size // int(self.ints[desk.OUT_CHANNELS])
        process(self.ints, self.floats, self.audio, inp, out, frames)

    def set_rate(self, sample_rate: int) -> None:
        """Set the sample rate. Only while nothing drives the rack."""
        self.ints[desk.FADE] = max(1, round(FADE_SECONDS * sample_rate))
        self.floats[desk.TICKS_PER_FRAME] = ticks_per_second() / sample_rate

    def connect(self, inputs: int, outputs: int, channel: int) -> None:
        """Say how many channels a block has and which input (from 0) is live. Only while nothing drives
        the rack.
        """
        self.ints[desk.IN_CHANNELS] = inputs
        self.ints[desk.OUT_CHANNELS] = outputs
        self.ints[desk.IN_CHANNEL] = channel

    # --- controls -------------------------------------------------------------------------------------

    def set_playing(self, playing: bool) -> None:
        """Start or stop, with a fade."""
        self.ints[desk.PLAY] = int(playing)
        self.flush()

    def set_goal(self, goal: int, level_db: float) -> None:
        """Let one of the gains (`desk.TRIM_GOAL` …) glide to a level; −inf mutes it."""
        self.floats[goal] = gain(level_db)

    def set_loop(self, clean: Audio, target: Audio | None) -> None:
        """Loop other signals from their start; a target is cut or filled up to the clean signal's length."""
        self._clean = np.ascontiguousarray(clean, np.float32)
        self._target = None if target is None else _as_long_as(self._clean, target)
        self._position = 0
        self._send_place()

    def set_source(self, source: Source) -> None:
        """Listen to the loop or to the live input."""
        self._position = self.position
        self._source = source
        self._send_place()

    def seek(self, frame: int) -> None:
        """Go to a frame of the loop."""
        self._position = frame % self._clean.size if self._clean.size else 0
        self._send_place()

    def _send_place(self) -> None:
        places = {
            desk.PLACE_SOURCE: _SOURCES[self._source],
            desk.PLACE_CLEAN: address(self._clean) if self._clean.size else 0,
            desk.PLACE_TARGET: 0 if self._target is None else address(self._target),
            desk.PLACE_FRAMES: self._clean.size,
            desk.PLACE_POSITION: self._position,
        }
        self._place_mail.send(places, (self._clean, self._target))

    def flush(self) -> None:
        """Send what had to wait for the callback. Every control calls it; call it now and then besides."""
        self._place_mail.flush()
        for slot in self._slots:
            slot.flush()

    # --- what can be seen -----------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether sound was asked for."""
        return bool(self.ints[desk.PLAY])

    @property
    def position(self) -> int:
        """The playhead: frames into the loop, or where it will go next."""
        if not self._place_mail.is_delivered:
            return self._position
        return int(self.ints[desk.POSITION])

    def read(self, since: int) -> Recorded:
        """Return what passed from frame `since` on (counted from the first block), for a recording.

        Read again from `end`, in time: the rings hold 2.7 s at 48 kHz. `lost` frames are missing in front.
        """
        end = observe(self.ints, desk.TAPPED)
        begin = max(since, end - desk.RING + desk.CHUNK, 0)
        slots = np.arange(begin, end) % desk.RING
        inputs, outputs = self.audio[desk.INPUT_RING + slots], self.audio[desk.OUTPUT_RING + slots]
        overwritten = max(0, observe(self.ints, desk.TAPPED) - desk.RING + desk.CHUNK - begin)
        begin += overwritten
        return Recorded(inputs[overwritten:], outputs[overwritten:], end, begin - since)

    def tap(self, frames: int) -> tuple[Audio, Audio]:
        """Return copies of the newest `frames` (at most half a ring) of model input and output.

        Zeros stand in front where fewer have passed yet.
        """
        frames = min(frames, desk.RING // 2)
        slots = (observe(self.ints, desk.TAPPED) - frames + np.arange(frames)) % desk.RING
        return self.audio[desk.INPUT_RING + slots], self.audio[desk.OUTPUT_RING + slots]


def _as_long_as(clean: Audio, target: Audio) -> Audio:
    fitted = np.zeros_like(clean)
    frames = min(clean.size, target.size)
    fitted[:frames] = target[:frames]
    return fitted
