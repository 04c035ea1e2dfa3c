"""Presets: what they stand for."""

from __future__ import annotations

from itertools import pairwise

import pytest

from vastudio.errors import TrainingError
from vastudio.nets import architectures
from vastudio.training.config import configured
from vastudio.training.presets import PRESETS, STANDARD, Preset, preset


def test_standard_is_what_is_trained_without_a_word() -> None:
    """The command line of a run names only what differs from the general settings."""
    assert STANDARD.config() == configured(minutes=STANDARD.minutes)
    assert not STANDARD.settings


def test_presets_go_from_the_lightest_to_the_most_thorough() -> None:
    assert [item.key for item in PRESETS] == ["lite", "standard", "high"]
    for lighter, heavier in pairwise(PRESETS):
        assert lighter.updates < heavier.updates
        assert lighter.minutes < heavier.minutes


@pytest.mark.parametrize("chosen", PRESETS, ids=lambda item: item.key)
@pytest.mark.parametrize("name", architectures())
def test_every_preset_goes_with_every_architecture(chosen: Preset, name: str) -> None:
    """Options that an architecture does not have are left out instead of refused."""
    config = chosen.config(architecture=name)
    assert config.architecture == name
    assert config.minutes == chosen.minutes


def test_changes_come_before_the_preset() -> None:
    config = preset("lite").config(hidden=24, epochs=3, minutes=None)
    assert (config.hidden, config.epochs, config.minutes) == (24, 3, None)


def test_an_unknown_preset_is_refused_with_a_guess() -> None:
    with pytest.raises(TrainingError, match="standart") as caught:
        preset("standart")
    assert "standard" in caught.value.hint
