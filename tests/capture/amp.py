"""A tube amp on a JACK server: a LADSPA plug-in in a client that PortAudio shows as a device."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.jack import RATE

AMP = "amp"
AMP_DELAY = 10  # samples, of the plug-in's oversampling filters

_CAPS = Path("/usr/lib/ladspa/caps.so")
_PATIENCE_SECONDS = 20.0


def has_amp() -> bool:
    """Whether this computer has the plug-in and its host."""
    return shutil.which("ecasound") is not None and _CAPS.exists()


@contextmanager
def amp_on_jack(period: int) -> Iterator[None]:
    """The device `amp` on the server that the environment names."""
    amp = subprocess.Popen(
        [
            *f"ecasound -q -b:{period} -z:nodb -r:50 -f:f32_le,1,{RATE} -i jack,, -o jack,,".split(),
            f"-G:jack,{AMP},notransport",
            "-el:AmpVTS,1,0.5,0.75,0.5,0,0.4,0.6,0.8,0.25,0.75,0.75",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + _PATIENCE_SECONDS
        while f"{AMP}:out".encode() not in subprocess.run("jack_lsp", stdout=-1, check=False).stdout:
            assert time.monotonic() < end, "the amp does not appear"
            time.sleep(0.1)
        yield
    finally:
        amp.terminate()
        amp.wait()
