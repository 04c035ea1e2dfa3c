"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from vastudio import __version__
from vastudio.app.bench.limits import multiply_adds_per_second
from vastudio.kernels.jit import LANES

_CPUINFO = Path("/proc/cpuinfo")

RIVAL_PACKAGES = ("onnx", "onnxruntime")


@dataclass(frozen=True)
class Machine:
    """The computer and the versions.

    Attributes
    ----------
    lanes:
        float32 numbers in one vector of ours.
    gmac_per_second:
        Measured: the most 10⁹ multiply-adds per second that one core does.
    versions:
        Package → version; None where it is not installed.
    """

    processor: str
    system: str
    cores: int
    lanes: int
    gmac_per_second: float
    python: str
    versions: dict[str, str | None]


def describe() -> Machine:
    """Look at this computer. Takes some 30 ms the first time."""
    packages = ("numpy", "numba", "torch", *RIVAL_PACKAGES)
    return Machine(
        processor=_processor(),
        system=platform.platform(),
        cores=os.cpu_count() or 1,
        lanes=LANES,
        gmac_per_second=multiply_adds_per_second() / 1e9,
        python=platform.python_version(),
        versions={"vastudio": __version__, **{name: _version(name) for name in packages}},
    )


def missing_rivals() -> list[str]:
    """The packages that the comparison with onnxruntime needs and that are not installed."""
    return [name for name in RIVAL_PACKAGES if util.find_spec(name) is None]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name as the system knows it, with its family and model where Linux says them."""
    if not _CPUINFO.is_file():
        return platform.processor() or platform.machine()
    facts: dict[str, str] = {}
    for line in _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    named = facts.get("model name") or platform.machine()
    if "cpu family" not in facts:
        return named
    return f"{named} (family {facts['cpu family']}, model {facts.get('model', '?')})"
