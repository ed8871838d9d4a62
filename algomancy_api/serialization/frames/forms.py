"""The interface of the forms of arrays.

A form turns an array of numpy or pandas into some arrays of Arrow, each as long as itself, and a description of plain
values that `cells.pack` can keep. What an array has beside its cells, as the categories of a categorical, is within the
description.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import pandas as pd
import pyarrow as pa

#: Rows: how many Python objects are converted at once. Other threads stand still meanwhile.
SLICE = 8192


class Encoded(NamedTuple):
    """An array as arrays of Arrow, and what else is needed to make it again."""

    description: dict[str, Any]
    arrays: list[pa.ChunkedArray]


class Codec(Protocol):
    """What the form of an array needs for those that it is made of."""

    def encode(self, array: Any) -> Encoded:  # noqa: ANN401
        """An array of numpy or pandas, as long as the one that it is a part of."""

    def decode(self, description: dict[str, Any], arrays: Iterator[pa.ChunkedArray]) -> Any:  # noqa: ANN401
        """The array of `encode`. It takes from the iterator as many arrays of Arrow as it was made to."""

    def pack_index(self, index: pd.Index) -> bytes:
        """An index of any length, as a part of the description."""

    def unpack_index(self, data: bytes) -> Any:  # noqa: ANN401
        """The index of `pack_index`."""


class Form(Protocol):
    """One form of arrays."""

    def encode(self, array: Any, /) -> Encoded:  # noqa: ANN401
        """An array for `decode`.

        Raises:
            Refused: It cannot be kept exactly.
        """

    def decode(self, description: dict[str, Any], arrays: Iterator[pa.ChunkedArray], /) -> Any:  # noqa: ANN401
        """The array of `encode`, which may be written to."""


def slices(length: int) -> Iterator[slice]:
    """The slices of an array that are converted one after the other."""
    return (slice(start, start + SLICE) for start in range(0, length, SLICE))


def one_chunk(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same array in one piece, if Arrow can: each piece costs a search through the array time."""
    if array.num_chunks == 1:
        return array
    try:
        combined = array.combine_chunks()
    except pa.ArrowInvalid, pa.ArrowNotImplementedError:
        # More text than the type of its offsets can count, say.
        return array
    return combined if isinstance(combined, pa.ChunkedArray) else pa.chunked_array([combined], array.type)
