"""The activation functions of WaveNets as vector code.

Each function expects its argument times `argument_scale`: the factor is packed into the weights before it,
which saves a multiplication per number.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils

from vastudio.kernels.emit import LOG2_E, Emitter, Value
from vastudio.kernels.jit import LANES
from vastudio.kernels.wavenet_shape import Activation, LeakyRelu

_LIMIT = 100
"""2^u stays within 2^±100: neither infinite nor denormal."""

_EXP2 = {
    8: (0.6931472, 0.24025764, 0.055511475),
    16: (0.6931472, 0.24023429, 0.05550595),
}
"""2^f − 1 without its constant term, lowest power first, on ±1/(2·lanes): least error."""

_PERMUTE = {
    8: ("avx2", "llvm.x86.avx2.permps"),
    16: ("avx512f", "llvm.x86.avx512.permvar.sf.512"),
}
"""What picks any lanes of a vector, by number of lanes: a feature of the processor and its instruction."""


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
    below = _one_plus_exp2(emit, u) if _can_permute(emit.lanes) else emit.one_plus_exp2(u)
    return emit.fma(emit.splat(-2.0), emit.div(emit.splat(1.0), below), emit.splat(1.0))


def _can_permute(lanes: int) -> bool:
    """Whether the code will run on a processor that picks any of so many lanes."""
    features = numba.core.config.CPU_FEATURES  # None: those of this processor, which LANES goes by
    feature, _ = _PERMUTE.get(lanes, ("", ""))
    return bool(feature) and lanes <= LANES and (features is None or f"+{feature}" in features.split(","))


def _one_plus_exp2(emit: Emitter, u: Value) -> Value:
    """1 + 2^u by a table in one register: fewer multiplications than `Emitter.one_plus_exp2`.

    u is split into n + j/lanes + f, f in ±1/(2·lanes), by adding and subtracting a number so large that only
    steps of 1/lanes remain. The lowest bits of that sum are j, the ones above n: 2^(j/lanes) comes from the
    table, n is added to its exponent.
    """
    builder, lanes = emit.builder, emit.lanes
    bits = lanes.bit_length() - 1
    shift = np.float32(1.5 * 2 ** (23 - bits))
    middle = int(shift.view(np.int32))
    shifted = emit.add(u, emit.splat(float(shift)))
    f = emit.sub(u, emit.sub(shifted, emit.splat(float(shift))))
    steps = _between(emit, builder.bitcast(shifted, emit.integers), middle, _LIMIT * lanes)
    exponent = builder.shl(steps, emit.integer(23 - bits))
    table = ir.Constant(emit.integers, [_entry(j, lanes, middle) for j in range(lanes)])
    chosen = builder.bitcast(_permute(emit, builder.bitcast(table, emit.vector), steps), emit.integers)
    power = builder.bitcast(builder.add(chosen, exponent), emit.vector)
    c = [emit.splat(coefficient) for coefficient in _EXP2[lanes]]
    rest = emit.mul(emit.fma(emit.fma(c[2], f, c[1]), f, c[0]), f)
    return emit.fma(power, rest, emit.add(power, emit.splat(1.0)))


def _entry(j: int, lanes: int, middle: int) -> int:
    """The bits of 2^(j/lanes), less what the shifted sum adds to them beyond n."""
    shift = 23 - (lanes.bit_length() - 1)
    bits = int(np.float32(2.0 ** (j / lanes)).view(np.int32)) - ((middle + j) << shift)
    return (bits + 2**31) % 2**32 - 2**31


def _between(emit: Emitter, values: Value, middle: int, reach: int) -> Value:
    """Hold integers to middle ± reach."""
    builder, low, high = emit.builder, emit.integer(middle - reach), emit.integer(middle + reach)
    values = builder.select(builder.icmp_signed("<", values, high), values, high)
    return builder.select(builder.icmp_signed(">", values, low), values, low)


def _permute(emit: Emitter, table: Value, lanes: Value) -> Value:
    """table[lanes modulo the length of the table]."""
    kind = ir.FunctionType(emit.vector, [emit.vector, emit.integers])
    _, instruction = _PERMUTE[emit.lanes]
    function = cgutils.get_or_insert_function(emit.builder.module, kind, instruction)
    return emit.builder.call(function, [table, lanes])
