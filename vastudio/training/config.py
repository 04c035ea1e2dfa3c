"""What a training run is asked to do: frozen, checked once, stored as config.json in the run folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vastudio.errors import TrainingError, did_you_mean
from vastudio.nets import Blueprint
from vastudio.nets import architecture as find_architecture
from vastudio.nets.architecture import ToneStackForm

HIDDEN_SIZES = range(4, 97)
MOST_TAPS = 512

SILENT_SEQUENCES = 2
"""The sequence that falls silent and the one that rests."""


@dataclass(frozen=True)
class TrainingConfig:
    """A run. Exactly one of `minutes` and `epochs` bounds it. `configured` knows what suits an architecture.

    Attributes
    ----------
    architecture:
        Name of what is trained.
    hidden, biases, taps, tone_stack, live_knobs:
        Its options, where it has them; see `nets.architecture.Blueprint`.
    minutes, epochs:
        The bound. An epoch presents as many samples as the training captures hold.
    threads:
        Processor threads, 0 for all cores.
    device:
        `auto`, `cpu` or `cuda`; see `training.device`.
    learning_rate:
        Adam's step at the start; it falls along a cosine to `final_rate` times that.
    groups:
        Knob positions per update.
    sequences:
        Sequences per knob position; the last two of them are without sound (`training.batches`).
    warm_up:
        Samples that only bring the state up, in front of every sequence.
    chunk, chunks:
        Samples per update, and updates through which a sequence carries its state.
    emphasised_weight, plain_weight, dc_weight:
        Weights of the ESR after pre-emphasis, of the plain ESR, and of the DC loss.
    spectral_weight, spectral_from:
        Weight of the spectral loss, and the part of the run after which it begins to count.
    clip_norm:
        Bound of the gradient's norm.
    validate_every:
        Seconds between two validations; a checkpoint is written no less often.
    average:
        Decay per update of the running mean of the weights that is validated and kept, 0 for none.
    stall_esr:
        A run that is above this ESR at every single position after a quarter of its time has failed and
        begins anew once, from another seed. 0 never does.
    """

    architecture: str = "hyper-gru"
    hidden: int = 32
    biases: bool = True
    taps: int = 0
    tone_stack: ToneStackForm = "fmv"
    live_knobs: bool = False
    minutes: float | None = 10.0
    epochs: int | None = None
    seed: int = 0
    threads: int = 0
    device: str = "auto"
    learning_rate: float = 4e-3
    final_rate: float = 0.02
    groups: int = 16
    sequences: int = 16
    warm_up: int = 1024
    chunk: int = 512
    chunks: int = 16
    emphasised_weight: float = 1.0
    plain_weight: float = 0.5
    dc_weight: float = 0.25
    spectral_weight: float = 0.3
    spectral_from: float = 0.5
    clip_norm: float = 1.0
    validate_every: float = 15.0
    average: float = 0.9
    stall_esr: float = 0.2

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.epochs is None):
            raise TrainingError("A run needs either minutes or epochs.", "Give one of the two.")
        if self.minutes is not None and not 0 < self.minutes <= 7 * 24 * 60:
            raise TrainingError(
                f"{self.minutes:g} minutes is not a training time.", "Give more than 0 minutes."
            )
        if self.epochs is not None and self.epochs < 1:
            raise TrainingError(f"{self.epochs} epochs is not a training time.", "Give at least 1 epoch.")
        if self.hidden not in HIDDEN_SIZES:
            raise TrainingError(
                f"A hidden size of {self.hidden} is not supported.",
                f"Choose {HIDDEN_SIZES.start} to {HIDDEN_SIZES[-1]}; multiples of 8 train fastest.",
            )
        if not 0 <= self.taps <= MOST_TAPS:
            raise TrainingError(
                f"A filter of {self.taps} taps is not supported.", f"Choose 0 to {MOST_TAPS}."
            )
        find_architecture(self.architecture).check(self.blueprint(0))
        if self.seed < 0:
            raise TrainingError(f"{self.seed} is not a seed.", "Give a whole number from 0.")
        if not 0 <= self.threads <= 1024:
            raise TrainingError(f"{self.threads} threads cannot be used.", "Give 0 for all cores.")

    def blueprint(self, knobs: int, names: Sequence[str] = ()) -> Blueprint:
        """What to build for a device of `knobs` knobs, with their names where these are known."""
        options = {name: getattr(self, name) for name in Blueprint.options()}
        return Blueprint(knobs, **options, names=tuple(names))

    @property
    def label(self) -> str:
        """The architecture with its size: `hyper-gru-32`."""
        return find_architecture(self.architecture).label(self.hidden)

    @property
    def sounding(self) -> int:
        """Sequences per knob position that carry recordings."""
        return self.sequences - SILENT_SEQUENCES


def configured(**settings: Any) -> TrainingConfig:
    """A configuration with `settings`, and for the others what suits its architecture.

    Raises
    ------
    TrainingError
        As `from_record`.
    """
    chosen = find_architecture(settings.get("architecture", TrainingConfig.architecture))
    return from_record({**chosen.recipe, **settings, "architecture": chosen.name})


def from_record(record: Mapping[str, Any]) -> TrainingConfig:
    """Read a configuration from plain values, as JSON keeps them.

    Raises
    ------
    TrainingError
        For a value of the wrong kind or without sense, and for a name that no setting has.
    """
    names = {field.name for field in dataclasses.fields(TrainingConfig)}
    unknown = sorted(set(record) - names)
    if unknown:
        raise TrainingError(f"There is no training setting '{unknown[0]}'.", did_you_mean(unknown[0], names))
    try:
        return _ADAPTER.validate_python(dict(record))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise TrainingError(
            f"The training setting '{name}' cannot be {first['input']!r}.", first["msg"]
        ) from error


_ADAPTER = TypeAdapter(TrainingConfig)
