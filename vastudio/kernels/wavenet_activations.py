"""The activation functions of WaveNets as vector code.

Each function expects its argument times `argument_scale`: the factor is packed into the weights before it,
which saves a multiplication per number.
"""

from __future__ import annotations

from vastudio.kernels.emit import LOG2_E, Emitter, Value
from vastudio.kernels.wavenet_shape import Activation, LeakyRelu


def argument_scale(activation: Activation) -> float:
    """What the argument of an activation has to be multiplied by."""
    return 1.0 if isinstance(activation, LeakyRelu) else 2.0 * LOG2_E


def activate(emit: Emitter, activation: Activation, u: Value) -> Value:
    """Return the activation of x, where u = argument_scale·x."""
    if isinstance(activation, LeakyRelu):
        return emit.max(u, emit.mul(u, emit.splat(activation.slope)))
    return _tanh(emit, u)


def _tanh(emit: Emitter, u: Value) -> Value:
    """tanh(x) = 1 − 2 / (1 + 2^u) for u = 2·log₂(e)·x; absolute error below 3e-7, exact at 0."""
    inverse = emit.div(emit.splat(1.0), emit.one_plus_exp2(u))
    return emit.fma(emit.splat(-2.0), inverse, emit.splat(1.0))
