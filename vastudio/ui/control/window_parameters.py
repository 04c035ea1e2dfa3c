"""Everything in the window that a controller can move, as one table."""

from __future__ import annotations

from collections.abc import Callable

from vastudio.app.control.parameter import Parameter, table
from vastudio.app.control.rack_parameters import knob_parameters, rack_parameters
from vastudio.app.control.router import PRESET, PROGRAM, PROGRAMS
from vastudio.engine.metronome import FASTEST_BPM, HIGHEST_DB, LOWEST_DB, SLOWEST_BPM
from vastudio.ui.bridge.session import Session
from vastudio.ui.play.page import PlayPage
from vastudio.ui.play.preset_bridge import PresetBridge
from vastudio.ui.practice.bridge import PracticeBridge


def window_parameters(session: Session, play: PlayPage, practice: PracticeBridge) -> dict[str, Parameter]:
    """Model, rack, presets, transport, metronome and looper: parameters by key."""
    model = session.studio.model
    return table(
        *knob_parameters(
            model.knobs if model is not None else (), lambda: session.studio.knob_values, session.set_knob
        ),
        *rack_parameters(play.rig),
        _switch("rack.bypass", "Bypass all", lambda: play.rig.is_bypassed, play.rig.set_bypassed),
        _switch(
            "memory.b",
            "Memory B",
            lambda: play.rig.slot == "b",
            lambda on: play.rig.select("b" if on else "a"),
        ),
        *_presets(play.presets),
        *_transport(session, play),
        *_practice(practice),
    )


def _switch(key: str, title: str, get: Callable[[], bool], put: Callable[[bool], object]) -> Parameter:
    return Parameter(key, title, "switch", lambda value: void(put(value >= 0.5)), lambda: float(get()))


def _trigger(key: str, title: str, act: Callable[[], object]) -> Parameter:
    return Parameter(key, title, "trigger", lambda _value: void(act()))


def void(_result: object) -> None:
    """A setter returns nothing."""


def _presets(presets: PresetBridge) -> list[Parameter]:
    def recall(number: float) -> None:
        presets.recall_number(presets.banks.index(presets.bank), round(number))

    def recall_in_bank(number: float) -> None:
        presets.recall_number(*divmod(round(number), PROGRAMS))

    def current() -> float:
        return float(presets.entries.index(presets.current)) if presets.current in presets.entries else -1.0

    last, last_bank = max(1, len(presets.entries) - 1), max(0, len(presets.banks) - 1)
    return [
        Parameter(PRESET, "Preset", "number", recall, current, 0.0, float(last)),
        Parameter(
            PROGRAM,
            "Preset of any bank",
            "number",
            recall_in_bank,
            current,
            0.0,
            PROGRAMS * (last_bank + 1) - 1.0,
        ),
        _trigger("preset.next", "Next preset", lambda: presets.step(1)),
        _trigger("preset.previous", "Previous preset", lambda: presets.step(-1)),
    ]


def _transport(session: Session, play: PlayPage) -> list[Parameter]:
    def switch_to(wanted: bool, now: Callable[[], bool], toggle: Callable[[], object]) -> None:
        if wanted != now():
            toggle()

    def is_playing() -> bool:
        return session.studio.player.playing

    def is_tuning() -> bool:
        return play.views.view == "tuner"

    def is_recording() -> bool:
        return play.recorder.is_recording

    return [
        _switch(
            "transport.play", "Play", is_playing, lambda on: switch_to(on, is_playing, session.toggle_play)
        ),
        _switch(
            "transport.live",
            "Live input",
            lambda: session.source == "live",
            lambda on: session.set_source("live" if on and not session.studio.player.is_silent else "loop"),
        ),
        _switch(
            "record", "Record", is_recording, lambda on: switch_to(on, is_recording, play.recorder.toggle)
        ),
        _switch("tuner", "Tuner", is_tuning, lambda on: switch_to(on, is_tuning, play.views.toggle_tuner)),
    ]


def _practice(practice: PracticeBridge) -> list[Parameter]:
    return [
        _switch("metronome.on", "Metronome", lambda: practice.is_clicking, practice.set_clicking),
        Parameter(
            "metronome.bpm",
            "Tempo",
            "continuous",
            lambda bpm: practice.set_beat(bpm=bpm),
            lambda: practice.beat.bpm,
            SLOWEST_BPM,
            FASTEST_BPM,
            "bpm",
        ),
        Parameter(
            "metronome.level_db",
            "Metronome level",
            "continuous",
            lambda level: practice.set_beat(level_db=level),
            lambda: practice.beat.level_db,
            LOWEST_DB,
            HIGHEST_DB,
            "dB",
        ),
        _trigger("metronome.tap", "Tap tempo", practice.tap),
        _trigger("looper.press", "Looper: record, close, play onto it", practice.press_loop),
        _trigger("looper.stop", "Looper: stop", practice.stop_loop),
        _trigger("looper.undo", "Looper: undo", practice.undo_loop),
        _trigger("looper.redo", "Looper: redo", practice.redo_loop),
        _trigger("looper.clear", "Looper: clear", practice.clear_loop),
    ]
