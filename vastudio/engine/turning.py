"""How knobs move, in the player and in rendering: what turns glides, what jumps fades over.

The weights half-way between two far positions are no position of the device: what they play there is
anything but what lies between. So a knob that jumps makes a second voice, at rest, and the sound fades over
to it, where the model soon forgets what it played (`Program.forgets`).

Where nothing is played every move fades over, whatever the model: its state at rest is known at both ends,
but not for the weights between them. A glide would thump.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.engine.graph import PlayableModel
from vastudio.engine.rack import FADE_SECONDS
from vastudio.engine.slot import RUN_IN_FADES
from vastudio.kernels.voice import GLIDE_SECONDS, Voice
from vastudio.types import Audio, KnobValues, knob_vector

JUMP = 0.11
"""Share of a dial. The positions of a hand that turns lie closer together."""


QUIET = 10.0 ** (-50.0 / 20.0)
"""Peak of the input below which nothing is played: what hums and hisses there is not disturbed by a fade."""

QUIET_SECONDS = 0.1
"""How long it has to be quiet."""


def quiet_frames(sample_rate: int) -> int:
    """How much of the newest input decides."""
    return round(QUIET_SECONDS * sample_rate)


def is_quiet(latest: Audio) -> bool:
    """Whether nothing was played in the newest input (frames,)."""
    return float(np.max(np.abs(latest), initial=0.0)) < QUIET


def jumps(model: PlayableModel, here: KnobValues, there: KnobValues) -> bool:
    """Whether the sound fades over from one position to the other. Raises KnobError as `knob_vector`."""
    moved = np.abs(knob_vector(model.knobs, there) - knob_vector(model.knobs, here))
    return model.program.forgets and float(np.max(moved, initial=0.0)) > JUMP


def fade_frames(sample_rate: int) -> int:
    """Length of such a fade."""
    return round(GLIDE_SECONDS * sample_rate)


def run_in_frames(sample_rate: int) -> int:
    """How long the new voice plays unheard before."""
    return RUN_IN_FADES * round(FADE_SECONDS * sample_rate)


def smooth(line: npt.NDArray[np.floating]) -> Audio:
    """Round the corners of a line from 0 to 1, as the rack does (`kernels.ramps`)."""
    begun = np.maximum(line, 0.0).astype(np.float32)
    return np.asarray(begun * begun * (np.float32(3.0) - np.float32(2.0) * begun), np.float32)


class TurningVoice:
    """A model whose knobs move while it plays, as in a player that hears of every move at once."""

    def __init__(self, model: PlayableModel, values: KnobValues) -> None:
        self._model, self._values = model, values
        self._voice = model.voice(values)
        self._incoming: Voice | None = None
        self._left = 0
        self._waiting: KnobValues | None = None
        self._latest = np.zeros(quiet_frames(model.sample_rate), np.float32)

    def turn(self, values: KnobValues) -> None:
        """Move the knobs. During a fade this waits for its end; of several moves the last one counts.

        Raises
        ------
        KnobError
            For an unknown knob and for a value outside its dial.
        """
        packed = self._model.packed(values)
        if self._incoming is not None:
            self._waiting = values
        elif is_quiet(self._latest) or jumps(self._model, self._values, values):
            self._incoming = Voice(self._model.program, packed)
            self._left = run_in_frames(self._model.sample_rate) + fade_frames(self._model.sample_rate)
            self._values = values
        else:
            self._voice.glide_to(packed, self._model.glide_steps)
            self._values = values

    def process(self, audio: Audio, block: int) -> Audio:
        """Return the response to `audio` (frames,), computed in blocks of `block` samples."""
        if self._incoming is None:
            return self._play(self._voice, audio, block)
        fading, after = np.split(audio, [min(self._left, audio.size)])
        faded = self._fade(fading, block)
        return np.concatenate([faded, self.process(after, block)]) if after.size else faded

    def _play(self, voice: Voice, audio: Audio, block: int) -> Audio:
        self._latest = np.concatenate([self._latest, audio])[-self._latest.size :]
        return voice.process(audio, block)

    def _fade(self, audio: Audio, block: int) -> Audio:
        """Play both voices; at the end of the fade, do what waits."""
        assert self._incoming is not None
        left = self._left - 1 - np.arange(audio.size)
        share = smooth(1.0 - left * (1.0 / fade_frames(self._model.sample_rate)))
        incoming = self._incoming.process(audio, block)
        sound = self._play(self._voice, audio, block)
        self._left -= audio.size
        if not self._left:
            self._voice, self._incoming = self._incoming, None
            if self._waiting is not None:
                waiting, self._waiting = self._waiting, None
                self.turn(waiting)
        return sound + share * (incoming - sound)
