"""onnxruntime as a rival, in the fastest form that we know: one thread, fixed shapes, bound memory.

A recurrent cell is one GRU or LSTM operator with the state as an input and an output; a WaveNet is a graph
of Conv operators whose histories are inputs and outputs. The states lie in two sets of memory that change
places after every block, so that nothing is copied or allocated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from vastudio.app.bench.networks import Convolution, Floats, Stack
from vastudio.app.bench.timing import Play
from vastudio.kernels.cells import CellWeights
from vastudio.types import Audio

LEAK = 0.01

_OPSET = 17
_FORMAT = 8  # versions that every onnxruntime of the last years reads
_X, _Y = "x", "y"


@dataclass
class _Graph:
    """A graph under construction: operators, constants, and the shapes of the states it carries."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    states: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add an operator and return the name of its first output."""
        names = list(outputs) or [f"t{len(self.nodes)}"]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0]

    def state(self, *shape: int) -> tuple[str, str]:
        """A state that starts at zero: its names as an input and as an output."""
        name = f"s{len(self.states)}"
        self.states[name] = shape
        return name, f"{name}_next"


def recurrent(cell: CellWeights, block: int) -> Play:
    """A GRU or LSTM with an output row and a direct path."""
    graph, hidden = _Graph(), cell.hidden
    weights = [graph.constant(values) for values in _cell_constants(cell)]
    states = [graph.state(1, 1, hidden) for _ in range(1 if cell.kind == "gru" else 2)]
    graph.add(
        cell.kind.upper(), _X, *weights, "", *(before for before, _ in states),
        outputs=["sequence", *(after for _, after in states)], hidden_size=hidden,
        **({"linear_before_reset": 1} if cell.kind == "gru" else {}),
    )  # fmt: skip
    rows = graph.add("Reshape", "sequence", graph.constant(np.array([block, hidden], np.int64)))
    total = graph.add("MatMul", rows, graph.constant(cell.w_out[:, None]))
    flat = graph.add("Reshape", _X, graph.constant(np.array([block, 1], np.int64)))
    direct = graph.add("Mul", flat, graph.constant(np.float32(cell.skip)))
    graph.add("Add", total, direct, outputs=[_Y])
    return _streaming(graph, (block, 1, 1), (block, 1))


def _cell_constants(cell: CellWeights) -> list[Floats]:
    """W, R and B in the operator's order of gates: z r h and i o f c."""
    order = (1, 0, 2) if cell.kind == "gru" else (0, 3, 1, 2)
    zero = np.zeros(cell.hidden, np.float32)
    bias = np.split(cell.bias, 4)
    if cell.kind == "gru":
        sides = [bias[1], bias[0], bias[2], zero, zero, bias[3]]
    else:
        sides = [*(bias[gate] for gate in order), zero, zero, zero, zero]

    def sorted_gates(values: Floats) -> Floats:
        gates = np.split(values, len(order))
        return np.concatenate([gates[gate] for gate in order])[None]

    return [sorted_gates(cell.w_ih[:, None]), sorted_gates(cell.w_hh), np.concatenate(sides)[None]]


def wavenet(stacks: Sequence[Stack], scale: float, block: int) -> Play:
    """A WaveNet as a graph of convolutions."""
    graph = _Graph()
    mixed = iter(_mixins(graph, stacks))
    y, head = _X, ""
    for stack in stacks:
        y = graph.add("Conv", y, graph.constant(stack.rechannel[:, :, None]))
        parts = [head] if head else []
        for layer in stack.layers:
            z = graph.add("Add", _convolve(graph, layer.conv, y, block), next(mixed))
            z = graph.add("Tanh", z) if layer.activation == "tanh" else graph.add("LeakyRelu", z, alpha=LEAK)
            parts.append(z)
            y = graph.add("Add", y, _convolve(graph, layer.mix, z, block))
        head = _convolve(graph, stack.head, graph.add("Sum", *parts), block)
    graph.add("Mul", head, graph.constant(np.float32(scale)), outputs=[_Y])
    return _streaming(graph, (1, 1, block), (1, 1, block))


def _mixins(graph: _Graph, stacks: Sequence[Stack]) -> list[str]:
    """What every layer gains from the input, in the order of the layers: one convolution for all of them."""
    weights = [layer.mixin for stack in stacks for layer in stack.layers]
    together = graph.add("Conv", _X, graph.constant(np.concatenate(weights)[:, :, None]))
    names = [f"mixed{index}" for index in range(len(weights))]
    sizes = graph.constant(np.array([weight.shape[0] for weight in weights], np.int64))
    graph.add("Split", together, sizes, outputs=names, axis=1)
    return names


def _convolve(graph: _Graph, convolution: Convolution, x: str, block: int) -> str:
    """A convolution over history and block; keeps what the next block has to look at."""
    history = convolution.history
    if history:
        before, after = graph.state(1, convolution.weight.shape[1], history)
        x = graph.add("Concat", before, x, axis=2)
        ends = [graph.constant(np.array([end], np.int64)) for end in (block, block + history, 2)]
        graph.add("Slice", x, *ends, outputs=[after])
    weights = graph.constant(convolution.weight), graph.constant(convolution.bias)
    return graph.add("Conv", x, *weights, dilations=[convolution.dilation])


def filter_of(taps: Audio, block: int) -> Play:
    """A convolution with an impulse response (taps,)."""
    graph = _Graph()
    weight = np.ascontiguousarray(taps[::-1], np.float32)[None, None]
    total = _convolve(graph, Convolution(weight, np.zeros(1, np.float32)), _X, block)
    graph.add("Identity", total, outputs=[_Y])
    return _streaming(graph, (1, 1, block), (1, 1, block))


def _streaming(graph: _Graph, source: tuple[int, ...], sink: tuple[int, ...]) -> Play:
    """Make a session of a graph and call it once a block."""
    session = onnxruntime.InferenceSession(_model(graph, source, sink), _options(), ["CPUExecutionProvider"])
    x, y = np.zeros(source, np.float32), np.zeros(sink, np.float32)
    bindings = _bindings(session, graph, x, y)
    x_flat, y_flat = x.reshape(-1), y.reshape(-1)
    present = 0

    def play(audio: Audio) -> Audio:
        nonlocal present
        out = np.empty_like(audio)
        for begin in range(0, audio.size, x_flat.size):
            x_flat[:] = audio[begin : begin + x_flat.size]
            session.run_with_iobinding(bindings[present])
            out[begin : begin + x_flat.size] = y_flat
            present = 1 - present
        return out

    return play


def _options() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return options


def _model(graph: _Graph, source: tuple[int, ...], sink: tuple[int, ...]) -> bytes:
    def value(name: str, shape: tuple[int, ...]) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    inputs = [value(_X, source), *(value(name, shape) for name, shape in graph.states.items())]
    outputs = [value(_Y, sink), *(value(f"{name}_next", shape) for name, shape in graph.states.items())]
    made = helper.make_graph(graph.nodes, "engine", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_FORMAT)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _bindings(session: Any, graph: _Graph, x: Floats, y: Floats) -> list[Any]:
    """Two bindings: from the first set of states to the second, and back."""
    sets = [{name: np.zeros(shape, np.float32) for name, shape in graph.states.items()} for _ in range(2)]
    bindings = []
    for before, after in (sets, sets[::-1]):
        binding = session.io_binding()
        for name, array in {_X: x, **before}.items():
            binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(array))
        for name, array in {_Y: y, **{f"{name}_next": array for name, array in after.items()}}.items():
            binding.bind_ortvalue_output(name, onnxruntime.OrtValue.ortvalue_from_numpy(array))
        bindings.append(binding)
    return bindings
