"""What the WaveNets of the Neural Amp Modeler's sizes have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vastudio.nets.architecture import Architecture, Blueprint

if TYPE_CHECKING:
    from vastudio.nets.model import KnobModel

RECIPE: dict[str, Any] = {
    "learning_rate": 4e-3,
    "groups": 8,
    "sequences": 10,
    "warm_up": 4096,
    "chunk": 1024,
    "chunks": 16,
}
"""What suits them all: long stretches, because what an output hears reaches back for a tenth of a second.

The narrowest learn at twice the rate: after 64 updates on a clipper, A1 nano has an ESR of 0.008 instead of
0.033, A2 lite one of 0.007 instead of 0.011.
"""


def published(name: str, size: str, title: str, summary: str, **recipe: Any) -> Architecture:
    """The architecture `name`: the size that `kernels.wavenet_shape.NAM_SIZES` calls `size`.

    `recipe`: settings of its own beside `RECIPE`.
    """

    def construct(blueprint: Blueprint) -> KnobModel:
        from vastudio.kernels.wavenet_shape import NAM_SIZES  # noqa: PLC0415 (see nets/architecture.py)
        from vastudio.nets.wavenet import WaveNetModel  # noqa: PLC0415
        from vastudio.nets.wavenet_conditioning import WaveNetConditioning  # noqa: PLC0415

        shape = NAM_SIZES[size]
        return WaveNetModel(shape, size, blueprint.knobs, WaveNetConditioning(shape, blueprint.knobs))

    return Architecture(name, title, summary, construct, options=(), recipe={**RECIPE, **recipe})
