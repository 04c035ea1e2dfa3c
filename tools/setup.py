"""Prepare the environment: system libraries, .venv, locked packages, the studio itself.

Runs on a bare Python 3.11 or newer, with nothing but the standard library. A second call finds the
stamp of the first and returns at once. `make setup`, `make run` and `make test` go through it.

    python3 tools/setup.py [--development]
"""

from __future__ import annotations

import argparse
import ctypes.util
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")

# Debian and Ubuntu package → the library it brings, for systems without apt.
LIBRARIES = {
    "libportaudio2": "portaudio",
    "libegl1": "EGL",
    "libgl1": "GL",
    "libxkbcommon0": "xkbcommon",
    "libxkbcommon-x11-0": "xkbcommon-x11",
    "libdbus-1-3": "dbus-1",
    "libfontconfig1": "fontconfig",
    "libfreetype6": "freetype",
    "libglib2.0-0": "glib-2.0",
    "libxcb-cursor0": "xcb-cursor",
    "libxcb-icccm4": "xcb-icccm",
    "libxcb-image0": "xcb-image",
    "libxcb-keysyms1": "xcb-keysyms",
    "libxcb-randr0": "xcb-randr",
    "libxcb-render-util0": "xcb-render-util",
    "libxcb-shape0": "xcb-shape",
    "libxcb-xinerama0": "xcb-xinerama",
    "libxcb-xkb1": "xcb-xkb",
}
# A virtual sound card for the tests that need a real audio device; they are skipped without it.
DEVELOPMENT_PACKAGES = ["jackd2", "pulseaudio", "libasound2-plugins"]


def say(text: str) -> None:
    """Tell the person at the terminal what happens."""
    sys.stderr.write(f"setup: {text}\n")
    sys.stderr.flush()


def fail(text: str) -> None:
    """Stop with one line."""
    say(text)
    sys.exit(1)


def run(*command: str | Path, quiet: bool = False) -> bool:
    """Run a command; return whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return (
        subprocess.run(
            [str(part) for part in command], stdout=output, env=environment, check=False
        ).returncode
        == 0
    )


def is_installed(package: str) -> bool:
    """Whether dpkg knows the package as installed, also under its 64-bit-time name (libglib2.0-0t64)."""
    for name in (package, f"{package}t64"):
        query = ["dpkg-query", "-W", "-f", "${Status}", name]
        answer = subprocess.run(query, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.endswith(" installed"):
            return True
    return False


def apt() -> list[str] | None:
    """How to call apt-get here, or None where it may not be used."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    if shutil.which("sudo") and run("sudo", "-n", "true", quiet=True):
        return ["sudo", "-n", "apt-get"]
    return None


def install_packages(packages: list[str], needed: bool) -> None:
    """Install missing Debian packages, or name exactly what to install."""
    missing = [package for package in packages if not is_installed(package)]
    if not missing:
        return
    command = apt()
    if command is not None:
        say(f"installing {' '.join(missing)}")
        install = [*command, "install", "-y", "-qq", "--no-install-recommends", *missing]
        if run(*install, quiet=True) or (
            run(*command, "update", "-qq", quiet=True) and run(*install, quiet=True)
        ):
            return
    advice = f"sudo apt-get install {' '.join(missing)}"
    if needed:
        fail(f"these system packages are missing and cannot be installed from here. Please run:  {advice}")
    say(f"going on without {' '.join(missing)} (to have them: {advice})")


def system_libraries(development: bool) -> None:
    """See that Qt and PortAudio find their libraries."""
    if not sys.platform.startswith("linux"):
        return  # the wheels for Windows and macOS bring them along
    if not shutil.which("dpkg-query"):
        missing = [name for name in LIBRARIES.values() if ctypes.util.find_library(name) is None]
        if missing:
            say(f"please install the libraries {', '.join(missing)} with your package manager")
        return
    install_packages(list(LIBRARIES), needed=True)
    if development:
        install_packages(DEVELOPMENT_PACKAGES, needed=False)


def create_environment() -> None:
    """Create .venv; Debian keeps the means for that in a package of its own."""
    if PYTHON.exists() and run(PYTHON, "-m", "pip", "--version", quiet=True):
        return
    try:
        import ensurepip  # noqa: F401, PLC0415
    except ImportError:
        install_packages([f"python3.{sys.version_info.minor}-venv"], needed=True)
    say("creating .venv")
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        fail("python could not create .venv; is the folder writable?")


def pip(*arguments: str | Path) -> None:
    """Run pip in .venv or stop."""
    if not run(PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments):
        fail("pip failed; its message stands above. Is the network reachable?")


def install_torch(requirement: str) -> None:
    """Install the processor build of torch, never the multi-gigabyte one for graphics cards.

    Where pip would bring that one along, `uv` installs instead: it knows where the processor builds are.
    Someone who wants the other build installs it into .venv before or after; the studio uses it.
    """
    if run(PYTHON, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"):
        return
    say(f"installing {requirement} (processor build)")
    query = [str(PYTHON), "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-", requirement]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    if answer.returncode:
        fail(f"pip cannot find {requirement}: {answer.stderr.strip().splitlines()[-1:]}")
    names = [item["metadata"]["name"].lower() for item in json.loads(answer.stdout)["install"]]
    if any(name.startswith(("nvidia-", "cuda-", "triton")) for name in names):
        pip("install", "--quiet", "uv")
        if not run(
            PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "--torch-backend", "cpu", requirement
        ):
            fail("the processor build of torch could not be installed; its message stands above.")
    else:
        pip("install", "--quiet", requirement)


def install_python_packages() -> None:
    """Install the locked packages, then the studio itself, editable."""
    lines = [line for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    install_torch(next(line for line in lines if line.startswith("torch==")))
    say("installing the locked packages")
    rest = VENV / "requirements.txt"
    rest.write_text("\n".join(line for line in lines if not line.startswith("torch==")) + "\n")
    pip("install", "--quiet", "-r", rest)
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT)


def stamp(development: bool) -> tuple[Path, str]:
    """The file that remembers a finished set-up, and what it must hold."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), Path(__file__).read_bytes()]
    digest = hashlib.sha256(b"".join(parts)).hexdigest()
    return VENV / f".setup-{'development' if development else 'run'}", f"{sys.version} {ROOT} {digest}"


def main() -> None:
    """Set everything up, unless it is."""
    parser = argparse.ArgumentParser(description="Prepare VA Studio's environment in .venv.")
    parser.add_argument("--development", action="store_true", help="also what the tests can make use of")
    development = parser.parse_args().development
    if sys.version_info < (3, 11):  # noqa: UP036 (run by any python3)
        fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    remembered, content = stamp(development)
    if remembered.exists() and remembered.read_text() == content:
        return
    system_libraries(development)
    create_environment()
    install_python_packages()
    remembered.write_text(content)
    say("ready")


if __name__ == "__main__":
    main()
