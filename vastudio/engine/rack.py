"""The controlling side of the signal chain: its memory, its mail, its controls.

Two activities: the controlling thread calls everything here but `process`; whoever drives the sound (the
device, the silent clock, a test) calls `process` or the compiled callback with `user_data`. They share
memory only as `kernels.desk` says; neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from vastudio.engine.levels import gain
from vastudio.engine.looper import Looper
from vastudio.engine.mail import Mailbox
from vastudio.engine.metronome import Metronome
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


def _silence() -> Audio:
    return np.zeros(0, np.float32)


def _no_sounds() -> npt.NDArray[np.int64]:
    return np.zeros(desk.BANK_SIZE, np.int64)


@dataclass(frozen=True, eq=False)
class _Place:
    """What is played and where: the signals, the stretch of them that goes round, the playhead."""

    source: int = desk.LOOP
    clean: Audio = field(default_factory=_silence)
    target: Audio | None = None
    sounds: tuple[Audio, ...] = ()
    addresses: npt.NDArray[np.int64] = field(default_factory=_no_sounds)
    start: int = 0
    stop: int = 0
    seam: int = 0
    position: int = 0

    @property
    def mail(self) -> dict[int, int]:
        """How the callback is told. The place has to stay alive until it is told of another one."""
        return {
            desk.PLACE_SOURCE: self.source,
            desk.PLACE_CLEAN: address(self.clean) if self.clean.size else 0,
            desk.PLACE_TARGET: 0 if self.target is None else address(self.target),
            desk.PLACE_BANK: address(self.addresses),
            desk.PLACE_START: self.start,
            desk.PLACE_STOP: self.stop,
            desk.PLACE_SEAM: self.seam,
            desk.PLACE_POSITION: self.position if self.start <= self.position < self.stop else self.start,
        }


class Rack:
    """One signal chain at one sample rate: stopped, its slots empty, without a loop, all levels at 0 dB.

    Attributes
    ----------
    gate, model, equaliser, cabinet:
        The slots, in the order of the signal.
    metronome, looper:
        What one practises with; off, and without a loop, at first.
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
        self._place = _Place()
        self._before_bank: _Place | None = None
        self.metronome = Metronome(self.ints, self.floats)
        self.looper = Looper(self.ints)
        self.set_rate(sample_rate)
        self.connect(inputs=1, outputs=1, channel=0)
        for goal in (desk.TRIM_GOAL, desk.MODEL_GOAL, desk.OUTPUT_GOAL):
            self.floats[goal] = 1.0

    # --- driving it -----------------------------------------------------------------------------------

    @property
    def user_data(self) -> int:
        """What the compiled callback needs to know: an address, valid as long as the rack lives."""
        return address(self._table)

    @property
    def table(self) -> npt.NDArray[np.int64]:
        """A copy of what `user_data` points to, for a driver that may have to let go of the rack."""
        return self._table.copy()

    def process(self, inp: Floats, out: Floats) -> None:
        """Process one block: `inp` and `out` of shape (frames · channels,), interleaved."""
        frames = out.size // int(self.ints[desk.OUT_CHANNELS])
        process(self.ints, self.floats, self.audio, inp, out, frames)

    def set_rate(self, sample_rate: int) -> None:
        """Set the sample rate. Only while nothing drives the rack."""
        self.ints[desk.FADE] = max(1, round(FADE_SECONDS * sample_rate))
        self.floats[desk.TICKS_PER_FRAME] = ticks_per_second() / sample_rate
        self.metronome.set_rate(sample_rate)
        self.looper.set_rate(sample_rate)

    def connect(
        self, inputs: int, outputs: int, channel: int, first_output: int = 0, sounding: int = desk.ALL
    ) -> None:
        """Say how many channels a block has, which input (from 0) is live, and which outputs sound.

        From the output `first_output` (from 0) on, so many sound; all of them, if nothing is said. Only while
        nothing drives the rack.
        """
        self.ints[desk.IN_CHANNELS] = inputs
        self.ints[desk.OUT_CHANNELS] = outputs
        self.ints[desk.IN_CHANNEL] = channel
        self.ints[desk.OUT_FIRST] = first_output
        self.ints[desk.OUT_COUNT] = sounding

    # --- controls -------------------------------------------------------------------------------------

    def set_playing(self, playing: bool) -> None:
        """Start or stop, with a fade."""
        self.ints[desk.PLAY] = int(playing)
        self.flush()

    def set_goal(self, goal: int, level_db: float) -> None:
        """Let one of the gains (`desk.TRIM_GOAL` …) glide to a level; −inf mutes it."""
        self.floats[goal] = gain(level_db)

    def set_gain(self, goal: int, linear: float) -> None:
        """Let one of the gains glide to a factor, which may be negative."""
        self.floats[goal] = linear

    def set_loop(self, clean: Audio, target: Audio | None, seam: int = 0) -> None:
        """Loop other signals from their start; a target is cut or filled up to the clean signal's length.

        What is heard fades over `seam` frames at both ends of what is looped.
        """
        clean = np.ascontiguousarray(clean, np.float32)
        target = None if target is None else _as_long_as(clean, target)
        self.model.withdraw_entry()
        self._go(clean=clean, target=target, start=0, stop=clean.size, seam=seam, position=0)

    def set_stretch(self, start: int, stop: int) -> None:
        """Loop the frames from `start` up to `stop` only, cut to where there is signal.

        The playhead goes on where it is if it is inside, else it goes to `start`.
        """
        size = self._loop.clean.size
        start = min(max(start, 0), max(size - 1, 0))
        stop = min(max(stop, start + 1), size)
        if (start, stop) != (self._loop.start, self._loop.stop):
            self.model.withdraw_entry()
            self._go(start=start, stop=stop)

    def set_source(self, source: Source) -> None:
        """Listen to the loop or to the live input."""
        self._go(source=_SOURCES[source])

    def seek(self, frame: int) -> None:
        """Go to a frame of the loop; to its start where that is outside the stretch that is looped."""
        self._go(position=frame)

    def set_bank(self, sounds: Sequence[Audio]) -> None:
        """Play prepared sounds (frames,) of one length as they are, the first at first, instead of all else.

        Nothing but the output level is in their way. What was played waits for `leave_bank`. Raises
        ValueError for none, for more than `desk.BANK_SIZE` and for different lengths.
        """
        arrays = tuple(np.ascontiguousarray(sound, np.float32) for sound in sounds)
        if not 1 <= len(arrays) <= desk.BANK_SIZE or len({sound.size for sound in arrays}) != 1:
            raise ValueError(f"a bank has 1 to {desk.BANK_SIZE} sounds of one length")
        if self._before_bank is None:
            self._before_bank = replace(self._place, position=self.position)
        addresses = np.zeros(desk.BANK_SIZE, np.int64)
        addresses[: len(arrays)] = [address(sound) for sound in arrays]
        self.ints[desk.WANTED] = 0
        self._place = _Place(desk.BANK_OF_SOUNDS, sounds=arrays, addresses=addresses, stop=arrays[0].size)
        self._place_mail.send(self._place.mail, self._place)

    def hear(self, sound: int) -> None:
        """Change to another sound of the bank, at the same place. Raises IndexError where there is none."""
        if not 0 <= sound < len(self._place.sounds):
            raise IndexError(f"there is no sound {sound} among {len(self._place.sounds)}")
        self.ints[desk.WANTED] = sound

    def leave_bank(self) -> None:
        """Play again what was played before the bank, from where it stood."""
        if self._before_bank is not None:
            self._place, self._before_bank = self._before_bank, None
            self._place_mail.send(self._place.mail, self._place)

    @property
    def _loop(self) -> _Place:
        """What is played, or will be after the bank."""
        return self._before_bank or self._place

    def _go(self, **changes: object) -> None:
        """Change what is played; while a bank is heard, what will be played after it."""
        if self._before_bank is not None:
            self._before_bank = replace(self._before_bank, **changes)  # type: ignore[arg-type]
            return
        changes.setdefault("position", self.position)
        self._place = replace(self._place, **changes)  # type: ignore[arg-type]
        self._place_mail.send(self._place.mail, self._place)

    def flush(self) -> None:
        """Send what had to wait for the callback. Every control calls it; call it now and then besides."""
        self._place_mail.flush()
        self.metronome.flush()
        self.looper.flush()
        for slot in self._slots:
            slot.flush()
        if self._place_mail.is_delivered and self._before_bank is None:
            self.model.flush_entry()

    # --- what can be seen -----------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether sound was asked for."""
        return bool(self.ints[desk.PLAY])

    @property
    def position(self) -> int:
        """The playhead: frames into the loop, or where it will go next."""
        if not self._place_mail.is_delivered:
            return self._place.mail[desk.PLACE_POSITION]
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
    if target.size == clean.size:
        return np.ascontiguousarray(target, np.float32)
    fitted = np.zeros_like(clean)
    frames = min(clean.size, target.size)
    fitted[:frames] = target[:frames]
    return fitted
