"""The parameters of what one plays through: the model's knobs, and everything in the rack.

Built from whatever steers the rack: the window's bridge, or a program without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from vastudio.app.control.parameter import Parameter
from vastudio.app.rack import RANGES, RackState
from vastudio.types import Knob

SWITCHES = {
    "trim": "Input",
    "gate": "Noise gate",
    "model": "Amp model",
    "tone": "Equaliser",
    "cabinet": "Cabinet",
    "output": "Output",
}
_GATE = {
    "threshold_db": ("Gate threshold", -90.0, 0.0, "dB", False),
    "hysteresis_db": ("Gate hysteresis", 0.0, 24.0, "dB", False),
    "attack_ms": ("Gate attack", 1.0, 100.0, "ms", True),
    "hold_ms": ("Gate hold", 0.0, 1000.0, "ms", False),
    "release_ms": ("Gate release", 10.0, 5000.0, "ms", True),
}
_BAND = {
    "frequency_hz": ("frequency", 20.0, 16_000.0, "Hz", True),
    "gain_db": ("gain", -24.0, 24.0, "dB", False),
    "q": ("Q", 0.1, 20.0, "", True),
}
_MICROPHONE = {"level_db": ("level", -60.0, 12.0, "dB"), "delay_ms": ("delay", 0.0, 20.0, "ms")}
_LEVELS = {"trim_db": "Input trim", "output_db": "Output level", "mix": "Mix"}


class RackControl(Protocol):
    """Whoever steers a rack."""

    @property
    def state(self) -> RackState:
        """Its settings."""

    def set(self, **changes: Any) -> None:
        """Change some of them, by the names of `RackState`."""


def knob_parameters(
    knobs: Iterable[Knob], values: Callable[[], Mapping[str, float]], turn: Callable[[str, float], None]
) -> list[Parameter]:
    """The knobs of a model: `model.knob.NAME`."""
    return [
        Parameter(
            f"model.knob.{knob.name}",
            knob.title,
            "switch" if knob.kind == "switch" else "continuous",
            lambda value, knob=knob: turn(knob.name, _on_dial(knob, value)),  # type: ignore[misc]
            lambda knob=knob: _from_dial(knob, values().get(knob.name, knob.default)),  # type: ignore[misc]
            0.0 if knob.kind == "switch" else knob.minimum,
            1.0 if knob.kind == "switch" else knob.maximum,
            knob.unit,
        )
        for knob in knobs
    ]


def _on_dial(knob: Knob, value: float) -> float:
    return knob.denormalised(round(value)) if knob.kind == "switch" else value


def _from_dial(knob: Knob, value: float) -> float:
    return knob.normalised(value) if knob.kind == "switch" else value


def rack_parameters(rack: RackControl) -> list[Parameter]:
    """Everything in the rack that has a number or a switch: `rack.…`."""
    return [
        *(_level(rack, name, title) for name, title in _LEVELS.items()),
        *(_switch(rack, key, title) for key, title in SWITCHES.items()),
        *_gate(rack),
        *_tone(rack),
        *_cabinet(rack),
    ]


def _level(rack: RackControl, name: str, title: str) -> Parameter:
    lowest, highest = RANGES[name]
    return Parameter(
        f"rack.{name}",
        title,
        "continuous",
        lambda value: rack.set(**{name: value}),
        lambda: float(getattr(rack.state, name)),
        lowest,
        highest,
        "dB" if name.endswith("_db") else "",
    )


def _switch(rack: RackControl, key: str, title: str) -> Parameter:
    return Parameter(
        f"rack.{key}.on",
        f"{title} on",
        "switch",
        lambda value: rack.set(**{f"{key}_on": value >= 0.5}),
        lambda: float(getattr(rack.state, f"{key}_on")),
    )


def _gate(rack: RackControl) -> list[Parameter]:
    def turn(name: str) -> Callable[[float], None]:
        return lambda value: rack.set(gate=replace(rack.state.gate, **{name: value}))

    return [
        Parameter(
            f"rack.gate.{name}",
            title,
            "continuous",
            turn(name),
            lambda name=name: float(getattr(rack.state.gate, name)),  # type: ignore[misc]
            lowest,
            highest,
            unit,
            is_log,
        )
        for name, (title, lowest, highest, unit, is_log) in _GATE.items()
    ]


def _tone(rack: RackControl) -> list[Parameter]:
    def turn_band(index: int, name: str) -> Callable[[float], None]:
        def turn(value: float) -> None:
            tone = rack.state.tone
            bands = list(tone.bands)
            bands[index] = replace(bands[index], **{name: value})  # type: ignore[arg-type]
            rack.set(tone=replace(tone, bands=tuple(bands)))

        return turn

    def turn_stack(name: str) -> Callable[[float], None]:
        def turn(value: float) -> None:
            tone = rack.state.tone
            stack: Any = replace(tone.stack, **{name: value / 10.0})  # type: ignore[arg-type]
            rack.set(tone=replace(tone, stack=stack))

        return turn

    bands = [
        Parameter(
            f"rack.tone.band{index + 1}.{name}",
            f"EQ band {index + 1} {title}",
            "continuous",
            turn_band(index, name),
            lambda index=index, name=name: float(getattr(rack.state.tone.bands[index], name)),  # type: ignore[misc]
            lowest,
            highest,
            unit,
            is_log,
        )
        for index in range(len(rack.state.tone.bands))
        for name, (title, lowest, highest, unit, is_log) in _BAND.items()
    ]
    stack = [
        Parameter(
            f"rack.tone.stack.{name}",
            f"Tone stack {name}",
            "continuous",
            turn_stack(name),
            lambda name=name: 10.0 * float(getattr(rack.state.tone.stack, name)),  # type: ignore[misc]
            0.0,
            10.0,
        )
        for name in ("bass", "middle", "treble")
    ]
    return bands + stack


def _cabinet(rack: RackControl) -> list[Parameter]:
    def turn(which: str, name: str) -> Callable[[float], None]:
        def turn(value: float) -> None:
            cabinet = rack.state.cabinet
            changes: Any = {which: replace(getattr(cabinet, which), **{name: value})}
            rack.set(cabinet=replace(cabinet, **changes))

        return turn

    return [
        Parameter(
            f"rack.cabinet.{which}.{name}",
            f"{word} microphone {title}",
            "continuous",
            turn(which, name),
            lambda which=which, name=name: float(  # type: ignore[misc]
                getattr(getattr(rack.state.cabinet, which), name)
            ),
            lowest,
            highest,
            unit,
        )
        for which, word in (("first", "First"), ("second", "Second"))
        for name, (title, lowest, highest, unit) in _MICROPHONE.items()
    ]
