"""What the presets cost on this computer: the load of playing one, the time to train it.

Free of torch. The figures are measured once (`app.preset_measuring`) and kept in the user's data folder,
until processor, kernels or settings are others.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vastudio import __version__, atomic, kernels, paths
from vastudio.app.bench.machine import describe
from vastudio.training.config import TrainingConfig
from vastudio.training.presets import PRESETS
from vastudio.training.threads import threads_for

FILE = "presets.json"

_WITHOUT_COST = ("minutes", "epochs", "seed", "learning_rate", "final_rate", "validate_every", "stall_esr")
"""Settings that change neither the work of an update nor the model that plays."""


@dataclass(frozen=True)
class Cost:
    """What was measured for one configuration.

    Attributes
    ----------
    load:
        Share of one core that playing takes at 48 kHz, 0..1.
    alone, full:
        Seconds per update with one knob position, and with as many as an update takes.
    groups:
        How many that are.
    """

    load: float
    alone: float
    full: float
    groups: int

    def update_seconds(self, positions: int | None = None) -> float:
        """Seconds per update on a dataset of so many positions to learn from; None: as many as it takes."""
        if positions is None or positions >= self.groups or self.groups < 2:
            return self.full
        share = (max(positions, 1) - 1) / (self.groups - 1)
        return self.alone + share * (self.full - self.alone)

    def training_seconds(self, updates: int, positions: int | None = None) -> float:
        """Seconds of so many updates."""
        return updates * self.update_seconds(positions)


# --- as a person says it -----------------------------------------------------------------------------


def round_minutes(seconds: float) -> float:
    """A training time in minutes, rounded as a person says it: 10 s, 1, 5 or 30 minutes at a time."""
    minutes = seconds / 60
    if minutes < 0.9:
        return max(1, round(seconds / 10)) / 6
    step = 1 if minutes < 20 else 5 if minutes < 55 else 30
    return float(max(step, step * round(minutes / step)))


def time_text(minutes: float) -> str:
    """`about 40 s`, `about 8 min`, `about 1½ h`."""
    if minutes < 0.95:
        return f"about {round(60 * minutes)} s"
    if minutes < 59.5:
        return f"about {round(minutes)} min"
    halves = round(minutes / 30)
    whole, half = divmod(halves, 2)
    return f"about {whole}{'½' if half else ''} h"


def load_text(load: float) -> str:
    """`0.4 % of a core`."""
    percent = 100 * load
    return f"{percent:.1f} % of a core" if percent < 9.95 else f"{percent:.0f} % of a core"


# --- what is known -----------------------------------------------------------------------------------


def known_costs() -> dict[str, Cost]:
    """The costs of the presets that were measured on this computer, by key. Takes some 50 ms at first."""
    record = _read()
    found = {item.key: record.get(identity(item.config())) for item in PRESETS}
    return {key: cost for key, cost in found.items() if cost is not None}


def known_cost(config: TrainingConfig) -> Cost | None:
    """What was measured for a configuration, None where nothing was."""
    return _read().get(identity(config))


def keep(config: TrainingConfig, cost: Cost) -> None:
    """Remember a measurement. What other processors and versions left behind goes.

    Raises
    ------
    OutputError
        When the user's data folder cannot be written.
    """
    record = {**_read(), identity(config): cost}
    costs = {key: dataclasses.asdict(value) for key, value in record.items()}
    text = json.dumps({"computer": computer(), "costs": costs}, indent=2) + "\n"
    atomic.write_text(paths.user_data() / FILE, text)


def identity(config: TrainingConfig) -> str:
    """The same for configurations that cost the same on this computer."""
    record = {k: v for k, v in dataclasses.asdict(config).items() if k not in _WITHOUT_COST}
    return _digest(json.dumps({**record, "threads": threads_for(config.threads)}, sort_keys=True).encode())


@cache
def computer() -> str:
    """The same as long as processor, kernels and version are."""
    machine = describe()
    sources = sorted(Path(kernels.__file__).parent.glob("*.py"))
    named = f"{machine.processor} {machine.lanes} {__version__} {machine.versions['torch']}"
    return _digest(named.encode(), *(source.read_bytes() for source in sources))


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class _File:
    computer: str
    costs: dict[str, Cost]


_ADAPTER: TypeAdapter[Any] = TypeAdapter(_File)


def _read() -> dict[str, Cost]:
    """What is kept for this computer; nothing where there is no file, or a damaged one."""
    try:
        file: _File = _ADAPTER.validate_json((paths.user_data() / FILE).read_bytes())
    except (OSError, ValidationError):
        return {}
    return file.costs if file.computer == computer() else {}
