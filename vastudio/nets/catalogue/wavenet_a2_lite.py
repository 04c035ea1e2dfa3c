"""wavenet-a2-lite: the small size of the Neural Amp Modeler's second architecture."""

from __future__ import annotations

from vastudio.nets.catalogue._wavenet import published

ARCHITECTURE = published(
    "wavenet-a2-lite",
    "A2 lite",
    "WaveNet A2 lite",
    "A sixth of the work of WaveNet A2.",
    learning_rate=8e-3,
)
