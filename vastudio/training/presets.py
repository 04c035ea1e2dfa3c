"""Presets: what to train and how much of it, in words a player understands.

How long that takes depends on the computer and on the dataset, and is measured (`app.presets`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vastudio.errors import TrainingError, did_you_mean
from vastudio.nets import Blueprint, architecture
from vastudio.training.config import TrainingConfig, configured


@dataclass(frozen=True)
class Preset:
    """A name for an architecture with its options and settings, and a planned amount of training.

    Attributes
    ----------
    promise:
        What a player gets, in a sentence.
    settings:
        Settings of `TrainingConfig` that are not the general ones.
    updates:
        Updates after which more training brings little.
    minutes:
        What to plan as long as nothing has been measured on this computer.
    """

    key: str
    title: str
    promise: str
    updates: int
    minutes: float
    settings: Mapping[str, Any] = field(default_factory=dict)

    def config(self, **changes: Any) -> TrainingConfig:
        """The preset as a configuration, with `changes`; bounded by `minutes` unless they say otherwise.

        With another architecture the options it does not have are left out, and its recipe is used.

        Raises
        ------
        TrainingError
            As `configured`.
        """
        chosen = architecture(changes.get("architecture", self.architecture))
        lacking = set(Blueprint.options()) - set(chosen.options)
        own = {name: value for name, value in self.settings.items() if name not in lacking}
        return configured(**{"minutes": self.minutes, **own, **changes})

    @property
    def architecture(self) -> str:
        """The name of what is trained."""
        return str(self.settings.get("architecture", TrainingConfig.architecture))


STANDARD = Preset(
    "standard", "Standard", "Close to the device, and light enough to play anywhere.", 20_000, 10.0
)

PRESETS = (
    Preset("lite", "Lite", "Plays on anything, and is trained soonest.", 12_000, 4.0, {"hidden": 16}),
    STANDARD,
    Preset(
        "high", "High", "The closest, for a quick computer and some patience.", 24_000, 40.0, {"hidden": 64}
    ),
)
"""From the lightest to the closest."""


def preset(key: str) -> Preset:
    """The preset called `key`. Raises TrainingError for an unknown one."""
    known = {item.key: item for item in PRESETS}
    if key not in known:
        raise TrainingError(f"There is no preset '{key}'.", did_you_mean(key, known))
    return known[key]
