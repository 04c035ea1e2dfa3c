"""Re-amping: a recorded take once more, through the rack as it stands now."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vastudio.app import impulses
from vastudio.app.library import free_path
from vastudio.app.rack import Rig
from vastudio.app.studio import read_model
from vastudio.audio import io
from vastudio.audio.resample import resample_parts
from vastudio.engine.bounce import Chain, bounce_parts
from vastudio.types import STANDARD_RATE, Audio

Report = Callable[[int, int, str], None]


def chain_of(rig: Rig) -> tuple[Chain, int]:
    """Return what a rig stands for, ready to play, and the rate in Hz at which it does.

    Raises ModelFileError, AudioFileError.
    """
    state = rig.rack.as_heard
    path = rig.model_path if state.model_on else None
    model = None
    if path is not None:
        model = read_model(path).playable.without_dc("auto").at_quality(state.quality)
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


@dataclass(frozen=True)
class Reamped:
    """A take that went through a rig: its new file, its length and the time it took, in seconds."""

    path: Path
    seconds: float
    took_seconds: float

    @property
    def speed(self) -> float:
        """How many times faster than playing it."""
        return self.seconds / max(self.took_seconds, 1e-9)


def reamp(take: Path, rig: Rig, report: Report, out: Path | None = None) -> Path:
    """Play a take's clean sound (its first channel) through `rig`; return the file that holds both.

    It goes from disk to disk, a second at a time: hours of it need no more memory than that. The input trim
    is left out: what a take holds of it went through the trim already. The file is made at the model's rate,
    beside the take if `out` does not say otherwise, with clean and processed sound as channels. `report` is
    called with (frames done, frames in all, what is at hand), and may raise to end it.

    Raises AudioFileError, ModelFileError, KnobError, OutputError; no file is left behind then.
    """
    return reamp_timed(take, rig, report, out).path


def reamp_timed(take: Path, rig: Rig, report: Report, out: Path | None = None, name: str = "") -> Reamped:
    """As `reamp`, and say how long it took; `name` is what the file is called after, beside the take's."""
    report(0, 0, f"Reading {take.name}")
    chain, rate = chain_of(rig)
    info = io.probe(take)
    frames = info.frames * rate // info.rate
    target = out or free_path(take.parent, f"{take.stem} re-amped {name}".rstrip(), ".wav")
    begun = time.perf_counter()
    written = io.write_parts(
        target, _both(take, chain, rate, partial(_tell, report, frames, target)), rate, frames
    )
    return Reamped(target, written / rate, time.perf_counter() - begun)


def _tell(report: Report, frames: int, target: Path, done: int) -> None:
    report(min(done, frames), frames, f"Making {target.name}")


def _both(
    take: Path, chain: Chain, rate: int, tell: Callable[[int], None]
) -> Iterator[npt.NDArray[np.float32]]:
    """Clean and processed sound in parts, (frames, 2)."""
    recorded_rate = io.probe(take).rate
    waiting: deque[Audio] = deque()

    def clean() -> Iterator[Audio]:
        for part in resample_parts(io.read_parts(take, recorded_rate), recorded_rate, rate):
            waiting.append(part)
            yield part

    done, rest = 0, np.zeros(0, np.float32)
    for processed in bounce_parts(chain, clean(), rate):
        rest = np.concatenate([rest, *waiting])
        waiting.clear()
        done += processed.size
        tell(done)
        yield np.stack([rest[: processed.size], processed], axis=1)
        rest = rest[processed.size :]


def reamp_all(take: Path, rigs: Sequence[tuple[str, Rig]], report: Report) -> list[Reamped]:
    """Play a take through several rigs, one after the other, into a file for each, named after them.

    Errors and `report` as in `reamp`; what was made before an error stays.
    """
    return [reamp_timed(take, rig, report, name=name) for name, rig in rigs]


def read_take(path: Path) -> tuple[Audio, Audio | None, int]:
    """Return a take's clean and processed sound, (frames,) each, and the rate in Hz.

    A file with one channel has no processed sound. Raises AudioFileError.
    """
    channels, rate = io.read_channels(path)
    clean = np.ascontiguousarray(channels[:, 0])
    processed = np.ascontiguousarray(channels[:, 1]) if channels.shape[1] > 1 else None
    return clean, processed, rate
