"""Arrays made of others, and arrays of other packages."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from .errors import Refused, type_name
from .forms import Codec, Encoded, one_chunk
from .plain import NumpyForm

type Arrays = Iterator[pa.ChunkedArray]


class CategoricalForm:
    """A categorical: the codes of its cells. Its categories are an index within the description."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def encode(self, array: pd.Categorical) -> Encoded:
        codes = NumpyForm().encode(np.asarray(array.codes))
        try:
            categories = self._codec.pack_index(array.categories)
        except Refused as refused:
            raise Refused(f"category {refused.position}: {refused.reason}") from refused
        description = {"codes": codes.description, "categories": categories, "ordered": array.ordered}
        return Encoded({"form": "categorical", **description}, codes.arrays)

    def decode(self, description: dict[str, Any], arrays: Arrays) -> pd.Categorical:
        codes = NumpyForm().decode(description["codes"], arrays)
        categories = self._codec.unpack_index(description["categories"])
        dtype = pd.CategoricalDtype(categories, description["ordered"])
        return pd.Categorical.from_codes(codes, dtype=dtype)


class IntervalForm:
    """Intervals, as the arrays of their ends."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        left, right = self._codec.encode(array.left.array), self._codec.encode(array.right.array)
        description = {"closed": array.closed, "left": left.description, "right": right.description}
        return Encoded({"form": "interval", **description}, [*left.arrays, *right.arrays])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        left = self._codec.decode(description["left"], arrays)
        right = self._codec.decode(description["right"], arrays)
        return pd.arrays.IntervalArray.from_arrays(left, right, description["closed"])


class SparseForm:
    """A sparse array: the values that it has and where, all within the description."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        description = {
            "length": len(array),
            "kind": array.kind,
            "fill": array.fill_value,
            "positions": array.sp_index.indices,
            "values": array.sp_values,
        }
        return Encoded({"form": "sparse", **description}, [])

    def decode(self, description: dict[str, Any], _arrays: Arrays) -> Any:  # noqa: ANN401
        values, positions = description["values"], description["positions"]
        make: Any = pd.arrays.SparseArray
        where = make.from_indices(
            np.zeros(len(values)), positions, description["length"], kind=description["kind"]
        ).sp_index
        # The public constructors would look for a better dtype for objects.
        return make._simple_new(values, where, pd.SparseDtype(values.dtype, description["fill"]))


class ArrowForm:
    """An array of a type of Arrow's, which is its own form."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        arrow = array.__arrow_array__()
        if _kept_type(arrow.type) != arrow.type:
            raise Refused(f"dtype {array.dtype!r}, which is not registered with pyarrow")
        return Encoded({"form": "arrow"}, [arrow])

    def decode(self, _description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        return pd.arrays.ArrowExtensionArray(one_chunk(next(arrays)))


class ExtensionForm:
    """An array of another package, which says itself how it becomes one of Arrow and back."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        dtype = array.dtype
        reason = f"dtype {dtype.name!r} of type {type_name(dtype)}"
        if not (hasattr(array, "__arrow_array__") and hasattr(dtype, "__from_arrow__")):
            raise Refused(f"{reason}, which has no form in Arrow")
        try:
            description = {"form": "extension", "dtype": str(dtype)}
            arrow = pa.chunked_array([array.__arrow_array__()])
            kept = arrow.cast(_kept_type(arrow.type))
            restored = self.decode(description, iter([kept]))
        except Exception as error:
            raise Refused(f"{reason}, which failed to become Arrow and back: {error}") from error
        if type(restored) is not type(array) or restored.dtype != dtype or not restored.equals(array):
            raise Refused(f"{reason}, which Arrow does not give back as it was")
        return Encoded(description, [arrow])

    def decode(self, description: dict[str, Any], arrays: Arrays) -> Any:  # noqa: ANN401
        dtype: Any = pd.api.types.pandas_dtype(description["dtype"])
        return dtype.__from_arrow__(one_chunk(next(arrays)))


def _kept_type(kind: pa.DataType) -> pa.DataType:
    """The type that is read from a stream with this one: not itself, if it is one that pyarrow does not know there."""
    return pa.ipc.read_schema(pa.schema([("", kind)]).serialize()).field(0).type
