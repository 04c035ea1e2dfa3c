"""wavenet-nano: a quarter of the width of the standard WaveNet."""

from __future__ import annotations

from vastudio.nets.catalogue._wavenet import published

ARCHITECTURE = published(
    "wavenet-nano",
    "A1 nano",
    "WaveNet nano",
    "A fifteenth of the work of WaveNet. The lightest, and soon trained.",
    learning_rate=8e-3,
)
