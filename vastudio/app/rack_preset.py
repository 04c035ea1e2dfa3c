"""A preset: everything one plays through in one file, so that it sounds the same on any computer.

The file is a zip with `preset.json` (name, rack, knobs), the model's file as `model.…`, and the impulse
responses under `impulses/`. What is in it is checked before anything of it is used: names, sizes, checksums,
and that model and responses can be read.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from vastudio import paths
from vastudio.app import impulses
from vastudio.app.rack import Rig, read_rig, rig_record
from vastudio.app.studio import read_model
from vastudio.atomic import atomic_file
from vastudio.engine import cabinet
from vastudio.errors import PresetError

SUFFIX = ".vapreset"
SCHEMA = 1
LONGEST_NAME = 80

_SETTINGS = "preset.json"
_IMPULSES = "impulses"
_LARGEST = {_SETTINGS: 1 << 20, "model": 256 << 20, _IMPULSES: impulses.LARGEST_FILE}
_MOST_ENTRIES = 8
_AGAIN = "Ask for the preset once more: it was changed, or damaged on its way."
_DIGITS = 8


@dataclass(frozen=True)
class Contents:
    """What a preset's file holds.

    Attributes
    ----------
    name:
        What the person calls it.
    rig:
        Its settings; model and responses are named as where it was saved.
    model:
        Name and content of the model's file; None without a model.
    responses:
        Content of the impulse responses by their names in the rig.
    """

    name: str
    rig: Rig
    model: tuple[str, bytes] | None
    responses: dict[str, bytes]


def write(path: Path, name: str, rig: Rig) -> None:
    """Write what `rig` is made of to `path`, atomically.

    Raises
    ------
    PresetError
        When the name is empty or too long, or the model's file is gone.
    AudioFileError
        When an impulse response is gone.
    OutputError
        When the folder cannot be written.
    """
    model = _model_of(rig)
    responses = {
        item.response: impulses.path_of(item.response).read_bytes() for item in rig.rack.cabinet.microphones
    }
    write_contents(path, Contents(checked_name(name), rig, model, responses))


def write_contents(path: Path, contents: Contents) -> None:
    """Write a preset's file, atomically. Raises OutputError."""
    model = contents.model
    record = {
        "schema": SCHEMA,
        "name": contents.name,
        "rig": rig_record(contents.rig),
        "model": "" if model is None else model[0],
    }
    with atomic_file(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_SETTINGS, json.dumps(record, indent=1, allow_nan=False))
        if model is not None:
            archive.writestr("model" + Path(model[0]).suffix, model[1])
        for response, content in contents.responses.items():
            archive.writestr(f"{_IMPULSES}/{response}", content)


def checked_name(name: str) -> str:
    """Return a preset's name without spaces around it. Raises PresetError when it is empty or too long."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise PresetError(
            "A preset needs a name." if not name else "The preset's name is too long.",
            f"Give it a name of 1 to {LONGEST_NAME} letters.",
        )
    return name


def _model_of(rig: Rig) -> tuple[str, bytes] | None:
    path = rig.model_path
    if path is None:
        return None
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise PresetError(
            f"The model {path.name} is gone from its folder.", "Open it again before you save the preset."
        ) from error


# --- reading ----------------------------------------------------------------------------------------------


def read(path: Path) -> Contents:
    """Read a preset's file without using anything of it yet.

    Raises PresetError when it is missing, no preset, damaged, from a newer version, or holds what a preset
    must not hold.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _contents(archive, path.name)
    except FileNotFoundError as error:
        raise PresetError(f"There is no preset {path}.", "Choose another one.") from error
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PresetError(
            f"{path.name} is no preset, or damaged.", f"Choose a {SUFFIX} file.", str(error)
        ) from error


def name_of(path: Path) -> str:
    """The name of a preset, without reading the rest. Raises PresetError."""
    try:
        with zipfile.ZipFile(path) as archive:
            return checked_name(str(_settings(archive, path.name)["name"]))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise PresetError(f"{path.name} is no preset, or damaged.", f"Choose a {SUFFIX} file.") from error


def _contents(archive: zipfile.ZipFile, file: str) -> Contents:
    names = [entry.filename for entry in archive.infolist()]
    if len(names) > _MOST_ENTRIES or len(set(names)) != len(names):
        raise PresetError(f"{file} holds more files than a preset has.", _AGAIN)
    record = _settings(archive, file)
    model, responses = None, {}
    for name in names:
        kind, plain = _place(name, file)
        if kind == _IMPULSES:
            responses[plain] = _bytes(archive, name, file)
        elif kind == "model":
            model = (_plain(str(record["model"]), file), _bytes(archive, name, file))
    rig = read_rig(record["rig"], file)
    missing = [item for item in rig.rack.cabinet.microphones if item.response not in responses]
    if missing or (model is None) != (not rig.model):
        raise PresetError(f"{file} lacks its model, or an impulse response.", _AGAIN)
    return Contents(checked_name(str(record["name"])), rig, model, responses)


def _settings(archive: zipfile.ZipFile, file: str) -> dict[str, Any]:
    try:
        record = json.loads(_bytes(archive, _SETTINGS, file))
        schema, _ = record["schema"], (record["name"], record["rig"], record["model"])
    except (KeyError, TypeError, ValueError) as error:
        raise PresetError(f"{file} holds no settings of a preset.", _AGAIN, str(error)) from error
    if schema != SCHEMA:
        raise PresetError(f"{file} was made by another version of VA Studio.", "Update VA Studio.")
    return dict(record)


def _place(name: str, file: str) -> tuple[str, str]:
    """What an entry is, and its plain name; anything that could lie elsewhere is refused."""
    parts = PurePosixPath(name).parts
    if name == _SETTINGS:
        return _SETTINGS, name
    if len(parts) == 1 and PurePosixPath(name).stem == "model":
        return "model", _plain(name, file)
    if len(parts) == 2 and parts[0] == _IMPULSES:
        return _IMPULSES, _plain(parts[1], file)
    raise PresetError(f"{file} holds a file that belongs to no preset: {name[:60]}.", _AGAIN)


def _plain(name: str, file: str) -> str:
    """Return a name that is a plain file name on every system. Raises PresetError."""
    if not name or name.startswith(".") or any(c in '/\\:*?"<>|' or ord(c) < 32 for c in name):
        raise PresetError(f"{file} holds a file with a name that cannot be: {name[:60]!r}.", _AGAIN)
    return name


def _bytes(archive: zipfile.ZipFile, name: str, file: str) -> bytes:
    """Read an entry, whose size may be a lie, up to what it may have."""
    kind = name if name == _SETTINGS else PurePosixPath(name).parts[0].partition(".")[0]
    most = _LARGEST[kind]
    with archive.open(name) as entry:
        content = entry.read(most + 1)
    if len(content) > most:
        raise PresetError(f"{file} holds a file that is too large: {name[:60]}.", _AGAIN)
    return content


# --- using ------------------------------------------------------------------------------------------------


def unpack(path: Path) -> tuple[str, Rig]:
    """Take what a preset holds into use; return its name and its rig with what is here.

    A model that is still where it was, unchanged, is used from there; others go into the user's folder. In a
    worker. Raises PresetError, ModelFileError, AudioFileError, OutputError; nothing is left behind then.
    """
    contents = read(path)
    _check(contents)
    names = {name: impulses.keep_bytes(name, content) for name, content in contents.responses.items()}
    box = contents.rig.rack.cabinet
    first, second = (replace(item, response=names.get(item.response, "")) for item in (box.first, box.second))
    rack = replace(contents.rig.rack, cabinet=replace(box, first=first, second=second))
    return contents.name, replace(contents.rig, rack=rack, model=_kept_model(contents))


def _check(contents: Contents) -> None:
    """Read model and responses as from a foreign computer. Raises what reading them raises."""
    with tempfile.TemporaryDirectory() as folder:
        for index, (name, content) in enumerate(contents.responses.items()):
            part = Path(folder) / str(index) / name
            part.parent.mkdir()
            part.write_bytes(content)
            cabinet.load(part)
        if contents.model is not None and _present(contents) is None:
            part = Path(folder) / contents.model[0]
            part.write_bytes(contents.model[1])
            read_model(part)


def _present(contents: Contents) -> Path | None:
    """The model where it was, or where an earlier preset has put it, if it is the same."""
    assert contents.model is not None
    name, content = contents.model
    for path in (Path(contents.rig.model), _own_path(name, content)):
        if (
            path.is_absolute()
            and path.is_file()
            and path.stat().st_size == len(content)
            and path.read_bytes() == content
        ):
            return path
    return None


def _own_path(name: str, content: bytes) -> Path:
    mark = hashlib.sha256(content).hexdigest()[:_DIGITS]
    plain = Path(impulses.title(name))
    return paths.user_models() / f"{plain.stem}~{mark}{plain.suffix}"


def _kept_model(contents: Contents) -> str:
    if contents.model is None:
        return ""
    present = _present(contents)
    if present is not None:
        return str(present)
    path = _own_path(*contents.model)
    with atomic_file(path) as temporary:
        temporary.write_bytes(contents.model[1])
    return str(path)
