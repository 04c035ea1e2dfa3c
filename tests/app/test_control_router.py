"""Learning, picking up, following and changing over; and many messages made few."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from vastudio.app.control.events import Event, parse
from vastudio.app.control.mapping import Mapping, Source
from vastudio.app.control.parameter import Parameter, table
from vastudio.app.control.router import MOST_WAITING, Router
from vastudio.errors import KnobError


class Desk:
    """A knob, a switch, a trigger and presets; and what was done to them."""

    def __init__(self, *mappings: Mapping) -> None:
        self.values = {"rack.knob": 5.0, "rack.switch": 0.0, "preset": 0.0}
        self.calls: list[tuple[str, float]] = []
        self.wakes = 0
        self.router = Router(self._wake)
        self.parameters = table(
            self._parameter("rack.knob", "continuous", 10.0),
            self._parameter("rack.switch", "switch", 1.0),
            self._parameter("next", "trigger", 1.0),
            self._parameter("preset", "number", 3.0),
            self._parameter("program", "number", 255.0),
        )
        self.router.use(self.parameters, mappings)

    def _wake(self) -> None:
        self.wakes += 1

    def _parameter(self, key: str, kind: str, maximum: float) -> Parameter:
        def put(value: float) -> None:
            self.calls.append((key, value))
            self.values[key] = value

        return Parameter(key, key, kind, put, lambda: self.values.get(key, 0.0), 0.0, maximum)  # type: ignore[arg-type]

    def hear(self, *events: Event) -> list[tuple[str, float]]:
        """Push, drain, and return what was done."""
        for event in events:
            self.router.push(event)
        before = len(self.calls)
        self.router.drain()
        return self.calls[before:]


def cc(number: int, value: int, channel: int = 1) -> Event:
    return Event("control", channel, number, value)


def note(number: int, value: int = 100, channel: int = 1) -> Event:
    return Event("note", channel, number, value)


KNOB = Mapping(Source("control", 1, 7), "rack.knob")
JUMPING = replace(KNOB, picks_up=False)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ([0xB0, 7, 127], cc(7, 127)),
        ([0xBF, 7, 0], cc(7, 0, 16)),
        ([0x91, 60, 80], note(60, 80, 2)),
        ([0x91, 60, 0], note(60, 0, 2)),
        ([0x81, 60, 64], note(60, 0, 2)),
        ([0xC0, 5], Event("program", 1, 5, 5)),
        ([0xE2, 1, 64], Event("bend", 3, 0, 8193)),
    ],
)
def test_messages_are_read(message: list[int], event: Event) -> None:
    assert parse(message) == event


@pytest.mark.parametrize(
    "message",
    [[], [0xB0], [0xB0, 7], [0xB0, 7, 200], [0x90, 60], [0xF0, 1, 2], [0xF8], [64, 1, 2], [0xD0, 3]],
)
def test_what_is_cut_off_or_moves_nothing_is_none(message: list[int]) -> None:
    assert parse(message) is None


def test_a_control_takes_a_knob_over_only_once_it_has_come_to_it() -> None:
    desk = Desk(KNOB)
    assert desk.hear(cc(7, 0)) == []
    assert desk.hear(cc(7, 40)) == []
    assert desk.hear(cc(7, 70)) == [("rack.knob", pytest.approx(700 / 127))]
    assert desk.hear(cc(7, 20)) == [("rack.knob", pytest.approx(200 / 127))]
    desk.values["rack.knob"] = 8.0  # somebody else turned it: the control is no longer where it is
    assert desk.hear(cc(7, 21)) == []
    assert desk.hear(cc(7, 101)) == [("rack.knob", pytest.approx(1010 / 127))]


def test_a_control_near_a_knob_takes_it_at_once() -> None:
    assert Desk(KNOB).hear(cc(7, 64)) == [("rack.knob", pytest.approx(640 / 127))]


def test_without_picking_up_a_knob_jumps() -> None:
    assert Desk(JUMPING).hear(cc(7, 127)) == [("rack.knob", 10.0)]


def test_a_control_moves_over_its_part_of_the_travel_either_way() -> None:
    desk = Desk(replace(JUMPING, lowest=0.2, highest=0.6, inverted=True))
    assert desk.hear(cc(7, 0)) == [("rack.knob", pytest.approx(6.0))]
    assert desk.hear(cc(7, 127)) == [("rack.knob", pytest.approx(2.0))]
    picky = Desk(replace(KNOB, lowest=0.2, highest=0.4, inverted=True))
    assert picky.hear(cc(7, 10)) == []  # the knob at 5 lies beyond: the nearest end takes it
    assert picky.hear(cc(7, 0)) == [("rack.knob", pytest.approx(4.0))]


def test_fourteen_bits_are_put_together() -> None:
    desk = Desk(Mapping(Source("wide control", 1, 7), "rack.knob", picks_up=False))
    desk.hear(cc(7, 64), cc(39, 3))
    assert desk.values["rack.knob"] == pytest.approx(10 * (64 * 128 + 3) / 16_383)
    assert desk.hear(cc(39, 3, channel=2)) == []


def test_switches_follow_or_change_over_and_triggers_act_once() -> None:
    desk = Desk(
        Mapping(Source("control", 1, 1), "rack.switch"),
        Mapping(Source("note", 1, 36), "rack.switch", toggles=True),
        Mapping(Source("note", 1, 37), "next"),
        Mapping(Source("control", 1, 2), "next"),
    )
    assert desk.hear(cc(1, 127), cc(1, 0)) == [("rack.switch", 1.0), ("rack.switch", 0.0)]
    assert desk.hear(note(36), note(36, 0), note(36)) == [("rack.switch", 1.0), ("rack.switch", 0.0)]
    assert desk.hear(note(37), note(37, 0)) == [("next", 1.0)]
    assert desk.hear(cc(2, 100), cc(2, 127), cc(2, 0), cc(2, 90)) == [("next", 1.0), ("next", 1.0)]


def test_program_changes_recall_presets_and_no_more_than_there_are() -> None:
    desk = Desk()
    assert desk.hear(Event("program", 4, 2, 2)) == [("preset", 2.0)]
    assert desk.hear(Event("program", 4, 9, 9)) == []
    assert desk.router.ignored == 1


def test_a_bank_that_was_selected_is_the_program_s() -> None:
    desk = Desk()
    assert desk.hear(cc(0, 1), Event("program", 1, 2, 2)) == [("program", 130.0)]
    assert desk.hear(Event("program", 2, 2, 2)) == [("preset", 2.0)]
    assert desk.hear(cc(0, 2), Event("program", 1, 2, 2)) == []
    assert desk.router.ignored == 1


def test_the_channel_filter_and_any_channel() -> None:
    desk = Desk(replace(JUMPING, source=Source("control", 0, 7)))
    assert desk.hear(cc(7, 1, channel=9)) != []
    desk.router.channel = 2
    assert desk.hear(cc(7, 2, channel=9)) == []
    assert desk.hear(cc(7, 3, channel=2)) != []


def test_of_a_storm_only_the_newest_is_done_and_the_window_woken_once() -> None:
    desk = Desk(JUMPING)
    assert desk.hear(*(cc(7, value % 128) for value in range(1_000))) == [
        ("rack.knob", pytest.approx(10 * (999 % 128) / 127))
    ]
    assert desk.wakes == 1
    desk.hear(cc(7, 5))
    assert desk.wakes == 2


def test_what_happens_is_done_in_its_order_and_never_piles_up() -> None:
    desk = Desk(Mapping(Source("note", 1, 37), "next"))
    for value in range(2_000):
        desk.router.put("preset", float(value % 4))
    done = desk.hear()
    assert len(done) == MOST_WAITING
    assert [value for _key, value in done[-4:]] == [0.0, 1.0, 2.0, 3.0]


def test_a_control_is_learned() -> None:
    desk, learned = Desk(), []
    desk.router.learn("rack.knob", learned.append)
    assert desk.router.learning == "rack.knob"
    assert desk.hear(note(60)) == []
    assert desk.router.learning == "rack.knob"
    desk.hear(cc(74, 90, channel=3))
    assert learned == [Mapping(Source("control", 3, 74), "rack.knob")]
    assert desk.router.learning == ""


def test_a_wide_control_is_learned_from_its_pair() -> None:
    desk, learned = Desk(), []
    desk.router.learn("rack.knob", learned.append)
    desk.hear(cc(20, 64), cc(52, 3))
    assert learned[-1].source == Source("wide control", 1, 20)


def test_a_switch_is_learned_from_a_press_and_learning_can_be_called_off() -> None:
    desk, learned = Desk(), []
    desk.router.learn("rack.switch", learned.append)
    desk.hear(cc(80, 0), note(36, 0), note(36, 90))
    assert learned == [Mapping(Source("note", 1, 36), "rack.switch", toggles=True)]
    desk.router.learn("rack.switch", learned.append)
    desk.router.forget_learning()
    desk.hear(note(40))
    assert len(learned) == 1


def test_what_cannot_be_set_is_counted() -> None:
    desk = Desk()

    def refuse(_value: float) -> None:
        raise KnobError("no")

    desk.router.use(table(Parameter("a", "a", "continuous", refuse)), ())
    assert desk.router.put("a", 0.5)
    assert not desk.router.put("a", float("nan"))
    assert not desk.router.put("a", 1.5)
    assert not desk.router.put("b", 0.5)
    desk.hear()
    assert desk.router.ignored == 4


def test_many_threads_may_talk_at_once() -> None:
    desk = Desk(JUMPING)
    threads = [
        threading.Thread(target=lambda: [desk.router.push(cc(7, k % 128)) for k in range(2_000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for _ in range(200):
        desk.router.drain()
    for thread in threads:
        thread.join()
    desk.hear(cc(7, 127))
    assert desk.values["rack.knob"] == 10.0
    assert desk.router.received == 8_001
