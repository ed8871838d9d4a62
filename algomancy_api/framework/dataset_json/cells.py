"""The cells of a column, in typed pieces."""

from collections.abc import Iterator
from math import nan
from types import NoneType
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from msgspec import UNSET, UnsetType

from ...serialization.datetimes import Array

_TYPES: dict[frozenset[type], pa.DataType] = {
    frozenset(): pa.null(),
    frozenset({int}): pa.int64(),
    frozenset({float}): pa.float64(),
    frozenset({int, float}): pa.float64(),
    frozenset({bool}): pa.bool_(),
    frozenset({str}): pa.large_string(),
}

_NUMBERS = {pa.int64(), pa.float64()}


class _Numbers(NamedTuple):
    """Integers and floats as floats, and which of them are integers."""

    array: pa.Array
    is_integer: Array

    def to_pylist(self) -> list[Any]:
        """The numbers as Python objects."""
        cells: list[Any] = self.array.to_pylist()
        for position in np.flatnonzero(self.is_integer):
            cells[position] = int(cells[position])
        return cells


class Cells:
    """The cells of a column as JSON has them: an Arrow array for each piece whose type holds its cells, else a list.

    A missing cell is null in an array; in a list, it is None, or NaN where a row lacks the member.

    Args:
        untyped: Keep all pieces as lists, in which 1, 1.0 and True stay what they are beside each other.
    """

    def __init__(self, *, untyped: bool = False) -> None:
        self._untyped = untyped
        self._pieces: list[pa.Array | _Numbers | list[Any]] = []
        self._types: set[type] = set()
        self._length = 0

    def add(self, cells: list[Any]) -> None:
        """Add a piece: JSON values, UNSET where a row lacks the member."""
        types = set(map(type, cells))
        self._types |= types
        self._length += len(cells)
        self._pieces.append(self._typed(cells, types))

    def _typed(self, cells: list[Any], types: set[type]) -> pa.Array | _Numbers | list[Any]:
        kind = _TYPES.get(frozenset(types - {NoneType, UnsetType}))
        if kind is not None and not self._untyped:
            nullable = [None if cell is UNSET else cell for cell in cells] if UnsetType in types else cells
            try:
                array = pa.array(nullable, kind)
                return (
                    array
                    if not {int, float} <= types
                    else _Numbers(array, np.array([type(cell) is int for cell in cells]))
                )
            # An integer beyond 64 bits, or one that a float would change; a lone surrogate.
            except OverflowError, pa.ArrowInvalid, UnicodeEncodeError:
                pass
        return [nan if cell is UNSET else cell for cell in cells] if UnsetType in types else cells

    def __len__(self) -> int:
        return self._length

    @property
    def is_absent(self) -> bool:
        """Whether there are cells, all missing, and some because a row lacks the member."""
        return UnsetType in self._types and self._types <= {UnsetType, NoneType}

    @property
    def is_mixed(self) -> bool:
        """Whether there are cells of different types."""
        return len(self._types - {UnsetType, NoneType}) > 1

    def lists(self) -> Iterator[list[Any]]:
        """The cells, a piece at a time."""
        for piece in self._pieces:
            yield piece if isinstance(piece, list) else piece.to_pylist()

    def objects(self) -> Array:
        """The cells as Python objects."""
        return np.fromiter((cell for cells in self.lists() for cell in cells), dtype=object, count=self._length)

    def arrow(self) -> pa.ChunkedArray | None:
        """The cells as Arrow has them, if one type of `bool`, `int64`, `double` or `large_string` holds them all."""
        pieces = [piece.array if isinstance(piece, _Numbers) else piece for piece in self._pieces]
        arrays = [piece for piece in pieces if not isinstance(piece, list)]
        types = {array.type for array in arrays} - {pa.null()}
        kind = pa.float64() if types == _NUMBERS else next(iter(types), None)
        if len(arrays) < len(self._pieces) or kind is None or not (types <= _NUMBERS or types == {kind}):
            return None
        try:
            return pa.chunked_array([array.cast(kind) for array in arrays], kind)
        except pa.ArrowInvalid:  # an integer that a float would change
            return None
