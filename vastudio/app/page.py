"""The demonstration as one web page: sound, pictures and numbers inside the file, nothing from a network."""

from __future__ import annotations

import base64
import html
import io
import math
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio import __version__
from vastudio.app.comparison.comparing import Comparison
from vastudio.atomic import write_text
from vastudio.audio.level import from_db
from vastudio.modelfile.schema import Evaluation
from vastudio.types import Audio, Knob

_PEAK = from_db(-1.0)


@dataclass(frozen=True)
class Story:
    """What the page tells besides the comparisons."""

    device: str
    knobs: tuple[Knob, ...]
    architecture: str
    minutes: float
    training_positions: int
    validation_positions: int
    evaluation: Evaluation
    times_real_time: float
    dataset_hash: str


def write(path: Path, story: Story, comparisons: Sequence[Comparison], pictures: Mapping[str, Path]) -> Path:
    """Write the page atomically and return its path.

    Parameters
    ----------
    comparisons:
        The same clean signal at several knob positions, nearest match first.
    pictures:
        PNG files by name: waveforms, spectrograms (each also `-worst`), training, positions.

    Raises OutputError when `path` cannot be written.
    """
    images = {name: _data(file.read_bytes(), "image/png") for name, file in pictures.items()}
    typical, worst = comparisons[len(comparisons) // 2], comparisons[-1]
    body = "\n".join(
        [
            _header(story),
            _figures(story),
            _listening(story, comparisons),
            _pair("How it was learned", images, "training", "positions"),
            _closer(f"Close up: {_where(story, typical)}", images, ""),
            _closer(f"The worst of them: {_where(story, worst)}", images, "-worst")
            if worst is not typical
            else "",
            _numbers(story, comparisons),
            f"<footer>VA Studio {__version__} · dataset {story.dataset_hash[:12]} · everything on this page "
            "was synthesised, recorded, trained and rendered by the program itself.</footer>",
        ]
    )
    title = f"{story.device}: circuit and model"
    write_text(path, _PAGE.format(title=html.escape(title), style=_STYLE, body=body, script=_SCRIPT))
    return path


def _header(story: Story) -> str:
    knobs = " and ".join(html.escape(knob.title.lower()) for knob in story.knobs)
    return (
        f"<header><p class=brand>VA Studio</p><h1>{html.escape(story.device)}, learned in "
        f"{story.minutes:g} minutes</h1><p class=lead>A circuit of two triode stages and a tone stack was "
        f"recorded at {story.training_positions} positions of its {knobs} knobs. One small network "
        f"({html.escape(story.architecture)}) learned them all. Below it plays "
        f"{story.validation_positions} positions it has never seen.</p></header>"
    )


def _figures(story: Story) -> str:
    evaluation = story.evaluation
    cells = [
        (f"{evaluation.median_esr:.2g}", "median ESR at unseen positions", _word(evaluation.median_esr)),
        (f"{evaluation.worst_esr:.2g}", "worst ESR at unseen positions", _word(evaluation.worst_esr)),
        (f"{story.times_real_time:.0f} ×", "real time, on one core", ""),
    ]
    return "<section class=figures>{}</section>".format(
        "".join(
            f"<div><b>{value}</b><span>{label}</span>{f'<i>{word}</i>' if word else ''}</div>"
            for value, label, word in cells
        )
    )


def _listening(story: Story, comparisons: Sequence[Comparison]) -> str:
    clean = comparisons[0].clean
    rows = "".join(
        f"<tr><th>{_where(story, item)}<small>ESR of this riff {item.metrics.esr:.2g}</small></th>"
        f"<td data-name=Target>{_player(audio[0], item.sample_rate, 'target')}</td>"
        f"<td data-name=Model>{_player(audio[1], item.sample_rate, 'model')}</td></tr>"
        for item in comparisons
        for audio in [_matched(item)]
    )
    return (
        "<section><h2>Listen</h2><p>A player takes over where another stopped: start one while the other "
        "sounds and the riff goes on. Target and model are matched in loudness.</p>"
        "<table class=listen><thead><tr><td></td><td class=target>Target: the circuit</td>"
        "<td class=model>Model: the network</td></tr></thead><tbody>"
        f"<tr><th>Clean<small>what goes in</small></th><td>"
        f"{_player(_limited(clean), comparisons[0].sample_rate, 'clean')}</td><td></td></tr>{rows}"
        "</tbody></table></section>"
    )


def _pair(title: str, images: Mapping[str, str], left: str, right: str) -> str:
    captions = {
        "training": "Error-to-signal ratio while training, logarithmic.",
        "positions": "Error-to-signal ratio at every recorded knob position.",
    }
    cells = "".join(_picture(images[name], captions[name]) for name in (left, right))
    return f"<section><h2>{title}</h2><div class=pair>{cells}</div></section>"


def _closer(title: str, images: Mapping[str, str], suffix: str) -> str:
    waves = _picture(images[f"waveforms{suffix}"], "Left: the phrase. Right: its loudest 25 ms.")
    spectra = _picture(
        images[f"spectrograms{suffix}"], "Mel spectrograms, 80 dB; target and model share colours."
    )
    return f"<section><h2>{title}</h2>{waves}{spectra}</section>"


def _picture(data: str, caption: str) -> str:
    return (
        f'<figure><img src="{data}" alt="{html.escape(caption)}"><figcaption>{caption}</figcaption></figure>'
    )


def _numbers(story: Story, comparisons: Sequence[Comparison]) -> str:
    rows = "".join(
        f"<tr><th>{_where(story, item)}</th><td>{item.metrics.esr:.2g}</td>"
        f"<td>{_number(item.metrics.null_depth_db, '.1f')} dB</td><td>{item.metrics.mr_stft:.3f}</td>"
        f"<td>{_number(item.metrics.loudness_difference, '.2f')} LU</td>"
        f"<td>{item.metrics.mfcc_distance:.2f}</td><td>{item.metrics.predicted_mushra:.0f}</td></tr>"
        for item in comparisons
    )
    return (
        "<section><h2>Numbers</h2><p>Of the riff above, at positions the training has never seen.</p>"
        "<table class=numbers><thead><tr><td></td><td>ESR</td><td>Null depth</td><td>MR-STFT</td>"
        "<td>Loudness</td><td>MFCC</td><td>MUSHRA (predicted)</td></tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _where(story: Story, comparison: Comparison) -> str:
    return " · ".join(
        f"{html.escape(knob.title)} {comparison.knobs[knob.name]:g}" for knob in story.knobs
    ) or html.escape(comparison.capture)


def _word(esr: float) -> str:
    return "great" if esr < 0.01 else "good" if esr < 0.035 else "usable" if esr < 0.1 else "rough"


def _number(value: float, form: str) -> str:
    return format(value, form).replace("-", "−") if math.isfinite(value) else "–"


def _matched(comparison: Comparison) -> tuple[Audio, Audio]:
    """Return target and model at equal loudness, both lowered alike where one would clip."""
    target = comparison.target * np.float32(from_db(comparison.gains.target))
    model = comparison.model * np.float32(from_db(comparison.gains.model))
    # Quiet knob positions are brought up for listening; the pair keeps its balance.
    scale = np.float32(_PEAK / max(float(np.max(np.abs(target))), float(np.max(np.abs(model))), 1e-9))
    return target * scale, model * scale


def _limited(audio: Audio) -> Audio:
    return audio * np.float32(min(1.0, _PEAK / max(float(np.max(np.abs(audio))), 1e-9)))


def _player(audio: Audio, rate: int, kind: str) -> str:
    source = _data(_wav(audio, rate), "audio/wav")
    return f'<audio controls preload="metadata" class={kind} aria-label={kind} src="{source}"></audio>'


def _wav(audio: Audio, rate: int) -> bytes:
    """Return mono audio as a 16-bit WAV file, which every browser plays."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.clip(audio, -1.0, 1.0) * 32767.0).astype("<i2").tobytes())
    return buffer.getvalue()


def _data(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main>
{body}
</main>
<script>{script}</script>
</body>
</html>
"""

_STYLE = """
:root { color-scheme: dark; --clean: #8494AB; --target: #F2A83B; --model: #3CC8B4; }
* { box-sizing: border-box; }
body { margin: 0; background: #121417; color: #E8EAED;
       font: 15px/1.55 Inter, system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
       font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 56px 24px 40px; }
.brand { margin: 0; color: var(--model); font-weight: 600; letter-spacing: .02em; }
h1 { margin: 4px 0 12px; font-size: 34px; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 0 0 6px; font-size: 20px; }
p { margin: 0 0 16px; color: #9CA5AF; max-width: 68ch; }
.lead { font-size: 17px; }
section { margin-top: 48px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px;
           margin-top: 28px; }
.figures div { position: relative; background: #191C20; border: 1px solid #2F353C; border-radius: 10px;
               padding: 18px 20px; }
.figures b { display: block; font-size: 32px; line-height: 1.2; font-weight: 600; }
.figures span { color: #9CA5AF; }
.figures i { position: absolute; top: 18px; right: 18px; padding: 1px 10px; border-radius: 10px;
             font-style: normal;
             font-size: 13px; color: #9CA5AF; border: 1px solid #2F353C; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 10px 12px; text-align: left; border-top: 1px solid #2F353C; }
thead td { border-top: 0; padding-top: 0; color: #9CA5AF; font-weight: 600; }
th { font-weight: 500; white-space: nowrap; }
th small { display: block; color: #9CA5AF; font-weight: 400; font-size: 13px; }
.listen th { width: 170px; padding-left: 0; }
thead .target { color: var(--target); }
thead .model { color: var(--model); }
audio { display: block; width: 100%; height: 40px; border-radius: 20px; border: 2px solid transparent; }
audio.clean { border-color: var(--clean); }
audio.target { border-color: var(--target); }
audio.model { border-color: var(--model); }
.numbers th { padding-left: 0; }
.numbers td { text-align: right; }
figure { margin: 0 0 16px; background: #191C20; border: 1px solid #2F353C; border-radius: 10px;
         padding: 12px; }
figure img { display: block; width: 100%; }
figcaption { padding: 8px 4px 0; color: #9CA5AF; font-size: 13px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 16px; }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid #2F353C; color: #9CA5AF;
         font-size: 13px; }
@media (max-width: 640px) { .listen, .listen tbody, .listen tr, .listen td, .listen th { display: block; }
  .listen thead { display: none; } .listen td { border: 0; padding: 4px 0; }
  .listen td::before { content: attr(data-name); color: #9CA5AF; font-size: 13px; } }
"""

_SCRIPT = """
const players = [...document.querySelectorAll('audio')];
for (const player of players) player.addEventListener('play', () => {
  const other = players.find(item => item !== player && !item.paused);
  if (!other) return;
  player.currentTime = other.currentTime;
  other.pause();
});
"""
