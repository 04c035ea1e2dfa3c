"""From controllers to parameters: learning, picking up, and a storm of messages made few.

Activities: any thread says what has come in (`push`, `put`, `ask`) and never waits for more than a lock that
nobody holds for long; the thread that steers the player carries it out (`drain`) after `wake` was called,
which happens once until then. Of what moves a knob only the newest is kept, of what happens (a switch, a
preset) everything, in its order.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from vastudio.app.control.events import WIDE_OFFSET, Event
from vastudio.app.control.mapping import Mapping, Source
from vastudio.app.control.parameter import Parameter, Parameters
from vastudio.errors import StudioError

MOST_WAITING = 256
_NEAR = 1.5 / 127.0
"""So near a control has to come to a knob to pick it up, where it does not pass it."""
_PAIR_SECONDS = 0.1
"""So soon after a control its lower seven bits have to come for it to be a wide one."""
PRESET, PROGRAM = "preset", "program"
"""The parameters that a program change moves: a preset of this bank; of any bank, where one was selected."""
PROGRAMS = 128
_BANK_SELECT = 0


@dataclass
class _Grip:
    """A control on its way to a knob: where it was seen last, and where it put the knob."""

    seen: float | None = None
    given: float | None = None


class Router:
    """Knows the parameters and the mappings that hold now."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._parameters: Parameters = {}
        self._mappings: tuple[Mapping, ...] = ()
        self._newest: dict[Mapping, float] = {}
        self._values: dict[str, float] = {}
        self._happened: deque[Callable[[], None]] = deque(maxlen=MOST_WAITING)
        self._is_awake = False
        self._grips: dict[Mapping, _Grip] = {}
        self._upper: dict[tuple[int, int], int] = {}
        self._banks: dict[int, int] = {}
        self._pressed: set[Source] = set()
        self._learning: Parameter | None = None
        self._learned: Callable[[Mapping], None] = lambda _mapping: None
        self._newly: tuple[Mapping, float] | None = None
        self.channel = 0
        self.received = self.ignored = 0

    def use(self, parameters: Parameters, mappings: Iterable[Mapping]) -> None:
        """Go on with other parameters or mappings."""
        with self._lock:
            self._parameters, self._mappings = parameters, tuple(mappings)
            self._newest.clear()
            self._grips = {item: grip for item, grip in self._grips.items() if item in self._mappings}

    # --- learning -------------------------------------------------------------------------------------

    def learn(self, key: str, learned: Callable[[Mapping], None]) -> None:
        """Have the next control that is moved be the one of a parameter; `drain` tells `learned`."""
        with self._lock:
            self._learning, self._learned, self._newly = self._parameters.get(key), learned, None

    def forget_learning(self) -> None:
        """Learn nothing after all."""
        with self._lock:
            self._learning = None

    @property
    def learning(self) -> str:
        """The key of the parameter that is being learned; empty: none."""
        parameter = self._learning
        return parameter.key if parameter is not None else ""

    def _learn_from(self, event: Event) -> bool:
        """Take an event as an answer; return whether it is one."""
        parameter = self._learning
        if parameter is None:
            return self._widen(event)
        pressed = event.kind != "bend" and event.position >= (0.5 if event.kind == "control" else 0.001)
        fits = event.kind in ("control", "bend") if parameter.kind == "continuous" else pressed
        if event.kind == "program" or not fits:
            return True
        mapping = Mapping(event.source, parameter.key, toggles=event.kind == "note")
        self._learning, self._newly = None, (mapping, time.monotonic())
        self._pressed.add(event.source)
        self._tell(mapping)
        return True

    def _widen(self, event: Event) -> bool:
        """The lower seven bits of the control that has just been learned: it is a wide one."""
        if self._newly is None or event.kind != "control":
            return False
        (mapping, when), self._newly = self._newly, None
        source = mapping.source
        is_lower = source.number < WIDE_OFFSET and event.number == source.number + WIDE_OFFSET
        if source.kind != "control" or not is_lower or source.channel != event.channel:
            return False
        if time.monotonic() - when > _PAIR_SECONDS:
            return False
        self._tell(replace(mapping, source=replace(source, kind="wide control")))
        return True

    def _tell(self, mapping: Mapping) -> None:
        learned = self._learned
        self._happened.append(lambda: learned(mapping))

    # --- what comes in: any thread --------------------------------------------------------------------

    def push(self, event: Event) -> None:
        """A controller says something."""
        with self._lock:
            self.received += 1
            if self.channel not in (0, event.channel):
                self.ignored += 1
                return
            if not self._learn_from(event) and not self._take(event):
                self.ignored += 1
                return
            wakes = self._must_wake()
        if wakes:
            self._wake()

    def put(self, key: str, value: float) -> bool:
        """Another program wants a parameter to be at a value; return whether that can be."""
        with self._lock:
            self.received += 1
            parameter = self._parameters.get(key)
            if parameter is None or not parameter.accepts(value):
                self.ignored += 1
                return False
            if parameter.kind == "continuous":
                self._values[key] = value
            elif parameter.kind != "trigger" or value >= 0.5:
                self._happen(parameter, value)
            wakes = self._must_wake()
        if wakes:
            self._wake()
        return True

    def ask(self, answer: Callable[[Parameters], Any]) -> None:
        """Have `answer` called with the parameters, by the thread that steers."""
        with self._lock:
            self._happened.append(lambda: answer(self._parameters))
            wakes = self._must_wake()
        if wakes:
            self._wake()

    def ignore(self) -> None:
        """Count something that could not be understood."""
        with self._lock:
            self.received += 1
            self.ignored += 1

    def _must_wake(self) -> bool:
        has_work = bool(self._newest or self._values or self._happened)
        wakes = has_work and not self._is_awake
        self._is_awake = self._is_awake or has_work
        return wakes

    def _happen(self, parameter: Parameter, value: float) -> None:
        self._happened.append(lambda: parameter.set(value))

    def _take(self, event: Event) -> bool:
        """Find what an event moves; return whether there is something."""
        if event.kind == "program":
            return self._change_program(event)
        is_taken = False
        for mapping in self._mappings:
            position = self._position(mapping, event)
            parameter = self._parameters.get(mapping.parameter)
            if position is None or parameter is None:
                continue
            is_taken = True
            if parameter.kind in ("continuous", "number"):
                self._newest[mapping] = position
            else:
                self._press(mapping, parameter, position)
        self._note_press(event)
        if not is_taken and event.kind == "control" and event.number == _BANK_SELECT:
            self._banks[event.channel] = event.value
            return True
        return is_taken

    def _change_program(self, event: Event) -> bool:
        """Recall a preset by its number, of the bank that was selected on that channel."""
        bank = self._banks.get(event.channel)
        preset = self._parameters.get(PRESET if bank is None else PROGRAM)
        number = event.number + PROGRAMS * (bank or 0)
        if preset is None or not preset.accepts(number):
            return False
        self._happen(preset, number)
        return True

    def _position(self, mapping: Mapping, event: Event) -> float | None:
        """Where an event puts a mapping's control, 0..1; None when it is another control's."""
        source = mapping.source
        if source.kind != "wide control":
            return event.position if source.hears(event.source) else None
        if event.kind != "control" or source.channel not in (0, event.channel):
            return None
        if event.number == source.number:
            self._upper[event.channel, source.number] = event.value
            return event.value * 128 / 16_383
        if event.number == source.number + WIDE_OFFSET:
            return (self._upper.get((event.channel, source.number), 0) * 128 + event.value) / 16_383
        return None

    def _press(self, mapping: Mapping, parameter: Parameter, position: float) -> None:
        """A switch follows or changes over; a trigger acts when it is pressed."""
        is_down = position >= 0.5 if mapping.source.kind != "note" else position > 0.0
        was_down = mapping.source in self._pressed
        (self._pressed.add if is_down else self._pressed.discard)(mapping.source)
        if parameter.kind == "switch" and not mapping.toggles:
            self._happen(parameter, float(is_down != mapping.inverted))
        elif is_down and not was_down and parameter.kind == "switch":
            self._happened.append(lambda: parameter.set(float(parameter.value < 0.5)))
        elif is_down and not was_down:
            self._happen(parameter, 1.0)

    def _note_press(self, event: Event) -> None:
        if event.position == 0.0:
            self._pressed.discard(event.source)

    # --- carrying it out: the thread that steers ------------------------------------------------------

    def drain(self) -> None:
        """Do everything that has come in since the last time. Raises nothing: what cannot be is counted."""
        with self._lock:
            newest, self._newest = self._newest, {}
            values, self._values = self._values, {}
            happened = list(self._happened)
            self._happened.clear()
            parameters = self._parameters
            self._is_awake = False
        for mapping, position in newest.items():
            parameter = parameters.get(mapping.parameter)
            if parameter is not None:
                self._try(lambda mapping=mapping, at=position, to=parameter: self._turn(mapping, to, at))  # type: ignore[misc]
        for key, value in values.items():
            parameter = parameters.get(key)
            if parameter is not None:
                self._try(lambda to=parameter, value=value: to.set(value))  # type: ignore[misc]
        for act in happened:
            self._try(act)

    def discard(self) -> None:
        """Leave undone what has come in since the last time."""
        with self._lock:
            self.ignored += len(self._newest) + len(self._values) + len(self._happened)
            self._newest, self._values = {}, {}
            self._happened.clear()
            self._is_awake = False

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except StudioError:
            self.ignored += 1

    def _turn(self, mapping: Mapping, parameter: Parameter, position: float) -> None:
        """Move a parameter, if the control has hold of it or takes hold of it now."""
        if parameter.kind == "number":
            wanted = float(round(parameter.denormalised(mapping.fraction(position))))
            if wanted != parameter.value:
                parameter.set(wanted)
            return
        grip = self._grips.setdefault(mapping, _Grip())
        seen, grip.seen = grip.seen, position
        if mapping.picks_up and not self._holds(grip, mapping, parameter, seen, position):
            return
        parameter.set(parameter.denormalised(mapping.fraction(position)))
        grip.given = parameter.value

    def _holds(
        self, grip: _Grip, mapping: Mapping, parameter: Parameter, seen: float | None, position: float
    ) -> bool:
        """Whether the knob is where the control put it, or the control reaches or passes it now."""
        present = parameter.value
        if grip.given is not None and present == grip.given:
            return True
        grip.given = None
        knob = mapping.position(parameter.normalised(present))
        passes = seen is not None and min(seen, position) <= knob <= max(seen, position)
        beyond = (knob < 0.0 and position == 0.0) or (knob > 1.0 and position == 1.0)
        return passes or beyond or abs(position - knob) <= _NEAR
