"""Model files of other programs play as their formulas say, in double precision, whatever the blocks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.modelfile import generated
from tests.modelfile.generated import Json
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.kernels.jit import LANES
from vastudio.modelfile import reading, store
from vastudio.modelfile.exports.reference import response

RATE = 48_000
BLOCKS = (1, 63, 64, 65, 8193)
CLOSE = 1e-5
"""Root mean square of the deviation, relative to an output louder than full scale."""

KNOBS = (0.3, 0.9)

PUBLISHED = (
    "mixed/neuralaudio_mit/BossLSTM-1x16.nam", "mixed/neuralaudio_mit/BossLSTM-2x8.nam",
    "mixed/neuralaudio_mit/BossWN-nano.nam", "mixed/neuralaudio_mit/BossWN-feather.nam",
    "mixed/neuralaudio_mit/BossWN-standard.nam",
    "nam/namcore_mit/lstm.nam", "nam/namcore_mit/my_model.nam", "nam/namcore_mit/wavenet.nam",
    "nam/namcore_mit/wavenet_a1_standard.nam", "nam/namcore_mit/wavenet_a2_max.nam",
    "nam/namcore_mit/wavenet_condition_dsp.nam", "nam/namcore_mit/slimmable_wavenet.nam",
    "nam/tone3000_wasm_mit/ac10.nam", "nam/tone3000_wasm_mit/ampeg.nam", "nam/tone3000_wasm_mit/deluxe.nam",
    "nam/tone3000_wasm_mit/dumble.nam", "nam/tone3000_wasm_mit/jc.nam", "nam/tone3000_wasm_mit/jcm.nam",
    "nam/volum_mit/AMP-2204-1.nam", "nam/volum_mit/AMP-2204-4.nam",
    "guitarml/neuralseed_mit/gru4_ts9_pytorch.json", "guitarml/neuralseed_mit/gru8_ts9_pytorch.json",
    "guitarml/neuralseed_mit/lstm4_ts9_pytorch.json", "guitarml/neuralseed_mit/lstm8_ts9_pytorch.json",
    "rtneural/klon_bsd3/centaur.json", "rtneural/klon_bsd3/centaur_0.json",
    "rtneural/klon_bsd3/centaur_25.json", "rtneural/klon_bsd3/centaur_50.json",
    "rtneural/klon_bsd3/centaur_75.json", "rtneural/klon_bsd3/centaur_100.json",
    "rtneural/klon_bsd3/centaur_large.json", "rtneural/klon_bsd3/centaur_small.json",
    "rtneural/rtneural_tests_bsd3/conv.json", "rtneural/rtneural_tests_bsd3/conv_stateless.json",
    "rtneural/rtneural_tests_bsd3/full_model.json", "rtneural/rtneural_tests_bsd3/gru.json",
    "rtneural/rtneural_tests_bsd3/gru_1d.json", "rtneural/rtneural_tests_bsd3/lstm.json",
    "rtneural/rtneural_tests_bsd3/lstm_1d.json",
)  # fmt: skip
CONTAINERS = (
    "nam/namcore_mit/A2.nam",
    "mixed/neuralaudio_mit/BossWN-a2.nam",
    "nam/namcore_mit/slimmable_container.nam",
)

TYPICAL = (
    "nam A1", "nam LSTM", "nam two LSTM", "nam ConvNet with batch norm", "nam long Linear", "nam everything",
    "nam condition of an LSTM", "nam last head", "nam mixed gates", "keras all kinds",
    "keras AIDA-X with knobs", "keras dense first, knobs", "guitarml two layers, a knob", "guitarml GRU",
)  # fmt: skip
"""One of every kernel and kind: for what depends on these alone."""

Floats = npt.NDArray[np.float32]


def sound(seconds: float) -> Floats:
    """Decaying chords and noise, peaks near full scale."""
    rng = np.random.default_rng(1)
    t = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (82.4, 123.5, 164.8, 207.7))
    return (0.2 * chord * np.exp(-9 * (t % 0.2)) + 0.02 * rng.normal(size=t.size)).astype(np.float32)


def opened(path: Path, size: float = 1.0) -> PlayableModel:
    return PlayableModel.from_file(reading.load(path, size))


def at(model: PlayableModel) -> dict[str, float]:
    return {knob.name: value for knob, value in zip(model.knobs, KNOBS, strict=False)}


def assert_close(got: Floats, expected: npt.NDArray[np.float64]) -> None:
    deviation = np.sqrt(np.mean((got - expected) ** 2))
    assert deviation <= CLOSE * max(1.0, float(np.sqrt(np.mean(expected**2))))


@pytest.mark.parametrize("name", generated.ALL)
def test_the_engine_plays_what_a_file_says(name: str, tmp_path: Path) -> None:
    document = generated.ALL[name]
    model, x = opened(generated.write(document, tmp_path)), sound(0.05)
    expected = response(document, x, KNOBS[: len(model.knobs)])
    assert np.ptp(expected) > 3e-4
    assert_close(render(model, x, at(model)), expected)


@pytest.mark.parametrize("name", TYPICAL)
def test_the_block_size_never_changes_a_bit(name: str, tmp_path: Path) -> None:
    model, x = opened(generated.write(generated.ALL[name], tmp_path)), sound(0.05)
    responses = [render(model, x, at(model), block) for block in BLOCKS]
    for other in responses[1:]:
        np.testing.assert_array_equal(other, responses[0])


@pytest.mark.parametrize("name", TYPICAL)
def test_silence_stays_as_it_begins(name: str, tmp_path: Path) -> None:
    """What comes out at rest is what a long silence leads to."""
    model = opened(generated.write(generated.ALL[name], tmp_path))
    voice, silence = model.voice(at(model)), np.zeros(24_000, np.float32)
    rest = voice.process(silence, 512)
    assert np.abs(rest - rest[-1]).max() < 2e-6 * max(1.0, abs(float(rest[-1])))
    voice.process(sound(0.02), 64)
    voice.reset()
    np.testing.assert_array_equal(voice.process(silence, 512), rest)


@pytest.mark.parametrize("name", TYPICAL)
def test_a_model_goes_into_a_vamodel_and_comes_back_the_same(name: str, tmp_path: Path) -> None:
    model, x = reading.load(generated.write(generated.ALL[name], tmp_path)), sound(0.02)
    store.save(model, tmp_path / "own.vamodel")
    again = store.load(tmp_path / "own.vamodel")
    first, second = PlayableModel.from_file(model), PlayableModel.from_file(again)
    np.testing.assert_array_equal(render(second, x, at(second)), render(first, x, at(first)))


@pytest.mark.parametrize("name", ["keras AIDA-X with knobs", "guitarml two layers, a knob"])
def test_knobs_glide(name: str, tmp_path: Path) -> None:
    model, x = opened(generated.write(generated.ALL[name], tmp_path)), sound(0.2)
    voice = model.voice(dict.fromkeys(at(model), 0.0))
    voice.glide_to(model.packed(dict.fromkeys(at(model), 1.0)), model.glide_steps)
    turned = voice.process(x, 64)
    before, after = (render(model, x, dict.fromkeys(at(model), value)) for value in (0.0, 1.0))
    assert np.abs(turned[:64] - after[:64]).max() > 1e-3
    assert np.abs(turned - after)[-2000:].max() < 1e-4 < np.abs(before - after)[-2000:].max()


# --- sizes --------------------------------------------------------------------------------------------------


def test_a_container_gives_the_size_that_was_asked_for(tmp_path: Path) -> None:
    models = [generated.lstm(3, 1), generated.NAM["A1"], generated.NAM["gated"]]
    path, x = generated.write(generated.container(*models), tmp_path), sound(0.02)
    for size, model in ((0.0, 0), (0.32, 0), (0.34, 1), (0.5, 1), (0.7, 2), (1.0, 2)):
        assert_close(render(opened(path, size), x), response(models[model], x))
    assert [round(size, 2) for size, _ in reading.load_foreign(path).sizes] == [0.0, 0.33, 0.67]


def narrowed(document: Json, widths: tuple[int, ...]) -> Json:
    """A WaveNet of single groups and legacy keys, cut to the first channels of everything."""
    left, kept = np.asarray(document["weights"]), []

    def cut(full: tuple[int, ...], slim: tuple[int, ...]) -> None:
        nonlocal left
        size = int(np.prod(full))
        piece, left = left[:size].reshape(full), left[size:]
        kept.append(piece[tuple(slice(n) for n in slim)].ravel())

    layers, arrays = [], document["config"]["layers"]
    for n, (a, width) in enumerate(zip(arrays, widths, strict=True)):
        full, inp, k = a["channels"], a["input_size"], a["kernel_size"]
        inputs = widths[n - 1] if n else inp
        head = widths[n + 1] if n + 1 < len(widths) else a["head_size"]
        cut((full, inp), (width, inputs))
        for _ in a["dilations"]:
            cut((full, full, k), (width, width, k))
            cut((full,), (width,))
            cut((full, 1), (width, 1))
            cut((full, full), (width, width))
            cut((full,), (width,))
        cut((a["head_size"], full), (head, width))
        if a["head_bias"]:
            cut((a["head_size"],), (head,))
        layers.append(a | {"channels": width, "input_size": inputs, "head_size": head})
    config = document["config"] | {"layers": layers}
    return document | {"config": config, "weights": [*np.concatenate(kept), document["weights"][-1]]}


def slimmable(channels: list[int]) -> Json:
    return {"slimmable": {"method": "slice_channels_uniform", "kwargs": {"allowed_channels": channels}}}


@pytest.mark.parametrize(("size", "widths"), [(0.0, (2, 1)), (0.4, (3, 1)), (0.5, (3, 2)), (1.0, (4, 2))])
def test_a_slimmable_wavenet_is_cut(size: float, widths: tuple[int, int], tmp_path: Path) -> None:
    document = generated.wavenet(
        generated.array(head_size=2, **slimmable([2, 3, 4])),
        generated.array(input_size=4, channels=2, **slimmable([1, 2])),
    )
    x = sound(0.02)
    model = opened(generated.write(document, tmp_path), size)
    assert_close(render(model, x), response(narrowed(document, widths), x))


# --- published files ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("file", PUBLISHED)
def test_published_models_play_as_they_should(file: str, shared_data: Path) -> None:
    path = shared_data / "models" / file
    model, x = opened(path), sound(0.1)
    # Elsewhere on their dials, units of the "centaur" models would need minutes to come to rest.
    at_zero = dict.fromkeys(at(model), 0.0)
    expected = response(json.loads(path.read_text()), x, tuple(at_zero.values()))
    assert_close(render(model, x, at_zero), expected)


@pytest.mark.slow
@pytest.mark.parametrize("file", CONTAINERS)
def test_published_containers_play_every_size(file: str, shared_data: Path) -> None:
    path, x = shared_data / "models" / file, sound(0.05)
    parts = json.loads(path.read_text())["config"]["submodels"]
    for part, (size, _) in zip(parts, reading.load_foreign(path).sizes, strict=True):
        assert_close(render(opened(path, size), x), response(part["model"], x))


# --- narrower vectors ---------------------------------------------------------------------------------------


def check_narrower(folder: Path) -> None:
    """Run in a process of its own, for processors with narrower vectors."""
    for name in ("nam everything", "keras all kinds", "nam three LSTM"):
        document: dict[str, Any] = generated.ALL[name]
        model, x = opened(generated.write(document, folder)), sound(0.02)
        got = render(model, x, at(model))
        assert_close(got, response(document, x))
        np.testing.assert_array_equal(render(model, x, at(model), 63), got)
    sys.stdout.write(f"{LANES}\n")


@pytest.mark.slow
@pytest.mark.parametrize(("lanes", "processor"), [(8, "haswell"), (4, "generic")])
def test_narrower_vectors_play_the_same(lanes: int, processor: str, tmp_path: Path) -> None:
    if lanes > LANES:
        pytest.skip("this processor's vectors are narrower")
    code = f"""
from pathlib import Path
from tests.contract.test_formats import check_narrower
check_narrower(Path({str(tmp_path)!r}))
"""
    named = os.environ | {"NUMBA_CPU_NAME": processor}
    result = subprocess.run(
        [sys.executable, "-c", code], env=named, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) == lanes
