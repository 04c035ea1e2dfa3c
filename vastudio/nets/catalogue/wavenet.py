"""wavenet: the Neural Amp Modeler's first standard size, turned by knobs."""

from __future__ import annotations

from vastudio.nets.catalogue._wavenet import published

ARCHITECTURE = published(
    "wavenet",
    "A1 standard",
    "WaveNet",
    "Convolutions over a tenth of a second, as the Neural Amp Modeler has them. Slow to train.",
)
