"""The rack, its memories A and B, and what they play through, as Qt signals.

Activities: everything runs in the window's thread but reading models and impulse responses, which the pool
does; what comes back is sent to the player all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from vastudio.app import calibration, impulses
from vastudio.app.calibration import Driven
from vastudio.app.rack import CabinetSettings, RackState, Rig
from vastudio.app.rack_player import RackPlayer, Slot, load_memory, save_memory
from vastudio.app.studio import OpenedModel, read_model
from vastudio.engine.cabinet_mix import CabinetMix
from vastudio.engine.graph import PlayableModel
from vastudio.engine.quality import Quality
from vastudio.errors import AudioFileError, StudioError
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest

Which = Literal["first", "second"]

_SAVE_AFTER_MILLISECONDS = 800
_REMEMBERED = 12
"""Cabinets and models that are kept ready, so that going back to them takes no time."""


@dataclass(frozen=True)
class _Ready:
    """A rig whose model and cabinet a worker has made ready; `problem` is what its cabinet lacks."""

    rig: Rig
    opened: OpenedModel | None
    cabinet: CabinetMix | None
    rate: int
    problem: AudioFileError | None = None


class RigBridge(QObject):
    """What one plays through.

    Signals
    -------
    changed():
        The rack's settings are others.
    slot_changed(str):
        The other memory plays: `a` or `b`.
    cabinet_failed(object):
        A StudioError of an impulse response.
    recalled():
        A whole rig was put in place of the one before.
    bypassed_changed(bool):
        Whether the sound passes the whole rack by.
    """

    changed = Signal()
    slot_changed = Signal(str)
    cabinet_failed = Signal(object)
    recalled = Signal()
    bypassed_changed = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._memory = load_memory()
        self._rack = RackPlayer(session.studio.player)
        self._cabinets: dict[tuple[CabinetSettings, int], CabinetMix | None] = {}
        self._models: dict[tuple[str, int], OpenedModel] = {}
        self._warm: set[tuple[str, Quality]] = set()
        self._cabinet: CabinetMix | None = None
        self._is_bypassed = False
        self._loading: dict[Which, Latest] = {"first": Latest(session.pool, self)}
        self._loading["second"] = Latest(session.pool, self)
        self._preparing = Latest(session.pool, self)
        self._recalling = Latest(session.pool, self)
        for loading in self._loading.values():
            loading.done.connect(self._use_response)
            loading.failed.connect(self.cabinet_failed)
        self._preparing.done.connect(self._take_cabinet)
        self._preparing.failed.connect(self.cabinet_failed)
        self._recalling.done.connect(self._take_rig)
        self._recalling.failed.connect(self._go_without_model)
        self._saving = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MILLISECONDS)
        self._saving.timeout.connect(self.save)
        session.knobs_changed.connect(self._saving.start)
        session.audio_changed.connect(self._follow_levels)
        session.model_changed.connect(self._follow_levels)
        session.comparing_changed.connect(self.set_measured)
        self._begin()

    def _begin(self) -> None:
        """Go on where the last start ended, with the model that the studio has opened by itself."""
        rig, studio = self._memory.here, self._session.studio
        if rig.model and rig.model == str(studio.model_path):
            self._session.set_knobs(_known(rig.knobs, studio.knob_values))
        self._send()

    # --- what it is -----------------------------------------------------------------------------------

    @property
    def state(self) -> RackState:
        """The rack's settings."""
        return self._memory.here.rack

    @property
    def shown(self) -> RackState:
        """The settings with the levels that calibration gives."""
        return self.state.calibrated(self.trim_driven, self.output_driven)

    @property
    def trim_driven(self) -> Driven:
        """The trim at which the model is driven as its device was."""
        return calibration.input_trim(self._session.studio.settings.audio, self._levels)

    @property
    def output_driven(self) -> Driven:
        """The level at which the output is that of the device."""
        return calibration.output_level(self._session.studio.settings.audio, self._levels)

    @property
    def _levels(self) -> Mapping[str, float]:
        model = self._session.studio.model
        return {} if model is None else model.levels

    @property
    def is_bypassed(self) -> bool:
        """Whether the sound passes the whole rack by."""
        return self._is_bypassed

    @property
    def slot(self) -> Slot:
        """The memory that plays."""
        return self._memory.slot

    @property
    def rig(self) -> Rig:
        """What plays: the rack, and the model as it stands."""
        studio = self._session.studio
        return Rig(self.state, str(studio.model_path or ""), dict(studio.knob_values))

    @property
    def cabinet(self) -> CabinetMix | None:
        """The cabinet that is ready to play; None while there is none."""
        return self._cabinet

    # --- changes --------------------------------------------------------------------------------------

    def set(self, **changes: Any) -> None:
        """Change settings of the rack, by the names of `RackState`."""
        self._memory = self._memory.holding(replace(self._memory.here, rack=replace(self.state, **changes)))
        self._follow()

    def load_response(self, path: Path, which: Which) -> None:
        """Put an impulse response in front of the cabinet, as soon as a worker has read it."""
        self._loading[which].submit(lambda: (which, impulses.keep(path)))

    def _use_response(self, loaded: tuple[Which, str]) -> None:
        which, name = loaded
        cabinet = self.state.cabinet
        microphone = replace(getattr(cabinet, which), response=name)
        changes: Any = {which: microphone}
        self.set(cabinet=replace(cabinet, **changes), cabinet_on=True)

    def set_bypassed(self, bypassed: bool) -> None:
        """Let the sound pass the whole rack by, whatever is set meanwhile, or play through it again."""
        self._is_bypassed = bypassed
        self._send()
        self.bypassed_changed.emit(bypassed)

    def _follow(self) -> None:
        self._send()
        self._saving.start()
        self.changed.emit()

    def _follow_levels(self) -> None:
        """Another model or device: what is calibrated has other levels."""
        self._send()
        self.changed.emit()

    def _send(self) -> None:
        """Send what there is to the player; a cabinet that is not ready follows when it is."""
        settings, rate = self.state.cabinet, self._session.studio.player.sample_rate
        if (settings, rate) in self._cabinets:
            self._preparing.forget()
            self._cabinet = self._cabinets[settings, rate]
        elif not settings.microphones:
            self._cabinet = None
        else:
            self._preparing.submit(lambda: (settings, rate, impulses.mix(settings, rate)))
        self._send_to_player()

    def _send_to_player(self) -> None:
        before = self._session.studio.player.shaping
        self._session.set_trim_db(self._heard.as_heard.trim_db)
        self._rack.send(self._heard, self._cabinet)
        if self._session.studio.player.shaping != before:
            self._session.shaping_changed.emit()

    @property
    def _heard(self) -> RackState:
        return self.shown.bypassed if self._is_bypassed else self.shown

    def _take_cabinet(self, made: tuple[CabinetSettings, int, CabinetMix | None]) -> None:
        settings, rate, self._cabinet = made
        _remember(self._cabinets, (settings, rate), self._cabinet)
        self._send_to_player()
        self.changed.emit()

    def set_measured(self, measured: bool) -> None:
        """While what is heard is measured, the model alone counts (`RackPlayer.set_measured`)."""
        self._rack.set_measured(measured, self._heard)
        self._session.shaping_changed.emit()

    def set_muted(self, muted: bool) -> None:
        """Let nothing be heard, or everything again."""
        self._rack.set_muted(muted, self._heard)

    # --- A and B, and whole rigs ----------------------------------------------------------------------

    def select(self, slot: Slot) -> None:
        """Play through the other memory."""
        if slot == self.slot:
            return
        held = self._memory.holding(self.rig)
        there = held.at(slot)
        self._memory = replace(held, slot=slot)
        self.slot_changed.emit(slot)
        self.recall(there if there != Rig() else replace(there, model=self.rig.model, knobs=self.rig.knobs))

    def copy_to_other(self) -> None:
        """Have both memories hold what plays."""
        self._memory = self._memory.holding(self.rig).copied()
        self._saving.start()

    def recall(self, rig: Rig) -> None:
        """Play through another rig: at once where it is ready, else as soon as a worker has made it so."""
        rate = self._session.studio.player.sample_rate
        opened = None if self._plays(rig) else self._models.get(_key(rig))
        cabinet = self._cabinets.get((rig.rack.cabinet, rate))
        has_model = (opened is not None or self._plays(rig)) and self._is_warm(rig)
        if has_model and (cabinet is not None or not rig.rack.cabinet.microphones):
            self._recalling.forget()
            self._take_rig(_Ready(rig, opened, cabinet, rate))
        else:
            playable = self._session.studio.playable if self._plays(rig) else None
            self._recalling.submit(lambda: _prepared(rig, rate, playable))

    def _plays(self, rig: Rig) -> bool:
        return not rig.model or rig.model == str(self._session.studio.model_path or "")

    def _is_warm(self, rig: Rig) -> bool:
        """Whether what plays the model at the rig's quality is compiled already."""
        quality = rig.rack.quality
        return (
            quality is Quality.NORMAL or quality is self.state.quality or (rig.model, quality) in self._warm
        )

    def _take_rig(self, ready: _Ready) -> None:
        rig, session = ready.rig, self._session
        self._warm.add((rig.model, rig.rack.quality))
        _remember(self._cabinets, (rig.rack.cabinet, ready.rate), ready.cabinet)
        self._memory = self._memory.holding(rig)
        if ready.opened is not None:
            _remember(self._models, _key(rig), ready.opened)
            session.use_model(ready.opened, rig.knobs)
        elif rig.model:
            session.set_knobs(_known(rig.knobs, session.studio.knob_values))
        self._follow()
        self.recalled.emit()
        if ready.problem is not None:
            self.cabinet_failed.emit(ready.problem)

    def _go_without_model(self, error: StudioError) -> None:
        """A rig's model cannot be read: its rack plays with the model that is open."""
        self._follow()
        self._session.failed.emit(error)

    # --- memory ---------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the memories now."""
        self._saving.stop()
        self._memory = self._memory.holding(self.rig)
        save_memory(self._memory)

    def save_if_due(self) -> None:
        """Write the memories if something has changed since they were written."""
        if self._saving.isActive():
            self.save()


def _prepared(rig: Rig, rate: int, playable: PlayableModel | None) -> _Ready:
    """Read and compile what a rig needs, but the model that is open: in a worker. Raises ModelFileError."""
    opened = read_model(Path(rig.model)) if playable is None and rig.model else None
    model = opened.playable if opened is not None else playable
    if model is not None:
        model.at_rate(rate).at_quality(rig.rack.quality).voice({}).prewarm()
    try:
        return _Ready(rig, opened, impulses.mix(rig.rack.cabinet, rate), rate)
    except AudioFileError as problem:
        return _Ready(rig, opened, None, rate, problem)


def _known(values: Mapping[str, float], knobs: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if name in knobs}


def _key(rig: Rig) -> tuple[str, int]:
    """A model file and its state."""
    path = Path(rig.model)
    return rig.model, path.stat().st_mtime_ns if path.is_file() else 0


def _remember(ready: dict[Any, Any], key: object, value: object) -> None:
    """Keep the newest."""
    ready.pop(key, None)
    ready[key] = value
    while len(ready) > _REMEMBERED:
        del ready[next(iter(ready))]
