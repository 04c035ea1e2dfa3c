"""Messages of several numbers from the controlling thread to the audio callback (protocol: kernels.desk).

Only the controlling thread uses a mailbox; it never waits. A message that cannot be sent yet is kept, a
newer one replaces it, and `flush` sends it as soon as the callback has taken the one before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vastudio.kernels.memory import observe, publish


class Mailbox:
    """One kind of message. Keeps what a message points to alive until the one after it was taken."""

    def __init__(self, ints: npt.NDArray[np.int64], mail: int, taken: int) -> None:
        self._ints, self._mail, self._taken = ints, mail, taken
        self._waiting: tuple[Mapping[int, int], object] | None = None
        self._sent: object = None
        self._before: object = None

    @property
    def is_delivered(self) -> bool:
        """Whether the callback has acted on everything that was sent."""
        return self._waiting is None and self._is_taken

    @property
    def _is_taken(self) -> bool:
        return bool(observe(self._ints, self._taken) == self._ints[self._mail])

    def send(self, places: Mapping[int, int], keep: object = None) -> None:
        """Send `places` (index → number); `keep` is the memory they point to."""
        self._waiting = (places, keep)
        self.flush()

    def withdraw(self) -> None:
        """Forget the message that waits, if there is one."""
        self._waiting = None

    def flush(self) -> None:
        """Send what waits, if the callback is ready for it."""
        if self._waiting is None or not self._is_taken:
            return
        places, keep = self._waiting
        self._waiting = None
        self._before, self._sent = self._sent, keep
        for index, number in places.items():
            self._ints[index] = number
        publish(self._ints, self._mail, int(self._ints[self._mail]) + 1)
