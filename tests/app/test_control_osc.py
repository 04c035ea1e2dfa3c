"""OSC over real UDP, spoken by an independent implementation; and packets that are none."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pythonosc import osc_bundle_builder, osc_message_builder
from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

from vastudio.app.control.osc import OscServer, address_of
from vastudio.app.control.osc_packet import Message, PacketError, decode, encode
from vastudio.app.control.parameter import Parameter, table
from vastudio.app.control.router import Router
from vastudio.app.control.store import OscSettings
from vastudio.errors import ControlError

PATIENCE_SECONDS = 10.0


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


class Heard:
    """A server on a free port, its parameters, and a client of another hand."""

    def __init__(self) -> None:
        self.values = {"model.knob.gain": 5.0, "rack.gate.on": 0.0, "preset": 0.0, "transport.play": 0.0}
        self.router = Router(lambda: None)
        kinds = ("continuous", "switch", "number", "trigger")
        parameters = table(
            *(
                Parameter(key, key, kind, self._put(key), lambda key=key: self.values[key], 0.0, maximum)  # type: ignore[misc, arg-type]
                for key, kind, maximum in zip(self.values, kinds, (10.0, 1.0, 7.0, 1.0), strict=True)
            )
        )
        self.router.use(parameters, ())
        self.server = OscServer(self.router)
        self.server.know(parameters)
        self.server.open(OscSettings(enabled=True, port=0))
        self.client = SimpleUDPClient("127.0.0.1", self.server.port)

    def _put(self, key: str) -> Callable[[float], None]:
        return lambda value: self.values.__setitem__(key, value)

    def send(self, *packets: bytes) -> None:
        """Send bytes as they are, and wait until all of them were looked at."""
        expected = self.router.received + len(packets)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
            for packet in packets:
                sending.sendto(packet, ("127.0.0.1", self.server.port))
        wait_until(lambda: self.router.received == expected)
        self.router.drain()


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    made.server.close()
    made.client._sock.close()


def test_knobs_switches_presets_and_triggers_are_set(heard: Heard) -> None:
    heard.client.send_message("/vastudio/model/knob/gain", 7.25)
    heard.client.send_message("/vastudio/rack/gate/on", True)
    heard.client.send_message("/vastudio/preset", 3)
    heard.client.send_message("/vastudio/transport/play", [])
    wait_until(lambda: heard.router.received == 4)
    heard.router.drain()
    assert heard.values == {
        "model.knob.gain": 7.25,
        "rack.gate.on": 1.0,
        "preset": 3.0,
        "transport.play": 1.0,
    }
    assert heard.router.ignored == 0


def test_a_query_tells_every_parameter_and_one_of_them(heard: Heard) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(PATIENCE_SECONDS)
        asking.sendto(encode("/vastudio/query"), ("127.0.0.1", heard.server.port))
        replies: list[OscMessage] = []
        while not replies or replies[-1].address != "/vastudio/done":
            heard.router.drain()
            asking.settimeout(0.05)
            try:
                replies.append(OscMessage(asking.recv(4096)))
            except TimeoutError:
                continue
        assert replies[-1].params == [4]
        assert replies[0].params == ["/vastudio/model/knob/gain", "continuous", 0.0, 10.0, "", 5.0]
        asking.sendto(
            encode("/vastudio/query", ["/vastudio/model/knob/gain"]), ("127.0.0.1", heard.server.port)
        )
        for _ in range(200):
            heard.router.drain()
            try:
                reply = OscMessage(asking.recv(4096))
                break
            except TimeoutError:
                continue
        assert (reply.address, reply.params) == ("/vastudio/model/knob/gain", [5.0])


def test_what_is_wrong_is_counted_and_changes_nothing(heard: Heard) -> None:
    gain, before = "/vastudio/model/knob/gain", dict(heard.values)
    wrong = [
        b"",
        b"\xff\xfe",
        b"/no/end",
        b"gain\0\0\0\0,f\0\0" + struct.pack(">f", 1.0),
        encode(gain, [1.0])[:-2],
        encode(gain, ["loud"]),
        encode(gain, [1.0, 2.0]),
        encode(gain),
        encode(gain, [float("nan")]),
        encode(gain, [float("inf")]),
        encode(gain, [10.5]),
        encode(gain, [-0.5]),
        encode("/vastudio/preset", [8]),
        encode("/vastudio/nothing", [1.0]),
        encode("/vastudio/query", ["/vastudio/nothing"]),
        b"#bundle\0" + b"\0" * 8 + struct.pack(">i", 400) + b"/a\0\0",
        b"#bundle\0" + b"\0" * 8 + struct.pack(">i", -4),
    ]
    heard.send(*wrong)
    assert heard.router.ignored == len(wrong)
    assert heard.values == before
    heard.send(encode(gain, [2.0]))
    assert heard.values["model.knob.gain"] == 2.0


def test_noise_is_survived(heard: Heard) -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        heard.send(*(bytes(rng.integers(0, 256, rng.integers(0, 80), np.uint8)) for _ in range(50)))
    heard.send(encode("/vastudio/model/knob/gain", [3.0]))
    assert heard.values["model.knob.gain"] == 3.0
    assert heard.router.ignored >= 1_000


def test_packets_are_read_as_another_hand_writes_them() -> None:
    builder = osc_message_builder.OscMessageBuilder("/a/b")
    for value, kind in (
        (1, "i"),
        (2.5, "f"),
        (2.5, "d"),
        (2**40, "h"),
        ("so", "s"),
        (b"xyz", "b"),
        (True, "T"),
    ):
        builder.add_arg(value, kind)
    message = builder.build()
    assert decode(message.dgram) == [Message("/a/b", (1, 2.5, 2.5, 2**40, "so", b"xyz", True))]
    bundle = osc_bundle_builder.OscBundleBuilder(osc_bundle_builder.IMMEDIATELY)
    bundle.add_content(message)  # type: ignore[arg-type]
    bundle.add_content(message)  # type: ignore[arg-type]
    assert len(decode(bundle.build().dgram)) == 2
    assert OscMessage(encode("/a", [1, 2.5, "so", True])).params == [1, 2.5, "so", True]


def test_a_bundle_within_bundles_ends_somewhere() -> None:
    packet = encode("/a")
    for _ in range(10):
        packet = b"#bundle\0" + b"\0" * 8 + struct.pack(">i", len(packet)) + packet
    with pytest.raises(PacketError):
        decode(packet)


def test_addresses_hold_what_addresses_may(heard: Heard) -> None:
    assert address_of("model.knob.Low Cut #2") == "/vastudio/model/knob/Low_Cut__2"
    assert address_of("model.knob.a/b.c") == "/vastudio/model/knob/a_b.c"
    assert address_of("rack.tone.band2.gain_db") == "/vastudio/rack/tone/band2/gain_db"


def test_a_port_that_is_taken_is_told(heard: Heard) -> None:
    second = OscServer(Router(lambda: None))
    with pytest.raises(ControlError, match="cannot listen"):
        second.open(OscSettings(enabled=True, port=heard.server.port))
    with pytest.raises(ControlError, match="cannot listen"):
        second.open(OscSettings(enabled=True, address="no such place", port=9000))
    assert second.port == 0
    heard.server.close()
    second.open(OscSettings(enabled=True, port=0))
    assert second.port > 0
    second.close()
