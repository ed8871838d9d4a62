"""The names of the columns of a file, and what pandas reads of them.

The exact labels are in the description of the table; these names are for other programs.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

#: The form of this description of pandas's.
_PANDAS_VERSION = "2.0"


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Names, of which those that came before get a number."""
    known: set[str] = set()
    for name in names:
        unique, number = name, 1
        while unique in known:
            number += 1
            unique = f"{name} ({number})"
        known.add(unique)
        yield unique


def label_name(label: object) -> str:
    """The name of a column with a label: its text, without halves of surrogate pairs."""
    return str(label).encode(errors="backslashreplace").decode()


def level_name(label: object, level: int) -> str:
    """The name of the column of a level of the index, as pandas gives it."""
    return f"__index_level_{level}__" if label is None else label_name(label)


def pandas_description(frame: pd.DataFrame, columns: list[str], levels: list[str]) -> bytes | None:
    """What `pandas.read_parquet` needs for the index and the types; None for labels that are no different texts.

    Args:
        frame: The table.
        columns: The names of the columns in the file.
        levels: Those of the levels of the index, if they are in the file.
    """
    are_texts = all(type(label) is str for label in frame.columns)
    if not are_texts or [*frame.columns] != columns or len(levels) != _levels_in_file(frame.index):
        return None
    index: list[Any] = [*levels]
    if isinstance(frame.index, pd.RangeIndex):
        steps = {"start": frame.index.start, "stop": frame.index.stop, "step": frame.index.step}
        index = [{"kind": "range", "name": _text_or_none(frame.index.name), **steps}]
    described = [_column(name, name, dtype) for name, dtype in zip(columns, frame.dtypes, strict=True)]
    for level, name in enumerate(levels):
        values = frame.index.get_level_values(level)[:0]
        described.append(_column(_text_or_none(frame.index.names[level]), name, values.dtype))
    labels = {"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": str(frame.columns.dtype)}
    document = {
        "index_columns": index,
        "column_indexes": [labels | {"metadata": {"encoding": "UTF-8"}}],
        "columns": described,
        "attributes": {},
        "creator": {"library": "algomancy-api", "version": _PANDAS_VERSION},
        "pandas_version": pd.__version__,
    }
    return json.dumps(document).encode()


def _levels_in_file(index: pd.Index) -> int:
    return 0 if isinstance(index, pd.RangeIndex) else index.nlevels


def _text_or_none(name: object) -> str | None:
    return None if name is None else label_name(name)


def _column(name: str | None, field: str, dtype: Any) -> dict[str, Any]:  # noqa: ANN401
    kind = numpy_type = str(dtype)
    metadata: dict[str, Any] | None = None
    if isinstance(dtype, pd.CategoricalDtype):
        kind, numpy_type = "categorical", "int8"
        metadata = {"num_categories": len(dtype.categories), "ordered": bool(dtype.ordered)}
    elif isinstance(dtype, pd.DatetimeTZDtype):
        kind, numpy_type = "datetimetz", f"datetime64[{dtype.unit}]"
        metadata = {"timezone": str(dtype.tz)}
    return {"name": name, "field_name": field, "pandas_type": kind, "numpy_type": numpy_type, "metadata": metadata}
