"""MIDI over real virtual ports: JACK's, because there is no ALSA sequencer where the tests run.

Every scenario runs in a process of its own: a JACK client belongs to a process.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.jack import NEEDS_JACK, JackServer, jack_server
from tests.processes import CANNOT_RUN, in_own_process
from vastudio.app.control import midi
from vastudio.app.control.events import Event
from vastudio.app.control.mapping import Mapping, Source
from vastudio.app.control.midi import MidiInputs, is_installed
from vastudio.app.control.parameter import Parameter, table
from vastudio.app.control.router import Router
from vastudio.app.control.store import MidiSettings

PATIENCE_SECONDS = 15.0
pytestmark = [
    *NEEDS_JACK,
    pytest.mark.skipif(not is_installed(), reason="python-rtmidi is not installed"),
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    with jack_server(monkeypatch, 128) as server:
        yield server


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def controller(port: str = "knobs") -> Any:
    """A controller of another program's, with a virtual port."""
    import rtmidi  # noqa: PLC0415

    try:
        made = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=f"controller {port}")
    except rtmidi.RtMidiError:
        sys.exit(CANNOT_RUN)
    made.open_virtual_port(port)
    return made


def unplug(made: Any) -> None:
    made.close_port()
    made.delete()


def hear_what_is_sent_and_what_is_plugged_in_later() -> None:
    midi._LOOK_SECONDS = 0.05
    events: list[Event] = []
    changes: list[int] = []
    inputs = MidiInputs(events.append, lambda: changes.append(1))
    first = controller("knobs")
    inputs.use(MidiSettings())
    wait_until(lambda: len(inputs.open_ports) == 1)
    first.send_message([0xB0, 74, 100])
    wait_until(lambda: events == [Event("control", 1, 74, 100)])
    second = controller("pads")
    wait_until(lambda: len(inputs.open_ports) == 2)
    second.send_message([0x99, 36, 90])
    wait_until(lambda: events[-1] == Event("note", 10, 36, 90))
    unplug(second)
    wait_until(lambda: len(inputs.open_ports) == 1)
    again = controller("pads")
    wait_until(lambda: len(inputs.open_ports) == 2)
    again.send_message([0xC3, 5])
    wait_until(lambda: events[-1] == Event("program", 4, 5, 5))
    assert len(changes) >= 4
    inputs.use(MidiSettings(all_ports=False, ports=(inputs.ports[0],)))
    wait_until(lambda: len(inputs.open_ports) == 1)
    inputs.close()
    assert inputs.open_ports == ()
    for made in (first, again):
        unplug(made)


def learn_and_move_at_a_thousand_messages_a_second() -> None:
    """Everything arrives, and a thread that drains sixty times a second ends with the newest."""
    values: list[float] = []
    awake: list[int] = []
    router = Router(lambda: awake.append(1))
    knob = Parameter("rack.knob", "Knob", "continuous", values.append, lambda: values[-1] if values else 0.0)
    router.use(table(knob), ())
    inputs = MidiInputs(router.push, lambda: None)
    made = controller()
    inputs.use(MidiSettings())
    wait_until(lambda: len(inputs.open_ports) == 1)
    learned: list[Mapping] = []
    router.learn("rack.knob", learned.append)
    made.send_message([0xB2, 7, 64])
    wait_until(lambda: bool(awake))
    router.drain()
    assert learned == [Mapping(Source("control", 3, 7), "rack.knob")]
    router.use(table(knob), [replace(learned[0], picks_up=False)])
    begun, drains = time.monotonic(), 0
    for count in range(1_000):
        made.send_message([0xB2, 7, count % 100])
        if count % 16 == 0:
            router.drain()
            drains += 1
        time.sleep(max(0.0, begun + 0.001 * count - time.monotonic()))

    def has_come_to_the_end() -> bool:
        nonlocal drains
        made.send_message([0xB2, 7, 127])  # a busy computer may have lost some
        router.drain()
        drains += 1
        return bool(values) and values[-1] == 1.0

    wait_until(has_come_to_the_end)
    assert len(values) <= drains
    assert router.received > 500
    inputs.close()
    unplug(made)


def outlive_the_service(server: int) -> None:
    """The MIDI service ends: no port is left, nothing hangs."""
    midi._LOOK_SECONDS = 0.05
    inputs = MidiInputs(lambda _event: None, lambda: None)
    made = controller()
    inputs.use(MidiSettings())
    wait_until(lambda: len(inputs.open_ports) == 1)
    os.kill(server, signal.SIGTERM)
    wait_until(lambda: not inputs.open_ports)
    inputs.close()
    unplug(made)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "scenario",
    [hear_what_is_sent_and_what_is_plugged_in_later, learn_and_move_at_a_thousand_messages_a_second],
)
def test_midi(scenario: Callable[[], None]) -> None:
    in_own_process(scenario)


def test_the_service_may_end(server: JackServer) -> None:
    in_own_process(outlive_the_service, server.pid)


def test_without_a_service_there_are_no_ports_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "vastudio-no-such-server")
    changes: list[int] = []
    inputs = MidiInputs(lambda _event: None, lambda: changes.append(1))
    inputs.use(MidiSettings())
    wait_until(lambda: bool(changes) or bool(inputs.ports))
    assert inputs.open_ports == ()
    assert inputs.ports or "no MIDI" in inputs.problem
    inputs.close()
