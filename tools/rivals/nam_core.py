"""Play the same `.nam` files with NeuralAmpModelerCore and with our kernels, in turns, and compare.

    .venv/bin/python tools/rivals/nam_core.py PROGRAM [PROGRAM …] [--files FILE …] [--json RESULT.json]

PROGRAM is `nam_core.cpp` built from its sources, best several times (compilers, instruction sets): each
network is held against the build that plays it fastest. Files are those named and, first, networks of random
weights: the published sizes and the rarer shapes that `vastudio bench engine` measures.

Every turn plays one second of guitar, in blocks of 64; the figures are nanoseconds of work for a sample.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import nam_files
import numpy as np
import soundfile

from vastudio import paths
from vastudio.app.bench.timing import Times, clock
from vastudio.engine.networks import nam
from vastudio.kernels.voice import Voice
from vastudio.modelfile import reading
from vastudio.types import STANDARD_RATE, Audio

BLOCK = 64
PHRASE = "riff.flac"
EXACT, FAST = "exact", "fast"
"""Its two kinds of tanh; its plug-in takes the fast one."""


@dataclass(frozen=True)
class Row:
    """One network: nanoseconds of a sample, median and least of the turns.

    Attributes
    ----------
    ratio, ratio_exact:
        Theirs to ours, the median over the rounds: with the fast tanh and with the exact one.
    difference:
        The largest, over the second half of the sound, from theirs with the exact tanh.
    peak:
        Of theirs, there.
    """

    network: str
    ours: float
    ours_least: float
    theirs: float
    theirs_least: float
    build: str
    ratio: float
    theirs_exact: float
    ratio_exact: float
    difference: float
    peak: float


class Program:
    """One build of theirs with a network loaded."""

    def __init__(self, program: Path, process: subprocess.Popen[str], output: Path) -> None:
        self.name = program.stem
        self._process, self._output = process, output

    def turn(self) -> float:
        """Play once; nanoseconds of a sample."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def heard(self) -> Audio:
        """What came out the first time."""
        return np.fromfile(self._output, np.float32)


@contextmanager
def running(program: Path, model: Path, sound: Path, kind: str) -> Iterator[Program]:
    """Start a build of theirs."""
    output = model.with_name(f"{program.stem}-{kind}.f32")
    command = [str(program.resolve()), str(model), str(sound), str(output), str(BLOCK), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        if process.stdout.readline() != "ready\n":
            raise SystemExit(f"{program} cannot play {model}.")
        yield Program(program, process, output)
        process.stdin.close()


def our_voice(model: Path) -> Voice:
    """The kernel that our player chooses."""
    network = nam.read(reading.load(model))
    return Voice(network.program, network.packed(np.zeros(0, np.float32)))


def compare(name: str, model: Path, sound: Path, programs: list[Path], rounds: int) -> Row:
    """Play one file with ours and with every build of theirs, in turns."""
    audio = np.fromfile(sound, np.float32)
    voice = our_voice(model)
    ours = voice.process(audio, BLOCK)
    turns: dict[tuple[str, str], list[float]] = {}
    own: list[float] = []
    with ExitStack() as stack:
        started = {
            (program.stem, kind): stack.enter_context(running(program, model, sound, kind))
            for program in programs
            for kind in (FAST, EXACT)
        }
        for _ in range(rounds):
            begun = clock()
            voice.process(audio, BLOCK)
            own.append((clock() - begun) / audio.size)
            for key, rival in started.items():
                turns.setdefault(key, []).append(rival.turn())
        heard = started[programs[0].stem, EXACT].heard()
    half = audio.size // 2
    fast, exact = (_quickest(turns, kind) for kind in (FAST, EXACT))
    mine, fast_times, exact_times = (Times(tuple(values)) for values in (own, turns[fast], turns[exact]))
    return Row(
        network=name,
        ours=mine.median,
        ours_least=mine.least,
        theirs=fast_times.median,
        theirs_least=fast_times.least,
        build=fast[0],
        ratio=fast_times.ratio_to(mine),
        theirs_exact=exact_times.median,
        ratio_exact=exact_times.ratio_to(mine),
        difference=float(np.abs(ours - heard)[half:].max()),
        peak=float(np.abs(heard[half:]).max()),
    )


def _quickest(turns: dict[tuple[str, str], list[float]], kind: str) -> tuple[str, str]:
    return min((key for key in turns if key[1] == kind), key=lambda key: statistics.median(turns[key]))


def table(rows: Iterable[Row]) -> str:
    """As docs/benchmarks-rivals.md has it."""
    lines = ["| network | ours | theirs | ratio | theirs, exact tanh | ratio | difference |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    lines += [
        f"| {row.network} | {row.ours:.1f} ({row.ours_least:.1f}) | {row.theirs:.1f} ({row.theirs_least:.1f})"
        f" | **{row.ratio:.1f}** | {row.theirs_exact:.1f} | {row.ratio_exact:.1f} |"
        f" {row.difference:.0e} of {row.peak:.2g} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Compare all networks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("programs", type=Path, nargs="+")
    parser.add_argument("--files", type=Path, nargs="*", default=[])
    parser.add_argument("--only", nargs="*", help="only networks of these names")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    documents = nam_files.documents()
    for path in arguments.files:
        documents |= nam_files.single(path)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        model, sound = Path(folder, "model.nam"), Path(folder, "sound.f32")
        phrase = soundfile.read(paths.resources() / "audio" / PHRASE, dtype="float32")[0]
        np.resize(phrase, STANDARD_RATE).tofile(sound)
        for name, document in documents.items():
            if arguments.only and name not in arguments.only:
                continue
            model.write_text(json.dumps(document))
            rows.append(compare(name, model, sound, arguments.programs, arguments.rounds))
            print(table(rows[-1:]).splitlines()[-1], flush=True)  # noqa: T201
    print(f"\n{table(rows)}")  # noqa: T201
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
