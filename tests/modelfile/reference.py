"""What model files of other programs say, in double precision, straight from the JSON: nothing of the studio.

Every response begins after a long silence. Written from the formulas of the formats, not for speed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize

Exact = npt.NDArray[np.float64]
Json = dict[str, Any]

FILMS = (
    "conv_pre_film", "conv_post_film", "input_mixin_pre_film", "input_mixin_post_film",
    "activation_pre_film", "activation_post_film", "layer1x1_post_film", "head1x1_post_film",
)  # fmt: skip
SETTLING = 2_000
"""Samples of silence before a recurrent network is asked; from there it is taken to where it rests."""


def sigmoid(x: Exact) -> Exact:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


def fast_tanh(x: Exact) -> Exact:
    ax, x2 = np.abs(x), x * x
    above = x * (2.45550750702956 + 2.45550750702956 * ax + (0.893229853513558 + 0.821226666969744 * ax) * x2)
    return above / (2.44506634652299 + (2.44506634652299 + x2) * np.abs(x + 0.814642734961073 * x * ax))


def bent(x: Exact, low: float, high: float, below: float, above: float) -> Exact:
    return np.where(x < low, (x - low) * below + low, np.where(x > high, (x - high) * above + high, x))


def activated(activation: str | Json, x: Exact) -> Exact:
    """x of shape (channels, frames)."""
    given: Json = {"type": activation} if isinstance(activation, str) else activation
    kind = given["type"]
    if kind == "PReLU":
        slope = np.asarray(given.get("negative_slopes", given.get("negative_slope", 0.01)))
        return np.where(x > 0, x, slope.reshape(-1, 1) * x)
    if kind == "LeakyHardtanh":
        return bent(
            x, given.get("min_val", -1), given.get("max_val", 1),
            given.get("min_slope", 0.01), given.get("max_slope", 0.01),
        )  # fmt: skip
    slope = given.get("negative_slope", 0.01)
    return {
        "Tanh": lambda: np.tanh(x),
        "Hardtanh": lambda: np.clip(x, -1, 1),
        "Fasttanh": lambda: fast_tanh(x),
        "ReLU": lambda: np.maximum(x, 0),
        "LeakyReLU": lambda: np.where(x > 0, x, slope * x),
        "Sigmoid": lambda: sigmoid(x),
        "SiLU": lambda: x * sigmoid(x),
        "Hardswish": lambda: np.where(x <= -3, 0, np.where(x >= 3, x, x * (x + 3) / 6)),
        "Softsign": lambda: x / (1 + np.abs(x)),
    }[kind]()


class Numbers:
    """A list of weights that is used up."""

    def __init__(self, weights: list[float]) -> None:
        self.left = np.asarray(weights, np.float32).astype(np.float64)

    def take(self, *shape: int) -> Exact:
        size = int(np.prod(shape))
        taken, self.left = self.left[:size], self.left[size:]
        return taken.reshape(shape)


class Conv:
    """A causal convolution that has heard its first sample for ever."""

    def __init__(
        self, w: Numbers, out: int, inp: int, k: int = 1, d: int = 1, g: int = 1, bias: bool = True
    ) -> None:
        self.w, self.d, self.g = w.take(out, inp // g, k), d, g
        self.b = w.take(out) if bias else np.zeros(out)

    def __call__(self, x: Exact) -> Exact:
        out, per, k = self.w.shape
        padded = np.concatenate([np.repeat(x[:, :1], (k - 1) * self.d, axis=1), x], axis=1)
        y = np.zeros((out, x.shape[1]))
        for o in range(out):
            group = o // (out // self.g)
            for i in range(per):
                for tap in range(k):
                    row = padded[group * per + i]
                    y[o] += self.w[o, i, tap] * row[tap * self.d : tap * self.d + x.shape[1]]
        return y + self.b[:, None]


def film(conv: Conv | None, shift: bool, v: Exact, c: Exact) -> Exact:
    if conv is None:
        return v
    made = conv(c)
    return v * made[: len(v)] + (made[len(v) :] if shift else 0)


def nam(model: Json, x: Exact) -> Exact:
    """A `.nam` document's response (outputs, frames) to x (frames,); of containers, the one model."""
    numbers = Numbers(model["weights"])
    kinds = {"WaveNet": wavenet, "LSTM": nam_lstm, "ConvNet": conv_net, "Linear": linear}
    y = kinds[model["architecture"]](model["config"], numbers, x)
    assert numbers.left.size == 0
    return y


def per_layer(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list) else value


def wavenet(config: Json, w: Numbers, x: Exact) -> Exact:
    condition = config.get("condition_dsp")
    sound = np.concatenate([[0.0], x])  # the silence before
    if condition is None:
        c = sound[None]
    elif condition["architecture"] == "WaveNet":
        c = wavenet(condition["config"], Numbers(condition["weights"]), sound)
    else:
        c = nam(condition, sound)
    y, head = sound[None], None
    for array in config["layers"]:
        y, head = wavenet_array(array, w, y, c, head)
    last = config.get("head")
    convs = []
    if last:
        width, sizes = len(head), last["kernel_sizes"]
        for n, k in enumerate(sizes):
            out = last["out_channels"] if n == len(sizes) - 1 else last["channels"]
            convs.append(Conv(w, out, width, k))
            width = out
    head = float(w.take(1)[0]) * head
    for conv in convs:
        head = conv(activated(last["activation"], head))
    return head[:, 1:]


def wavenet_array(a: Json, w: Numbers, y: Exact, c: Exact, head: Exact | None) -> tuple[Exact, Exact]:
    ch, cond = a["channels"], a["condition_size"]
    b = a.get("bottleneck", ch)
    one, top = a.get("layer1x1", {"active": True, "groups": 1}), a.get("head1x1", {"active": False})
    y = Conv(w, ch, a["input_size"], bias=False)(y)
    acc = head
    for n, d in enumerate(a["dilations"]):
        mode = per_layer(a.get("gating_mode", "gated" if a.get("gated") else "none"), n)
        mid = b if mode == "none" else 2 * b
        k = a["kernel_sizes"][n] if "kernel_sizes" in a else a["kernel_size"]
        conv = Conv(w, mid, ch, k, d, a.get("groups_input", 1))
        mixin = Conv(w, mid, cond, g=a.get("groups_input_mixin", 1), bias=False)
        l1 = Conv(w, ch, b, g=one["groups"]) if one["active"] else None
        h1 = Conv(w, top["out_channels"], b, g=top["groups"]) if top["active"] else None
        dims = (ch, mid, cond, mid, mid, b, ch, top.get("out_channels", 0))
        f: dict[str, Any] = {}
        for place, dim in zip(FILMS, dims, strict=True):
            given = a.get(place) or {"active": False}
            shift = given.get("shift", True)
            on = given.get("active", True)
            f[place] = (Conv(w, dim * (1 + shift), cond, g=given.get("groups", 1)) if on else None, shift)
        z = film(*f[FILMS[1]], conv(film(*f[FILMS[0]], y, c)), c)
        z = z + film(*f[FILMS[3]], mixin(film(*f[FILMS[2]], c, c)), c)
        z = film(*f[FILMS[4]], z, c)
        act = per_layer(a["activation"], n)
        p = activated(act, z[:b])
        if mode != "none":
            g = activated(per_layer(a.get("secondary_activation") or "Sigmoid", n) or "Sigmoid", z[b:])
            p = p * g if mode == "gated" else g * p + (1 - g) * z[:b]
        p = film(*f[FILMS[5]], p, c)
        s = p if h1 is None else film(*f[FILMS[7]], h1(p), c)
        acc = s if acc is None else acc + s
        if l1 is not None:
            mixed = l1(p)
            y = y + (film(*f[FILMS[6]], mixed, c) if mode == "blended" else mixed)
    nested = a.get("head")
    if nested:
        out, k, bias = nested["out_channels"], nested["kernel_size"], nested["bias"]
        return y, Conv(w, out, len(acc), k, nested.get("head_dilation", 1), bias=bias)(acc)
    return y, Conv(w, a["head_size"], len(acc), bias=a["head_bias"])(acc)


def recurrent_layer(step: Callable[[Exact, Exact], Exact], start: Exact, x: Exact) -> Exact:
    """Run states s' = step(s, x) over columns of x; behind the silence they stand where they rest."""
    state, out = start, np.zeros((start.size, x.shape[1]))
    for t in range(x.shape[1]):
        if t == SETTLING:
            found = optimize.root(lambda s: step(s, x[:, 0]) - s, state, tol=1e-13)
            state = found.x if np.abs(step(found.x, x[:, 0]) - found.x).max() < 1e-10 else state
            out[:, :t] = state[:, None]
        state = step(state, x[:, t])
        out[:, t] = state
    return out


def lstm_layer(w_ih: Exact, w_hh: Exact, b: Exact, x: Exact) -> Exact:
    hidden = w_hh.shape[1]

    def step(s: Exact, now: Exact) -> Exact:
        i, f, g, o = np.split(w_ih @ now + w_hh @ s[:hidden] + b, 4)
        c = sigmoid(f) * s[hidden:] + sigmoid(i) * np.tanh(g)
        return np.concatenate([sigmoid(o) * np.tanh(c), c])

    return recurrent_layer(step, np.zeros(2 * hidden), x)[:hidden]


def gru_layer(w_ih: Exact, w_hh: Exact, b_ih: Exact, b_hh: Exact, x: Exact) -> Exact:
    """Gates r, z, n."""
    hidden = w_hh.shape[1]

    def step(h: Exact, now: Exact) -> Exact:
        driven, own = w_ih @ now + b_ih, w_hh @ h + b_hh
        r, z = sigmoid(driven[:hidden] + own[:hidden]), sigmoid((driven + own)[hidden : 2 * hidden])
        n = np.tanh(driven[2 * hidden :] + r * own[2 * hidden :])
        return (1 - z) * n + z * h

    return recurrent_layer(step, np.zeros(hidden), x)


def settled(x: Exact) -> Exact:
    """Signals (channels, frames) behind a silence; knobs, in the rows from 1 on, stand as at the begin."""
    silence = np.repeat(x[:, :1], SETTLING, axis=1)
    silence[0] = 0
    return np.concatenate([silence, x], axis=1)


def nam_lstm(config: Json, w: Numbers, x: Exact) -> Exact:
    size, y = config["input_size"], settled(x[None])
    hidden = config["hidden_size"]
    for _ in range(config["num_layers"]):
        matrix, bias = w.take(4 * hidden, size + hidden), w.take(4 * hidden)
        w.take(2 * hidden)
        y = lstm_layer(matrix[:, :size], matrix[:, size:], bias, y)
        size = hidden
    y = w.take(1, hidden) @ y + w.take(1)
    return y[:, -x.size :]


def conv_net(config: Json, w: Numbers, x: Exact) -> Exact:
    y, size = np.concatenate([[0.0], x])[None], 1
    for d in config["dilations"]:
        y = Conv(w, config["channels"], size, 2, d, bias=not config["batchnorm"])(y)
        if config["batchnorm"]:
            mean, var, gamma, beta = (w.take(config["channels"])[:, None] for _ in range(4))
            y = gamma * (y - mean) / np.sqrt(var + w.take(1)[0]) + beta
        y = activated(config["activation"], y)
        size = config["channels"]
    return Conv(w, 1, size)(y)[:, 1:]


def linear(config: Json, w: Numbers, x: Exact) -> Exact:
    h = w.take(config["receptive_field"])
    return (np.convolve(x, h)[: x.size] + (w.take(1)[0] if config["bias"] else 0))[None]


def guitarml(model: Json, x: Exact, knobs: tuple[float, ...] = ()) -> Exact:
    state = {name: np.asarray(value, np.float64) for name, value in model["state_dict"].items()}
    sound = settled(np.stack([x, *(np.full(x.size, knob) for knob in knobs)]))
    y = sound
    for n in range(model["model_data"].get("num_layers", 1)):
        w_ih, w_hh = state[f"rec.weight_ih_l{n}"], state[f"rec.weight_hh_l{n}"]
        b_ih, b_hh = state[f"rec.bias_ih_l{n}"], state[f"rec.bias_hh_l{n}"]
        if model["model_data"]["unit_type"] == "LSTM":
            y = lstm_layer(w_ih, w_hh, b_ih + b_hh, y)
        else:
            y = gru_layer(w_ih, w_hh, b_ih, b_hh, y)
    y = state["lin.weight"] @ y + state["lin.bias"][:, None]
    return (y + model["model_data"].get("skip", 1) * sound[:1])[:, -x.size :]


def keras(model: Json, x: Exact, knobs: tuple[float, ...] = ()) -> Exact:
    sound = settled(np.stack([x, *(np.full(x.size, knob) for knob in knobs)]))
    sound[0] *= 10 ** (model.get("in_gain", 0) / 20)
    y = sound
    for layer in model["layers"]:
        y = keras_layer(layer, [np.asarray(a, np.float64) for a in layer["weights"]], y)
    y = y + model.get("in_skip", 0) * sound[:1]
    return (10 ** (model.get("out_gain", 0) / 20) * y)[:, -x.size :]


def keras_layer(layer: Json, weights: list[Exact], x: Exact) -> Exact:
    kind = layer["type"]
    if kind == "lstm":
        return lstm_layer(weights[0].T, weights[1].T, weights[2], x)
    if kind == "gru":

        def swapped(a: Exact) -> Exact:
            z, r, n = np.split(a, 3, axis=-1)
            return np.concatenate([r, z, n], axis=-1)

        w, u, b = (swapped(a) for a in weights)
        return gru_layer(w.T, u.T, b[0], b[1], x)
    if kind in ("dense", "time-distributed-dense"):
        y = weights[0].T @ x + weights[1][:, None]
    elif kind == "conv1d":
        k, dilation, groups = layer["kernel_size"][0], layer["dilation"][0], layer.get("groups", 1)
        conv = Conv(Numbers([]), 0, 0)
        conv.w, conv.b, conv.d, conv.g = weights[0].transpose(2, 1, 0), weights[1], dilation, groups
        assert conv.w.shape[2] == k
        y = conv(x)
    elif kind == "prelu":
        y = np.where(x > 0, x, weights[0].reshape(-1, 1) * x)
    elif kind == "batchnorm":
        gamma, beta = (a[:, None] for a in weights[:2]) if len(weights) == 4 else (1.0, 0.0)
        mean, var = (a[:, None] for a in weights[-2:])
        y = gamma * (x - mean) / np.sqrt(var + layer["epsilon"]) + beta
    else:
        assert kind == "activation"
        y = x
    activation = layer.get("activation", "")
    if kind == "prelu" or not activation:
        return y
    return {
        "tanh": np.tanh, "sigmoid": sigmoid, "relu": lambda v: np.maximum(v, 0),
        "elu": lambda v: np.where(v > 0, v, np.expm1(np.minimum(v, 0))),
    }[activation](y)  # fmt: skip


def response(model: Json, x: npt.NDArray[Any], knobs: tuple[float, ...] = ()) -> Exact:
    """The response (frames,) of a document of any of the formats."""
    sound = x.astype(np.float64)
    if "architecture" in model:
        return nam(model, sound)[0]
    return (guitarml if "state_dict" in model else keras)(model, sound, knobs)[0]
