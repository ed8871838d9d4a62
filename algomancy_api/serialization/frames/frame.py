"""A table of pandas as one Arrow IPC stream, and back.

Each column, and each level of the index, is one or more arrays of the stream. All that Arrow has no place for stands in
the metadata of the schema, under the key `algomancy-api`: a version, and a packed description.
"""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

import msgpack
import numpy as np
import pandas as pd
import pyarrow as pa

from ..untrusted import check_stream

# Their values have no tags without it.
from . import scalars as _scalars  # noqa: F401
from .cells import pack, unpack
from .composite import ArrowForm, CategoricalForm, ExtensionForm, IntervalForm, SparseForm
from .errors import Refused, Unkeepable, type_name
from .forms import Encoded, Form
from .labels import decode_index, encode_index
from .objects import ObjectForm, StringForm
from .plain import MaskedForm, NumpyForm, PeriodForm, ZonedForm
from .stream import read_stream, write_stream

#: The version of the description. One with a higher number is refused.
VERSION = 1

#: The forms of the dtypes of pandas, each for its own type alone. One of any other type is an extension.
_BY_DTYPE: dict[type, str] = {
    pd.StringDtype: "string",
    pd.DatetimeTZDtype: "zoned",
    pd.PeriodDtype: "period",
    pd.CategoricalDtype: "categorical",
    pd.IntervalDtype: "interval",
    pd.SparseDtype: "sparse",
    pd.ArrowDtype: "arrow",
    pd.BooleanDtype: "masked",
    **dict.fromkeys((pd.Int8Dtype, pd.Int16Dtype, pd.Int32Dtype, pd.Int64Dtype), "masked"),
    **dict.fromkeys((pd.UInt8Dtype, pd.UInt16Dtype, pd.UInt32Dtype, pd.UInt64Dtype), "masked"),
    **dict.fromkeys((pd.Float32Dtype, pd.Float64Dtype), "masked"),
}


class PackedArrays(NamedTuple):
    """A column or an index as arrays of Arrow, with the packed description of its form."""

    description: bytes
    arrays: list[pa.ChunkedArray]


class EncodedFrame(NamedTuple):
    """A table as arrays of Arrow, with a packed description of all that they do not say."""

    description: bytes
    columns: list[PackedArrays]
    rows: PackedArrays

    @property
    def arrays(self) -> list[pa.ChunkedArray]:
        """The arrays of all columns, and those of the index after them."""
        return [array for packed in (*self.columns, self.rows) for array in packed.arrays]


def write_frame(frame: pd.DataFrame, sink: BinaryIO) -> None:
    """Write a table as one Arrow IPC stream, compressed with zstd, in batches of at most 8192 rows and about 2 MiB.

    The sink need not be seekable, and is not closed.

    Raises:
        Unkeepable: It would not come back exactly. Nothing has been written.
    """
    encoded = encode_frame(frame)
    write_stream(sink, encoded.description, encoded.arrays)


def encode_frame(frame: pd.DataFrame) -> EncodedFrame:
    """A table as arrays of Arrow, and a packed description of all that they do not say.

    Raises:
        Unkeepable: It would not come back exactly.
    """
    if type(frame) is not pd.DataFrame:
        raise Unkeepable(f"a table of type {type_name(frame)}, not pandas.DataFrame")
    attrs = _described("attrs", lambda: pack(frame.attrs))
    # pandas copies the attributes, deeply, for each column that is taken.
    bare = frame.copy(deep=False)
    bare.attrs = {}
    columns = [_column(bare, position) for position in range(frame.shape[1])]
    rows = _described("the index", lambda: _packed(encode_index(frame.index, _CODEC)))
    labels = _described("the labels of the columns", lambda: _CODEC.pack_index(frame.columns))
    description = {
        "rows": len(frame),
        "columns": [column.description for column in columns],
        "labels": labels,
        "index": rows.description,
        "attrs": attrs,
        "duplicate_labels": frame.flags.allows_duplicate_labels,
    }
    return EncodedFrame(msgpack.packb([VERSION, pack(description)]), columns, rows)


def read_frame(source: BinaryIO) -> pd.DataFrame:
    """The table of `write_frame`, equal in every respect.

    Reads the stream and not a byte more, so that another one may follow. The source need not be seekable, may give
    fewer bytes than it is asked for, and is not closed.

    Raises:
        ValueError: The stream is truncated, corrupt, or of a newer version of this package.
        MemoryError: There is too little memory for the table, or a corrupt stream asks for a huge amount.
    """
    description, table = read_stream(source)
    return decode_frame(description, table.columns)


def decode_frame(description: bytes, arrays: Iterable[pa.ChunkedArray]) -> pd.DataFrame:
    """The table of `encode_frame`, from its description and its arrays, which are taken one after the other.

    Raises:
        ValueError: They do not fit the description, or that is corrupt, or of a newer version of this package.
        MemoryError: There is too little memory for the table.
    """
    try:
        return _frame(description, arrays)
    except MemoryError, _Newer:
        raise
    except Exception as error:
        raise ValueError(f"not the stream of a table: {type(error).__name__}: {error}") from error


class _Newer(ValueError):
    """The stream was written by a newer version of this package."""


class _Codec:
    """The forms by the dtype of an array, and by the name in a description."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        # The arrays of pandas around one of numpy.
        if isinstance(array.dtype, np.dtype) or type(array) is pd.arrays.NumpyExtensionArray:
            array = np.asarray(array)
        return _FORMS[_form(array.dtype)].encode(array)

    def decode(self, description: dict[str, Any], arrays: Iterator[pa.ChunkedArray]) -> Any:  # noqa: ANN401
        return _FORMS[description["form"]].decode(description, arrays)

    def pack_index(self, index: pd.Index) -> bytes:
        encoded = encode_index(index, self)
        sink = BytesIO()
        write_stream(sink, pack(encoded.description), encoded.arrays)
        return sink.getvalue()

    def unpack_index(self, data: bytes) -> Any:  # noqa: ANN401
        check_stream(data)
        packed, table = read_stream(BytesIO(data))
        return decode_index(unpack(packed), iter(table.columns), self)


_CODEC = _Codec()

_FORMS: dict[str, Form] = {
    "numpy": NumpyForm(),
    "object": ObjectForm(),
    "masked": MaskedForm(),
    "string": StringForm(),
    "zoned": ZonedForm(),
    "period": PeriodForm(),
    "categorical": CategoricalForm(_CODEC),
    "interval": IntervalForm(_CODEC),
    "sparse": SparseForm(),
    "arrow": ArrowForm(),
    "extension": ExtensionForm(),
}


def _form(dtype: Any) -> str:  # noqa: ANN401
    if isinstance(dtype, np.dtype):
        return "object" if dtype.kind == "O" else "numpy"
    return _BY_DTYPE.get(type(dtype), "extension")


def _packed(encoded: Encoded) -> PackedArrays:
    return PackedArrays(pack(encoded.description), encoded.arrays)


def _column(frame: pd.DataFrame, position: int) -> PackedArrays:
    try:
        return _packed(_CODEC.encode(frame.iloc[:, position].array))
    except Refused as refused:
        place = f"column {frame.columns[position]!r}"
        if refused.position is not None:
            place += f", row {frame.index[refused.position]!r} (position {refused.position})"
        raise Unkeepable(f"{place}: cannot keep {refused.reason}") from refused


def _described(place: str, encode: Callable[[], Any]) -> Any:  # noqa: ANN401
    try:
        return encode()
    except Refused as refused:
        where = "" if refused.position is None else f", position {refused.position}"
        raise Unkeepable(f"{place}{where}: cannot keep {refused.reason}") from refused


def _frame(packed: bytes, columns_of_arrow: Iterable[pa.ChunkedArray]) -> pd.DataFrame:
    version, body = msgpack.unpackb(packed)
    if version > VERSION:
        raise _Newer(f"a table of version {version}, written by a newer algomancy-api; this one reads {VERSION}")
    description = unpack(body)
    arrays = _of_length(description["rows"], columns_of_arrow)
    make: Any = pd.Series
    columns = {}
    for position, column in enumerate(description["columns"]):
        values = _CODEC.decode(unpack(column), arrays)
        # Of an array of objects, pandas would make one of texts, if they are.
        columns[position] = make(values, dtype=object, copy=False) if values.dtype == object else values
    index = decode_index(unpack(description["index"]), arrays, _CODEC)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(index)), copy=False)
    frame.index = index
    frame.columns = _CODEC.unpack_index(description["labels"])
    frame.attrs = unpack(description["attrs"])
    return frame if description["duplicate_labels"] else frame.set_flags(allows_duplicate_labels=False)


def _of_length(rows: int, arrays: Iterable[pa.ChunkedArray]) -> Iterator[pa.ChunkedArray]:
    for array in arrays:
        if len(array) != rows:
            raise ValueError(f"{len(array)} rows of {rows}")
        yield array
