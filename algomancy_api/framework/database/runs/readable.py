"""The proof that a result can be read again after a restart, before its scenario is complete."""

from typing import Any

import pandas as pd
from algomancy_scenario.persistence import SqlResultLayout

from ....serialization.encodable import check_encodable

#: Characters: the longest JSON of a result that is read again. One of 32 MiB takes about a second. What is longer and
#: cannot be read is shown as it is stored, and says so.
_PROVED = 32 * 1024 * 1024


class UnreadableResult(Exception):
    """The class of a result cannot read what it has written."""


def prove_text(result: object, text: str, kind: Any) -> None:  # noqa: ANN401 - a class of the user's
    """Read the JSON of a result, and check that it could be shown.

    Args:
        result: The result, for the error.
        text: Its JSON.
        kind: The ``result_class`` of its algorithm.

    Raises:
        UnreadableResult: It cannot be read.
    """
    if len(text) > _PROVED:
        return
    try:
        read = kind.from_json(text)
        check_encodable(read.to_dict())
    except Exception as error:
        raise _unreadable(result, kind, "from_json", error) from error


def prove_tables(result: SqlResultLayout, tables: dict[str, pd.DataFrame], kind: Any) -> None:  # noqa: ANN401
    """Give the tables of a result to a new one.

    Args:
        result: The result.
        tables: Its tables.
        kind: The ``result_class`` of its algorithm.

    Raises:
        UnreadableResult: Its class does not take them.
    """
    try:
        kind(data_id=getattr(result, "data_id", "")).from_sql_tables(
            {name: table.copy(deep=False) for name, table in tables.items()}
        )
    except Exception as error:
        raise _unreadable(result, kind, "from_sql_tables", error) from error


def _unreadable(result: object, kind: Any, method: str, error: Exception) -> UnreadableResult:  # noqa: ANN401
    returned = type(result)
    advice = "" if returned is kind else f"; run returned {returned.__name__}, and result_class is {kind.__name__}"
    return UnreadableResult(f"{kind.__name__}.{method} cannot read it again: {type(error).__name__}: {error}{advice}")
