"""The state of one run: what is learned, how far it is, what it goes back to when something goes wrong."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

from vastudio.dataset.store import Dataset
from vastudio.errors import TrainingError
from vastudio.training.batches import fit_to_clips, load_material
from vastudio.training.checkpoint import Checkpoint, save
from vastudio.training.config import TrainingConfig
from vastudio.training.device import choose_device
from vastudio.training.events import Event, Restarted, Validated
from vastudio.training.health import GOOD_WITHIN, Health, has_stalled
from vastudio.training.learner import Learner
from vastudio.training.run_files import CONFIG
from vastudio.training.run_folder import RunFolder
from vastudio.training.schedule import Schedule, Stopwatch
from vastudio.training.validate import Score, validate

MOST_RESTARTS = 5
"""How often a run may diverge before it is given up."""

_SEED_STEP = 1000
_MAY_CHANGE = {"minutes", "epochs", "threads", "device"}


def check_belongs(
    checkpoint: Checkpoint, folder: RunFolder, dataset: Dataset, config: TrainingConfig
) -> None:
    """Raise TrainingError unless the checkpoint was made from this dataset with this configuration."""
    if checkpoint.record.get("dataset_hash") != dataset.content_hash:
        raise TrainingError(
            f"The dataset {dataset.path} is not as it was when the run in {folder.path} began.",
            "Restore it, or train anew.",
        )
    before, now = checkpoint.record.get("config", {}), dataclasses.asdict(config)
    changed = [name for name in now if name not in _MAY_CHANGE and before.get(name) != now[name]]
    if changed:
        name = changed[0]
        raise TrainingError(
            f"The checkpoint in {folder.path} does not fit its {CONFIG}: "
            f"{name} was {before.get(name)!r}, now it is {now[name]!r}.",
            f"Undo the change in {CONFIG}, or train anew.",
        )


class Run:
    """One run. `begin` or `restore` comes first and gives it its folder."""

    folder: RunFolder

    def __init__(self, dataset: Dataset, config: TrainingConfig) -> None:
        self.device = choose_device(config.device)
        self.sample_rate = dataset.sample_rate
        self._names = [knob.name for knob in dataset.knobs]
        self.training = load_material(dataset, "train")
        self.validation = load_material(dataset, "validation") or self.training
        if not self.training:
            raise TrainingError("The dataset has no capture to train on.", "Import or record at least one.")
        used = {item.id for item in (*self.training, *self.validation)}
        self.left_out = [capture.id for capture in dataset.captures() if capture.id not in used]
        self.config = fit_to_clips(config, self.training)
        self.schedule = Schedule(config.learning_rate, config.final_rate, config.minutes, config.epochs)
        self.watch = Stopwatch()
        self.learner = self._new_learner(config.seed)
        self.best_esr = math.inf
        self._dataset_hash = dataset.content_hash
        self._frames = sum(item.frames for item in self.training)
        self._health = Health()
        self._good: Checkpoint | None = None
        self._rounds = 0
        self._divergences = 0
        self._has_stalled = False
        self._validated = (0.0, 0)
        self._saved = 0.0

    def _new_learner(self, seed: int) -> Learner:
        return Learner(self.training, self.config, seed, self.device, self._names)

    def begin(self, folder: RunFolder) -> None:
        """Begin a new run in `folder`."""
        self.folder = folder

    # --- how far it is --------------------------------------------------------------------------------

    @property
    def epochs(self) -> float:
        """How often the recordings were presented."""
        return self._rounds * self.learner.sampler.frames_per_round / self._frames

    @property
    def epoch(self) -> int:
        """Whole epochs."""
        return int(self.epochs)

    @property
    def fraction(self) -> float:
        """How much of the schedule is done, 0..1."""
        return self.schedule.fraction(self.watch.seconds, self.epochs)

    @property
    def is_time_to_validate(self) -> bool:
        """Whether a validation is due: by time, or at the end of an epoch."""
        seconds, epoch = self._validated
        if self.schedule.minutes is None:
            return self.epoch > epoch
        return self.watch.seconds - seconds >= min(self.config.validate_every, 5 * self.schedule.minutes)

    @property
    def is_time_to_save(self) -> bool:
        """Whether a checkpoint is due between two validations."""
        return self.watch.seconds - self._saved >= self.config.validate_every

    # --- going on -------------------------------------------------------------------------------------

    def round(self) -> list[float] | None:
        """One round; returns the ESR of its updates, or None when the run diverges."""
        self.learner.fraction = self.fraction
        self.learner.rate = self.schedule.rate(self.learner.fraction) * 0.5**self._divergences
        esr = self.learner.round()
        if self._health.diverged(esr):
            return None
        self._rounds += 1
        return esr

    def validated(self, *, last: bool = False) -> Iterator[Event]:
        """Measure, keep the model if it is the best, tell, and write a checkpoint.

        A run that has gone wrong goes back or begins anew instead, unless this is the `last` time.
        """
        score = validate(self.learner.average.model, self.validation, self.config.sequences)
        self.watch.tick()
        self._validated = (self.watch.seconds, self.epoch)
        is_best = score.esr < self.best_esr
        if is_best:
            self.best_esr = score.esr
            self.folder.keep(self.learner.average.model, self.config.architecture)
        yield self._told(score, is_best)
        if not math.isfinite(score.esr):
            if not last:
                yield self.go_back()
        elif not last and self._stalls(score):
            yield self._begin_anew()
        else:
            self.save(good=score.esr <= GOOD_WITHIN * self.best_esr)

    def _told(self, score: Score, is_best: bool) -> Validated:
        ids = [item.id for item in self.validation]
        return Validated(
            self.watch.seconds, self.epoch, self.learner.updates, score.esr, score.median, score.worst,
            is_best, dict(zip(ids, score.captures, strict=True)), dict(self.learner.captures),
        )  # fmt: skip

    # --- when something goes wrong --------------------------------------------------------------------

    def go_back(self) -> Restarted:
        """Go back to the last good checkpoint after a divergence: smaller steps, other stretches.

        Raises
        ------
        TrainingError
            When that happened too often.
        """
        self._divergences += 1
        if self._divergences > MOST_RESTARTS:
            raise TrainingError(
                "Training diverged again and again.",
                "Lower the learning rate, or look for captures that do not belong together.",
            )
        self._replace_learner()
        if self._good is not None:
            self.learner.restore_model(self._good)
        return self._restarted("diverged")

    def _stalls(self, score: Score) -> bool:
        captures = (*score.captures, *self.learner.captures.values())
        return (
            not self._has_stalled
            and self.best_esr > self.config.stall_esr
            and has_stalled(self.fraction, self.learner.updates, captures, self.config.stall_esr)
        )

    def _begin_anew(self) -> Restarted:
        self._has_stalled = True
        self._good = None
        self._replace_learner()
        self.save()
        return self._restarted("stalled")

    def _replace_learner(self) -> None:
        updates = self.learner.updates
        self.learner = self._new_learner(self.learner.seed + _SEED_STEP)
        self.learner.updates = updates
        self._health = Health()

    def _restarted(self, reason: str) -> Restarted:
        rate = self.schedule.peak * 0.5**self._divergences
        attempt = self._divergences + self._has_stalled
        return Restarted(self.watch.seconds, self.learner.updates, reason, attempt, rate, self.learner.seed)

    # --- checkpoints ----------------------------------------------------------------------------------

    def save(self, *, good: bool = False) -> None:
        """Write a checkpoint, unless the run is just going wrong; `good` makes it one to go back to."""
        if self._health.doubtful:
            return
        checkpoint = Checkpoint(self.learner.tensors(), self._record())
        save(checkpoint, self.folder.checkpoint)
        self._saved = self.watch.seconds
        if good:
            self._good = checkpoint

    def _record(self) -> dict[str, Any]:
        return {
            "config": dataclasses.asdict(self.config),
            "dataset_hash": self._dataset_hash,
            "learner": self.learner.record(),
            "schedule": self.schedule.to_record(),
            "seconds": self.watch.seconds,
            "rounds": self._rounds,
            "best_esr": self.best_esr,
            "divergences": self._divergences,
            "has_stalled": self._has_stalled,
            "validated": list(self._validated),
            "events_size": self.folder.events_size,
        }

    def restore(self, checkpoint: Checkpoint, folder: RunFolder) -> None:
        """Go on in `folder` where `checkpoint` was written. Raises TrainingError when they do not fit."""
        self.folder = folder
        record = checkpoint.record
        try:
            self.learner.restore(checkpoint)
            self.schedule = Schedule(**record["schedule"])
            self.watch = Stopwatch(float(record["seconds"]))
            self.best_esr = float(record["best_esr"])
            self._rounds = int(record["rounds"])
            self._divergences = int(record["divergences"])
            self._has_stalled = bool(record["has_stalled"])
            self._validated = (float(record["validated"][0]), int(record["validated"][1]))
            size = int(record["events_size"])
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
            raise TrainingError(
                f"The checkpoint in {folder.path} does not fit this version's model.",
                "Train anew.",
                str(error),
            ) from error
        self._good = checkpoint
        self._saved = self.watch.seconds
        folder.cut_events(size)
