"""Re-amping: a recorded take once more, through the rack as it stands now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from vastudio.app import impulses
from vastudio.app.library import free_path
from vastudio.app.rack import Rig
from vastudio.app.studio import read_model
from vastudio.audio import io
from vastudio.audio.resample import resample
from vastudio.engine.bounce import Chain, bounce
from vastudio.types import STANDARD_RATE, Audio

Report = Callable[[int, int, str], None]
_REPORT_EVERY = 64


def chain_of(rig: Rig) -> tuple[Chain, int]:
    """Return what a rig stands for, ready to play, and the rate in Hz at which it does.

    Raises ModelFileError, AudioFileError.
    """
    state = rig.rack.as_heard
    path = rig.model_path if state.model_on else None
    model = read_model(path).playable.at_quality(state.quality) if path is not None else None
    rate = STANDARD_RATE if model is None else model.sample_rate
    chain = Chain(
        model,
        rig.knobs if model is not None else {},
        state.gate if state.gate_on else None,
        state.tone.effect if state.tone_on else None,
        impulses.mix(state.cabinet, rate) if state.cabinet_on else None,
        state.mix,
        state.output_db,
    )
    return chain, rate


def reamp(take: Path, rig: Rig, report: Report, out: Path | None = None) -> Path:
    """Play a take's clean sound (its first channel) through `rig`; return the file that holds both.

    The input trim is left out: what a take holds of it went through the trim already. The file is made at the
    model's rate, beside the take if `out` does not say otherwise, with clean and processed sound as channels.
    `report` is called with (frames done, frames in all, what is at hand), and may raise to end it.

    Raises AudioFileError, ModelFileError, KnobError, OutputError; no file is left behind then.
    """
    report(0, 0, f"Reading {take.name}")
    chain, rate = chain_of(rig)
    clean, recorded_rate = io.read(take)
    clean = resample(clean, recorded_rate, rate)
    both = np.empty((clean.size, 2), np.float32)
    both[:, 0] = clean
    done = 0
    for index, part in enumerate(bounce(chain, clean, rate)):
        both[done : done + part.size, 1] = part
        done += part.size
        if index % _REPORT_EVERY == 0:
            report(done, clean.size, f"Re-amping {take.name}")
    target = out or free_path(take.parent, f"{take.stem} re-amped", ".wav")
    io.write(target, both, rate)
    return target


def read_take(path: Path) -> tuple[Audio, Audio | None, int]:
    """Return a take's clean and processed sound, (frames,) each, and the rate in Hz.

    A file with one channel has no processed sound. Raises AudioFileError.
    """
    channels, rate = io.read_channels(path)
    clean = np.ascontiguousarray(channels[:, 0])
    processed = np.ascontiguousarray(channels[:, 1]) if channels.shape[1] > 1 else None
    return clean, processed, rate
