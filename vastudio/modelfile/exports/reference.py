"""What model files of other programs say, in double precision, straight from the JSON: an independent reader.

Written from the formulas of the formats, not for speed, and sharing nothing with the readers and kernels of
the studio: what is written is proved by it, and so is what is read. Every response begins after a long
silence. Signals have the shape (channels, frames).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

Exact: TypeAlias = npt.NDArray[np.float64]
Json: TypeAlias = dict[str, Any]
Step: TypeAlias = Callable[[Exact, Exact], Exact]
"""From a state and what drives the gates to the next state."""

FILMS = (
    "conv_pre_film", "conv_post_film", "input_mixin_pre_film", "input_mixin_post_film",
    "activation_pre_film", "activation_post_film", "layer1x1_post_film", "head1x1_post_film",
)  # fmt: skip
SETTLING = 2_000
"""Samples of silence before a recurrent network is asked; from there it is taken to where it rests."""


def response(document: Json, sound: npt.NDArray[np.floating], knobs: Sequence[float] = ()) -> Exact:
    """The response (frames,) of a document of any of the formats to a sound (frames,).

    `knobs` are those of AIDA-X and GuitarML, 0..1. Raises KeyError and ValueError for what is none of them.
    """
    x = sound.astype(np.float64)
    if "architecture" in document:
        found = nam(document, x)
    else:
        found = (guitarml if "state_dict" in document else keras)(document, x, knobs)
    return np.asarray(found[0])


# --- functions ----------------------------------------------------------------------------------------------


def sigmoid(x: Exact) -> Exact:
    """σ(x)."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))


def _fast_tanh(x: Exact) -> Exact:
    ax, x2 = np.abs(x), x * x
    above = x * (2.45550750702956 + 2.45550750702956 * ax + (0.893229853513558 + 0.821226666969744 * ax) * x2)
    below = 2.44506634652299 + (2.44506634652299 + x2) * np.abs(x + 0.814642734961073 * x * ax)
    return np.asarray(above / below)


def _bent(x: Exact, low: float, high: float, below: float, above: float) -> Exact:
    return np.where(x < low, (x - low) * below + low, np.where(x > high, (x - high) * above + high, x))


def _activated(activation: str | Json, x: Exact) -> Exact:
    """An activation of a `.nam` file, of x (channels, frames)."""
    given: Json = {"type": activation} if isinstance(activation, str) else activation
    kind = given["type"]
    if kind == "PReLU":
        slopes = np.asarray(given.get("negative_slopes", given.get("negative_slope", 0.01)))
        return np.where(x > 0, x, slopes.reshape(-1, 1) * x)
    if kind == "LeakyHardtanh":
        return _bent(
            x, given.get("min_val", -1), given.get("max_val", 1),
            given.get("min_slope", 0.01), given.get("max_slope", 0.01),
        )  # fmt: skip
    slope = given.get("negative_slope", 0.01)
    functions: dict[str, Callable[[], Exact]] = {
        "Tanh": lambda: np.tanh(x),
        "Hardtanh": lambda: np.clip(x, -1, 1),
        "Fasttanh": lambda: _fast_tanh(x),
        "ReLU": lambda: np.maximum(x, 0),
        "LeakyReLU": lambda: np.where(x > 0, x, slope * x),
        "Sigmoid": lambda: sigmoid(x),
        "SiLU": lambda: x * sigmoid(x),
        "Hardswish": lambda: np.where(x <= -3, 0, np.where(x >= 3, x, x * (x + 3) / 6)),
        "Softsign": lambda: x / (1 + np.abs(x)),
    }
    return functions[kind]()


class _Numbers:
    """A list of weights that is used up; single precision, as every program reads them."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.left = np.asarray(weights, np.float32).astype(np.float64)

    def take(self, *shape: int) -> Exact:
        size = int(np.prod(shape))
        taken, self.left = self.left[:size], self.left[size:]
        return taken.reshape(shape)


class _Conv:
    """A causal convolution that has heard its first sample for ever."""

    def __init__(self, weight: Exact, bias: Exact | None, dilation: int = 1, groups: int = 1) -> None:
        self.weight, self.dilation, self.groups = weight, dilation, groups
        self.bias = np.zeros(len(weight)) if bias is None else bias

    @classmethod
    def taken(
        cls, w: _Numbers, out: int, inp: int, k: int = 1, d: int = 1, g: int = 1, *, bias: bool = True
    ) -> _Conv:
        weight = w.take(out, inp // g, k)
        return cls(weight, w.take(out) if bias else None, d, g)

    def __call__(self, x: Exact) -> Exact:
        taps, d = self.weight.shape[2], self.dilation
        padded = np.concatenate([np.repeat(x[:, :1], (taps - 1) * d, axis=1), x], axis=1)
        groups = zip(np.split(self.weight, self.groups), np.split(padded, self.groups), strict=True)
        sums = [
            sum(weight[:, :, tap] @ signal[:, tap * d : tap * d + x.shape[1]] for tap in range(taps))
            for weight, signal in groups
        ]
        return np.asarray(np.concatenate(sums) + self.bias[:, None])


# --- .nam ---------------------------------------------------------------------------------------------------


def nam(document: Json, x: Exact) -> Exact:
    """A `.nam` document's response (outputs, frames) to x (frames,); of containers, the one model."""
    numbers = _Numbers(document["weights"])
    kinds: dict[str, Callable[[Json, _Numbers, Exact], Exact]]
    kinds = {"WaveNet": _wavenet, "LSTM": _nam_lstm, "ConvNet": _conv_net, "Linear": _linear}
    y = kinds[document["architecture"]](document["config"], numbers, x)
    if numbers.left.size:
        raise ValueError(f"{numbers.left.size} weights are left over")
    return y


def _per_layer(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list) else value


def _wavenet(config: Json, w: _Numbers, x: Exact) -> Exact:
    condition = config.get("condition_dsp")
    sound = np.concatenate([[0.0], x])  # the silence before
    if condition is None:
        c = sound[None]
    elif condition["architecture"] == "WaveNet":
        c = _wavenet(condition["config"], _Numbers(condition["weights"]), sound)
    else:
        c = nam(condition, sound)
    y, head = sound[None], np.zeros((1, 1))
    for array in config["layers"]:
        y, head = _wavenet_array(array, w, y, c, head)
    last: Json = config.get("head") or {}
    convs = []
    if last:
        width, sizes = len(head), last["kernel_sizes"]
        for n, k in enumerate(sizes):
            out = last["out_channels"] if n == len(sizes) - 1 else last["channels"]
            convs.append(_Conv.taken(w, out, width, k))
            width = out
    head = float(w.take(1)[0]) * head
    for conv in convs:
        head = conv(_activated(last["activation"], head))
    return head[:, 1:]


def _wavenet_array(a: Json, w: _Numbers, y: Exact, c: Exact, head: Exact) -> tuple[Exact, Exact]:
    """What goes on to the next array, and the head so far."""
    y = _Conv.taken(w, a["channels"], a["input_size"], bias=False)(y)
    acc = head
    for n in range(len(a["dilations"])):
        y, s = _wavenet_layer(a, n, w, y, c)
        acc = acc + s
    nested = a.get("head")
    if nested:
        out, k, bias = nested["out_channels"], nested["kernel_size"], nested["bias"]
        return y, _Conv.taken(w, out, len(acc), k, nested.get("head_dilation", 1), bias=bias)(acc)
    return y, _Conv.taken(w, a["head_size"], len(acc), bias=a["head_bias"])(acc)


def _wavenet_layer(a: Json, n: int, w: _Numbers, y: Exact, c: Exact) -> tuple[Exact, Exact]:
    """What goes on to the next layer, and what is added to the head."""
    ch, cond = int(a["channels"]), int(a["condition_size"])
    b = int(a.get("bottleneck", ch))
    one, top = a.get("layer1x1", {"active": True, "groups": 1}), a.get("head1x1", {"active": False})
    mode = _per_layer(a.get("gating_mode", "gated" if a.get("gated") else "none"), n)
    mid = b if mode == "none" else 2 * b
    k = a["kernel_sizes"][n] if "kernel_sizes" in a else a["kernel_size"]
    conv = _Conv.taken(w, mid, ch, k, a["dilations"][n], a.get("groups_input", 1))
    mixin = _Conv.taken(w, mid, cond, g=a.get("groups_input_mixin", 1), bias=False)
    l1 = _Conv.taken(w, ch, b, g=one.get("groups", 1)) if one["active"] else None
    h1 = _Conv.taken(w, top["out_channels"], b, g=top.get("groups", 1)) if top["active"] else None
    film = _Films(a, w, (ch, mid, cond, mid, mid, b, ch, top.get("out_channels", 0)), c)
    z = film("conv_post_film", conv(film("conv_pre_film", y)))
    z = z + film("input_mixin_post_film", mixin(film("input_mixin_pre_film", c)))
    z = film("activation_pre_film", z)
    p = _activated(_per_layer(a["activation"], n), z[:b])
    if mode != "none":
        g = _activated(_per_layer(a.get("secondary_activation") or "Sigmoid", n) or "Sigmoid", z[b:])
        p = p * g if mode == "gated" else g * p + (1 - g) * z[:b]
    p = film("activation_post_film", p)
    s = p if h1 is None else film("head1x1_post_film", h1(p))
    if l1 is not None:
        mixed = l1(p)
        y = y + (film("layer1x1_post_film", mixed) if mode == "blended" else mixed)
    return y, s


class _Films:
    """The films of one layer, taken in the order of the file."""

    def __init__(self, a: Json, w: _Numbers, sizes: Sequence[int], c: Exact) -> None:
        self._made: dict[str, tuple[Exact, bool, int]] = {}
        for place, size in zip(FILMS, sizes, strict=True):
            given = a.get(place) or {"active": False}
            if given.get("active", True):
                shift = given.get("shift", True)
                affine = _Conv.taken(w, size * (1 + shift), a["condition_size"], g=given.get("groups", 1))
                self._made[place] = affine(c), shift, size

    def __call__(self, place: str, v: Exact) -> Exact:
        if place not in self._made:
            return v
        made, shift, size = self._made[place]
        return np.asarray(v * made[:size] + (made[size:] if shift else 0))


def _nam_lstm(config: Json, w: _Numbers, x: Exact) -> Exact:
    size, y = config["input_size"], _settled(x[None])
    hidden = config["hidden_size"]
    for _ in range(config["num_layers"]):
        matrix, bias = w.take(4 * hidden, size + hidden), w.take(4 * hidden)
        w.take(2 * hidden)
        y = lstm_layer(matrix[:, :size], matrix[:, size:], bias, y)
        size = hidden
    y = w.take(1, hidden) @ y + w.take(1)
    return y[:, -x.size :]


def _conv_net(config: Json, w: _Numbers, x: Exact) -> Exact:
    y, size = np.concatenate([[0.0], x])[None], 1
    for d in config["dilations"]:
        y = _Conv.taken(w, config["channels"], size, 2, d, bias=not config["batchnorm"])(y)
        if config["batchnorm"]:
            mean, var, gamma, beta = (w.take(config["channels"])[:, None] for _ in range(4))
            y = gamma * (y - mean) / np.sqrt(var + w.take(1)[0]) + beta
        y = _activated(config["activation"], y)
        size = config["channels"]
    return _Conv.taken(w, 1, size)(y)[:, 1:]


def _linear(config: Json, w: _Numbers, x: Exact) -> Exact:
    h = w.take(config["receptive_field"])
    return (np.convolve(x, h)[: x.size] + (w.take(1)[0] if config["bias"] else 0))[None]


# --- recurrent layers ---------------------------------------------------------------------------------------


def _recurrent_layer(step: Step, size: int, driven: Exact) -> Exact:
    """Run states over the columns of `driven`; behind the silence they stand where they rest."""
    state, out = np.zeros(size), np.empty((driven.shape[1], size))
    for t, now in enumerate(driven.T):
        if t == SETTLING:
            state = _rest(step, state, driven[:, 0])
            out[:t] = state
        state = step(state, now)
        out[t] = state
    return out.T


def _rest(step: Step, state: Exact, driven: Exact) -> Exact:
    """The state near `state` that stays as it is; `state` where none is found."""

    def moved(guess: Exact) -> Exact:
        return step(guess, driven) - guess

    found: Exact = scipy.optimize.root(moved, state, tol=1e-13).x
    return found if np.abs(moved(found)).max() < 1e-10 else state


def lstm_layer(w_ih: Exact, w_hh: Exact, bias: Exact, x: Exact) -> Exact:
    """The outputs h of an LSTM with the gates i, f, g, o to x (inputs, frames)."""
    hidden = w_hh.shape[1]
    return _recurrent_layer(lstm_step(w_hh), 2 * hidden, w_ih @ x + bias[:, None])[:hidden]


def lstm_step(w_hh: Exact) -> Step:
    """One sample of an LSTM; its state is h, then c."""
    hidden = w_hh.shape[1]

    def step(state: Exact, driven: Exact) -> Exact:
        i, f, g, o = (driven + w_hh @ state[:hidden]).reshape(4, hidden)
        c = sigmoid(f) * state[hidden:] + sigmoid(i) * np.tanh(g)
        return np.concatenate([sigmoid(o) * np.tanh(c), c])

    return step


def gru_layer(w_ih: Exact, w_hh: Exact, b_ih: Exact, b_hh: Exact, x: Exact) -> Exact:
    """The states of a GRU with the gates r, z, n to x (inputs, frames)."""
    hidden = w_hh.shape[1]

    def step(h: Exact, driven: Exact) -> Exact:
        own = w_hh @ h + b_hh
        r, z = sigmoid(driven[: 2 * hidden] + own[: 2 * hidden]).reshape(2, hidden)
        n = np.tanh(driven[2 * hidden :] + r * own[2 * hidden :])
        return np.asarray((1 - z) * n + z * h)

    return _recurrent_layer(step, hidden, w_ih @ x + b_ih[:, None])


def resting_lstm(w_hh: Exact, driven: Exact) -> Exact:
    """Where the state h, c of an LSTM stands after a long time of the same `driven` (4·H,)."""
    step, state = lstm_step(w_hh), np.zeros(2 * w_hh.shape[1])
    for _ in range(SETTLING):
        state = step(state, driven)
    return _rest(step, state, driven)


def _settled(x: Exact) -> Exact:
    """Signals behind a silence; knobs, in the rows from 1 on, stand as at the begin."""
    silence = np.repeat(x[:, :1], SETTLING, axis=1)
    silence[0] = 0
    return np.concatenate([silence, x], axis=1)


# --- GuitarML and Keras -------------------------------------------------------------------------------------


def guitarml(document: Json, x: Exact, knobs: Sequence[float] = ()) -> Exact:
    """A GuitarML document's response (1, frames) to x (frames,)."""
    state = {name: np.asarray(value, np.float64) for name, value in document["state_dict"].items()}
    sound = _settled(np.stack([x, *(np.full(x.size, knob) for knob in knobs)]))
    y, data = sound, document["model_data"]
    for n in range(data.get("num_layers", 1)):
        w_ih, w_hh = state[f"rec.weight_ih_l{n}"], state[f"rec.weight_hh_l{n}"]
        b_ih, b_hh = state[f"rec.bias_ih_l{n}"], state[f"rec.bias_hh_l{n}"]
        if data["unit_type"] == "LSTM":
            y = lstm_layer(w_ih, w_hh, b_ih + b_hh, y)
        else:
            y = gru_layer(w_ih, w_hh, b_ih, b_hh, y)
    y = state["lin.weight"] @ y + state["lin.bias"][:, None]
    return np.asarray((y + data.get("skip", 1) * sound[:1])[:, -x.size :])


def keras(document: Json, x: Exact, knobs: Sequence[float] = ()) -> Exact:
    """The response (1, frames) of an AIDA-X or RTNeural document to x (frames,)."""
    sound = _settled(np.stack([x, *(np.full(x.size, knob) for knob in knobs)]))
    sound[0] *= 10 ** (document.get("in_gain", 0) / 20)
    y = sound
    for layer in document["layers"]:
        y = _keras_layer(layer, [np.asarray(a, np.float64) for a in layer["weights"]], y)
    y = y + document.get("in_skip", 0) * sound[:1]
    return np.asarray((10 ** (document.get("out_gain", 0) / 20) * y)[:, -x.size :])


def _swapped(numbers: Exact) -> Exact:
    """The gates z, r, n as r, z, n."""
    z, r, n = np.split(numbers, 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def _keras_layer(layer: Json, weights: list[Exact], x: Exact) -> Exact:
    kind = layer["type"]
    if kind == "lstm":
        return lstm_layer(weights[0].T, weights[1].T, weights[2], x)
    if kind == "gru":
        w, u, b = (_swapped(a) for a in weights)
        return gru_layer(w.T, u.T, b[0], b[1], x)
    kinds: dict[str, Callable[[Json, list[Exact], Exact], Exact]] = {
        "dense": _dense,
        "time-distributed-dense": _dense,
        "conv1d": _conv1d,
        "prelu": _prelu,
        "batchnorm": _batch_norm,
        "activation": lambda _layer, _weights, sound: sound,
    }
    y = kinds[kind](layer, weights, x)
    functions: dict[str, Callable[[Exact], Exact]] = {
        "tanh": np.tanh,
        "sigmoid": sigmoid,
        "relu": _relu,
        "elu": lambda v: np.asarray(np.where(v > 0, v, np.expm1(np.minimum(v, 0)))),
    }
    activation = layer.get("activation", "")
    return y if kind == "prelu" or not activation else functions[activation](y)


def _relu(x: Exact) -> Exact:
    return np.maximum(x, 0)


def _dense(layer: Json, weights: list[Exact], x: Exact) -> Exact:
    y: Exact = weights[0].T @ x
    return y + weights[1][:, None] if len(weights) == 2 else y


def _conv1d(layer: Json, weights: list[Exact], x: Exact) -> Exact:
    bias = weights[1] if len(weights) == 2 else None
    return _Conv(weights[0].transpose(2, 1, 0), bias, layer["dilation"][0], layer.get("groups", 1))(x)


def _prelu(layer: Json, weights: list[Exact], x: Exact) -> Exact:
    return np.where(x > 0, x, weights[0].reshape(-1, 1) * x)


def _batch_norm(layer: Json, weights: list[Exact], x: Exact) -> Exact:
    gamma, beta = (a[:, None] for a in weights[:2]) if len(weights) == 4 else (1.0, 0.0)
    mean, variance = (a[:, None] for a in weights[-2:])
    return np.asarray(gamma * (x - mean) / np.sqrt(variance + layer["epsilon"]) + beta)
