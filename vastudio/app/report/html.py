"""What pages are made of: style, tables, pictures, players. Everything lies inside the page."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from vastudio import paths
from vastudio.atomic import write_text

escape = html.escape


def write_page(path: Path, title: str, body: Iterable[str]) -> Path:
    """Write a page atomically and return its path. Raises OutputError."""
    folder = paths.resources() / "web"
    style, script = ((folder / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    write_text(path, _PAGE.format(title=escape(title), style=style, body="\n".join(body), script=script))
    return path


def header(title: str, lead: str) -> str:
    """The head of a page; both texts are plain."""
    head = f"<p class=brand>VA Studio</p><h1>{escape(title)}</h1>"
    return f"<header>{head}<p class=lead>{escape(lead)}</p></header>"


def section(title: str, *parts: str) -> str:
    """A part of the page under its title; the parts are HTML."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def paragraph(text: str, css: str = "") -> str:
    """Plain text."""
    return f"<p class={css}>{escape(text)}</p>" if css else f"<p>{escape(text)}</p>"


def figures(cells: Iterable[tuple[str, str, str]]) -> str:
    """Large numbers: value, what it is, and a word about it."""
    parts = (
        f"<div><b>{escape(value)}</b><span>{escape(label)}</span>{_mark(word)}</div>"
        for value, label, word in cells
    )
    return f"<section class=figures>{''.join(parts)}</section>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], css: str = "") -> str:
    """A table of HTML cells; the first of each row is its heading. A cell may bring its own `<td …>`."""
    columns = "".join(f"<th scope=col>{cell}</th>" for cell in head)
    top = f"<thead><tr>{columns}</tr></thead>" if head else ""
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    return f'<div class=scroll><table class="{css}">{top}<tbody>{body}</tbody></table></div>'


def folded(title: str, *parts: str) -> str:
    """Parts that are seen once a person unfolds them; never on paper."""
    return f"<details><summary>{escape(title)}</summary>{''.join(parts)}</details>"


def picture(svg: str, caption: str) -> str:
    """A drawing with its caption, which is read to those who do not see it."""
    text = escape(caption)
    drawing = svg.replace("<svg", f'<svg role="img" aria-label="{text}"', 1)
    return f"<figure>{drawing}<figcaption>{text}</figcaption></figure>"


def pair(*parts: str) -> str:
    """Two pictures beside each other where there is room."""
    return f"<div class=pair>{''.join(parts)}</div>"


def player(flac: bytes, kind: str, label: str, group: str) -> str:
    """A player; one takes over where another of its `group` stopped. `kind` is its colour's meaning."""
    source = f"data:audio/flac;base64,{base64.b64encode(flac).decode('ascii')}"
    return (
        f'<audio controls preload="metadata" class="{kind}" data-group="{escape(group)}" '
        f'aria-label="{escape(label)}" src="{source}"></audio>'
    )


def _mark(word: str) -> str:
    return f"<i>{escape(word)}</i>" if word else ""


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    head = first if first.startswith("<th") else f"<th scope=row>{first}</th>"
    return head + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in rest)


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
