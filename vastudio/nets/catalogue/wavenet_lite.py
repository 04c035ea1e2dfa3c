"""wavenet-lite: three quarters of the width of the standard WaveNet."""

from __future__ import annotations

from vastudio.nets.catalogue._wavenet import published

ARCHITECTURE = published(
    "wavenet-lite",
    "A1 lite",
    "WaveNet lite",
    "Half the work of WaveNet.",
)
