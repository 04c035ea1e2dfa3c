"""Write a dataset as WAV pairs that other trainers can read.

    .venv/bin/python tools/rivals/export_pairs.py DATASET FOLDER

FOLDER receives, per clip, the clean signal and the device's recording as 32-bit float WAV, latency and
inversion undone as our own trainer sees them, and `pairs.json`, which `common.read_pairs` reads.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from vastudio.audio import io
from vastudio.dataset.store import Dataset
from vastudio.types import knob_vector


def export(dataset: Dataset, folder: Path) -> int:
    """Write all usable clips of both splits; return how many pairs there are."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = []
    for capture in dataset.captures():
        for index, clip in enumerate(capture.clips):
            names = {part: f"{capture.id}_{index}_{part}.wav" for part in ("clean", "target")}
            for name, audio in zip(names.values(), dataset.read_clip(clip), strict=True):
                io.write(folder / name, audio, dataset.sample_rate)
            knobs = [float(value) for value in knob_vector(dataset.knobs, capture.knobs)]
            pairs.append({"capture": capture.id, "split": capture.split, "knobs": knobs, **names})
    listing = {
        "sample_rate": dataset.sample_rate,
        "knobs": [knob.name for knob in dataset.knobs],
        "pairs": pairs,
    }
    (folder / "pairs.json").write_text(json.dumps(listing, indent=1))
    return len(pairs)


def main() -> None:
    """Export the dataset named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    count = export(Dataset.open(arguments.dataset), arguments.folder)
    print(f"{count} pairs in {arguments.folder}")  # noqa: T201


if __name__ == "__main__":
    main()
