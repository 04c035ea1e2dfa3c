"""The controlling side of one slot of the rack: which voice plays in it, and where its weights glide to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vastudio.engine.mail import Mailbox
from vastudio.kernels import desk
from vastudio.kernels.memory import address
from vastudio.kernels.voice import Floats, Voice

RUN_IN_FADES = 4
"""How long a voice plays before it fades in, in fades of the rack: 20 ms. It begins at rest, in the middle of
the sound; what it makes of that beginning is a click, but a short one. A wire waits as long: what is changed
together is heard together."""


class Slot:
    """One slot, empty at first: a wire. Only the controlling thread uses it; it never waits."""

    def __init__(self, ints: npt.NDArray[np.int64], slot: int) -> None:
        self._ints, self._slot = ints, slot
        self._voice_mail = Mailbox(ints, self._at(desk.VOICE_MAIL), self._at(desk.VOICE_TAKEN))
        self._weights_mail = Mailbox(ints, self._at(desk.WEIGHTS_MAIL), self._at(desk.WEIGHTS_TAKEN))
        self._entry_mail = Mailbox(ints, self._at(desk.ENTRY_MAIL), self._at(desk.ENTRY_TAKEN))
        self._voice: Voice | None = None
        self._weights: Floats | None = None
        self._entry: Voice | None = None
        self._steps = 1

    def _at(self, field: int) -> int:
        return desk.place(self._slot, field)

    def set_voice(self, voice: Voice | None, fade: int | None = None) -> None:
        """Play through another voice, which has to be at rest. None: a wire.

        What plays fades over in `fade` frames, or as everything fades; before it the voice runs in.
        """
        if voice is not None:
            voice.prewarm()
        self._voice, self._weights, self._entry = voice, None, None
        self._weights_mail.withdraw()
        places = {
            self._at(desk.VOICE_AT): 0 if voice is None else voice.at,
            self._at(desk.VOICE_RUN_IN): RUN_IN_FADES * int(self._ints[desk.FADE]),
            self._at(desk.VOICE_FADE): int(self._ints[desk.FADE]) if fade is None else fade,
            self._at(desk.VOICE_LATENCY): 0 if voice is None else voice.program.latency,
        }
        self._voice_mail.send(places, voice)

    def set_weights(self, packed: Floats, steps: int) -> None:
        """Let the newest voice glide to other weights (program.packed,), in `steps` steps."""
        self._weights, self._steps, self._entry = packed, steps, None
        self.flush()

    def set_entry(self, entry: Voice) -> None:
        """Let the newest voice, at its newest weights, be like `entry` whenever the loop begins.

        It holds until another voice, other weights or another loop come. Never use `entry` again. An empty
        slot needs none. Raises ValueError when it is no voice of the same program.
        """
        if self._voice is not None and entry.program != self._voice.program:
            raise ValueError("an entry has to be a voice of the program in the slot")
        self._entry = entry

    def flush(self) -> None:
        """Send what had to wait for the callback."""
        self._voice_mail.flush()
        if self._weights is not None and self._voice is not None and self._voice_mail.is_delivered:
            places = {
                self._at(desk.WEIGHTS_FOR): self._voice.at,
                self._at(desk.WEIGHTS_AT): address(self._weights),
                self._at(desk.WEIGHTS_STEPS): self._steps,
            }
            self._weights_mail.send(places, self._weights)
            self._weights = None
        self._weights_mail.flush()

    def flush_entry(self) -> None:
        """Send the entry, once voice and weights that it belongs to have arrived."""
        if self._entry is None or self._voice is None:
            return
        if self._voice_mail.is_delivered and self._weights is None and self._weights_mail.is_delivered:
            places = {
                self._at(desk.ENTRY_FOR): self._voice.at,
                self._at(desk.ENTRY_AT): self._entry.at,
                self._at(desk.ENTRY_OWN): len(self._entry.program.own),
            }
            self._entry_mail.send(places, self._entry)
            self._entry = None

    def withdraw_entry(self) -> None:
        """Forget an entry that waits."""
        self._entry = None
