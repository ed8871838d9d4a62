"""A query string, read: filters whose operators are in it, the order, the limit, the cursor and the fields."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus

from ..errors import Malformed
from .conditions import Condition, condition_of
from .cursor import read
from .fields import fields_of
from .filters import NAMES, Test, compiled
from .order import CREATED, Order
from .rows import Place

#: Rows: of one page.
MOST_ROWS = 10_000

#: What is no filter.
OPTIONS = ("order", "limit", "cursor", "fields")

#: How the names of parameters begin that mean nothing: clients add them against caches, such as `_=1`.
IGNORED = "_"

#: A form or a library puts a `=` behind a condition whose operator is another: `kpi.Cost%3C100=`.
_ADDED_SIGN = re.compile(r"[^=]*(?:[<>]|%3[CEce])[^=]*=")

#: Characters that a query in a header may have unencoded, beside letters and digits.
_UNENCODED = "!$&'()*+,;=:@/?~%"


class ListQuery(NamedTuple):
    """What is asked of a list.

    Attributes:
        tests: The tests of a row.
        order: The order.
        limit: The most rows; None for all.
        start: The place and the key of the row before the first one; None for the begin.
        fields: The fields of each row; empty for all.
    """

    tests: list[Test]
    order: Order
    limit: int | None = None
    start: tuple[Place, tuple[Any, ...]] | None = None
    fields: tuple[str, ...] = ()


def list_query(query: str, kpis: Collection[str], fields: Collection[str]) -> ListQuery:
    """What a query string asks for.

    Args:
        query: The query as it was sent, percent-encoded.
        kpis: The names of the KPIs.
        fields: The names of the fields.

    Raises:
        Malformed: A part of it has no meaning. The message says what would have.
    """
    options: dict[str, str] = {}
    conditions: list[Condition] = []
    for text in texts_of(query):
        condition = condition_of(text, kpis)
        if condition.name not in OPTIONS:
            conditions.append(condition)
        elif condition.operator != "=" or condition.name in options:
            raise Malformed(f"{condition.name} is given once, as {condition.name}=…")
        else:
            options[condition.name] = condition.value
    order = Order(options.get("order", CREATED), kpis)
    return ListQuery(
        compiled(conditions, kpis, (*NAMES, *OPTIONS)),
        order,
        _read(options, "limit", _limit),
        _read(options, "cursor", lambda text: read(text, order)),
        _read(options, "fields", lambda text: fields_of(text, fields)) or (),
    )


def texts_of(query: str) -> Iterator[str]:
    """The parts of a query string, decoded, but for those that mean nothing."""
    for part in filter(None, query.split("&")):
        if not (text := _decoded(part)).startswith(IGNORED):
            yield text


def with_cursor(query: str, cursor: str) -> str:
    """A query string with another cursor, for a header."""
    parts = [part for part in query.split("&") if part and not part.startswith("cursor=")]
    return quote("&".join([*parts, f"cursor={cursor}"]), safe=_UNENCODED)


def _decoded(part: str) -> str:
    return unquote_plus(part.removesuffix("=") if _ADDED_SIGN.fullmatch(part) else part)


def _read[T](options: dict[str, str], name: str, reader: Callable[[str], T]) -> T | None:
    return reader(options[name]) if name in options else None


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_ROWS):
        raise Malformed(f"limit must be a whole number from 1 to {MOST_ROWS}; got {text!r}")
    return int(text)
