"""Train neural-amp-modeler's own networks on one knob position at a time, with its recipe, and measure them.

    python tools/rivals/train_nam.py speed PAIRS --network a1 [--threads 2] [--seconds 60]
    python tools/rivals/train_nam.py train PAIRS RUN --network a1 --updates N [--threads 1]

For an environment of its own (`pip install neural-amp-modeler torch`). Its models have no knobs, so it is
given what ours never sees: the recordings of the held-out positions themselves. Of the clips of a position,
end to end, the first 80 % are to learn from and the last 20 % are measured (and, as in its trainer, choose
the best epoch). Each position is trained by `nam.train.full.main` and measured from the .nam file it wrote.

a1: the standard WaveNet with the settings of its trainer up to 0.12 (MSE + 2e-4 × multi-resolution STFT
after pre-emphasis 0.85, Adam 4e-3 × 0.993 per epoch). a2: what the trainer does since 0.13, a WaveNet of 3
and one of 8 channels trained at once. Both: batches of 16, 8192 samples each, targets at −18 dBFS.
"""

from __future__ import annotations

import argparse
import json
import logging
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import Pair, error_to_signal, least_update_time, print_json, read_pairs, summary
from nam.data import (  # type: ignore[import-not-found]
    Split,
    apply_joint_dataset_hooks,
    get_joint_dataset_hooks,
    init_dataset,
)
from nam.models._from_nam import init_from_nam  # type: ignore[import-not-found]
from nam.train import full, lightning_module  # type: ignore[import-not-found]

BATCH = 16
SAMPLES = 8192
LEARN_FROM = 0.8
LEVEL_DBFS = -18.0
RATE = 48_000


def a1_config() -> dict[str, Any]:
    """The standard WaveNet and its settings."""
    arrays = [
        {
            "input_size": size,
            "channels": channels,
            "head": {"out_channels": head, "kernel_size": 1, "bias": bias},
        }
        for size, channels, head, bias in ((1, 16, 8, False), (16, 8, 1, True))
    ]
    common = {
        "condition_size": 1,
        "kernel_size": 3,
        "dilations": [2**power for power in range(10)],
        "activation": "Tanh",
        "gated": False,
    }
    return {
        "net": {
            "name": "WaveNet",
            "config": {"layers_configs": [array | common for array in arrays], "head_scale": 0.02},
        },
        "loss": {"val_loss": "esr", "pre_emph_mrstft_weight": 2e-4, "pre_emph_mrstft_coef": 0.85},
        "optimizer": {"lr": 0.004},
        "lr_scheduler": {"class": "ExponentialLR", "kwargs": {"gamma": 0.993}},
    }


def a2_config() -> dict[str, Any]:
    """What the installed trainer uses, read from it."""
    text = resources.files("nam.train._resources").joinpath("config_model_packed.json").read_text()
    config: dict[str, Any] = json.loads(text)
    return config


NETWORKS: dict[str, Callable[[], dict[str, Any]]] = {"a1": a1_config, "a2": a2_config}


def split_point(clips: list[Pair]) -> int:
    """First sample of the last clip that is not learned from: 80 % of all of them lie before it."""
    total = sum(len(clip.clean) for clip in clips)
    return round(LEARN_FROM * total) - (total - len(clips[-1].clean))


def data_config(clips: list[Pair]) -> dict[str, Any]:
    """Their description of the data: all clips but the end of the last one, and that end."""

    def piece(clip: Pair, **limits: int) -> dict[str, Any]:
        return {
            "x_path": str(clip.clean_path),
            "y_path": str(clip.target_path),
            "require_input_pre_silence": None,
            **limits,
        }

    split = split_point(clips)
    learned = [piece(clip) for clip in clips[:-1]] + [piece(clips[-1], stop_samples=split)]
    return {
        "train": [{"ny": SAMPLES, **part} for part in learned],
        "validation": {"ny": None, **piece(clips[-1], start_samples=split)},
        "common": {"delay": 0},
        "joint": [
            {"name": "nam.data.normalize_joint_dataset_output", "kwargs": {"level_rms_dbfs": LEVEL_DBFS}}
        ],
    }


def learning_config(epochs: int) -> dict[str, Any]:
    """Their description of the run, on the processor and without the progress bar."""
    return {
        "train_dataloader": {"batch_size": BATCH, "shuffle": True, "drop_last": True, "num_workers": 0},
        "val_dataloader": {},
        "trainer": {
            "max_epochs": epochs,
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "logger": False,
        },
    }


def updates_per_epoch(clips: list[Pair], receptive_field: int) -> int:
    """Full batches that the clips of one position give."""
    lengths = [len(clip.clean) for clip in clips[:-1]] + [split_point(clips)]
    return sum((length - receptive_field + 1) // SAMPLES for length in lengths) // BATCH


def lightning_for(config: dict[str, Any]) -> Any:
    """Their network together with its losses and optimiser."""
    packed = config["net"]["name"] == "PackedWaveNet"
    kind = lightning_module.PackedLightningModule if packed else lightning_module.LightningModule
    return kind.init_from_config(config)


def speed(clips: list[Pair], network: str, seconds: float) -> None:
    """Measure the time of an update: forward, losses, backward, optimiser."""
    module = lightning_for(NETWORKS[network]())
    data = data_config(clips)
    data["common"]["nx"] = module.net.receptive_field
    learned, held = init_dataset(data, Split.TRAIN), init_dataset(data, Split.VALIDATION)
    apply_joint_dataset_hooks(
        dataset_train=learned, dataset_validation=held, hooks=get_joint_dataset_hooks(data["joint"])
    )
    optimizer = module.configure_optimizers()["optimizer"]
    batch = [torch.stack(parts) for parts in zip(*(learned[i] for i in range(BATCH)), strict=True)]

    def update() -> None:
        optimizer.zero_grad()
        module.training_step(batch, 0).backward()
        optimizer.step()
        if network == "a2":
            module.net.apply_mask()

    took = least_update_time(update, seconds)
    print_json(
        threads=torch.get_num_threads(),
        network=network,
        parameters=sum(weights.numel() for weights in module.net.parameters()),
        seconds_per_update=asdict(took),
        audio_seconds_per_second=BATCH * SAMPLES / RATE / took.clock,
        updates_per_epoch=updates_per_epoch(clips, module.net.receptive_field),
    )


def train(clips: list[Pair], run: Path, network: str, updates: int, seed: int) -> dict[str, float]:
    """Train one position, at least one epoch; return the ESR of the last 20 %, by submodel ("" for A1)."""
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    config = NETWORKS[network]()
    per_epoch = updates_per_epoch(clips, lightning_for(config).net.receptive_field)
    epochs = max(1, round(updates / per_epoch))
    torch.manual_seed(seed)
    full.main(data_config(clips), config, learning_config(epochs), run, no_show=True, make_plots=False)
    written = json.loads(next(run.glob("*.nam")).read_text())
    errors = {name: measure(model, clips[-1], split_point(clips)) for name, model in submodels(written)}
    print_json(capture=clips[0].capture, epochs=epochs, updates=epochs * per_epoch, esr=errors)
    return errors


def report_epochs() -> None:
    """Have their trainer print the ESR of the held-out part after every epoch."""

    def on_validation_end(module: Any) -> None:
        if not module.trainer.sanity_checking:
            found = {name: float(value) for name, value in module.trainer.callback_metrics.items()}
            print_json(updates=module.global_step, esr={k: v for k, v in found.items() if "ESR" in k})

    lightning_module.LightningModule.on_validation_end = on_validation_end


def submodels(written: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The networks in a .nam file; A2 holds several."""
    if written["architecture"] != "SlimmableContainer":
        return [("", written)]
    return [
        (str(inner["model"]["config"]["layers"][0]["channels"]), inner["model"])
        for inner in written["config"]["submodels"]
    ]


def measure(written: dict[str, Any], clip: Pair, start: int) -> float:
    """ESR from sample `start` of a clip on, the model playing the whole clip from silence."""
    model = init_from_nam(written)
    model.eval()
    with torch.inference_mode():
        made = model(torch.from_numpy(clip.clean), pad_start=True).numpy()
    return error_to_signal([(clip.target[start:], np.asarray(made, np.float32)[start:])])


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("speed", "train"))
    parser.add_argument("pairs", type=Path)
    parser.add_argument("run", type=Path, nargs="?", default=Path("nam-run"))
    parser.add_argument("--network", choices=sorted(NETWORKS), default="a1")
    parser.add_argument("--updates", type=int, default=100, help="for each position")
    parser.add_argument("--captures", nargs="*", help="only these positions")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    positions: dict[str, list[Pair]] = defaultdict(list)
    for pair in read_pairs(arguments.pairs, "validation"):
        positions[pair.capture].append(pair)
    if arguments.what == "speed":
        speed(next(iter(positions.values())), arguments.network, arguments.seconds)
        return
    report_epochs()
    errors: dict[str, dict[str, float]] = defaultdict(dict)
    for capture, clips in positions.items():
        if arguments.captures and capture not in arguments.captures:
            continue
        run = arguments.run / capture
        for name, error in train(clips, run, arguments.network, arguments.updates, arguments.seed).items():
            errors[name][capture] = error
    for name, found in errors.items():
        print_json(trainer=f"NAM {arguments.network} {name}".rstrip(), **summary(found))


if __name__ == "__main__":
    main()
