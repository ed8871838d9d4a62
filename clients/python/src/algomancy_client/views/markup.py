"""Pieces of pages for notebooks. Colours are translucent, so that they suit light and dark ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

#: Colours by what they mean: a verdict, or a status.
COLOURS = {
    "better": "rgba(46, 160, 67, 0.25)",
    "worse": "rgba(218, 54, 51, 0.25)",
    "not comparable": "rgba(210, 153, 34, 0.25)",
    "complete": "rgba(46, 160, 67, 0.25)",
    "failed": "rgba(218, 54, 51, 0.25)",
    "processing": "rgba(56, 139, 253, 0.25)",
    "queued": "rgba(110, 118, 129, 0.25)",
}

#: Rows: the most that a table shows.
_MOST_ROWS = 50


class Cell(NamedTuple):
    """A cell of a table, and what its colour means, if it has one."""

    value: object
    meaning: str = ""


def table(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a title, a header and the first of the rows."""
    every = list(rows)
    shown = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in every[:_MOST_ROWS])
    names = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in header)
    more = f"<p>… and {len(every) - _MOST_ROWS:,} more</p>" if len(every) > _MOST_ROWS else ""
    return f"<p><b>{escape(title)}</b></p><table><thead><tr>{names}</tr></thead><tbody>{shown}</tbody></table>{more}"


def text_of(value: object) -> str:
    """A value as a person reads it."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return str(value)


def _cell(value: object) -> str:
    content, meaning = value if isinstance(value, Cell) else Cell(value)
    side = "right" if isinstance(content, (int, float)) else "left"
    colour = f";background:{COLOURS[meaning]}" if meaning in COLOURS else ""
    return f"<td style='text-align:{side}{colour}'>{escape(text_of(content))}</td>"
