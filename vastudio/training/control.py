"""What somebody outside asks of a run: pause, continue, stop, use fewer threads.

Activities: any thread may ask; the loop looks once per round, between two updates, and is the only one
that waits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Control:
    """The requests to one run. Every method can be called from any thread and never blocks, `wait` apart."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopping = False
        self._paused = False
        self._threads: int | None = None

    @property
    def stopping(self) -> bool:
        """Whether the run is to keep its best model and end."""
        return self._stopping

    @property
    def paused(self) -> bool:
        """Whether the run is to rest. A run that stops does not rest."""
        return self._paused and not self._stopping

    def stop(self) -> None:
        """Keep the best model and end; ends a pause too."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Rest after the round in progress. The clock of the run stands still."""
        self._paused = True

    def proceed(self) -> None:
        """Go on after `pause`."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def use_threads(self, count: int) -> None:
        """Use `count` processor threads from the next round on; 0 means those of the configuration."""
        self._threads = count

    def take_threads(self) -> int | None:
        """The latest number asked for since the last call, or None."""
        count, self._threads = self._threads, None
        return count

    def wait(self) -> None:
        """Block the calling thread while the run is paused."""
        with self._changed:
            self._changed.wait_for(lambda: not self.paused)

    def obey(self, lines: Iterable[str]) -> None:
        """Read commands, one a line, until they end: `pause`, `continue`, `threads N`, `stop`.

        Their end stops the run: whoever gave them has gone. Other lines are ignored.
        """
        for line in lines:
            match line.split():
                case ["pause"]:
                    self.pause()
                case ["continue"]:
                    self.proceed()
                case ["threads", count] if count.isdecimal():
                    self.use_threads(int(count))
                case ["stop"]:
                    break
        self.stop()
