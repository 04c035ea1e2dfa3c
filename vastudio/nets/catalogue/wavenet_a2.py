"""wavenet-a2: the Neural Amp Modeler's second architecture, turned by knobs."""

from __future__ import annotations

from vastudio.nets.catalogue._wavenet import published

ARCHITECTURE = published(
    "wavenet-a2",
    "A2 full",
    "WaveNet A2",
    "The Neural Amp Modeler's second architecture: narrower, deeper, without tanh.",
)
