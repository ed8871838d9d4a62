"""A selection as batches of Arrow, whose schema tells pandas its own types and index."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .columns import Column, Rows, check_encodable
from .query import Selection

#: Rows: of the first batch, and of any at most.
_FIRST_ROWS = 1_024
_MOST_ROWS = 32_768

#: Bytes: of a batch, about.
_BYTES = 1024 * 1024

#: The metadata of a column whose cells are texts of JSON.
_JSON_TEXTS = {b"algomancy-api": b"json"}

_PANDAS = b"pandas"


class Batches:
    """The batches of a selection, with the index as pandas keeps it.

    Attributes:
        schema: Their schema, with the metadata that pandas reads.

    Args:
        selection: The selection.

    Raises:
        UnencodableValue: A cell of a column without a type of Arrow has no form in JSON.
    """

    def __init__(self, selection: Selection) -> None:
        self._rows = selection.rows
        check_encodable(selection.columns, selection.rows)
        index = selection.table.frame.index
        is_range = isinstance(index, pd.RangeIndex) and isinstance(self._rows, range)
        cells = [column for column in selection.columns if column.position is not None]
        self._columns = cells if is_range else [*cells, *selection.table.index_columns()]
        sample = pa.Schema.from_pandas(_sample(selection, cells, is_range=is_range))
        self.schema = pa.schema(
            [_field(name, column) for name, column in zip(sample.names, self._columns, strict=True)],
            {_PANDAS: _described(sample.metadata[_PANDAS], index, self._rows)},
        )

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return sized(self._rows, self._batch) if self._columns else iter(())

    def _batch(self, rows: Rows) -> pa.RecordBatch:
        return pa.RecordBatch.from_arrays([column.array(rows) for column in self._columns], schema=self.schema)


def sized(rows: Rows, make: Callable[[Rows], pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of the rows, of about a megabyte each."""
    start, count = 0, _FIRST_ROWS
    while start < len(rows):
        batch = make(rows[start : start + count])
        start += count
        size = max(batch.nbytes, 1)
        yield batch
        count = max(1, min(_MOST_ROWS, count * 4, count * _BYTES // size))


def _field(name: str, column: Column) -> pa.Field:
    return pa.field(name, column.type, metadata=_JSON_TEXTS if column.is_json else None)


def _sample(selection: Selection, cells: list[Column], *, is_range: bool) -> Any:  # noqa: ANN401 - a table
    """The columns without any rows, for Arrow's description of their types and labels."""
    frame: Any = selection.table.frame
    sample: Any = frame.iloc[:0, [column.position for column in cells]]
    for position, column in enumerate(cells):
        if isinstance(column.dtype, pd.SparseDtype):
            sample.isetitem(position, pd.Series([], dtype=column.dtype.subtype))
        elif column.is_json or not _is_readable(column.dtype):
            sample.isetitem(position, pd.Series([], dtype=object))
    if sample.columns.dtype == object and not isinstance(sample.columns, pd.MultiIndex):  # Arrow keeps no such labels
        sample.columns = [column.name for column in cells]
    if isinstance(frame.index, pd.RangeIndex) and not is_range:
        sample.index = pd.Index(np.empty(0, np.int64), name=frame.index.name)
    return sample


def _is_readable(dtype: Any) -> bool:  # noqa: ANN401 - of numpy or pandas
    """Whether pandas knows a dtype by its name, which is all that a reader has of it."""
    try:
        return isinstance(dtype, pd.CategoricalDtype) or pd.api.types.pandas_dtype(str(dtype)) == dtype
    except TypeError, ValueError, NotImplementedError:
        return False


def _described(sample: bytes, index: pd.Index[Any], rows: Rows) -> bytes:
    """The metadata of a sample for all rows: if the index counts them, it says from where to where."""
    description = json.loads(sample)
    if isinstance(index, pd.RangeIndex) and isinstance(rows, range):
        taken: Any = index[rows.start : rows.stop]
        description["index_columns"][0] |= {"start": taken.start, "stop": taken.stop, "step": taken.step}
    return json.dumps(description).encode()
