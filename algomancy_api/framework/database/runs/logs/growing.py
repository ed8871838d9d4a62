"""The log of a run that goes on, and what of it is stored.

A page that still grows is stored in pieces: each has the lines since the last one. A full page replaces its pieces. So
a line is written twice at most, however seldom the run prints.
"""

import threading
from bisect import bisect_left
from typing import NamedTuple

import sqlalchemy as sa

from .....engines.output import KeptOutput, Page
from .....engines.output.kept import CompressedPage
from . import table


class _Row(NamedTuple):
    """A stored row: the number after its last line, and the length of its page up to there."""

    end: int
    length: int


class _Change(NamedTuple):
    """The first lines of rows to delete; pages and pieces to insert, each with what is noted of it."""

    gone: set[int]
    new: list[tuple[Page, _Row]]


class GrowingLog:
    """The log of a run that goes on. Several threads may use it.

    Args:
        engine: The database.
        scenario_id: The id of the scenario.
        output: The output of the run.

    Attributes:
        is_stored: Whether all of it is stored.
        has_failed: Whether it is known that it cannot be stored at present.
    """

    def __init__(self, engine: sa.Engine, scenario_id: str, output: KeptOutput) -> None:
        self.scenario_id, self.output = scenario_id, output
        self.is_stored = self.has_failed = False
        self._engine = engine
        self._lock = threading.Lock()
        self._is_over = self._has_begun = False
        self._rows: dict[int, _Row] = {}
        self._count = 0

    def write(self, *, is_last: bool = False) -> None:
        """Store the lines since the last call.

        Args:
            is_last: Whether the run has ended: the last page is full, too.

        Raises:
            Exception: They cannot be stored. The next call tries again.
        """
        with self._lock:
            if self._is_over or (self.output.count == self._count and not is_last):
                return
            pages = self.output.pages(0)
            change = _change(self._rows, pages, is_last=is_last)
            self._apply(change)
            self._count = pages[-1].first + pages[-1].lines if pages else 0
            self._rows = {first: row for first, row in self._rows.items() if first not in change.gone}
            self._rows |= {page.first: row for page, row in change.new}
            self._is_over = self.is_stored = is_last

    def end(self) -> None:
        """Store nothing any more. A write that is going on is waited for."""
        with self._lock:
            self._is_over = True

    def _apply(self, change: _Change) -> None:
        compressed = [CompressedPage.of(page) for page, _ in change.new]
        with self._engine.begin() as connection:
            if self._has_begun:
                table.delete_rows(connection, self.scenario_id, change.gone)
            else:  # with the log of the run before
                table.delete(connection, self.scenario_id)
            table.insert(connection, self.scenario_id, self.output.id, compressed)
        self._has_begun = True


def _change(rows: dict[int, _Row], pages: list[Page], *, is_last: bool) -> _Change:
    """What makes stored rows those of the present pages, the last of which may be stored in pieces."""
    firsts = sorted(rows)
    gone, new = set(firsts), []
    for page in pages:
        end = page.first + page.lines
        own = firsts[bisect_left(firsts, page.first) : bisect_left(firsts, end)]
        stored = rows[own[-1]] if own else _Row(page.first, 0)
        is_full = is_last or page is not pages[-1]
        if stored.end == end and not (is_full and len(own) > 1):
            gone.difference_update(own)
        elif is_full:
            new.append((page, _Row(end, len(page.content))))
        else:
            gone.difference_update(own)
            piece = Page(stored.end, end - stored.end, page.content[stored.length :])
            new.append((piece, _Row(end, len(page.content))))
    return _Change(gone, new)
