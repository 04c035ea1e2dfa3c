"""Model files of other programs with random weights: every kind, every option."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from vastudio.modelfile.exports.reference import FILMS

Json = dict[str, Any]


def envelope(
    architecture: str,
    config: Json,
    weights: int | list[float],
    seed: int = 0,
    spread: float = 0.4,
    **more: Any,
) -> Json:
    """A `.nam` document; `weights` random ones where it is a number."""
    rng = np.random.default_rng(seed)
    if isinstance(weights, int):
        weights = (rng.normal(size=weights) * spread).astype(np.float32).tolist()
    return {
        "version": "0.7.0", "architecture": architecture, "config": config, "weights": weights,
        "sample_rate": 48000, "metadata": {}, **more,
    }  # fmt: skip


def array_size(a: Json) -> int:
    """How many weights an array takes."""
    ch, cond = a["channels"], a["condition_size"]
    b = a.get("bottleneck", ch)
    one, top = a.get("layer1x1", {"active": True, "groups": 1}), a.get("head1x1", {"active": False})
    total = a["input_size"] * ch
    for n in range(len(a["dilations"])):
        modes = a.get("gating_mode", "gated" if a.get("gated") else "none")
        mid = b * (1 if (modes[n] if isinstance(modes, list) else modes) == "none" else 2)
        k = a["kernel_sizes"][n] if "kernel_sizes" in a else a["kernel_size"]
        total += mid * ch // a.get("groups_input", 1) * k + mid
        total += mid * cond // a.get("groups_input_mixin", 1)
        total += (ch * b // one["groups"] + ch) if one["active"] else 0
        total += (top["out_channels"] * (b // top["groups"] + 1)) if top["active"] else 0
        dims = (ch, mid, cond, mid, mid, b, ch, top.get("out_channels", 0))
        for place, dim in zip(FILMS, dims, strict=True):
            given = a.get(place) or {"active": False}
            if given.get("active", True):
                out = dim * (1 + given.get("shift", True))
                total += out * cond // given.get("groups", 1) + out
    summed = top["out_channels"] if top["active"] else b
    head = a.get("head")
    if head:
        return total + head["out_channels"] * (summed * head["kernel_size"] + head["bias"])
    return total + a["head_size"] * (summed + a["head_bias"])


def array(**changes: Any) -> Json:
    """One array of 4 channels and three layers."""
    return {
        "input_size": 1, "condition_size": 1, "channels": 4, "head_size": 1, "head_bias": True,
        "kernel_size": 3, "dilations": [1, 5, 40], "activation": "Tanh", "gated": False,
    } | changes  # fmt: skip


def wavenet(*arrays: Json, seed: int = 0, extra: int = 0, **config: Any) -> Json:
    size = sum(array_size(a) for a in arrays) + 1 + extra
    return envelope(
        "WaveNet", {"layers": list(arrays), "head": None, "head_scale": 0.1, **config}, size, seed
    )


def without(a: Json, *keys: str) -> Json:
    return {key: value for key, value in a.items() if key not in keys}


def film(place: str, **options: Any) -> Json:
    given = {place: {"active": True, "shift": True, "groups": 1, **options}}
    if place == "head1x1_post_film":
        given["head1x1"] = {"active": True, "out_channels": 3, "groups": 1}
    if place == "layer1x1_post_film":
        given |= {"gating_mode": "blended", "secondary_activation": "Sigmoid"}
    return wavenet(without(array(**given), "gated"), seed=len(place))


def lstm(hidden: int, layers: int, seed: int = 0) -> Json:
    size = sum(4 * hidden * ((hidden if n else 1) + hidden) + 6 * hidden for n in range(layers))
    config = {"input_size": 1, "hidden_size": hidden, "num_layers": layers}
    # Wider weights would make it chaotic: single and double precision would part.
    return envelope("LSTM", config, size + hidden + 1, seed, 0.8 / hidden**0.5, version="0.5.4")


def conv_net(batchnorm: bool, activation: Any = "Tanh") -> Json:
    ch, dilations = 5, [1, 2, 30]
    rng = np.random.default_rng(4)
    weights: list[float] = []
    for n in range(len(dilations)):
        weights += (0.4 * rng.normal(size=ch * (ch if n else 1) * 2)).tolist()
        if batchnorm:
            weights += rng.normal(size=ch).tolist() + rng.uniform(0.1, 2, ch).tolist()
            weights += [*rng.normal(size=2 * ch).tolist(), 1e-05]
        else:
            weights += rng.normal(size=ch).tolist()
    weights += rng.normal(size=ch + 1).tolist()
    config = {"channels": ch, "dilations": dilations, "batchnorm": batchnorm, "activation": activation}
    return envelope("ConvNet", config, np.asarray(weights, np.float32).tolist())


def container(*models: Json) -> Json:
    count = len(models)
    subs = [{"max_value": (n + 1) / count, "model": model} for n, model in enumerate(models)]
    return envelope("SlimmableContainer", {"submodels": subs}, [])


def condition(model: Json, channels: int) -> Json:
    first = array(condition_size=channels, head_size=2, head_bias=False)
    second = array(input_size=4, channels=2, condition_size=channels)
    return wavenet(first, second, condition_dsp=model)


ACTIVATIONS: list[Any] = [
    "Tanh", "Hardtanh", "Fasttanh", "ReLU", "LeakyReLU", "PReLU", "Sigmoid", "SiLU", "Hardswish",
    "LeakyHardtanh", "Softsign",
    {"type": "LeakyReLU", "negative_slope": 0.2},
    {"type": "PReLU", "negative_slopes": [0.1, -0.2, 0.3, 1.5]},
    {"type": "LeakyHardtanh", "min_val": -0.5, "max_val": 0.25, "min_slope": 0.1, "max_slope": 0.3},
]  # fmt: skip

_NEW = without(array(), "gated", "head_size", "head_bias", "kernel_size")
_FULL_FILMS = {place: {"active": True, "shift": True, "groups": 2} for place in FILMS}

NAM: dict[str, Json] = {
    "A1": wavenet(
        array(head_size=2, head_bias=False), array(input_size=4, channels=2)
    ) | {"version": "0.5.4"},
    "gated": wavenet(array(gated=True)),
    "gated, unusual": wavenet(
        without(array(gating_mode="gated", secondary_activation="Softsign", activation="ReLU"), "gated")
    ),
    "blended": wavenet(
        without(array(gating_mode="blended", secondary_activation={"type": "Hardswish"}), "gated")
    ),
    "mixed gates": wavenet(
        without(
            array(gating_mode=["none", "gated", "blended"], secondary_activation=[None, "Sigmoid", "SiLU"],
                  activation=["Tanh", "ReLU", "Hardtanh"]), "gated",
        )
    ),
    "head1x1": wavenet(array(head1x1={"active": True, "out_channels": 6, "groups": 2})),
    "bottleneck": wavenet(array(bottleneck=2)),
    "wide bottleneck, gated": wavenet(array(bottleneck=7, gated=True)),
    "groups": wavenet(array(groups_input=2, layer1x1={"active": True, "groups": 4})),
    "layer1x1 off": wavenet(array(layer1x1={"active": False, "groups": 1})),
    "head of 16 taps": wavenet(
        _NEW | {"kernel_sizes": [6, 15, 2], "head": {"out_channels": 1, "kernel_size": 16, "bias": True}}
    ),
    "head with dilation": wavenet(
        _NEW | {"kernel_size": 2,
                "head": {"out_channels": 1, "kernel_size": 3, "bias": False, "head_dilation": 7}}
    ),
    "last head": wavenet(
        array(head_size=3),
        head={"channels": 4, "activation": "ReLU", "out_channels": 1, "kernel_sizes": [3, 1, 2]},
        extra=(3 * 4 * 3 + 4) + (4 * 4 + 4) + (4 * 2 + 1),
    ),
    "three arrays": wavenet(
        array(head_size=5), array(input_size=4, channels=5, head_size=2), array(input_size=5, channels=2)
    ),
    "condition": condition(wavenet(array(head_size=3)), 3),
    "condition of an LSTM": condition(lstm(3, 1), 1),
    "condition of a condition": condition(condition(wavenet(array(head_size=2)), 2), 1),
    "everything": condition(wavenet(array(head_size=4)), 4) | {},
    "LSTM": lstm(5, 1),
    "LSTM of 20": lstm(20, 1, 2),
    "two LSTM": lstm(8, 2, 3),
    "three LSTM": lstm(17, 3, 4),
    "large LSTM": lstm(100, 1, 5),
    "ConvNet": conv_net(batchnorm=False),
    "ConvNet with batch norm": conv_net(batchnorm=True, activation="ReLU"),
    "Linear": envelope("Linear", {"receptive_field": 40, "bias": False}, 40),
    "long Linear": envelope("Linear", {"receptive_field": 3000, "bias": True}, 3001),
}  # fmt: skip
NAM |= {f"{json.dumps(a)}": wavenet(array(activation=a), seed=n) for n, a in enumerate(ACTIVATIONS)}
NAM |= {place: film(place) for place in FILMS}
NAM |= {"film without shift": film("activation_pre_film", shift=False)}
NAM["everything"] = wavenet(
    without(
        array(condition_size=4, bottleneck=6, groups_input=2, groups_input_mixin=2, gating_mode="blended",
              secondary_activation="Softsign", activation="SiLU",
              head1x1={"active": True, "out_channels": 2, "groups": 2},
              layer1x1={"active": True, "groups": 2}, **_FULL_FILMS), "gated",
    ),
    condition_dsp=wavenet(array(head_size=4)),
)  # fmt: skip


def guitarml(cell: str, hidden: int, inputs: int = 1, layers: int = 1, skip: int = 1) -> Json:
    rng = np.random.default_rng(hidden)
    gates, state = {"LSTM": 4, "GRU": 3}[cell] * hidden, {}

    def random(*shape: int) -> Any:
        return rng.uniform(-0.5, 0.5, shape).astype(np.float32).tolist()

    for n in range(layers):
        state |= {
            f"rec.weight_ih_l{n}": random(gates, hidden if n else inputs),
            f"rec.weight_hh_l{n}": random(gates, hidden),
            f"rec.bias_ih_l{n}": random(gates),
            f"rec.bias_hh_l{n}": random(gates),
        }
    data = {
        "model": "SimpleRNN", "input_size": inputs, "skip": skip, "output_size": 1, "unit_type": cell,
        "num_layers": layers, "hidden_size": hidden, "bias_fl": True,
    }  # fmt: skip
    return {
        "model_data": data,
        "state_dict": state | {"lin.weight": random(1, hidden), "lin.bias": random(1)},
    }


def keras(*layers: tuple[str, int, Json], inputs: int = 1, **more: Any) -> Json:
    """Layers as (type, outputs, further keys)."""
    rng = np.random.default_rng(len(layers) + inputs)
    found, width = [], inputs

    def random(*shape: int) -> Any:
        return rng.uniform(-0.6, 0.6, shape).astype(np.float32).tolist()

    for kind, outputs, keys in layers:
        taps, groups = keys.get("kernel_size", [1])[0], keys.get("groups", 1)
        weights = {
            "gru": lambda w=width, o=outputs: [random(w, 3 * o), random(o, 3 * o), random(2, 3 * o)],
            "lstm": lambda w=width, o=outputs: [random(w, 4 * o), random(o, 4 * o), random(4 * o)],
            "dense": lambda w=width, o=outputs: [random(w, o), random(o)],
            "time-distributed-dense": lambda w=width, o=outputs: [random(w, o), random(o)],
            "conv1d": lambda w=width, o=outputs, t=taps, g=groups: [random(t, w // g, o), random(o)],
            "prelu": lambda w=width: [[random(w)]],
            "batchnorm": lambda w=width: [random(w), random(w), random(w), np.full(w, 0.5).tolist()],
            "activation": list,
        }[kind]()
        found.append({"type": kind, "shape": [None, None, outputs], "weights": weights, **keys})
        width = outputs
    return {"in_shape": [None, None, inputs], "layers": found, **more}


KERAS: dict[str, Json] = {
    "AIDA-X GRU": keras(("gru", 8, {"activation": ""}), ("dense", 1, {}), in_skip=1, samplerate=44100),
    "AIDA-X LSTM, gains": keras(
        ("lstm", 12, {}), ("dense", 1, {}), in_skip=1, in_gain=6.0, out_gain=-4.5, metadata={"name": "One"}
    ),
    "gains on two layers": keras(
        ("dense", 4, {"activation": "tanh"}), ("gru", 5, {}), ("dense", 1, {}), in_gain=-3.0, out_gain=2.0
    ),
    "AIDA-X with knobs": keras(("lstm", 16, {}), ("dense", 1, {}), inputs=3, in_skip=1, in_gain=2.0),
    "GRU with a knob": keras(("gru", 9, {}), ("dense", 1, {}), inputs=2),
    "dense first, knobs": keras(
        ("time-distributed-dense", 6, {"activation": "tanh"}), ("gru", 6, {}), ("dense", 1, {}), inputs=3
    ),
    "all kinds": keras(
        ("dense", 8, {"activation": "elu"}),
        ("conv1d", 4, {"kernel_size": [3], "dilation": [2], "activation": "tanh"}),
        ("conv1d", 6, {"kernel_size": [2], "dilation": [5], "groups": 2, "activation": ""}),
        ("batchnorm", 6, {"epsilon": 0.001}),
        ("prelu", 6, {"activation": ""}),
        ("gru", 7, {}),
        ("activation", 7, {"activation": "relu"}),
        ("lstm", 5, {}),
        ("dense", 1, {"activation": "sigmoid"}),
    ),
    "an activation alone": keras(("activation", 1, {"activation": "tanh"})),
    "an activation at the end, gained": keras(("dense", 1, {"activation": "tanh"}), in_gain=3, out_gain=3),
}

GUITARML: dict[str, Json] = {
    "LSTM": guitarml("LSTM", 20),
    "GRU": guitarml("GRU", 8),
    "with knobs": guitarml("LSTM", 32, inputs=3),
    "GRU with a knob": guitarml("GRU", 11, inputs=2),
    "two layers, a knob": guitarml("LSTM", 8, inputs=2, layers=2),
    "without skip": guitarml("GRU", 6, skip=0),
}

ALL: dict[str, Json] = {
    **{f"nam {name}": model for name, model in NAM.items()},
    **{f"keras {name}": model for name, model in KERAS.items()},
    **{f"guitarml {name}": model for name, model in GUITARML.items()},
}


def write(model: Json, folder: Path, name: str = "model.nam") -> Path:
    """Write a document as a file."""
    path = folder / name
    path.write_text(json.dumps(model))
    return path
