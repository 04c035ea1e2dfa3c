"""Discovery of plug-points: every module of a package that defines a given name.

A new architecture, loss, importer or command is one new file; nothing lists them by hand.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def discover(package: str, attribute: str) -> dict[str, Any]:
    """Import the public modules of `package` and return `{module name: module.attribute}`.

    Modules without the attribute are helpers and are left out. The order is alphabetical.
    """
    parent = importlib.import_module(package)
    found: dict[str, Any] = {}
    for info in sorted(pkgutil.iter_modules(parent.__path__), key=lambda item: item.name):
        if info.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        if hasattr(module, attribute):
            found[info.name] = getattr(module, attribute)
    return found
