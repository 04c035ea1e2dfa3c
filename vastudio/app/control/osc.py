"""OSC over UDP: every parameter has an address, and a query tells all of them.

    /vastudio/model/knob/gain 7.5      a knob, in the units of its dial
    /vastudio/rack/gate/on 1           a switch
    /vastudio/preset 3                 the fourth preset of the bank
    /vastudio/transport/play           what only happens needs no number
    /vastudio/query                    is answered with /vastudio/parameter ADDRESS KIND LOW HIGH UNIT VALUE
                                       for each, and /vastudio/done COUNT
    /vastudio/query ADDRESS            is answered with ADDRESS VALUE

Activities: one thread waits for packets and hands what they say to the router. What is no OSC, has no such
address, the wrong type, or lies out of range is counted and ignored.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

from vastudio.app.control.osc_packet import Message, PacketError, decode, encode
from vastudio.app.control.parameter import Parameter, Parameters
from vastudio.app.control.router import Router
from vastudio.app.control.store import OscSettings
from vastudio.errors import ControlError

PREFIX = "/vastudio/"
QUERY = PREFIX + "query"
_LARGEST_PACKET = 65_536
_WAIT_SECONDS = 0.2
_WORDS_BEFORE_A_NAME = 2
_NOT_IN_ADDRESSES = re.compile(r"[^A-Za-z0-9_.\-+]")


def address_of(key: str) -> str:
    """The address of a parameter; what an address may not hold becomes `_`."""
    words = key.split(".", _WORDS_BEFORE_A_NAME if key.startswith("model.knob.") else -1)
    return PREFIX + "/".join(_NOT_IN_ADDRESSES.sub("_", word) for word in words)


class OscServer:
    """Listens while it is open."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._keys: dict[str, str] = {}
        self._triggers: frozenset[str] = frozenset()

    def know(self, parameters: Parameters) -> None:
        """Go on with other parameters."""
        self._keys = {address_of(key): key for key in parameters}
        self._triggers = frozenset(key for key, item in parameters.items() if item.kind == "trigger")

    @property
    def port(self) -> int:
        """The port it listens on; 0 while it does not."""
        return int(self._socket.getsockname()[1]) if self._socket is not None else 0

    def open(self, settings: OscSettings) -> None:
        """Listen as the settings say, or not at all. Raises ControlError when the address is taken."""
        self.close()
        if not settings.enabled:
            return
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            listening.bind((settings.address, settings.port))
        except (OSError, OverflowError) as error:
            listening.close()
            raise ControlError(
                f"OSC cannot listen on {settings.address}, port {settings.port}.",
                "Another program may use it: choose another port.",
                str(error),
            ) from error
        listening.settimeout(_WAIT_SECONDS)
        self._socket = listening
        self._thread = threading.Thread(target=self._run, args=(listening,), name="osc", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End listening."""
        listening, self._socket = self._socket, None
        if listening is not None:
            _wake(listening)
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if listening is not None:
            listening.close()

    # --- the listening thread -------------------------------------------------------------------------

    def _run(self, listening: socket.socket) -> None:
        while self._socket is listening:
            try:
                packet, sender = listening.recvfrom(_LARGEST_PACKET)
            except TimeoutError:
                continue
            except OSError:  # on some systems an answer that nobody took comes back as an error
                continue
            if self._socket is not listening:
                break
            try:
                messages = decode(packet)
            except PacketError:
                self._router.ignore()
                continue
            for message in messages:
                self._hear(message, lambda reply, to=sender: _send(listening, reply, to))  # type: ignore[misc]

    def _hear(self, message: Message, reply: Callable[[bytes], None]) -> None:
        if message.address == QUERY:
            self._answer(message, reply)
            return
        key = self._keys.get(message.address)
        value = 1.0 if key in self._triggers and not message.arguments else _number(message)
        if key is None or value is None:
            self._router.ignore()
        else:
            self._router.put(key, value)

    def _answer(self, message: Message, reply: Callable[[bytes], None]) -> None:
        if not message.arguments:
            self._router.ask(lambda parameters: _tell_all(parameters, reply))
            return
        address = message.arguments[0]
        key = self._keys.get(address) if isinstance(address, str) else None
        if key is None:
            self._router.ignore()
            return

        def tell(parameters: Parameters) -> None:
            if key in parameters:
                reply(encode(address_of(key), [float(parameters[key].value)]))

        self._router.ask(tell)


def _number(message: Message) -> float | None:
    """The one number that a message says; None where it says none, more than one, or something else."""
    if len(message.arguments) != 1 or not isinstance(message.arguments[0], int | float):
        return None
    return float(message.arguments[0])


def _tell_all(parameters: Parameters, reply: Callable[[bytes], None]) -> None:
    for parameter in parameters.values():
        reply(encode(PREFIX + "parameter", _facts(parameter)))
    reply(encode(PREFIX + "done", [len(parameters)]))


def _facts(parameter: Parameter) -> list[int | float | str | bool]:
    return [
        address_of(parameter.key),
        parameter.kind,
        float(parameter.minimum),
        float(parameter.maximum),
        parameter.unit,
        float(parameter.value),
    ]


def _wake(listening: socket.socket) -> None:
    """Have the thread that waits for a packet look up."""
    host, port = listening.getsockname()[:2]
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
        waking.sendto(b"", ("127.0.0.1" if host == "0.0.0.0" else host, port))


def _send(listening: socket.socket, packet: bytes, to: Any) -> None:
    with contextlib.suppress(OSError):
        listening.sendto(packet, to)
