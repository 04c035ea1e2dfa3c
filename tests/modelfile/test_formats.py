"""Model files that are damaged, too new or absurd: one line that names the key, nothing worse."""

from __future__ import annotations

import copy
import json
import random
import resource
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modelfile import generated
from tests.modelfile.generated import Json
from vastudio.engine.graph import PlayableModel
from vastudio.errors import ModelFileError
from vastudio.modelfile import checking, reading

PATH = Path("model.nam")
MOST_MEMORY = 400 * 2**20


def refused(document: Json | bytes) -> ModelFileError:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(ModelFileError) as caught:
        reading.read(data, PATH)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert len(caught.value.message) < 300
    return caught.value


def changed(document: Json, *path: Any, to: Any = None, remove: bool = False) -> Json:
    """A copy with one value exchanged or taken away."""
    result = copy.deepcopy(document)
    at = result
    for key in path[:-1]:
        at = at[key]
    if remove:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return result


A1, LSTM, CONTAINER = generated.NAM["A1"], generated.lstm(4, 1), generated.container(generated.NAM["A1"])
SLIM = generated.wavenet(
    generated.array(slimmable={"method": "slice_channels_uniform", "kwargs": {"allowed_channels": [2, 4]}})
)
KERAS, GUITARML = generated.KERAS["AIDA-X GRU"], generated.GUITARML["LSTM"]
ARRAY = ("config", "layers", 0)

WRONG: dict[str, tuple[Json, str]] = {
    "no version": (changed(A1, "version", remove=True), "'version' is missing"),
    "odd version": (changed(A1, "version", to="1"), "'version' is '1'"),
    "too new": (changed(A1, "version", to="0.8.0"), "'version' is 0.8.0; versions up to 0.7"),
    "much too new": (changed(A1, "version", to="1.0.0"), "'version' is 1.0.0"),
    "too old": (changed(A1, "version", to="0.4.9"), "'version' is 0.4.9"),
    "unknown architecture": (changed(A1, "architecture", to="WaveNit"), "'architecture' is 'WaveNit'"),
    "no weights": (changed(A1, "weights", remove=True), "'weights' is missing"),
    "one weight too many": (changed(A1, "weights", to=[*A1["weights"], 0.0]), "but this network needs"),
    "one weight too few": (changed(A1, "weights", to=A1["weights"][1:]), "but this network needs"),
    "text in the weights": (changed(A1, "weights", 3, to="0.5"), "'weights' holds something"),
    "a truth in the weights": (changed(A1, "weights", 3, to=True), "'weights' holds something"),
    "infinite weight": (changed(A1, "weights", 3, to=1e300), "'weights' holds numbers that are not finite"),
    "huge whole number": (changed(A1, "weights", 3, to=10**400), "'weights' holds a number that is too"),
    "rate as text": (changed(A1, "sample_rate", to="48000"), "'sample_rate' is '48000'"),
    "absurd rate": (changed(A1, "sample_rate", to=10**12), "'sample_rate' is 1000000000000"),
    "no layers": (changed(A1, "config", "layers", to=[]), "'config.layers' is empty"),
    "layers are no list": (changed(A1, "config", "layers", to={}), "'config.layers' is not a list"),
    "no channels": (changed(A1, *ARRAY, "channels", to=0), "'config.layers[0].channels' is 0"),
    "absurd channels": (changed(A1, *ARRAY, "channels", to=10**9), "'config.layers[0].channels'"),
    "half a channel": (changed(A1, *ARRAY, "channels", to=2.5), "'config.layers[0].channels' is 2.5"),
    "channels as truth": (changed(A1, *ARRAY, "channels", to=True), "'config.layers[0].channels' is True"),
    "absurd kernel": (changed(A1, *ARRAY, "kernel_size", to=10**7), "'config.layers[0].kernel_size'"),
    "both kernel keys": (changed(A1, *ARRAY, "kernel_sizes", to=[3, 3, 3]), "kernel_size' stands beside"),
    "long memory": (
        changed(A1, *ARRAY, "dilations", to=[200_000, 1, 1]),
        "'config.layers' has a layer that looks 400000 samples back",
    ),
    "no dilations": (changed(A1, *ARRAY, "dilations", to=[]), "'config.layers[0].dilations' is empty"),
    "activation": (changed(A1, *ARRAY, "activation", to="Tan"), "'config.layers[0].activation' is 'Tan'"),
    "activations": (changed(A1, *ARRAY, "activation", to=["Tanh"]), "1 elements instead of 3"),
    "slopes": (
        changed(A1, *ARRAY, "activation", to={"type": "PReLU", "negative_slopes": [0.1]}),
        "'config.layers[0].activation.negative_slopes' has the shape 1 instead of 4",
    ),
    "gating": (changed(A1, *ARRAY, "gating_mode", to="open"), "'config.layers[0].gating_mode' is 'open'"),
    "gated as text": (changed(A1, *ARRAY, "gated", to="no"), "'config.layers[0].gated' is 'no'"),
    "groups": (changed(A1, *ARRAY, "groups_input", to=3), "'config.layers[0].groups_input' is 3"),
    "films": (changed(A1, *ARRAY, "head1x1_post_film", to={"active": True}), "head1x1_post_film' is active"),
    "widths": (changed(A1, "config", "layers", 1, "input_size", to=3), "layers[1].input_size' is not"),
    "head widths": (changed(A1, *ARRAY, "head_size", to=3), "'config.layers[1]' adds up 2 channels"),
    "two inputs": (changed(A1, *ARRAY, "input_size", to=2), "'config.layers[0].input_size' is 2"),
    "condition without": (
        changed(generated.NAM["condition"], "config", "condition_dsp", remove=True),
        "'config.layers' want a condition of 3 channels",
    ),
    "condition's rate": (
        changed(generated.NAM["condition"], "config", "condition_dsp", "sample_rate", to=44_100),
        "'config.condition_dsp.sample_rate' is 44100",
    ),
    "condition's width": (
        generated.condition(generated.wavenet(generated.array(head_size=2)), 3),
        "'config.condition_dsp' has 2 outputs",
    ),
    "LSTM's size": (changed(LSTM, "config", "hidden_size", to=10**6), "'config.hidden_size' is 1000000"),
    "LSTM's layers": (changed(LSTM, "config", "num_layers", to=-1), "'config.num_layers' is -1"),
    "no submodels": (changed(CONTAINER, "config", "submodels", to=[]), "'config.submodels' is empty"),
    "container's end": (changed(CONTAINER, "config", "submodels", 0, "max_value", to=0.5), "reach 1"),
    "container in container": (generated.container(CONTAINER), "is a container within a container"),
    "slim widths": (
        changed(SLIM, *ARRAY, "slimmable", "kwargs", "allowed_channels", to=[4, 2]),
        "allowed_channels' are not ascending",
    ),
    "slim method": (changed(SLIM, *ARRAY, "slimmable", "method", to="prune"), "slimmable.method' is 'prune'"),
    "keras type": (changed(KERAS, "layers", 0, "type", to="conv2d"), "'layers[0].type' is 'conv2d'"),
    "keras softmax": (changed(KERAS, "layers", 1, "activation", to="softmax"), "'layers[1].activation'"),
    "keras shape": (changed(KERAS, "layers", 0, "weights", 1, to=[[1.0]]), "'layers[0].weights[1]'"),
    "keras rows": (changed(KERAS, "layers", 0, "weights", 1, 0, to=[1.0]), "has rows of unequal length"),
    "keras outputs": (changed(KERAS, "layers", to=KERAS["layers"][:1]), "ends in 8 channels"),
    "keras skip": (changed(KERAS, "in_skip", to=2), "'in_skip' is 2"),
    "keras gain": (changed(KERAS, "in_gain", to=1e9), "'in_gain' is 1000000000.0"),
    "guitarml cell": (changed(GUITARML, "model_data", "unit_type", to="RNN"), "'model_data.unit_type'"),
    "guitarml kind": (changed(GUITARML, "model_data", "model", to="CRNN"), "'model_data.model' is 'CRNN'"),
    "guitarml shape": (
        changed(GUITARML, "state_dict", "rec.bias_hh_l0", to=[0.0]),
        "'state_dict.rec.bias_hh_l0' has the shape 1 instead of 80",
    ),
    "guitarml lacks": (changed(GUITARML, "state_dict", "lin.bias", remove=True), "'state_dict.lin.bias'"),
    "something else": ({"weights": [1, 2]}, "is not a model of a format that is known"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case: str) -> None:
    document, message = WRONG[case]
    assert message in refused(document).message


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[1]", b"null", b"\xff\xfe\x00", b"RIFF....WAVE", b'{"weights": [NaN]}', b'{"a": 1e999}',
        b'{"a": Infinity}', b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 10_000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(data: bytes) -> None:
    refused(data)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.nam"
    with path.open("wb") as file:
        file.truncate(checking.LARGEST_TEXT + 1)
    with pytest.raises(ModelFileError, match="too large"):
        reading.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="There is no file"):
        reading.load(tmp_path / "nothing.nam")
    with pytest.raises(ModelFileError, match="There is no file"):
        reading.load(tmp_path)


def test_sizes_without_weights_take_no_memory() -> None:
    """The largest network that the limits allow, without its numbers."""
    layers = [
        generated.array(
            input_size=512 if n else 1, channels=512, head_size=512, kernel_size=2, dilations=[1] * 256
        )
        for n in range(16)
    ]
    models = [
        {**A1, "config": {"layers": layers, "head": None, "head_scale": 1}, "weights": []},
        {**LSTM, "config": {"input_size": 1, "hidden_size": 512, "num_layers": 256}},
        generated.envelope(
            "ConvNet", {"channels": 512, "dilations": [1] * 256, "batchnorm": True, "activation": "ReLU"}, []
        ),
        generated.envelope("Linear", {"receptive_field": 1 << 18, "bias": True}, []),
    ]
    for model in models:
        tracemalloc.start()
        assert "but this network needs" in refused(model).message
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 32 * 2**20


@pytest.mark.parametrize(
    "value", [None, 7, [], "text", {"name": 3, "date": [], "training": 1, "loudness": "x"}]
)
def test_odd_remarks_do_no_harm(value: Any) -> None:
    model = reading.read(json.dumps({**LSTM, "metadata": value}).encode(), PATH)
    assert model.name == "model"
    assert "loudness_db" not in model.said


def test_names_are_of_one_line_and_can_be_shown() -> None:
    metadata = {"name": "A\x1b[31m\n" + "long " * 100, "modeled_by": "\x07"}
    model = reading.read(json.dumps({**LSTM, "metadata": metadata}).encode(), PATH).as_model()
    assert model.name.startswith("A [31m long")
    assert len(model.name) == 120
    assert model.author == ""


def test_rates_are_those_of_the_file_or_of_the_format() -> None:
    def rate(document: Json) -> tuple[int, bool]:
        model = reading.read(json.dumps(document).encode(), PATH)
        return model.sample_rate, model.rate_is_assumed

    assert rate(LSTM) == (48_000, False)
    assert rate(changed(LSTM, "sample_rate", remove=True)) == (48_000, True)
    assert rate(changed(LSTM, "sample_rate", to=None)) == (48_000, True)
    assert rate(GUITARML) == (44_100, True)
    assert rate(KERAS) == (44_100, False)
    assert rate(generated.KERAS["GRU with a knob"]) == (48_000, True)
    assert rate({**generated.KERAS["all kinds"], "metadata": {"samplerate": "96000"}}) == (96_000, False)


# --- mutations ----------------------------------------------------------------------------------------------

SEEDS = {
    **{
        f"nam {name}": generated.NAM[name]
        for name in ("A1", "everything", "condition", "mixed gates", "LSTM")
    },
    "conv net": generated.NAM["ConvNet with batch norm"],
    "last head": generated.NAM["last head"],
    "container": CONTAINER,
    "slim": SLIM,
    "keras": generated.KERAS["all kinds"],
    "keras with knobs": generated.KERAS["AIDA-X with knobs"],
    "guitarml": generated.guitarml("LSTM", 6, inputs=2, layers=2),
}
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3, 7, 2**31, 10**12, 10**400, -0.5, 0.5, 1e-300, 1e300, "", "Tanh",
    "gated", "x" * 5_000, [], [[]], {},
    [1, 2, 3], [0.1] * 50, {"type": "PReLU"}, {"active": True}, ["Tanh", None],
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a document, of long lists of numbers only one."""
    keys: Any = (
        value.keys() if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    )
    for number, key in enumerate(list(keys)):
        if isinstance(value, list) and number > 4 and isinstance(value[key], float):
            return
        yield value, key
        yield from places(value[key])


def mutated(document: Json, rng: random.Random) -> bytes:
    """A document with some values exchanged, taken away or doubled, or some bytes of it."""
    if rng.random() < 0.2:
        data = bytearray(json.dumps(document).encode())
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            choice = rng.random()
            if choice < 0.4:
                data[at] = rng.randrange(256)
            elif choice < 0.7:
                del data[at : at + rng.randint(1, 200)]
            else:
                data[at:at] = data[at : at + rng.randint(1, 50)]
        return bytes(data)
    result = copy.deepcopy(document)
    for _ in range(rng.randint(1, 3)):
        container, key = rng.choice(list(places(result)))
        choice = rng.random()
        if choice < 0.2:
            del container[key]
        elif choice < 0.3 and isinstance(container, list):
            container += container[key : key + 1] * rng.randint(1, 3)
        else:
            container[key] = copy.deepcopy(rng.choice(ODD))
    return json.dumps(result).encode()


def fuzz(count: int, seed: int) -> int:
    """Read so many damaged documents; return how many were read without complaint."""
    rng, fine = random.Random(seed), 0
    for number in range(count):
        name = rng.choice(list(SEEDS))
        data = mutated(SEEDS[name], rng)
        try:
            model = PlayableModel.from_file(reading.read(data, PATH).as_model())
        except ModelFileError as error:
            assert "\n" not in error.message, (name, error.message)
            continue
        except Exception as error:
            raise AssertionError(f"{name}, number {number} of seed {seed}") from error
        fine += 1
        assert model.name
    return fine


def test_damaged_documents_are_refused_or_read() -> None:
    assert 10 < fuzz(400, seed=1) < 390


@pytest.mark.slow
def test_twelve_thousand_damaged_documents_are_refused_or_read() -> None:
    """None of them crashes, none takes much memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fuzz(12_000, seed=2)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < MOST_MEMORY


# --- every format -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", reading.formats())
def test_every_format_says_what_it_reads(name: str) -> None:
    """A new format is one file; it must not claim the documents of the others."""
    entry = reading.formats()[name]
    assert entry.title
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in entry.suffixes)
    assert not entry.recognises(checking.Part({}, "nothing"))
    assert not entry.recognises(checking.Part({"layers": 1, "weights": [], "config": {}}, "something"))
    own = [document for document in (LSTM, KERAS, GUITARML) if entry.recognises(checking.Part(document, ""))]
    assert len(own) == 1
