"""The player: a model, a loop or the live input, and a device, under one roof.

Activities: any thread may call the player's methods, one at a time gets its turn; a driver (PortAudio's
thread or the silent clock) runs the chain and never waits for them. No method waits for sound; `open` and
`close` wait for the driver. What has never been compiled on this computer is compiled when it is first
needed, which takes seconds: `preparation.prepare` does it beforehand, on a thread that may wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Literal, TypeVar

from vastudio.engine.dc import DcBlocking
from vastudio.engine.devices import DeviceChoice
from vastudio.engine.effects import Effect, EffectSlot, Shaping
from vastudio.engine.graph import PlayableModel
from vastudio.engine.keeper import DeviceKeeper, DeviceNews
from vastudio.engine.levels import gain
from vastudio.engine.looper import Looper
from vastudio.engine.meters import MeterReader, Meters, StreamStats
from vastudio.engine.metronome import Metronome
from vastudio.engine.quality import Quality
from vastudio.engine.rack import Rack, Recorded, Source
from vastudio.engine.turning import fade_frames, is_quiet, jumps, quiet_frames
from vastudio.errors import ModelFileError
from vastudio.kernels import desk
from vastudio.kernels.voice import Voice
from vastudio.types import STANDARD_RATE, Audio, KnobValues, knob_vector

__all__ = ["DeviceNews", "Meters", "Monitor", "Player", "Source", "StreamStats"]

Monitor = Literal["clean", "target", "model", "null"]
"""What is heard; the null is the model less the target, each as it is, not as loud as the other."""

_MONITORS: dict[Monitor, int] = {
    "clean": desk.CLEAN_GOAL,
    "target": desk.TARGET_GOAL,
    "model": desk.MODEL_GOAL,
}

HIGHEST_NULL_GAIN_DB = 60.0
SEAM_SECONDS = 0.003
"""Length of the fades where the loop begins again: the same for whatever is heard."""


_Method = TypeVar("_Method", bound=Callable[..., Any])


def serialised(method: _Method) -> _Method:
    """Let one thread at a time steer: automation, MIDI and the window may all turn knobs."""

    @wraps(method)
    def turn(self: Player, *arguments: Any, **named: Any) -> Any:
        with self._steering:
            return method(self, *arguments, **named)

    return turn  # type: ignore[return-value]


class Player:
    """Plays: stopped at first, the model monitored, all levels at 0 dB, no device open."""

    def __init__(self, sample_rate: int = STANDARD_RATE) -> None:
        self._steering = threading.RLock()
        self.sample_rate = sample_rate
        self._rack = Rack(sample_rate)
        self._reader = MeterReader(self._rack.ints, self._rack.floats)
        self._keeper = DeviceKeeper(self._rack)
        self._gate = EffectSlot(self._rack.gate)
        self._equaliser = EffectSlot(self._rack.equaliser)
        self._cabinet = EffectSlot(self._rack.cabinet)
        self._model: PlayableModel | None = None
        self._values: dict[str, float] = {}
        self._monitor: Monitor = "model"
        self._gains_db: dict[Monitor, float] = dict.fromkeys(_MONITORS, 0.0)
        self._null_gain_db = 0.0
        self._is_bypassed = False
        self._quality = Quality.NORMAL
        self._dc_blocking: DcBlocking = "auto"
        self._wet = 1.0

    # --- device ---------------------------------------------------------------------------------------

    @serialised
    def open(self, choice: DeviceChoice | None) -> str:
        """Run on a device; on None, or where that fails, on the silent clock.

        Returns what went wrong, with what to do, or an empty text. Everything loaded stays as it is; the
        sample rate becomes that of the choice, so a loop at another rate has to be set anew; a model at
        another rate is resampled, and where that cannot be done the device is not opened. A device that is
        not there is opened by `check` as soon as it is.
        """
        if choice is None:
            return self._keeper.open(None, self.sample_rate)
        try:
            model = None if self._model is None else self._model.at_rate(choice.sample_rate)
        except ModelFileError as error:
            self._keeper.open(None, self.sample_rate)
            return str(error)
        self._keeper.close()
        self._set_rate(choice.sample_rate)
        if model is not self._model:
            self._model = model
            self._send_model()
        return self._keeper.open(choice, choice.sample_rate)

    def _set_rate(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._rack.set_rate(sample_rate)
        for effect in (self._gate, self._equaliser, self._cabinet):
            effect.follow(sample_rate)

    @serialised
    def close(self) -> None:
        """Let go of the device or the clock. The player can be opened again."""
        self._keeper.close()

    @serialised
    def check(self) -> DeviceNews | None:
        """Look after the device; call it about once a second.

        When it is gone, the silent clock takes over, so that everything but the sound goes on; when it is
        back, it is opened again. Returns what there is to say, if anything.
        """
        return self._keeper.check(self.sample_rate)

    @property
    def is_silent(self) -> bool:
        """Whether no device is open."""
        return self._keeper.is_silent

    @property
    def device_name(self) -> str:
        """What the player runs on, empty when it is closed."""
        return self._keeper.name

    @property
    def latency_seconds(self) -> float | None:
        """From input to output as the device reports it; None where it reports nothing that can be."""
        return self._keeper.latency_seconds

    def watch_inputs(self, watched: bool) -> None:
        """Meter every input of the device, heard or not, as long as somebody looks (`Meters.inputs_db`)."""
        self._rack.ints[desk.INPUTS_WATCHED] = int(watched)

    def forget_trouble(self) -> None:
        """Count dropouts, faults and late blocks from now on."""
        self._reader.forget_trouble()

    # --- model ----------------------------------------------------------------------------------------

    @serialised
    def load_model(self, model: PlayableModel | None) -> None:
        """Play through `model`, its knobs at their defaults; what plays fades over in 5 ms. None: no model.

        Raises
        ------
        ModelFileError
            When the model was made at another rate and cannot be resampled; see `PlayableModel.at_rate`.
        """
        self._model = None if model is None else self.as_played(model)
        self._values = {} if model is None else {knob.name: knob.default for knob in model.knobs}
        self._send_model()

    def as_played(self, model: PlayableModel) -> PlayableModel:
        """Return `model` as this player plays it: at its rate and quality, direct current blocked or not."""
        return model.without_dc(self._dc_blocking).at_rate(self.sample_rate).at_quality(self._quality)

    @property
    def model(self) -> PlayableModel | None:
        """The model as it plays (`as_played`)."""
        return self._model

    @property
    def quality(self) -> Quality:
        """How models play."""
        return self._quality

    @serialised
    def set_quality(self, quality: Quality) -> None:
        """Play this model and all others at a quality; fades over in 20 ms. Takes as long as `load_model`."""
        self._quality = quality
        self._play_anew()

    @serialised
    def set_dc_blocking(self, blocking: DcBlocking) -> None:
        """Take direct current out of the models' sound, or leave it there; likewise."""
        if blocking != self._dc_blocking:
            self._dc_blocking = blocking
            self._play_anew()

    def _play_anew(self) -> None:
        model = None if self._model is None else self.as_played(self._model)
        if model is not self._model:
            self._model = model
            self._send_model(fade_frames(self.sample_rate))

    @property
    def latency(self) -> int:
        """Frames by which the model answers late, device and buffers apart; all else that is heard waits."""
        return 0 if self._model is None or self._is_bypassed else self._model.latency

    @serialised
    def set_model_bypassed(self, bypassed: bool) -> None:
        """Let the sound pass the model by, or go through it again; fades over in 5 ms."""
        if bypassed != self._is_bypassed:
            self._is_bypassed = bypassed
            self._send_model()

    def _send_model(self, fade: int | None = None) -> None:
        heard = None if self._is_bypassed else self._model
        self._rack.model.set_voice(None if heard is None else heard.voice(self._values), fade)

    @serialised
    def set_knobs(self, values: KnobValues) -> None:
        """Turn knobs (dial values by name; the others stay); the sound goes there in 20 ms.

        What turns glides; what jumps, and what turns while nothing is played, fades over (`turning`).

        Raises
        ------
        KnobError
            For an unknown knob and for a value outside its dial; nothing is turned then.
        """
        if self._model is None:
            knob_vector((), values)
            return
        turned = {**self._values, **values}
        if turned == self._values:
            return
        packed = self._model.packed(turned)
        if self._is_bypassed:
            pass
        elif self._is_quiet() or jumps(self._model, self._values, turned):
            self._rack.model.set_voice(Voice(self._model.program, packed), fade_frames(self.sample_rate))
        else:
            self._rack.model.set_weights(packed, self._model.glide_steps)
        self._values = turned

    def _is_quiet(self) -> bool:
        latest, _ = self._rack.tap(quiet_frames(self.sample_rate))
        return self.playing and is_quiet(latest)

    # --- the other processors -------------------------------------------------------------------------

    @serialised
    def set_gate(self, gate: Effect | None) -> None:
        """Put a noise gate in front of the model, or change its settings. None: none."""
        self._gate.set(gate, self.sample_rate)

    @serialised
    def set_equaliser(self, equaliser: Effect | None) -> None:
        """Put an equaliser behind the model, or change its settings. None: none."""
        self._equaliser.set(equaliser, self.sample_rate)

    @serialised
    def set_cabinet(self, cabinet: Effect | None) -> None:
        """Put a cabinet behind the equaliser, or change it; what plays fades over in 20 ms. None: none."""
        self._cabinet.set(cabinet, self.sample_rate)

    @property
    def shaping(self) -> Shaping:
        """What stands around the model now."""
        return Shaping(
            float(self._rack.floats[desk.TRIM_GOAL]),
            self._gate.effect,
            self._equaliser.effect,
            self._cabinet.effect,
            not self._is_bypassed,
            self._wet,
        )

    # --- what is heard --------------------------------------------------------------------------------

    @serialised
    def set_loop(self, clean: Audio, target: Audio | None) -> None:
        """Loop `clean` (frames,) from its start; `target`, if any, is cut or filled up to the same length.

        What is heard fades out and in over 3 ms where it begins again, and the model begins from rest.
        """
        self._rack.set_loop(clean, target, round(SEAM_SECONDS * self.sample_rate))

    @serialised
    def set_stretch(self, start: int, stop: int) -> None:
        """Loop only the frames from `start` up to `stop`, with a seam as the whole loop has."""
        self._rack.set_stretch(start, stop)

    @serialised
    def set_entry(self, model: PlayableModel, values: KnobValues, entry: Voice) -> bool:
        """Have the model begin every pass of the stretch in the state of `entry`; never use that again.

        `entry` is a voice of `model`, its knobs at `values` (all of them), that ran through what is in front
        of the stretch: every pass then sounds as if the whole loop had been rendered. Returns False, and does
        nothing, where another model or other positions are heard by now.
        """
        same = self._model is not None and self._model.plays_as(model)
        if not same or dict(values) != self._values:
            return False
        self._rack.model.set_entry(entry)
        self._rack.flush()
        return True

    @serialised
    def set_bank(self, sounds: Sequence[Audio]) -> None:
        """Play prepared sounds (frames,), 1 to 16 of one length, as they are: for blind tests.

        Model, gate, equaliser, cabinet, trim and monitor are not in their way, only the output level. All
        that can be set meanwhile is heard after `leave_bank`. Raises ValueError.
        """
        self._rack.set_bank(sounds)

    @serialised
    def hear(self, sound: int) -> None:
        """Change to another sound of the bank at the same place; a crossfade of 5 ms. Raises IndexError."""
        self._rack.hear(sound)

    @serialised
    def leave_bank(self) -> None:
        """Play what was played before the bank."""
        self._rack.leave_bank()

    @serialised
    def set_source(self, source: Source) -> None:
        """Listen to the loop or to the live input."""
        self._rack.set_source(source)

    @serialised
    def set_monitor(self, monitor: Monitor) -> None:
        """Hear clean, target or model at its monitor gain, or the null at its own; a crossfade of 5 ms."""
        self._monitor = monitor
        factors = dict.fromkeys(_MONITORS, 0.0)
        if monitor == "null":
            factors["model"] = gain(self._null_gain_db, HIGHEST_NULL_GAIN_DB)
            factors["target"] = -factors["model"]
        else:
            factors[monitor] = gain(self._gains_db[monitor])
        if monitor == "model":
            factors["clean"] = factors["model"] * (1.0 - self._wet)
            factors["model"] *= self._wet
        for name, goal in _MONITORS.items():
            self._rack.set_gain(goal, factors[name])

    @serialised
    def set_mix(self, wet: float) -> None:
        """Where the model is monitored, hear `wet` (0..1) of it and the rest of the input, as it is."""
        self._wet = min(max(wet, 0.0), 1.0)
        self.set_monitor(self._monitor)

    @serialised
    def set_monitor_gains_db(self, clean: float, target: float, model: float) -> None:
        """Set the gains that bring the three to the same loudness."""
        self._gains_db = {"clean": clean, "target": target, "model": model}
        self.set_monitor(self._monitor)

    @serialised
    def set_null_gain_db(self, level_db: float) -> None:
        """Set how much louder than it is the null is heard, 0 to 60 dB; the limiter stays behind it."""
        self._null_gain_db = min(max(level_db, 0.0), HIGHEST_NULL_GAIN_DB)
        self.set_monitor(self._monitor)

    @serialised
    def set_input_trim_db(self, level_db: float) -> None:
        """Set the level in front of the model."""
        self._rack.set_goal(desk.TRIM_GOAL, level_db)

    @serialised
    def set_output_db(self, level_db: float) -> None:
        """Set the level behind the monitor."""
        self._rack.set_goal(desk.OUTPUT_GOAL, level_db)

    # --- transport ------------------------------------------------------------------------------------

    @serialised
    def play(self) -> None:
        """Start, from rest, where the playhead stands; fades in."""
        self._rack.set_playing(True)

    @serialised
    def stop(self) -> None:
        """Fade out and stand still."""
        self._rack.set_playing(False)

    @serialised
    def seek(self, frame: int) -> None:
        """Go to a frame of the loop, or to the start of the stretch; what plays fades out and in."""
        self._rack.seek(frame)

    @property
    def playing(self) -> bool:
        """Whether sound was asked for."""
        return self._rack.playing

    @property
    def position(self) -> int:
        """The playhead, frames into the loop."""
        return self._rack.position

    # --- practising -----------------------------------------------------------------------------------

    @property
    def metronome(self) -> Metronome:
        """The metronome; whoever steers the player calls its methods."""
        return self._rack.metronome

    @property
    def looper(self) -> Looper:
        """The looper of the live input; whoever steers the player calls its methods."""
        return self._rack.looper

    # --- what can be seen -----------------------------------------------------------------------------

    @serialised
    def meters(self) -> Meters:
        """Return the peaks since the last call. Sends what had to wait: call it some 30 times a second."""
        self._rack.flush()
        return self._reader.meters()

    def read(self, since: int) -> Recorded:
        """Return what passed from frame `since` on, for a recording: read on from the `end` that comes back.

        The rings hold 131,072 frames, 2.7 s at 48 kHz; what was not read in time counts as `lost`.
        """
        return self._rack.read(since)

    def tap(self, frames: int) -> tuple[Audio, Audio]:
        """Return copies of the newest `frames` (at most 65,536) at the model's input and at the output."""
        return self._rack.tap(frames)

    def stats(self) -> StreamStats:
        """Return load, dropouts, faults and block size."""
        return self._reader.stats(self.sample_rate, self._keeper.block)
