"""The only place that knows folders.

`VASTUDIO_HOME` moves everything the studio writes for a user (settings, models, datasets, runs,
compiled kernels) under one folder; tests and portable installations set it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent
_NAME = "vastudio"


def _shipped(folder: str) -> Path:
    """A folder shipped with the program: inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / folder
    return inside if inside.is_dir() else _PACKAGE.parent / folder


def resources() -> Path:
    """Themes, icons, fonts and demo phrases."""
    return _shipped("resources")


def factory_models() -> Path:
    """The .vamodel files shipped with the program."""
    return _shipped("models")


def _home() -> Path | None:
    home = os.environ.get("VASTUDIO_HOME")
    return Path(home) if home else None


def user_config() -> Path:
    """Where settings.toml lives."""
    home = _home()
    return home / "config" if home else Path(platformdirs.user_config_dir(_NAME, appauthor=False))


def user_data() -> Path:
    """Where models, datasets and runs live."""
    home = _home()
    return home / "data" if home else Path(platformdirs.user_data_dir(_NAME, appauthor=False))


def user_models() -> Path:
    """Models this user trained or imported."""
    return user_data() / "models"


def user_datasets() -> Path:
    """Datasets this user recorded or imported."""
    return user_data() / "datasets"


def user_runs() -> Path:
    """Training runs, one folder each."""
    return user_data() / "runs"


def user_cache() -> Path:
    """What can be made again: compiled kernels."""
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir(_NAME, appauthor=False))


def is_writable(folder: Path) -> bool:
    """Create `folder` if it is missing and try to write into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def kernel_cache() -> Path | None:
    """The folder for compiled kernels, or None where nothing can be written."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    candidates = [Path(named)] if named else []
    candidates += [user_cache() / "kernels", Path(tempfile.gettempdir()) / f"{_NAME}-kernels-{_user_tag()}"]
    return next((folder for folder in candidates if is_writable(folder)), None)


def _user_tag() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
