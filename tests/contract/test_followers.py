"""Every architecture: a voice can take up the state of another one, and goes on as that would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.contract.test_architectures import EVERY_SIZE, KNOBS, POSITIONS, build, noise, through_the_file
from vastudio.engine.offline import render

PLACE = 3_333


@pytest.mark.parametrize(("name", "hidden"), EVERY_SIZE)
def test_a_voice_that_follows_another_one_goes_on_as_that_would(
    name: str, hidden: int, tmp_path: Path
) -> None:
    playable = through_the_file(build(name, len(KNOBS), hidden), name, KNOBS, tmp_path)
    audio = noise(0.2)
    leader, follower = playable.voice(POSITIONS[1]), playable.voice(POSITIONS[0])
    leader.process(audio[:PLACE], 64)
    follower.process(audio[::-1].copy(), 441)
    follower.glide_to(playable.packed(POSITIONS[2]), playable.glide_steps)
    follower.process(audio[:100], 33)
    follower.follow(leader)
    expected = render(playable, audio, POSITIONS[1])[PLACE:]
    assert np.array_equal(follower.process(audio[PLACE:], 512), expected)
