"""Import end to end: what is measured, recorded, corrected on reading, and refused."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.dataset.material import RATE, clean, driven, save
from vastudio.audio import io, metrics
from vastudio.dataset.importing import ImportProgress, Pair, import_dataset
from vastudio.dataset.planned import ImportOptions
from vastudio.dataset.store import Dataset
from vastudio.errors import AudioFileError, DatasetError, OutputError
from vastudio.types import Audio


def import_pair(folder: Path, x: Audio, y: Audio, rate: int = RATE, target_rate: int = RATE) -> Dataset:
    pair = Pair(save(folder / "x.wav", x, rate), save(folder / "y.wav", y, target_rate), {"drive": 0.5})
    return import_dataset(None, folder / "dataset", pairs=[pair])


def codes(dataset: Dataset) -> set[tuple[str, str]]:
    return {(finding.severity, finding.code) for finding in dataset.manifest.all_findings()}


def test_late_inverted_pair_is_corrected_on_reading_only(tmp_path: Path) -> None:
    x = clean()
    dataset = import_pair(tmp_path, x, driven(x, delay=37.4, gain=-0.5))
    assert codes(dataset) == {("info", "delay"), ("info", "inverted")}
    clip = dataset.captures("train")[0].clips[0]
    assert clip.delay_samples == pytest.approx(37.4, abs=0.02)
    assert clip.inverted
    assert clip.measured.confidence > 0.95
    read_clean, read_target = dataset.read_clip(clip)
    np.testing.assert_array_equal(read_clean, x[: clip.frames])
    truth = driven(x)[: clip.frames]
    assert metrics.esr(truth[100:], read_target[100:]) < 1e-5
    for source in (tmp_path / "x.wav", tmp_path / "y.wav"):
        copies = [
            dataset.path / record.path for record in dataset.manifest.audio if record.source == source.name
        ]
        assert copies[0].read_bytes() == source.read_bytes()


def test_whole_sample_corrections_are_exact(tmp_path: Path) -> None:
    x = clean()
    y = driven(x)
    pairs = [Pair(save(tmp_path / "x.wav", x), save(tmp_path / "y.wav", y))]
    clip = import_dataset(None, tmp_path / "d", pairs=pairs).captures("train")[0].clips[0]
    assert clip.delay_samples == 0.0
    np.testing.assert_array_equal(Dataset.open(tmp_path / "d").read_clip(clip)[1], y[: clip.frames])


def test_a_single_pair_holds_out_the_end_of_its_clip(tmp_path: Path) -> None:
    x = clean(2.0)
    dataset = import_pair(tmp_path, x, driven(x))
    train, validation = dataset.captures("train"), dataset.captures("validation")
    assert [capture.id for capture in (*train, *validation)] == ["000", "001"]
    first, last = train[0].clips[0], validation[0].clips[0]
    assert first.frames + last.frames == len(x)
    assert last.input_start == first.frames == last.output_start
    assert last.frames == pytest.approx(0.15 * len(x), rel=0.01)
    np.testing.assert_array_equal(dataset.read_clip(last)[0], x[first.frames :])


def test_mismatched_rates_of_a_pair_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="44100 Hz, the target at 48000 Hz") as caught:
        import_pair(tmp_path, clean(), driven(clean()), rate=44_100)
    assert "same sample rate" in caught.value.hint
    assert not (tmp_path / "dataset").exists()


def test_a_pair_at_another_rate_than_the_others_is_left_out(tmp_path: Path) -> None:
    x = clean()
    pairs = [
        Pair(
            save(tmp_path / f"x{rate}.wav", x, rate),
            save(tmp_path / f"y{index}.wav", driven(x, index), rate),
            {"d": index},
        )
        for index, rate in enumerate((48_000, 48_000, 44_100))
    ]
    dataset = import_dataset(None, tmp_path / "d", pairs=pairs)
    assert dataset.sample_rate == 48_000
    assert {capture.knobs["d"] for capture in dataset.captures()} == {0, 1}
    assert ("error", "rate") in codes(dataset)
    assert any(capture.knobs["d"] == 2 for capture in dataset.manifest.captures)


def test_early_target_is_an_error_with_advice(tmp_path: Path) -> None:
    x = clean()
    with pytest.raises(DatasetError, match=r"40\.00 samples earlier") as caught:
        import_pair(tmp_path, x, driven(x, delay=-40.0))
    assert "swapped" in caught.value.hint


@pytest.mark.parametrize("silent", ["target", "clean signal"])
def test_silence_is_an_error(tmp_path: Path, silent: str) -> None:
    x, nothing = clean(), np.zeros_like(clean())
    with pytest.raises(DatasetError, match=f"The {silent} is silent"):
        import_pair(tmp_path, *((x, nothing) if silent == "target" else (nothing, x)))


def test_oddities_are_told_but_not_changed(tmp_path: Path) -> None:
    x = clean()
    y = np.clip(driven(x, gain=4.0), -1.0, 1.0)[:-3000]
    assert {("warning", "clipping"), ("warning", "length")} <= codes(import_pair(tmp_path / "a", x, y))
    y = driven(x) + np.float32(0.2)
    assert codes(import_pair(tmp_path / "b", x, y)) == {("warning", "dc")}
    assert codes(import_pair(tmp_path / "c", x, driven(x, gain=0.003))) == {("info", "quiet")}
    assert codes(import_pair(tmp_path / "d", x, clean(seed=1))) == {("warning", "unrelated")}


def test_stereo_files_are_told(tmp_path: Path) -> None:
    x, y = clean(), driven(clean())
    for name, other, severity in (("same", y, "info"), ("other", x, "warning")):
        save(tmp_path / name / "x.wav", x)
        soundfile.write(tmp_path / name / "y.wav", np.stack([y, other], axis=1), RATE, subtype="FLOAT")
        pair = Pair(tmp_path / name / "x.wav", tmp_path / name / "y.wav")
        dataset = import_dataset(None, tmp_path / name / "d", pairs=[pair])
        assert (severity, "stereo") in codes(dataset)
        np.testing.assert_array_equal(
            dataset.read_clip(dataset.captures()[0].clips[0])[1], y[: int(0.85 * len(y))]
        )


def test_one_clip_later_than_the_others_is_warned_about(tmp_path: Path) -> None:
    x = clean()
    source = save(tmp_path / "x.wav", x)
    pairs = [
        Pair(source, save(tmp_path / f"y{index}.wav", driven(x, index / 4, delay)), {"drive": index / 4})
        for index, delay in enumerate((10.0, 10.0, 10.0, 10.0, 25.0))
    ]
    dataset = import_dataset(None, tmp_path / "d", pairs=pairs)
    delays = [capture.clips[0].delay_samples for capture in dataset.captures()]
    assert delays == pytest.approx([10.0, 10.0, 10.0, 10.0, 25.0], abs=0.02)
    odd = [finding for finding in dataset.manifest.all_findings() if finding.code == "delay_differs"]
    assert [(finding.severity, finding.capture, finding.clip) for finding in odd] == [("warning", "004", 0)]
    assert len(dataset.manifest.audio) == 6, "the shared clean file is copied once"


def test_bad_files_leave_nothing_behind(tmp_path: Path) -> None:
    x = save(tmp_path / "x.wav", clean())
    text = tmp_path / "text.wav"
    text.write_text("no audio")
    broken = clean()
    broken[77] = np.nan
    for bad in (text, tmp_path / "missing.wav", save(tmp_path / "nan.wav", broken)):
        with pytest.raises(AudioFileError, match=bad.name):
            import_dataset(None, tmp_path / "d", pairs=[Pair(x, bad)])
    with pytest.raises(DatasetError, match="in common"):
        import_dataset(None, tmp_path / "d", pairs=[Pair(x, save(tmp_path / "short.wav", clean(0.05)))])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nan.wav", "short.wav", "text.wav", "x.wav"]


def test_an_existing_folder_is_not_overwritten(tmp_path: Path) -> None:
    import_pair(tmp_path, clean(), driven(clean()))
    with pytest.raises(OutputError, match="already exists"):
        import_pair(tmp_path, clean(), driven(clean()))


def test_progress_is_told_and_can_cancel(tmp_path: Path) -> None:
    pair = Pair(save(tmp_path / "x.wav", clean()), save(tmp_path / "y.wav", driven(clean())))
    steps: list[ImportProgress] = []
    import_dataset(None, tmp_path / "d", pairs=[pair], on_progress=steps.append)
    assert steps == [ImportProgress(0, 1, "y.wav")]

    def cancel(_: ImportProgress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_dataset(None, tmp_path / "e", pairs=[pair], on_progress=cancel)
    assert not (tmp_path / "e").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_unknown_sources_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    sources = {None: "nothing to import", tmp_path / "no": "no", tmp_path / "notes.txt": "can be imported"}
    for source, text in sources.items():
        with pytest.raises(DatasetError, match=text):
            import_dataset(source, tmp_path / "d")


def test_device_name_and_knob_ranges_can_be_given(tmp_path: Path) -> None:
    x = save(tmp_path / "x.wav", clean())
    pair = Pair(x, save(tmp_path / "y.wav", driven(clean())), {"drive": 3.0})
    options = ImportOptions(device="Fuzz", knob_ranges={"drive": (1.0, 5.0)})
    dataset = import_dataset(None, tmp_path / "d", pairs=[pair], options=options)
    assert dataset.manifest.device == "Fuzz"
    assert (dataset.knobs[0].minimum, dataset.knobs[0].maximum) == (1.0, 5.0)
    with pytest.raises(DatasetError, match="outside"):
        import_dataset(
            None, tmp_path / "e", pairs=[pair], options=ImportOptions(knob_ranges={"drive": (0, 1)})
        )


def test_klon_is_inverted_and_late(shared_data: Path, tmp_path: Path) -> None:
    dataset = import_dataset(shared_data / "pairs" / "klon_compact", tmp_path / "klon")
    assert [capture.knobs["knob"] for capture in dataset.captures()] == [0, 25, 50, 75, 100]
    assert (dataset.knobs[0].minimum, dataset.knobs[0].maximum) == (0.0, 100.0)
    assert {("info", "delay"), ("info", "inverted")} <= codes(dataset)
    latencies = {
        (clip.delay_samples, clip.inverted) for capture in dataset.captures() for clip in capture.clips
    }
    assert len(latencies) == 1
    delay, inverted = latencies.pop()
    assert inverted
    assert 3.0 < delay < 8.0


def test_overdrive_table_is_imported_without_a_finding(shared_data: Path, tmp_path: Path) -> None:
    table = (shared_data / "overdrive" / "captures.csv").read_text().splitlines()
    folder = tmp_path / "overdrive"
    folder.mkdir()
    rows = [row for row in table[1:] if int(row.split(",")[2][8:11]) % 6 == 0]
    (folder / "captures.csv").write_text("\n".join([table[0], *rows]))
    (folder / "targets").symlink_to(shared_data / "overdrive" / "targets")
    (tmp_path / "di").symlink_to(shared_data / "di")
    dataset = import_dataset(folder / "captures.csv", tmp_path / "dataset")
    assert not codes(dataset)
    assert {knob.name for knob in dataset.knobs} == {"drive", "tone"}
    assert len(dataset.manifest.audio) == len(rows) + len({row.split(",")[0] for row in rows})
    assert Counter(len(capture.clips) for capture in dataset.captures()) == {2: len(rows) // 2}
    assert len(dataset.captures("validation")) == sum(row.endswith("validation") for row in rows) // 2 > 0
    clip = dataset.captures("train")[0].clips[0]
    expected, _ = io.read(shared_data / rows[0].split(",")[0], int(rows[0].split(",")[1]), clip.frames)
    np.testing.assert_array_equal(dataset.read_clip(clip)[0], expected)


def test_copies_are_named_by_content(tmp_path: Path) -> None:
    dataset = import_pair(tmp_path, clean(), driven(clean()))
    for record in dataset.manifest.audio:
        digest = hashlib.sha256((dataset.path / record.path).read_bytes()).hexdigest()
        assert record.sha256 == digest
        assert digest[:8] in record.path


def test_what_takes_show_beside_each_other_is_in_the_manifest(tmp_path: Path) -> None:
    x = save(tmp_path / "x.wav", clean())
    pairs = [
        Pair(x, save(tmp_path / f"y{drive}.wav", driven(clean(), heard)), {"drive": drive})
        for drive, heard in ((0.0, 0.0), (0.5, 0.5), (1.0, 0.5))
    ]
    dataset = import_dataset(None, tmp_path / "d", pairs=pairs)
    found = [finding for finding in dataset.manifest.all_findings() if finding.code == "unmoved"]
    assert [(finding.capture, finding.clip) for finding in found] == [("002", 0)]
    assert dataset.manifest.captures[2].findings == tuple(found)
