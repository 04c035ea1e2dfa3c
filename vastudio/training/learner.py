"""What an update changes: the model, its running mean, the optimiser, and the place in the recordings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from vastudio.losses.dc import DcLoss
from vastudio.losses.esr import EsrLoss
from vastudio.losses.spectral import SpectralLoss
from vastudio.nets import architecture
from vastudio.training.average import WeightAverage
from vastudio.training.batches import Batch, Material, Sampler, measured_levels
from vastudio.training.checkpoint import Checkpoint
from vastudio.training.config import TrainingConfig

_MEMORY = 0.95
"""How much of a training capture's ESR its next update leaves: the mean spans some rounds."""

FALLING = 2048
"""Samples that the device may take to fall silent: 43 ms at 48 kHz."""


class Learner:
    """One attempt to learn the material.

    `rate`, the learning rate, and `fraction`, how much of the run is done, are set before every round.
    """

    def __init__(
        self,
        material: Sequence[Material],
        config: TrainingConfig,
        seed: int,
        device: torch.device,
        names: Sequence[str] = (),
    ) -> None:
        torch.manual_seed(seed)
        knobs = len(material[0].knobs)
        self.config = config
        self.device = device
        self.model = architecture(config.architecture).build(config.blueprint(knobs, names)).to(device)
        self.model.fit_levels(*measured_levels(material))
        self.average = WeightAverage(self.model, config.average)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=config.learning_rate)
        self.rate = config.learning_rate
        self.fraction = 0.0
        self.seed = seed
        self.updates = 0
        self.captures: dict[str, float] = {}
        self._material = material
        self._emphasised_esr, self._esr = EsrLoss(emphasised=True), EsrLoss(emphasised=False)
        self._dc, self._spectral = DcLoss(), SpectralLoss()
        self.sampler = Sampler(material, config, seed)

    # --- learning -------------------------------------------------------------------------------------

    def compile(self) -> None:
        """Load or compile the kernels, without changing the model."""
        batch = Sampler(self._material, self.config, self.seed).draw().to(self.device)
        theta = self.model.theta(batch.knobs)
        output, _ = self.model(batch.x[:, :32], self.model.rest(theta, self.config.sequences), theta)
        output.sum().backward()
        self.optimiser.zero_grad()

    def round(self) -> list[float]:
        """Draw sequences, warm up, and make one update per chunk.

        Returns
        -------
        The plain ESR of each update; NaN last, and nothing learned from it, when an update has no finite
        gradient.
        """
        config, batch = self.config, self.sampler.draw().to(self.device)
        esr = []
        state = self._warm_up(batch)
        for index in range(config.chunks):
            start = config.warm_up + index * config.chunk
            falling = index * config.chunk < FALLING
            plain, state = self._update(batch, state, slice(start, start + config.chunk), falling=falling)
            esr.append(float(plain.mean()))
            if not math.isfinite(esr[-1]):
                break
            self._remember(batch.captures, plain.tolist())
        return esr

    def _warm_up(self, batch: Batch) -> Tensor:
        """Bring the states up from rest; the sequence that falls silent takes over another position's."""
        with torch.no_grad():
            theta = self.model.theta(batch.knobs)
            rest = self.model.rest(theta, self.config.sequences)
            state: Tensor = self.model(batch.x[:, : self.config.warm_up], rest, theta)[1]
            state[:, :, self.config.sounding] = state[:, :, 0].roll(1, dims=0)
        return state

    def _update(self, batch: Batch, state: Tensor, part: slice, falling: bool) -> tuple[Tensor, Tensor]:
        """One step of the optimiser; returns the plain ESR by capture, and the state to go on from.

        `falling`: the device may still be falling silent.
        """
        config, sounding = self.config, self.config.sounding
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate
        self.optimiser.zero_grad(set_to_none=True)
        output, state = self.model(batch.x[:, part], state, self.model.theta(batch.knobs))
        # The last sequence is the one that rests: its output is zero by definition.
        judged = sounding if falling else sounding + 1
        target = batch.y[:, part]
        loss = self._loss(target[:, :, :judged], output[:, :, :judged], batch)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip_norm)
        if not math.isfinite(float(norm)):
            return torch.full_like(batch.power, math.nan), state
        self.optimiser.step()
        self.updates += 1
        self.average.update(self.updates)
        with torch.no_grad():
            error = (target - output)[:, :, :sounding]
            plain = error.square().mean(dim=(1, 2)) / batch.power
        return plain, state.detach()

    def _loss(self, target: Tensor, output: Tensor, batch: Batch) -> Tensor:
        config = self.config
        loss = config.emphasised_weight * self._emphasised_esr(target, output, batch.emphasised_power)
        loss = loss + config.plain_weight * self._esr(target, output, batch.power)
        loss = loss + config.dc_weight * self._dc(target, output, batch.power)
        if config.spectral_weight and self.fraction >= config.spectral_from:
            sound = slice(0, config.sounding)
            spectral = self._spectral(target[:, :, sound], output[:, :, sound], batch.power)
            loss = loss + config.spectral_weight * spectral
        return loss

    def _remember(self, captures: Sequence[str], esr: Sequence[float]) -> None:
        for capture, value in zip(captures, esr, strict=True):
            before = self.captures.get(capture, value)
            self.captures[capture] = _MEMORY * before + (1 - _MEMORY) * value

    # --- keeping --------------------------------------------------------------------------------------

    def tensors(self) -> dict[str, Tensor]:
        """Copies of everything that a later round depends on, by name."""
        named = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        if self.config.average:
            mean = self.average.model.state_dict()
            named |= {f"average.{name}": tensor for name, tensor in mean.items()}
        for index, state in self.optimiser.state_dict()["state"].items():
            named |= {f"optimiser.{index}.{key}": tensor for key, tensor in state.items()}
        copies = {name: tensor.detach().cpu().clone() for name, tensor in named.items()}
        return {**copies, "random.torch": torch.get_rng_state()}

    def record(self) -> dict[str, Any]:
        """The plain values that belong to `tensors`."""
        return {
            "seed": self.seed,
            "updates": self.updates,
            "sampler": self.sampler.place,
            "captures": dict(self.captures),
        }

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint: the rounds after it repeat exactly.

        Raises
        ------
        KeyError, RuntimeError, ValueError
            When the checkpoint belongs to another model.
        """
        self.restore_model(checkpoint)
        steps: dict[int, dict[str, Tensor]] = {}
        for name, tensor in checkpoint.part("optimiser").items():
            index, _, key = name.partition(".")
            steps.setdefault(int(index), {})[key] = tensor.clone()
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": steps, "param_groups": groups})
        torch.set_rng_state(checkpoint.tensors["random.torch"])
        record: Mapping[str, Any] = checkpoint.record["learner"]
        self.seed = record["seed"]
        self.updates = record["updates"]
        self.sampler.place = record["sampler"]
        self.captures = dict(record["captures"])

    def restore_model(self, checkpoint: Checkpoint) -> None:
        """Go back to the weights of a checkpoint only."""
        self.model.load_state_dict(checkpoint.part("model"))
        if self.config.average:
            self.average.model.load_state_dict(checkpoint.part("average"))
