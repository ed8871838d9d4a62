"""What a command prints: tables for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import msgspec

from ..extras import needed
from ..views.markup import Cell, text_of

#: Colours of rich, by status or verdict.
_COLOURS = {
    "complete": "green", "failed": "red", "processing": "blue", "better": "green", "worse": "red",
    "not comparable": "yellow",
}  # fmt: skip


class Output:
    """Prints on stdout.

    Args:
        as_json: Whether for programs.

    Raises:
        MissingExtra: rich is not installed, and it is for people.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._console = None if as_json else needed("rich.console", "cli").Console(soft_wrap=True)

    def rows(self, rows: Sequence[Mapping[str, object]], title: str = "") -> None:
        """Print rows: as a table, or as a list of objects."""
        if self._console is None:
            self.document(rows)
            return
        table = needed("rich.table", "cli").Table(title=_text(title) if title else None, title_justify="left")
        names = list(dict.fromkeys(name for row in rows for name in row))
        for name in names:
            table.add_column(_text(name), overflow="fold")
        for row in rows:
            table.add_row(*(_cell(row.get(name)) for name in names))
        self._console.print(table if rows else "nothing")

    def line(self, text: str, **facts: object) -> None:
        """Print a line: the text for people, the facts as an object for programs."""
        if self._console is None:
            self.document(facts)
        else:
            self._console.print(text, markup=False, highlight=False)

    def document(self, document: object) -> None:
        """Print a document of JSON on a line."""
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
        sys.stdout.flush()


def _cell(value: object) -> object:
    content, meaning = value if isinstance(value, Cell) else Cell(value, str(value))
    return _text(text_of(content), _COLOURS.get(meaning, ""))


def _text(text: str, style: str = "") -> object:
    """A text of rich, in which brackets such as those of units are no markup."""
    return needed("rich.text", "cli").Text(text, style=style)
