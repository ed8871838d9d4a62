"""The arrays within an array of Arrow, and the bytes of texts that are referred to more than once."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_types = pa.types


def parts(array: Any) -> Iterator[Any]:  # noqa: ANN401 - an array of Arrow of any type
    """An array, and those within its lists and structures; of a dictionary, the dictionary itself."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    yield array
    if _types.is_struct(array.type):
        inner = array.flatten()
    elif _types.is_map(array.type):
        inner = [array.keys, array.items]
    elif _types.is_dictionary(array.type):
        inner = [array.dictionary]
    else:
        inner = [array.flatten()] if _types.is_nested(array.type) else []
    for child in inner:
        yield from parts(child)


def dictionary_bytes(array: pa.DictionaryArray) -> int:
    """The bytes of the texts of an array, each as often as it is there."""
    lengths = pc.binary_length(array.dictionary).take(array.indices)
    return int(pc.sum(lengths).as_py() or 0)


def view_bytes(array: Any) -> int:  # noqa: ANN401 - an array of Arrow of any type
    """The bytes of the texts of an array of views, each as often as it is there; 0 for another array."""
    if not (_types.is_string_view(array.type) or _types.is_binary_view(array.type)):
        return 0
    # The first four bytes of each view are its length.
    views = np.frombuffer(array.buffers()[1] or b"", "<i4")[4 * array.offset : 4 * (array.offset + len(array)) : 4]
    return int(views.sum(dtype=np.int64))
