"""A trainable model: what every architecture gives to training, to the model file and to the engine.

Silence stays silence: while training, the last sequence of every group is fed with zeros and stands for the
model at rest, whose output is subtracted, so that the subtraction is part of what is learned.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from torch import Tensor, nn

from vastudio.nets.level_law import LevelLaw


class KnobModel(nn.Module, ABC):
    """A network that knobs turn, with a level law.

    G groups, each a knob position, run in lockstep; each has S sequences. What a knob position amounts to is
    a tensor θ (G, P); what a sequence remembers is a state (G, A, S). What they hold is the model's own.

    Attributes
    ----------
    memory:
        Samples after which a run that began in silence is as good as one that did not.
    in_torch:
        Whether torch does most of the work, so that its threads are wanted, and not a compiled kernel.
    """

    memory = 4096
    in_torch = False

    def __init__(self, knobs: int) -> None:
        super().__init__()
        self.level_law = LevelLaw(knobs)

    def fit_levels(self, knobs: Tensor, clean_db: Tensor, target_db: Tensor) -> None:
        """Fit the level law before training begins.

        Parameters
        ----------
        knobs:
            Knob positions of the N training captures, (N, K) in 0..1.
        clean_db, target_db:
            Levels of their clean signals and targets, (N,): root mean square in dBFS, −inf for silence.
        """
        self.level_law.fit(knobs, clean_db, target_db)

    @abstractmethod
    def theta(self, knobs: Tensor) -> Tensor:
        """θ (G, P) for knob positions (G, K) in 0..1, the level law included."""

    @abstractmethod
    def rest(self, theta: Tensor, sequences: int) -> Tensor:
        """The rest states of the groups, (G, A, S): where playing starts. No gradient flows to θ."""

    @abstractmethod
    def forward(self, x: Tensor, state: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        """Run x (G, T, S), whose last sequence is silent, from `state`; return output and last state."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """What a model file says about the shape of this model."""

    @abstractmethod
    def tensors(self) -> dict[str, Tensor]:
        """The arrays of a model file besides the level law, by name."""

    def export(self) -> dict[str, Any]:
        """All arrays of a model file, float32, by name."""
        tensors = {"level_law.weight": self.level_law.weight, **self.tensors()}
        return {name: tensor.detach().cpu().float().numpy().copy() for name, tensor in tensors.items()}

    def parameter_count(self) -> int:
        """Number of trained numbers."""
        return sum(parameter.numel() for parameter in self.parameters())
