"""Codes of values as these values: categories, and the levels of an index, which other programs can then read."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..untrusted import check_stream
from .ways import Way

_types = pa.types

#: Types of values that can be looked up again without a doubt: no floats, of which some are equal and not the same.
_FOUND_AGAIN = (_types.is_integer, _types.is_large_string, _types.is_date32)


class Choices:
    """Codes as the values that they stand for; the code -1, and no other one, is null.

    Args:
        codes: The type of the codes.
        values: All different, and none of them null.
        ordered: Whether their order counts for other programs; None for values that are no categories.
    """

    def __init__(self, codes: pa.DataType, values: pa.Array, ordered: bool | None = None) -> None:
        self._codes = codes
        self._values = values
        # Of dictionaries, Parquet keeps those of texts.
        is_dictionary = ordered is not None and _types.is_large_string(values.type)
        self.stored = pa.dictionary(pa.int32(), values.type, ordered) if is_dictionary else values.type
        self.description: list[Any] = ["choices", str(codes), _packed(values)]

    def kept(self, array: pa.Array) -> pa.Array:
        indices = pc.if_else(pc.less(array, 0), pa.scalar(None, array.type), array).cast(pa.int32())
        if _types.is_dictionary(self.stored):
            return pa.DictionaryArray.from_arrays(indices, self._values, ordered=self.stored.ordered)
        return self._values.take(indices)

    def restored(self, stored: pa.ChunkedArray) -> pa.ChunkedArray:
        return pa.chunked_array([self._codes_of(chunk) for chunk in stored.chunks], self._codes)

    def _codes_of(self, chunk: pa.Array) -> pa.Array:
        if _types.is_dictionary(chunk.type):
            found = self._found(chunk.dictionary).take(chunk.indices)
        else:
            found = self._found(chunk)
        if found.null_count != chunk.null_count:
            raise ValueError("a value that is none of its choices")
        return found.fill_null(-1).cast(self._codes)

    def _found(self, values: pa.Array) -> pa.Array:
        return pc.index_in(values, value_set=self._values.cast(values.type))


def choices_way(codes: pa.ChunkedArray, values: pd.Index, ordered: bool | None) -> Way | None:
    """The way to keep codes of values; None if the values cannot be looked up again."""
    try:
        found: Any = pa.array(values, from_pandas=False)
    except pa.ArrowException, TypeError, ValueError:
        return None
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if _types.is_string(found.type):
        found = found.cast(pa.large_string())
    if not any(is_found(found.type) for is_found in _FOUND_AGAIN):
        return None
    if found.null_count or pc.count_distinct(found).as_py() != len(found):
        return None
    return Choices(codes.type, found, ordered)


def choices_of(codes: str, packed: bytes) -> Choices:
    """The way of a description."""
    check_stream(packed)
    with pa.ipc.open_stream(packed) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return Choices(pa.type_for_alias(codes), table.column(0).combine_chunks())


def _packed(values: pa.Array) -> bytes:
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([values], names=[""])
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed
