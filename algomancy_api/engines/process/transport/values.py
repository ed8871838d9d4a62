"""A value on its way between processes, in pieces that hold neither side's interpreter for long.

Numbers go as the raw buffers that they are. Arrays of objects, which is what pandas keeps strings in, go some thousand
objects at a time: a single call of pickle for 600,000 strings would keep the event loop waiting for it.
"""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import NotPicklable, reason_not_to_pickle
from .frames import Bytes, Kind
from .pickling import MOST_ITEMS, Unpickler, dumped

type Piece = tuple[Kind, Bytes]


def pieces(name: str, value: object) -> Iterator[Piece]:
    """The frames of a value, the value itself last.

    Args:
        name: What a path to a part of the value begins with.
        value: The value.

    Raises:
        NotPicklable: A part of it cannot leave this process; also while the pieces are taken.
    """
    buffers: list[pickle.PickleBuffer] = []
    arrays: list[np.ndarray] = []
    skeleton = _dumped(name, value, buffers, arrays)
    return _pieces(name, buffers, arrays, skeleton)


def _pieces(
    name: str, buffers: list[pickle.PickleBuffer], arrays: list[np.ndarray], skeleton: bytes
) -> Iterator[Piece]:
    for buffer in buffers:
        yield Kind.BUFFER, buffer.raw()
    for array in arrays:
        # In the order in which it lies in memory, so that no copy is needed.
        lies_in_columns = array.flags.f_contiguous and not array.flags.c_contiguous
        flat = np.ascontiguousarray(array.T if lies_in_columns else array).reshape(-1)
        yield Kind.ARRAY, pickle.dumps((array.shape, lies_in_columns))
        for start in range(0, flat.size, MOST_ITEMS):
            yield Kind.ITEMS, _dumped(name, flat[start : start + MOST_ITEMS])
    yield Kind.VALUE, skeleton


def _dumped(
    name: str,
    value: object,
    buffers: list[pickle.PickleBuffer] | None = None,
    arrays: list[np.ndarray] | None = None,
) -> bytes:
    try:
        if buffers is None:
            return _whole(value)
        return dumped(value, buffers, arrays)
    except Exception as error:  # a user's `__reduce__` may raise anything
        raise NotPicklable(reason_not_to_pickle(name, error)) from error


class ReceivedValues:
    """Puts a value together from its frames."""

    def __init__(self) -> None:
        self._buffers: list[bytearray] = []
        self._arrays: list[np.ndarray] = []
        self._filled = 0
        self._orders: list[tuple[tuple[int, ...], bool]] = []

    def add(self, kind: Kind, content: bytearray) -> None:
        """Take one of the frames before the last."""
        if kind is Kind.BUFFER:
            self._buffers.append(content)
        elif kind is Kind.ARRAY:
            shape, lies_in_columns = pickle.loads(content)  # noqa: S301 - from this very code
            self._orders.append((shape, lies_in_columns))
            self._arrays.append(np.empty(int(np.prod(shape)), dtype=object))
            self._filled = 0
        elif kind is Kind.ITEMS:
            items = _loaded_whole(content)
            self._arrays[-1][self._filled : self._filled + items.size] = items
            self._filled += items.size

    def value(self, skeleton: bytearray) -> Any:  # noqa: ANN401 - whatever was sent
        """The value, from its last frame."""
        arrays = [_shaped(array, *order) for array, order in zip(self._arrays, self._orders, strict=True)]
        return Unpickler(skeleton, self._buffers, arrays).load()


def _shaped(flat: np.ndarray, shape: tuple[int, ...], lies_in_columns: bool) -> np.ndarray:
    return flat.reshape(shape[::-1]).T if lies_in_columns else flat.reshape(shape)


def _whole(value: object) -> bytes:
    """A pickle with its buffers inside."""
    buffers: list[pickle.PickleBuffer] = []
    skeleton = dumped(value, buffers)
    return pickle.dumps((skeleton, [bytes(buffer.raw()) for buffer in buffers]))


def _loaded_whole(content: bytearray) -> np.ndarray:
    skeleton, buffers = pickle.loads(content)  # noqa: S301 - from this very code
    items: np.ndarray = Unpickler(skeleton, [bytearray(buffer) for buffer in buffers], []).load()
    return items
