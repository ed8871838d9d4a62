"""Dtypes of numpy as plain values, and the bytes of numpy values."""

from typing import Any

import numpy as np

from .errors import Refused

#: The kinds of dtypes whose items are their bytes and nothing else.
_BUFFERS = frozenset("biufcmMSUV")


def dtype_parts(dtype: np.dtype[Any]) -> list[Any]:
    """A dtype as plain values, for `dtype_from_parts`.

    Raises:
        Refused: Its items are no mere bytes, as those of a dtype with objects within are not.
    """
    if dtype.kind not in _BUFFERS or dtype.hasobject or dtype.metadata:
        raise Refused(f"dtype {dtype!r}")
    if dtype.kind == "V":
        if dtype.subdtype is not None:
            raise Refused(f"dtype {dtype!r}")
        if dtype.names is not None:
            return _structure_parts(dtype)
    # Two dtypes may have one text: the types `long` and `long long` of C do on most machines.
    return [dtype.char, dtype.str]


def dtype_from_parts(parts: list[Any]) -> np.dtype[Any]:
    """The dtype of `dtype_parts`."""
    char, text = parts
    make: Any = np.dtype
    if char == "{}":
        structure: np.dtype[Any] = make({**text, "formats": [dtype_from_parts(field) for field in text["formats"]]})
        return structure
    dtype: np.dtype[Any] = make(text)
    return dtype if dtype.char == char else np.dtype(char).newbyteorder(text[0])


def _structure_parts(dtype: np.dtype[Any]) -> list[Any]:
    fields = [dtype.fields[name] for name in dtype.names or ()] if dtype.fields else []
    if any(len(field) > 2 for field in fields) or dtype.isalignedstruct:
        raise Refused(f"dtype {dtype!r}")
    return [
        "{}",
        {
            "names": list(dtype.names or ()),
            "formats": [dtype_parts(field[0]) for field in fields],
            "offsets": [field[1] for field in fields],
            "itemsize": dtype.itemsize,
        },
    ]


def array_from_bytes(data: bytes, dtype: np.dtype[Any], shape: list[int], order: Any = "C") -> np.ndarray:  # noqa: ANN401
    """An array of a copy of these bytes, which may be written to."""
    array = np.empty(shape, dtype, order)
    if array.nbytes != len(data):
        raise ValueError(f"{len(data)} bytes for {array.nbytes}")
    # An array in the order of Fortran is the transpose of one in the order of C.
    flat = array.T if order == "F" else array
    if array.nbytes:
        flat.reshape(-1).view(np.uint8)[:] = np.frombuffer(data, np.uint8)
    return array
