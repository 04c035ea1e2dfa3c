"""What every processor of the rack must keep, whatever it does to the sound."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from vastudio.kernels.voice import Program, Voice

Floats = npt.NDArray[np.float32]

RATE = 48_000
BLOCKS = (1, 63, 64, 65, 8193)


def noise(frames: int, level: float = 0.25, seed: int = 1) -> Floats:
    """White noise of the given effective value."""
    return (level * np.random.default_rng(seed).standard_normal(frames)).astype(np.float32)


def assert_contract(program: Program, packed: Floats, x: Floats) -> None:
    """Block size, state between calls, reset, in place, a second voice, broken input: nothing shows."""
    voice = Voice(program, packed)
    whole = voice.process(x, x.size)
    assert np.isfinite(whole).all()
    for block in BLOCKS:
        voice.reset()
        np.testing.assert_array_equal(voice.process(x, block), whole, f"block {block}")
    _assert_state_is_carried(program, packed, x, whole)
    _assert_voices_are_apart(program, packed, x, whole)
    _assert_broken_input_passes(program, packed, x)
    _assert_loud_input_passes(program, packed, x)


def _assert_state_is_carried(program: Program, packed: Floats, x: Floats, whole: Floats) -> None:
    voice = Voice(program, packed)
    cuts = [0, 1, 17, 1000, 1001, x.size]
    parts = [voice.process(x[a:b], 64) for a, b in itertools.pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def _assert_voices_are_apart(program: Program, packed: Floats, x: Floats, whole: Floats) -> None:
    left, right = Voice(program, packed), Voice(program, packed)
    parts = []
    for at in range(0, x.size, 64):
        parts.append(left.process(x[at : at + 64], 64))
        right.process(-3.0 * x[at : at + 64][::-1], 64)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def _assert_broken_input_passes(program: Program, packed: Floats, x: Floats) -> None:
    broken, silenced = x.copy(), x.copy()
    broken[[500, 700, 900, 901]] = np.nan, np.inf, -np.inf, 1e30
    silenced[[500, 700, 900, 901]] = 0.0
    voice = Voice(program, packed)
    np.testing.assert_array_equal(voice.process(broken, 64), Voice(program, packed).process(silenced, 64))
    assert voice.faults == 4


def _assert_loud_input_passes(program: Program, packed: Floats, x: Floats) -> None:
    voice = Voice(program, packed)
    assert np.isfinite(voice.process(np.float32(100.0) * np.sign(x), 64)).all()
    assert voice.faults == 0
