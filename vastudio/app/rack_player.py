"""From the rack's values to the player: sends what has changed, and keeps the two memories A and B.

Activities: all of it belongs to the thread that steers the player; nothing waits. Cabinets and models come
ready made, from workers.
"""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from vastudio import atomic, paths
from vastudio.app.rack import RackState, Rig, read_rig, rig_record
from vastudio.engine.cabinet_mix import CabinetMix
from vastudio.engine.stream import Player
from vastudio.errors import PresetError, StudioError

Slot = Literal["a", "b"]
SCHEMA = 1


class RackPlayer:
    """The rack of one player, as far as it was sent."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._sent: RackState | None = None
        self._cabinet: CabinetMix | None = None
        self._measured = self._muted = False

    def send(self, state: RackState, cabinet: CabinetMix | None) -> None:
        """Let the player sound as `state` says; `cabinet` is what its cabinet settings name.

        The input trim is left to whoever decides between playing and measuring.
        """
        state = state.as_heard
        if self._measured:
            state = replace(state, gate_on=False, model_on=True, mix=1.0)
        player, sent = self._player, self._sent
        if sent is None or (sent.gate_on, sent.gate) != (state.gate_on, state.gate):
            player.set_gate(state.gate if state.gate_on else None)
        if sent is None or sent.model_on != state.model_on:
            player.set_model_bypassed(not state.model_on)
        if sent is None or sent.quality != state.quality:
            player.set_quality(state.quality)
        player.set_dc_blocking("off" if self._measured else "auto")
        if sent is None or (sent.tone_on, sent.tone) != (state.tone_on, state.tone):
            player.set_equaliser(state.tone.effect if state.tone_on else None)
        heard = cabinet if state.cabinet_on else None
        if sent is None or heard is not self._cabinet:
            player.set_cabinet(heard)
            self._cabinet = heard
        if sent is None or sent.mix != state.mix:
            player.set_mix(state.mix)
        if (sent is None or sent.output_db != state.output_db) and not self._muted:
            player.set_output_db(state.output_db)
        self._sent = state

    def set_measured(self, measured: bool, state: RackState) -> None:
        """While what is heard is measured too, the model gets the input as it is, and nothing is mixed."""
        self._measured = measured
        self.send(state, self._cabinet)

    def set_muted(self, muted: bool, state: RackState) -> None:
        """Let nothing be heard, or everything again."""
        self._muted = muted
        self._player.set_output_db(-math.inf if muted else state.as_heard.output_db)


@dataclass(frozen=True)
class Memory:
    """The two rigs that A and B stand for, and which of them plays."""

    slot: Slot = "a"
    a: Rig = field(default_factory=Rig)
    b: Rig = field(default_factory=Rig)

    def at(self, slot: Slot) -> Rig:
        """The rig of a slot."""
        return self.a if slot == "a" else self.b

    @property
    def here(self) -> Rig:
        """The rig that plays."""
        return self.at(self.slot)

    def holding(self, rig: Rig) -> Memory:
        """The same with another rig in the slot that plays."""
        return replace(self, a=rig) if self.slot == "a" else replace(self, b=rig)

    def copied(self) -> Memory:
        """The same with what plays in both."""
        return replace(self, a=self.here, b=self.here)


def memory_file() -> Path:
    """Where the memory is kept between two starts."""
    return paths.user_config() / "rack.json"


def load_memory() -> Memory:
    """Read the memory; an empty one where there is none. A damaged file is set aside: `rack.json.damaged`."""
    path = memory_file()
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        slot: Slot = "b" if record["slot"] == "b" else "a"
        return Memory(slot, read_rig(record["a"], path.name), read_rig(record["b"], path.name))
    except OSError:
        return Memory()
    except (PresetError, ValueError, KeyError, TypeError):
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".json.damaged"))
        return Memory()


def save_memory(memory: Memory) -> None:
    """Write the memory; a folder that cannot be written loses only that."""
    record = {
        "schema": SCHEMA,
        "slot": memory.slot,
        "a": rig_record(memory.a),
        "b": rig_record(memory.b),
    }
    with contextlib.suppress(StudioError):
        atomic.write_text(memory_file(), json.dumps(record, indent=1, allow_nan=False))
