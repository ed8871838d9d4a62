"""The rows that a query asks for, found without a look at the others where the order is that of creation."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, Protocol

from .cursor import written
from .filters import Test
from .order import CREATED, NEWEST
from .query import ListQuery
from .rows import Place, Row


class Source[R: Row](Protocol):
    """The rows of a list."""

    def places(self, start: Place | None = None, *, newest_first: bool = False) -> Iterator[Place]:
        """The places of all rows in the order of creation, or those behind a place."""

    def row(self, place: Place) -> R | None:
        """The row at a place; None if it is gone."""


class Page[R: Row](NamedTuple):
    """Some rows of a list, and the cursor behind them; None at the end of the list."""

    rows: list[R]
    cursor: str | None


def page[R: Row](source: Source[R], query: ListQuery) -> Page[R]:
    """The rows that a query asks for."""
    by_creation = query.order.text in (CREATED, NEWEST)
    found = _by_creation(source, query) if by_creation else _sorted(source, query)
    if query.limit is None or len(found) <= query.limit:
        return Page(found, None)
    rows = found[: query.limit]
    return Page(rows, written(query.order, query.order.values(rows[-1]), rows[-1].place))


def matching[R: Row](source: Source[R], tests: Iterable[Test]) -> Iterator[R]:
    """The rows that pass all tests, in the order of creation."""
    return _passing(source, source.places(), list(tests))


def _by_creation[R: Row](source: Source[R], query: ListQuery) -> list[R]:
    start = None if query.start is None else query.start[0]
    places = source.places(start, newest_first=query.order.text == NEWEST)
    return list(islice(_passing(source, places, query.tests), _with_one_more(query)))


def _sorted[R: Row](source: Source[R], query: ListQuery) -> list[R]:
    """The first rows of any order; all rows are looked at."""
    order = query.order
    keyed = ((order.key(order.values(row), row.place), row) for row in matching(source, query.tests))
    if query.start is not None:
        start = query.start[1]
        keyed = ((key, row) for key, row in keyed if start < key)
    most = _with_one_more(query)
    pairs = sorted(keyed, key=itemgetter(0)) if most is None else heapq.nsmallest(most, keyed, itemgetter(0))
    return [row for _, row in pairs]


def _passing[R: Row](source: Source[R], places: Iterable[Place], tests: list[Test]) -> Iterator[R]:
    for place in places:
        row = source.row(place)
        if row is not None and all(test(row) for test in tests):
            yield row


def _with_one_more(query: ListQuery) -> int | None:
    return None if query.limit is None else query.limit + 1
