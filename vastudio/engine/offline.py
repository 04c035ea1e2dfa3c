"""Rendering to memory, with the kernels that play.

What is heard, compared, measured and written comes out of the same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from vastudio.engine.effects import Effect
from vastudio.engine.graph import PlayableModel
from vastudio.engine.turning import TurningVoice
from vastudio.kernels.voice import Voice
from vastudio.types import Audio, KnobValues

DEFAULT_BLOCK = 1024


def render(
    model: PlayableModel, audio: Audio, values: KnobValues | None = None, block: int = DEFAULT_BLOCK
) -> Audio:
    """Return the model's response to `audio` (frames,) at the knob positions `values`.

    Starts in the rest state. The block size changes nothing but the speed. The output is as long as the
    input and not delayed; `audio` is taken at the model's sample rate.

    Raises
    ------
    KnobError
        For an unknown knob and for a value outside its dial.
    """
    padded = np.pad(audio, (0, model.latency))
    return model.voice(values or {}).process(padded, block)[model.latency :]


def apply(effect: Effect, audio: Audio, sample_rate: int, block: int = DEFAULT_BLOCK) -> Audio:
    """Return the response of a gate, equaliser or cabinet to `audio` (frames,); as `render`."""
    return Voice(effect.program(sample_rate), effect.packed(sample_rate)).process(audio, block)


def render_automation(
    model: PlayableModel,
    audio: Audio,
    moves: Sequence[tuple[int, KnobValues]],
    block: int = DEFAULT_BLOCK,
) -> Audio:
    """Render with knobs that turn: `moves` are (frame, values), in order of time.

    A move at frame 0 is where the knobs stand; later ones take 20 ms, as in the player (`turning`). Raises
    KnobError.
    """
    voice = TurningVoice(model, moves[0][1] if moves and moves[0][0] <= 0 else {})
    later = [(frame, values) for frame, values in moves if 0 < frame < audio.size]
    audio = np.pad(audio, (0, model.latency))
    cuts = [0, *(frame for frame, _ in later), audio.size]
    parts = []
    for index, (begin, end) in enumerate(pairwise(cuts)):
        if index:
            voice.turn(later[index - 1][1])
        parts.append(voice.process(audio[begin:end], block))
    return np.concatenate(parts)[model.latency :]
