"""Conditions of lists and parts of tables, as queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Query = list[tuple[str, str]]

#: Ids in one query: a list has at most 50 conditions, and a URL is not to become too long.
IDS_AT_A_TIME = 40


def list_query(conditions: Iterable[str], order: str | None = None, limit: int | None = None) -> Query:
    """The query of a list of scenarios, of conditions such as ``status=complete`` and ``kpi.Cost<100``."""
    query = [_condition(condition) for condition in conditions]
    if order is not None:
        query.append(("order", order))
    if limit is not None:
        query.append(("limit", str(limit)))
    return query


def part_query(
    columns: str | Sequence[str] | None = None,
    where: str | None = None,
    order: str | None = None,
    offset: int | None = None,
    limit: int | None = None,
    group: str | None = None,
    aggregate: str | None = None,
) -> Query:
    """The query of a part of a table; empty for the whole of it.

    Args:
        columns: The names of the columns, in this order.
        where: The condition of the rows, such as ``capacity > 80 and name ~ "port"``.
        order: What the rows are ordered by, such as ``-capacity,name``.
        offset: The number of rows that are skipped.
        limit: The most rows.
        group: The columns by which rows are grouped.
        aggregate: What is computed of each group, such as ``sum:capacity,count:``.
    """
    names = [columns] if isinstance(columns, str) else columns
    given = {
        "columns": None if names is None else ",".join(map(_quoted, names)),
        "where": where,
        "order": order,
        "offset": offset,
        "limit": limit,
        "group": group,
        "aggregate": aggregate,
    }
    return [(name, str(value)) for name, value in given.items() if value is not None]


def _condition(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _quoted(name: str) -> str:
    """A name of a column, in backticks, which any character may stand in."""
    return "`{}`".format(name.replace("`", "``"))
