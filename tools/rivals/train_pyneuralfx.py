"""Train pyneuralfx's StaticHyper-GRU on exported pairs with its published recipe, and measure it.

    python tools/rivals/train_pyneuralfx.py speed PAIRS [--threads 2] [--seconds 60]
    python tools/rivals/train_pyneuralfx.py train PAIRS RUN --updates N [--every 10] [--threads 1]
    python tools/rivals/train_pyneuralfx.py evaluate PAIRS RUN --updates N

For an environment of its own (`pip install pyneuralfx torch`). The package holds models and losses; the loop
and the settings come with its source repository only (`frame_work/`, `configs/rnn/gru/statichyper_gru.yml`),
so this is the plainest loop that follows them: GRU of 32 units, hypernetwork of 2 blocks of width 8, windows
of 2048 samples in batches of 80, each from a zero state, knobs in −1..1, L1 + 0.1 × multi-resolution STFT
after pre-emphasis, Adam 1e-3, gradient norm 3. Its plateau scheduler and early stop look at the validation
loss every 1,500 updates, beyond the budgets measured here.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from common import Audio, Pair, error_to_signal, least_update_time, print_json, read_pairs, summary
from pyneuralfx.loss_func.loss_func import HybridLoss  # type: ignore[import-not-found]
from pyneuralfx.models.rnn.gru import StaticHyperGRU  # type: ignore[import-not-found]
from torch import Tensor

HIDDEN = 32
BLOCKS = 2
BLOCK_WIDTH = 8
WINDOW = 2048
BATCH = 80
LEARNING_RATE = 1e-3
GRADIENT_NORM = 3.0
RATE = 48_000
PLAYED_AT_ONCE = 4096


def model_for(knobs: int) -> torch.nn.Module:
    """Their model for that many knobs, at the sizes of their configuration."""
    model: torch.nn.Module = StaticHyperGRU(
        inp_channel=1,
        out_channel=1,
        rnn_size=HIDDEN,
        sample_rate=RATE,
        n_mlp_blocks=BLOCKS,
        mlp_size=BLOCK_WIDTH,
        num_conds=knobs,
        layer_norm=False,
        rnn_bias=True,
    )
    return model


class Trainer:
    """Model, loss and optimiser; batches of windows in random order, endlessly."""

    def __init__(self, pairs: list[Pair], seed: int) -> None:
        torch.manual_seed(seed)
        self.model = model_for(len(pairs[0].knobs))
        self._loss = HybridLoss(pre_emp=True)
        learned = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self._optimizer = torch.optim.Adam(learned, LEARNING_RATE)
        self._pairs = pairs
        self._windows = [
            (index, start)
            for index, pair in enumerate(pairs)
            for start in range(0, len(pair.clean) - WINDOW + 1, WINDOW)
        ]
        self._batches = self._endless(np.random.default_rng(seed))

    @property
    def updates_per_epoch(self) -> int:
        """How many batches hold every window once."""
        return -(-len(self._windows) // BATCH)

    def update(self) -> float:
        """One step on the next batch; return its loss."""
        x, y, knobs = next(self._batches)
        made, _, _ = self.model(x, knobs, torch.zeros(1, len(x), HIDDEN))
        loss = self._loss(made, y)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_NORM)
        self._optimizer.step()
        return float(loss.item())

    def _endless(self, random: np.random.Generator) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        while True:
            order = iter(random.permutation(len(self._windows)).tolist())
            while chosen := [self._windows[place] for place in islice(order, BATCH)]:
                yield self._batch(chosen)

    def _batch(self, chosen: list[tuple[int, int]]) -> tuple[Tensor, Tensor, Tensor]:
        """Clean and target (B, 1, T), knobs (B, K) in −1..1."""
        clean = np.stack([self._pairs[index].clean[start : start + WINDOW] for index, start in chosen])
        target = np.stack([self._pairs[index].target[start : start + WINDOW] for index, start in chosen])
        knobs = torch.tensor([self._pairs[index].knobs for index, _ in chosen]) * 2 - 1
        return torch.from_numpy(clean)[:, None], torch.from_numpy(target)[:, None], knobs


def play(model: torch.nn.Module, pairs: list[Pair]) -> list[Audio]:
    """What the model plays for clips of one length, from a zero state that is carried to the end."""
    clean = torch.from_numpy(np.stack([pair.clean for pair in pairs]))[:, None]
    knobs = torch.tensor([pair.knobs for pair in pairs]) * 2 - 1
    state, parts = torch.zeros(1, len(pairs), HIDDEN), []
    with torch.inference_mode():
        for start in range(0, clean.shape[-1], PLAYED_AT_ONCE):
            made, state, _ = model(clean[..., start : start + PLAYED_AT_ONCE], knobs, state)
            state = state.transpose(0, 1)  # comes back as (B, 1, H)
            parts.append(made)
    return list(torch.cat(parts, dim=-1)[:, 0].numpy())


def speed(pairs: list[Pair], seconds: float) -> None:
    """Measure the time of an update."""
    trainer = Trainer(pairs, seed=0)
    took = least_update_time(lambda: print_json(loss=trainer.update()), seconds)
    print_json(
        threads=torch.get_num_threads(),
        seconds_per_update=asdict(took),
        audio_seconds_per_second=BATCH * WINDOW / RATE / took.clock,
        updates_per_epoch=trainer.updates_per_epoch,
    )


def train(pairs: list[Pair], run: Path, updates: int, every: int, seed: int) -> None:
    """Train, and keep the weights after every so many updates."""
    run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(pairs, seed)
    losses = []
    for done in range(1, updates + 1):
        losses.append(trainer.update())
        if done % every == 0 or done == updates:
            torch.save(trainer.model.state_dict(), weights_path(run, done))
            print_json(
                updates=done, loss=float(np.mean(losses[-every:])), processor_seconds=time.process_time()
            )


def evaluate(pairs: list[Pair], run: Path, updates: int) -> None:
    """ESR per capture of the weights after that many updates."""
    model = model_for(len(pairs[0].knobs))
    model.load_state_dict(torch.load(weights_path(run, updates)))
    clips: dict[str, list[tuple[Audio, Audio]]] = {}
    for pair, made in zip(pairs, play(model, pairs), strict=True):
        clips.setdefault(pair.capture, []).append((pair.target, made))
    errors = {capture: error_to_signal(parts) for capture, parts in clips.items()}
    print_json(trainer="pyneuralfx StaticHyper-GRU 32", updates=updates, **summary(errors))


def weights_path(run: Path, updates: int) -> Path:
    """Where the weights after that many updates lie."""
    return run / f"weights_{updates:06d}.pt"


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("speed", "train", "evaluate"))
    parser.add_argument("pairs", type=Path)
    parser.add_argument("run", type=Path, nargs="?", default=Path("pyneuralfx-run"))
    parser.add_argument("--updates", type=int, default=100)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", message=".*return_complex.*")
    torch.set_num_threads(arguments.threads)
    if arguments.what == "evaluate":
        evaluate(read_pairs(arguments.pairs, arguments.split), arguments.run, arguments.updates)
        return
    pairs = read_pairs(arguments.pairs, "train")
    if arguments.what == "speed":
        speed(pairs, arguments.seconds)
    else:
        train(pairs, arguments.run, arguments.updates, arguments.every, arguments.seed)


if __name__ == "__main__":
    main()
