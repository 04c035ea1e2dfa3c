"""wavenet-feather: half the width of the standard WaveNet."""

from __future__ import annotations

from vastudio.nets.catalogue._wavenet import published

ARCHITECTURE = published(
    "wavenet-feather",
    "A1 feather",
    "WaveNet feather",
    "A quarter of the work of WaveNet.",
)
