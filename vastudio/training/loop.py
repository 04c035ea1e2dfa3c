"""The training loop: a generator of events. Threads, processes and windows are wrappers around it.

Activities: the loop runs in the thread that iterates it and blocks for one round (about a tenth of a
second) between events at most; the compiled kernel spreads over `config.thread_count` threads inside a
call. `should_stop` is asked once per round.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vastudio.dataset.store import Dataset
from vastudio.errors import TrainingError
from vastudio.kernels.training import use_threads
from vastudio.losses.dc import DcLoss
from vastudio.losses.esr import EsrLoss
from vastudio.nets import architecture
from vastudio.training.batches import Batch, Sampler, fit_to_clips, load_material
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Finished, Progress, Started, Validated
from vastudio.training.run_folder import RunFolder
from vastudio.training.validate import validate

PROGRESS_EVERY = 0.5
"""Seconds between two progress events."""

MOST_RESTARTS = 5


def train(
    dataset: Dataset, config: TrainingConfig, folder: Path, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """Train a model on `dataset` and keep the best one in `folder`.

    Yields the events of the run, `Finished` last; each is also a line of `folder/events.jsonl`. The best
    model by validation ESR is `folder/best.vamodel` from the first `Validated` on; stopping keeps it.

    Raises
    ------
    TrainingError
        When there is nothing to train on, or the run diverges again and again.
    OutputError
        When `folder` cannot be written.
    """
    run = _Run(dataset, config, folder)
    for event in run.events(should_stop):
        run.folder.log(event)
        yield event


class _Run:
    """The state of one run."""

    def __init__(self, dataset: Dataset, config: TrainingConfig, folder: Path) -> None:
        recipe = architecture(config.architecture)
        use_threads(config.thread_count)
        torch.set_num_threads(config.thread_count)
        torch.manual_seed(config.seed)
        self.training = load_material(dataset, "train")
        self.validation = load_material(dataset, "validation") or self.training
        if not self.training:
            raise TrainingError("The dataset has no capture to train on.", "Import or record at least one.")
        self.config = fit_to_clips(config, self.training)
        self.folder = RunFolder(folder, dataset, self.config)
        self.sampler = Sampler(self.training, self.config)
        self.model = recipe.build(len(dataset.knobs), config.hidden)
        self.frames = sum(item.frames for item in self.training)
        self.clock = 0.0
        self.updates = 0
        self.rounds = 0
        self.best_esr = math.inf
        self.best_state: dict[str, Any] = deepcopy(self.model.state_dict())
        self.restarts = 0
        self.rate_scale = 1.0
        self.losses = (EsrLoss(emphasised=True), EsrLoss(emphasised=False), DcLoss())
        self.optimiser = self._new_optimiser()

    def _new_optimiser(self) -> torch.optim.Adam:
        return torch.optim.Adam(self.model.parameters(), lr=self.config.learning_rate)

    # --- time -----------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.clock

    @property
    def epoch(self) -> int:
        return int(self.rounds * self.sampler.frames_per_round / self.frames)

    @property
    def fraction(self) -> float:
        """How much of the run is done, 0..1."""
        if self.config.minutes is not None:
            return min(1.0, self.seconds / (60 * self.config.minutes))
        return min(
            1.0, self.rounds * self.sampler.frames_per_round / (self.frames * (self.config.epochs or 1))
        )

    @property
    def seconds_left(self) -> float:
        fraction = max(self.fraction, 1e-6)
        return self.seconds * (1 - fraction) / fraction

    @property
    def learning_rate(self) -> float:
        floor = self.config.final_rate
        cosine = 0.5 * (1 + math.cos(math.pi * self.fraction))
        return self.config.learning_rate * self.rate_scale * (floor + (1 - floor) * cosine)

    # --- the run --------------------------------------------------------------------------------------

    def events(self, should_stop: Callable[[], bool]) -> Iterator[Event]:
        """Everything from the first event to the last."""
        minutes, epochs = self.config.minutes, self.config.epochs
        yield Started(
            self.config.architecture, self.config.hidden, self.model.parameter_count(), len(self.training),
            len(self.validation), 60 * (minutes or 0.0), epochs or 0, self.config.seed,
        )  # fmt: skip
        self._compile()
        self.clock = time.monotonic()
        yield self._validated()
        reason = "planned"
        told = validated = self.seconds
        validated_epoch = 0
        esr: list[float] = []
        while self.fraction < 1:
            if should_stop():
                reason = "stopped"
                break
            esr += self._round()
            if self.seconds - told >= PROGRESS_EVERY and esr:
                told = self.seconds
                yield self._progress(esr)
                esr = []
            if self._is_time_to_validate(validated, validated_epoch):
                validated, validated_epoch = self.seconds, self.epoch
                yield self._validated()
        if esr:
            yield self._progress(esr)
        yield self._validated()
        yield Finished(self.seconds, self.updates, reason, self.best_esr, str(self.folder.best))

    def _is_time_to_validate(self, seconds: float, epoch: int) -> bool:
        if self.config.minutes is None:
            return self.epoch > epoch
        return self.seconds - seconds >= min(self.config.validate_every, 60 * self.config.minutes / 12)

    def _compile(self) -> None:
        """Load or compile the kernels before the clock starts, without changing the model."""
        batch = Sampler(self.training, self.config).draw()
        theta = self.model.theta(batch.knobs)
        output, _ = self.model(batch.x[:, :32], self.model.rest(theta, self.config.sequences), theta)
        output.sum().backward()
        self.optimiser.zero_grad()

    def _round(self) -> list[float]:
        """Draw sequences, warm up, and make one update per chunk; return the plain ESR of each."""
        config, batch = self.config, self.sampler.draw()
        esr = []
        state = self._warm_up(batch)
        for index in range(config.chunks):
            start = config.warm_up + index * config.chunk
            plain, state = self._update(batch, state, slice(start, start + config.chunk), first=index == 0)
            if not math.isfinite(plain):
                self._recover()
                return []
            esr.append(plain)
        self.rounds += 1
        return esr

    def _warm_up(self, batch: Batch) -> Tensor:
        """Bring the states up from rest; the sequence that falls silent takes over another position's."""
        with torch.no_grad():
            theta = self.model.theta(batch.knobs)
            rest = self.model.rest(theta, self.config.sequences)
            state: Tensor = self.model(batch.x[:, : self.config.warm_up], rest, theta)[1]
            state[:, :, self.config.sounding] = state[:, :, 0].roll(1, dims=0)
        return state

    def _update(self, batch: Batch, state: Tensor, part: slice, first: bool) -> tuple[float, Tensor]:
        """One step of the optimiser; returns the plain ESR of what sounds, and the state to go on from.

        The device may take the length of the first chunk to fall silent.
        """
        config, sounding = self.config, self.config.sounding
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate
        self.optimiser.zero_grad(set_to_none=True)
        output, state = self.model(batch.x[:, part], state, self.model.theta(batch.knobs))
        # The last sequence is the one that rests: its output is zero by definition.
        judged = sounding if first else sounding + 1
        target = batch.y[:, part]
        emphasised_esr, esr, dc = self.losses
        loss = emphasised_esr(target[:, :, :judged], output[:, :, :judged], batch.emphasised_power)
        loss = loss + config.plain_weight * esr(target[:, :, :judged], output[:, :, :judged], batch.power)
        loss = loss + config.dc_weight * dc(target[:, :, :judged], output[:, :, :judged], batch.power)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.clip_norm)
        if not math.isfinite(float(norm)):
            return math.nan, state
        self.optimiser.step()
        self.updates += 1
        with torch.no_grad():
            plain = float(esr(target[:, :, :sounding], output[:, :, :sounding], batch.power))
        return plain, state.detach()

    def _recover(self) -> None:
        """Go back to the best model with smaller steps after the run diverged."""
        self.restarts += 1
        if self.restarts > MOST_RESTARTS:
            raise TrainingError(
                "Training diverged again and again.",
                "Lower the learning rate, or look for captures that do not belong together.",
            )
        self.model.load_state_dict(self.best_state)
        self.rate_scale *= 0.5
        self.optimiser = self._new_optimiser()

    # --- what is told ---------------------------------------------------------------------------------

    def _progress(self, esr: list[float]) -> Progress:
        return Progress(
            self.seconds, self.epoch, self.updates, sum(esr) / len(esr), self.learning_rate, self.seconds_left
        )

    def _validated(self) -> Validated:
        score = validate(self.model, self.validation, self.config.sequences)
        is_best = score.esr < self.best_esr
        if is_best:
            self.best_esr = score.esr
            self.best_state = deepcopy(self.model.state_dict())
            self.folder.keep(self.model, self.config.architecture)
        elif not math.isfinite(score.esr):
            self._recover()
        return Validated(
            self.seconds, self.epoch, self.updates, score.esr, score.median, score.worst, is_best
        )
