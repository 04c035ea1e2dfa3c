"""The controlling side of the looper: begins, closes, adds to and takes back loops (`kernels.looper`).

One thread, the one that steers the player, calls everything here; nothing waits. Frames are counted on the
player's clock (`clock`), which goes on for as long as the player lives.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from vastudio.engine.mail import Mailbox
from vastudio.kernels import desk
from vastudio.kernels.memory import address, aligned, observe
from vastudio.types import Audio

LoopState = Literal["empty", "recording", "playing", "overdubbing", "stopped"]

LONGEST_SECONDS = 80.0
SHORTEST_SECONDS = 0.1
MOST_LAYERS = 8
_NEVER = 1 << 60
_LONG_AGO = -(1 << 40)
_AHEAD_SECONDS = 0.02
"""How far ahead a pass begins that is to begin at its first frame: the callback has to hear of it before."""


class Looper:
    """The looper of one chain: off, until `set_on`. `set_rate` comes first."""

    def __init__(self, ints: npt.NDArray[np.int64]) -> None:
        self._ints = ints
        self._mail = Mailbox(ints, desk.LOOPER_MAIL, desk.LOOPER_TAKEN)
        ints[desk.LOOPER_SWAPPED] = _LONG_AGO
        self._rate = 0
        self._history = aligned(0, np.float32)
        self._asked = dict.fromkeys(range(desk.LOOPER_FIELDS), 0)
        self._forget()

    def _forget(self) -> None:
        self._state: LoopState = "empty"
        self._layers: list[Audio] = []
        self._undone: list[Audio] = []
        self._retired: list[Audio] = []
        self._start = self._since = self._retired_at = 0

    def set_rate(self, sample_rate: int) -> None:
        """Set the sample rate in Hz. Only while nothing drives the chain; at another one the loop is gone."""
        if sample_rate == self._rate:
            return
        self._rate = sample_rate
        self._forget()
        if self._history.size:
            self._make_history()

    # --- what it is -----------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether the live input is kept."""
        return self._history.size > 0

    @property
    def state(self) -> LoopState:
        """What it does."""
        return self._state

    @property
    def clock(self) -> int:
        """Frames that have passed since the player was made."""
        return int(observe(self._ints, desk.TAPPED))

    @property
    def length(self) -> int:
        """Frames of the loop; of the one that is being recorded, so far."""
        if self._state == "recording":
            return max(0, self.clock - self._start)
        return 0 if self._state == "empty" else self._asked[desk.LOOPER_LENGTH]

    @property
    def position(self) -> float:
        """How far into the loop it is, 0..1."""
        if self._state in ("empty", "recording"):
            return 0.0
        origin, length = self._asked[desk.LOOPER_ORIGIN], self._asked[desk.LOOPER_LENGTH]
        return (self.clock - origin) % length / length

    @property
    def layer_count(self) -> int:
        """How many times something was played: the loop itself, and what was added to it."""
        return 0 if self._state in ("empty", "recording") else max(1, len(self._layers))

    @property
    def can_undo(self) -> bool:
        """Whether there is something added to take back."""
        return len(self._layers) > 1

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return bool(self._undone)

    @property
    def kept_seconds(self) -> float:
        """How much of what was played can be made a loop of now."""
        return min(max(0, self.clock - self._since) / self._rate, LONGEST_SECONDS)

    @property
    def audio(self) -> Audio | None:
        """A copy of the loop, (frames,), before the input trim; None while there is none."""
        return self._layers[-1].copy() if self._layers else None

    # --- what it does ---------------------------------------------------------------------------------

    def set_on(self) -> None:
        """Keep the live input from now on: two times the longest loop (32 MiB at 48 kHz)."""
        if not self.is_on:
            self._make_history()

    def _make_history(self) -> None:
        frames = 1 << int(2 * LONGEST_SECONDS * self._rate).bit_length()
        self._history = aligned(frames, np.float32)
        self._history.fill(0.0)  # every page is there before the callback writes to it
        self._since = self.clock
        for field in range(desk.LOOPER_FIELDS):
            self._asked[field] = 0
        self._send(**{"history": address(self._history), "mask": frames - 1})

    def begin(self, at: int | None = None) -> None:
        """Begin a loop in frame `at`, which may have passed; now, where it is not given."""
        if self._state != "empty":
            return
        self.set_on()
        now = self.clock
        self._start = max(now if at is None else at, self._since)
        self._state = "recording"

    def close(self, length: int | None = None) -> None:
        """Close the loop, `length` frames behind its beginning or now; it goes round from there on."""
        if self._state != "recording":
            return
        frames = self.clock - self._start if length is None else length
        frames = min(max(frames, round(SHORTEST_SECONDS * self._rate)), self.longest)
        self._go_round(self._start, frames)

    @property
    def longest(self) -> int:
        """Most frames of a loop."""
        return round(LONGEST_SECONDS * self._rate)

    def keep_last(self, frames: int, end: int | None = None) -> None:
        """Make a loop of the newest `frames` that were played, up to frame `end`, which has passed, or now.

        It takes the place of a loop that goes round; where one is stopped or recorded, that is given up.
        """
        self.set_on()
        end = self.clock if end is None else min(end, self.clock)
        frames = min(frames, self.longest, end - self._since)
        if frames >= round(SHORTEST_SECONDS * self._rate):
            self._forget_layers()
            self._go_round(end - frames, frames)

    def _go_round(self, start: int, frames: int) -> None:
        is_heard = self._state in ("playing", "overdubbing")
        begin = self._asked[desk.LOOPER_FROM] if is_heard else start + frames
        self._state = "playing"
        self._send(origin=start, length=frames, layer=0, begin=begin, end=_NEVER, dub=_NEVER, dub_end=_NEVER)
        self.refresh()

    def overdub(self, on: bool) -> None:
        """Add what is played to the loop, from now on; or end that."""
        if on and self._state in ("playing", "stopped") and self._take_layer():
            self._layers = [*self._layers, self._layers[-1].copy()][-MOST_LAYERS:]
            self._undone = []
            if self._state == "stopped":
                self.play()
            self._send(layer=address(self._layers[-1]), dub=self.clock, dub_end=_NEVER)
            self._state = "overdubbing"
        elif not on and self._state == "overdubbing":
            self._send(dub_end=self.clock)
            self._state = "playing"

    def undo(self) -> None:
        """Take back what was added last."""
        if self.can_undo:
            self._undone.append(self._layers.pop())
            self._show_newest()

    def redo(self) -> None:
        """Add again what was taken back last."""
        if self._undone:
            self._layers.append(self._undone.pop())
            self._show_newest()

    def _show_newest(self) -> None:
        if self._state == "overdubbing":
            self._state = "playing"
        self._send(layer=address(self._layers[-1]), dub=_NEVER, dub_end=_NEVER)

    def stop(self) -> None:
        """Let the loop fall silent; it stays. One that is being recorded is given up."""
        if self._state == "recording":
            self._state = "empty"
        elif self._state in ("playing", "overdubbing"):
            self._send(end=self.clock, dub_end=self.clock)
            self._state = "stopped"

    def play(self, *, from_start: bool = True) -> None:
        """Let the loop be heard again, from its start, or where it would be by now."""
        if self._state != "stopped":
            return
        begin = self.clock + round(_AHEAD_SECONDS * self._rate)
        origin = begin if from_start and self._take_layer() else self._asked[desk.LOOPER_ORIGIN]
        self._send(origin=origin, begin=begin, end=_NEVER)
        self._state = "playing"

    def clear(self) -> None:
        """Fade the loop out and forget it."""
        if self._state not in ("empty", "recording"):
            self._send(end=self.clock, dub_end=self.clock)
        self._forget_layers()
        self._state = "empty"

    def _forget_layers(self) -> None:
        """They may be fading out: they are kept for another second."""
        self._retired += self._layers + self._undone
        self._retired_at = self.clock
        self._layers, self._undone = [], []

    def refresh(self) -> None:
        """Close a loop that is as long as can be, and copy a loop that is whole; call it now and then."""
        if self._state == "recording" and self.length >= self.longest:
            self.close()
        if self._state in ("playing", "stopped"):
            self._take_layer()
        if self._retired and self.clock - self._retired_at > self._rate:
            self._retired = []

    # --- how ------------------------------------------------------------------------------------------

    def _take_layer(self) -> bool:
        """Copy the loop out of the history as soon as all of it is there; return whether it is."""
        if self._layers:
            return True
        start, length = self._asked[desk.LOOPER_ORIGIN], self._asked[desk.LOOPER_LENGTH]
        if self.clock < start + length:
            return False
        mask, seam = self._history.size - 1, int(self._ints[desk.FADE])
        layer = aligned(length, np.float32)
        layer[:] = self._history[np.arange(start, start + length) & mask]
        leading = self._history[np.arange(start - seam, start) & mask]
        weights = 0.5 - 0.5 * np.cos(np.pi * (np.arange(seam) + 0.5) / seam)
        layer[-seam:] += weights.astype(np.float32) * (leading - layer[-seam:])
        self._layers = [layer]
        self._send(layer=address(layer))
        return True

    def _send(self, **changes: int) -> None:
        for name, value in changes.items():
            self._asked[_FIELDS[name]] = value
        places = {desk.LOOPER_ASKED + field: value for field, value in self._asked.items()}
        self._mail.send(places, (self._history, tuple(self._layers), tuple(self._undone)))

    def flush(self) -> None:
        """Send what had to wait for the callback."""
        self._mail.flush()


_FIELDS = {
    "history": desk.LOOPER_HISTORY,
    "mask": desk.LOOPER_MASK,
    "origin": desk.LOOPER_ORIGIN,
    "length": desk.LOOPER_LENGTH,
    "layer": desk.LOOPER_LAYER,
    "begin": desk.LOOPER_FROM,
    "end": desk.LOOPER_UNTIL,
    "dub": desk.LOOPER_DUB_FROM,
    "dub_end": desk.LOOPER_DUB_UNTIL,
}
