"""What a client asks of a table, and the rows and columns that this selects."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..errors import Malformed
from . import grammar, groups, ordering
from .columns import Column, Rows, Table
from .grammar import Condition, Name
from .groups import Grouping
from .ordering import Key
from .predicates import matching
from .tokens import items

#: Digits: of a number of rows.
_MOST_DIGITS = 15


class Query(NamedTuple):
    """What a client asks of a table.

    Attributes:
        columns: The columns, in this order; None for all.
        where: The condition of the rows; None for all.
        grouping: What they are grouped by; None for rows as they are.
        order: What the rows, or the groups, are ordered by.
        offset: How many of them are skipped.
        limit: How many are taken at most; None for all.
    """

    columns: list[Name] | None = None
    where: Condition | None = None
    grouping: Grouping | None = None
    order: list[Key] | None = None
    offset: int = 0
    limit: int | None = None


class Selection(NamedTuple):
    """The part of a table that a query selects.

    Attributes:
        table: The table, or that of the groups.
        columns: The columns.
        rows: The numbers of the rows, in their order.
        total: How many rows there are without offset and limit.
    """

    table: Table
    columns: list[Column]
    rows: Rows
    total: int


def parse(parameters: Mapping[str, str]) -> Query:
    """The query of the parameters of a request.

    Raises:
        Malformed: One of them is malformed; the message has the position.
    """
    text = parameters.get
    columns, where, order = text("columns"), text("where"), text("order")
    return Query(
        None if columns is None else [Name(item.whole, item.position) for item in items("columns", columns)],
        None if where is None else grammar.parse(where),
        groups.parse(text("group"), text("aggregate")),
        None if order is None else ordering.parse(order),
        _number("offset", text("offset", "0")),
        None if (limit := text("limit")) is None else _number("limit", limit),
    )


def select(frame: pd.DataFrame, query: Query) -> Selection:
    """The part of a table that a query selects.

    Raises:
        Malformed: The query does not fit the columns.
    """
    table = Table(frame)
    rows: Rows = range(len(table)) if query.where is None else matching(table, query.where)
    if query.grouping is not None:
        table = Table(groups.grouped(table, rows, query.grouping))
        rows = range(len(table))
    columns = _columns(table, query.columns)
    total = len(rows)
    stop = total if query.limit is None else min(total, query.offset + query.limit)
    if query.order is not None:
        rows = ordering.ordered(table, rows, query.order, stop)
    return Selection(table, columns, _without_copy(rows[query.offset : stop]), total)


def _columns(table: Table, wanted: list[Name] | None) -> list[Column]:
    named = [Name(name, 1) for name in table.names] if wanted is None else wanted
    found = {name.text: table.column("columns", name.text, name.position) for name in named}
    return list(found.values())


def _without_copy(rows: Rows) -> Rows:
    """A few rows without the memory of those that they were selected from."""
    return rows if isinstance(rows, range) else np.array(rows)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        raise Malformed(f"{name} must be a number of rows, from 0; got {text[:40]!r}")
    return int(text)
