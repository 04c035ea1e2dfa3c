"""What every importer promises, whichever modules there are."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import pytest

from vastudio.dataset import importers as package
from vastudio.dataset.importing import importers
from vastudio.dataset.planned import Importer, ImportOptions
from vastudio.errors import DatasetError


def test_every_module_exposes_an_importer() -> None:
    modules = {info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_")}
    assert modules == set(importers())
    assert {"csv", "pair"} <= modules


@pytest.mark.parametrize("importer", importers().values(), ids=importers().keys())
def test_contract(importer: Importer, tmp_path: Path) -> None:
    assert importer.title
    assert not importer.accepts(tmp_path / "missing")
    assert not importer.accepts(tmp_path)
    with pytest.raises(DatasetError) as caught:
        importer.plan(tmp_path, ImportOptions())
    assert caught.value.hint
