"""Columns of Arrow as a table of pandas: exactly as it was, if this package has written the file, else as users expect.

The metadata of pandas count. Without them the index is a range, and integers and booleans beside nulls become `Int64`
and the like, so that none of them is lost.
"""

import json
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from ...serialization.frames import Unkeepable, decode_frame, encode_frame
from ...serialization.frames.stream import KEY
from ...serialization.parquet import exact_table, own_parquet
from ...serialization.untrusted import decoding_of_clients
from ..errors import UnreadableFile
from .arrow import check_inner_stream
from .budget import Budget
from .nested import parts, view_bytes

_PANDAS = b"pandas"

_types = pa.types

#: Types with another use of the same values, which could become much more memory, or which pandas has no form for.
_REFUSED = (_types.is_union, _types.is_list_view, _types.is_large_list_view, _types.is_run_end_encoded)


class TableSource(Protocol):
    """A file whose columns are read one by one."""

    schema: pa.Schema
    rows: int

    def column(self, number: int) -> pa.ChunkedArray:
        """A column, complete."""


def frame_of(source: TableSource, budget: Budget) -> pd.DataFrame:
    """The table of a file.

    Raises:
        FileTooLarge: It takes more than the budget.
        UnreadableFile: A column cannot be kept, or the metadata are malformed.
        Exception: Anything that corrupt content makes pyarrow or pandas raise.
    """
    with decoding_of_clients(lambda data: check_inner_stream(data, budget)):
        frame = _exact(source) if _is_own(source.schema) else _expected(source, budget)
    budget.check_size(*frame.shape)
    try:
        encode_frame(frame)
    except Unkeepable as error:
        raise UnreadableFile(str(error)) from error
    return frame


def _is_own(schema: pa.Schema) -> bool:
    return own_parquet(schema) or KEY in (schema.metadata or {})


def _exact(source: TableSource) -> pd.DataFrame:
    columns = (source.column(number) for number in range(len(source.schema)))
    if own_parquet(source.schema):
        return exact_table(source.schema, columns)
    return decode_frame(source.schema.metadata[KEY], columns)


def _expected(source: TableSource, budget: Budget) -> pd.DataFrame:
    columns = []
    for number, field in enumerate(source.schema):
        _check_type(field.name, field.type)
        columns.append(_without_views(source.column(number), budget))
    metadata = _described(source.schema, columns)
    schema = pa.schema([pa.field(f.name, c.type) for f, c in zip(source.schema, columns, strict=True)], metadata)
    table = pa.Table.from_arrays(columns, schema=schema)
    columns.clear()
    if not len(schema):
        return pd.DataFrame(index=pd.RangeIndex(source.rows))
    try:
        frame = table.to_pandas(self_destruct=True, split_blocks=True)
    except MemoryError:
        raise
    except Exception as error:
        raise _reason(schema, error) from error
    return _writable(frame)


def _check_type(name: str, kind: Any) -> None:  # noqa: ANN401 - a type of Arrow
    if any(is_refused(kind) for is_refused in _REFUSED):
        raise UnreadableFile(f"column {name!r} has the type {kind}, which a table of pandas cannot have")
    if _types.is_dictionary(kind):
        _check_type(name, kind.value_type)
    elif _types.is_nested(kind):
        for number in range(kind.num_fields):
            _check_type(name, kind.field(number).type)


def _without_views(column: pa.ChunkedArray, budget: Budget) -> pa.ChunkedArray:
    """A column whose texts are each in a place of their own. Views of one long text could be many long texts."""
    for chunk in column.chunks:
        budget.take_bytes(sum(map(view_bytes, parts(chunk))))
    if (plain := _PLAIN.get(column.type)) is not None:
        return column.cast(plain)
    if _types.is_dictionary(column.type) and (plain := _PLAIN.get(column.type.value_type)) is not None:
        return column.cast(pa.dictionary(column.type.index_type, plain, column.type.ordered))
    return column


def _described(schema: pa.Schema, columns: list[pa.ChunkedArray]) -> dict[bytes, bytes] | None:
    """The metadata of the file, which name the types of integers and booleans beside nulls, if pandas did not."""
    metadata = dict(schema.metadata or {})
    try:
        described = json.loads(metadata.get(_PANDAS, b"{}"))
        known = {column.get("field_name", column["name"]) for column in described.get("columns", ())}
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(f"its metadata of pandas are malformed: {error}") from error
    missing = [
        {"name": name, "field_name": name, "pandas_type": str(column.type), "numpy_type": nullable, "metadata": None}
        for name, column in zip(schema.names, columns, strict=True)
        if name not in known and column.null_count and (nullable := _NULLABLE.get(column.type)) is not None
    ]
    if missing:
        described.setdefault("index_columns", [])
        described.setdefault("column_indexes", [])
        described["columns"] = [*described.get("columns", ()), *missing]
        metadata[_PANDAS] = json.dumps(described).encode()
    return metadata


#: The types of texts in a place of their own, by those of views.
_PLAIN = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}

#: The types of pandas with a null, by those without.
_NULLABLE = {
    pa.bool_(): "boolean",
    **{getattr(pa, f"int{bits}")(): f"Int{bits}" for bits in (8, 16, 32, 64)},
    **{getattr(pa, f"uint{bits}")(): f"UInt{bits}" for bits in (8, 16, 32, 64)},
}


def _reason(schema: pa.Schema, error: Exception) -> UnreadableFile:
    """The error of a conversion, with the column that it is about."""
    for field in schema:
        try:
            pa.array([None], field.type).to_pandas()
        except Exception as refused:  # pyarrow raises errors of many kinds
            return UnreadableFile(f"column {field.name!r} of the type {field.type} cannot be converted: {refused}")
    return UnreadableFile(f"it cannot be converted: {type(error).__name__}: {error}")


def _writable(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose columns may be written to: those that are the file's memory are copied."""
    for number in range(frame.shape[1]):
        values: Any = frame.iloc[:, number]._values
        if not getattr(getattr(values, "flags", None), "writeable", True):
            frame.isetitem(number, values.copy())
    return frame
