"""An entry of the registry of architectures.

Free of torch, which takes a second to import: a list of what can be trained must not wait for it. The
architectures therefore import their parts when they are built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from vastudio.errors import TrainingError

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel


ToneStackForm: TypeAlias = Literal["fmv", "eq"]


@dataclass(frozen=True)
class Blueprint:
    """What an architecture leaves open. All but `knobs` and `names` are options that not every one has.

    Attributes
    ----------
    knobs:
        Number of knobs, 0 or more.
    hidden:
        Units of a recurrent cell.
    biases:
        Whether its gates have biases. Without them silence is a fixed point of every weight set.
    taps:
        Length of a learned filter in front, 0 for none.
    tone_stack:
        `fmv`, the passive stack with pots for treble, middle and bass, where the device has such knobs, or
        `eq`, a parametric equaliser.
    live_knobs:
        The knobs are inputs beside the sound and nothing else, so that other programs can turn them: without
        a level law that follows them.
    names:
        The knobs' names, where they are known.
    """

    knobs: int
    hidden: int = 32
    biases: bool = True
    taps: int = 0
    tone_stack: ToneStackForm = "fmv"
    live_knobs: bool = False
    names: tuple[str, ...] = ()

    @classmethod
    def options(cls) -> dict[str, Any]:
        """The options by name, with their defaults."""
        return {item.name: item.default for item in fields(cls) if item.name not in ("knobs", "names")}


@dataclass(frozen=True)
class Architecture:
    """A kind of model under a name.

    Attributes
    ----------
    title, summary:
        What a menu shows.
    construct:
        Makes an untrained model. Called by `build`.
    options:
        The names of the blueprint's options that it has.
    recipe:
        Settings of a training run (`training.config`) that suit it better than the general defaults.
    """

    name: str
    title: str
    summary: str
    construct: Callable[[Blueprint], KnobModel]
    options: tuple[str, ...] = ("hidden",)
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def build(self, blueprint: Blueprint) -> KnobModel:
        """Return an untrained model; its weights follow torch's seed. Raises TrainingError as `check`."""
        self.check(blueprint)
        return self.construct(blueprint)

    def check(self, blueprint: Blueprint) -> None:
        """Raise TrainingError when an option is set that this architecture does not have."""
        for name, default in Blueprint.options().items():
            if name not in self.options and getattr(blueprint, name) != default:
                raise TrainingError(f"{self.name} has no option '{name}'.", f"Leave {name} at {default}.")

    def label(self, hidden: int) -> str:
        """The name with the size, where there is one: `hyper-gru-32`."""
        return f"{self.name}-{hidden}" if "hidden" in self.options else self.name
