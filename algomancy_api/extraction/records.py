"""Records of JSON documents and of sheets as tables, without the loss of a type.

pandas makes floats of integers beside nulls, so that the text of `7` would be `7.0`. Columns of a schema for which this
matters are made again from the cells.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from algomancy_data import DataType

#: Types whose cells differ from the floats that pandas makes of them.
_EXACT = (DataType.STRING, DataType.INTEGER, DataType.DATETIME)


def restore_cells(frame: pd.DataFrame, records: Sequence[Any], types: Mapping[str, DataType]) -> pd.DataFrame:
    """A table of records with its columns of floats made again from the records, where their type requires it.

    Args:
        frame: The table that pandas made of the records, one row each.
        records: The records. A name with points is a path in nested ones, as in `pandas.json_normalize`.
        types: The types of the schema.
    """
    if len(frame) != len(records):
        return frame
    for name, target in types.items():
        is_float = name in frame.columns and pd.api.types.is_float_dtype(frame[name].dtype)
        if target in _EXACT and is_float:
            frame[name] = pd.Series([_cell(record, name) for record in records], frame.index, dtype=object)
    return frame


def _cell(record: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(record, dict) or name in record:
        return record.get(name) if isinstance(record, dict) else None
    for part in name.split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record


def children(records: Iterable[Any], path: Sequence[str]) -> list[dict[str, Any]]:
    """The objects in the lists at a path of each record."""
    return [item for record in records for item in _list_at(record, path) if isinstance(item, dict)]


def _list_at(record: Any, path: Sequence[str]) -> list[Any]:  # noqa: ANN401 - any JSON
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record if isinstance(record, list) else []
