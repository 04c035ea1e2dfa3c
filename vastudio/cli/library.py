"""vastudio library: find models among all those in the library's folders."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.table import Table

from vastudio.app.library import own
from vastudio.app.library.card import shown
from vastudio.app.library.folders import watched
from vastudio.app.library.gear import title, word
from vastudio.app.library.index import open_index
from vastudio.app.library.names import esr_text
from vastudio.app.library.refresh import Refreshed, refresh
from vastudio.app.library.search import COLUMNS, Entry, Filters, entries, order, search
from vastudio.cli._command import Command, Output
from vastudio.errors import StudioError, did_you_mean

_SETS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "kind": ("kinds", word),
    "maker": ("makers", str),
    "tone": ("tones", word),
    "format": ("formats", str),
    "rate": ("rates", int),
    "tag": ("tags", str),
}
_ONLY = ("favourites", "duplicates", "unreadable")
_HELP = (
    "kind=amp, maker=…, tone=clean, format=NAM, rate=48000, tag=…, folder=…, load<2 (%% of a core), "
    "esr<0.01, favourites, duplicates or unreadable; may be repeated"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("words", nargs="*", help="words to find in any field, in any order")
    parser.add_argument("--filter", action="append", default=[], metavar="WHAT", help=_HELP)
    parser.add_argument("--sort", choices=COLUMNS, default="name", help="what to sort by (default: name)")
    parser.add_argument("--descending", action="store_true", help="the other way round")
    parser.add_argument("--limit", type=int, default=50, help="lines to print (default 50; 0: all)")
    parser.add_argument("--rescan", action="store_true", help="read every file again, changed or not")
    parser.add_argument("--add", type=Path, action="append", default=[], metavar="FOLDER",
                        help="have the library look into a folder from now on; may be repeated")  # fmt: skip
    parser.add_argument("--remove", type=Path, action="append", default=[], metavar="FOLDER",
                        help="look no longer into a folder; its files stay where they are")  # fmt: skip


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Bring the index up to date, and print what is found."""
    filters = parse_filters(arguments.filter)
    _change_folders(arguments)
    memory = own.load()
    with open_index() as index:
        refreshed = refresh(index, watched(memory), _reporter(output), everything=arguments.rescan)
        found = entries(index.cards(), memory)
    places = search(found, " ".join(arguments.words), filters)
    places = order(found, places, arguments.sort, descending=arguments.descending)
    shown_places = places[: arguments.limit] if arguments.limit > 0 else places
    record = {
        "files": refreshed.files, "read": refreshed.read, "forgotten": refreshed.gone,
        "models": len(found), "found": len(places), "unread_folders": list(refreshed.unread),
        "folders": [str(folder) for folder in watched(memory)],
        "entries": [_record(found[place]) for place in shown_places],
    }  # fmt: skip
    output.result(record, _table([found[place] for place in shown_places], len(places), len(found)))
    _warn(refreshed, output)
    return 0


def parse_filters(given: list[str]) -> Filters:
    """Read filters such as `kind=amp` and `load<2`. Raises StudioError for what is none."""
    chosen: dict[str, Any] = {}
    for text in given:
        key, sign, value = _split(text)
        if sign == "=" and key in _SETS:
            name, convert = _SETS[key]
            chosen[name] = chosen.get(name, frozenset()) | {_converted(convert, value, text)}
        elif sign == "<" and key in ("load", "esr"):
            chosen[f"{key}_below"] = _converted(float, value, text)
        elif sign == "=" and key == "folder":
            chosen["folder"] = str(Path(value).absolute())
        elif not sign and key in _ONLY:
            chosen["only"] = key
        else:
            known = (*(f"{name}=" for name in (*_SETS, "folder")), "load<", "esr<", *_ONLY)
            raise StudioError(f"'{text}' is not a filter.", did_you_mean(text, known))
    return Filters(**chosen)


def _split(text: str) -> tuple[str, str, str]:
    for sign in "=<":
        key, found, value = text.partition(sign)
        if found:
            return key.strip(), sign, value.strip()
    return text.strip(), "", ""


def _converted(convert: Callable[[str], Any], value: str, text: str) -> Any:
    try:
        return convert(value)
    except ValueError as error:
        raise StudioError(
            f"'{text}' is not a filter: '{value}' is no number.", "Write e.g. load<2."
        ) from error


def _change_folders(arguments: argparse.Namespace) -> None:
    for folder in arguments.add:
        if not folder.is_dir():
            raise StudioError(f"There is no folder {folder}.", "Check the name.")
        own.add_folder(folder)
    for folder in arguments.remove:
        if str(folder.absolute()) not in own.load().folders:
            raise StudioError(f"The library does not look into {folder}.", "Only folders that were added.")
        own.remove_folder(folder.absolute())


def _reporter(output: Output) -> Callable[[int, int], bool]:
    def report(done: int, of: int) -> bool:
        if done % 500 == 0 or done == of:
            output.progress(f"reading {done} of {of} files")
        return True

    return report


def _warn(refreshed: Refreshed, output: Output) -> None:
    for folder in refreshed.unread:
        output.say(f"{shown(folder)} cannot be looked into; what was known of it is kept.")


def _record(entry: Entry) -> dict[str, Any]:
    card = {**dataclasses.asdict(entry.card), "path": shown(entry.card.path)}
    return card | {
        "core_percent": round(entry.card.core_percent, 3),
        "favourite": entry.own.favourite, "rating": entry.own.rating, "tags": list(entry.own.tags),
        "own_notes": entry.own.notes,
    }  # fmt: skip


def _table(found: list[Entry], count: int, total: int) -> Table:
    more = f", the first {len(found)} of them" if len(found) < count else ""
    table = Table(title=f"{count} of {total} models{more}", title_justify="left", box=None, pad_edge=False)
    for heading in ("", "name", "gear", "kind", "format", "rate"):
        table.add_column(heading, overflow="fold" if heading == "name" else "ellipsis")
    table.add_column("core", justify="right")
    table.add_column("ESR", justify="right")
    for entry in found:
        card = entry.card
        if card.error:
            table.add_row("!", card.title, card.error)
            continue
        table.add_row(
            "★" if entry.own.favourite else "", card.title, f"{card.maker} {card.gear}".strip(),
            title(card.kind), card.format, f"{card.sample_rate / 1000:g} kHz", f"{card.core_percent:.1f} %",
            "" if card.esr is None else esr_text(card.esr),
        )  # fmt: skip
    return table


COMMAND = Command("find models in the library's folders", configure, run)
