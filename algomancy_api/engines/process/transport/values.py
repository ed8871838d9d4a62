"""A value as a sequence of frames, each small enough not to hold the interpreter for long.

Arrays of numbers are sent as raw buffers. Arrays of objects, in which pandas keeps strings, are pickled some thousand
objects at a time: a single call of pickle for 600,000 strings would block the event loop.
"""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import NotPicklable, reason_not_to_pickle
from .frames import Bytes, Kind
from .pickling import MAX_ITEMS, Unpickler, dumped

type Piece = tuple[Kind, Bytes]


def pieces(name: str, value: object) -> Iterator[Piece]:
    """The frames of a value; its pickle is the last one.

    Args:
        name: The name of the value in error messages.
        value: The value.

    Raises:
        NotPicklable: A part cannot be pickled; also raised during the iteration.
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
        # In the order of the memory layout, so that no copy is needed.
        is_column_major = array.flags.f_contiguous and not array.flags.c_contiguous
        flat = np.ascontiguousarray(array.T if is_column_major else array).reshape(-1)
        yield Kind.ARRAY, pickle.dumps((array.shape, is_column_major))
        for start in range(0, flat.size, MAX_ITEMS):
            yield Kind.ITEMS, _dumped(name, flat[start : start + MAX_ITEMS])
    yield Kind.VALUE, skeleton


def _dumped(
    name: str,
    value: object,
    buffers: list[pickle.PickleBuffer] | None = None,
    arrays: list[np.ndarray] | None = None,
) -> bytes:
    try:
        if buffers is None:
            return _dumped_whole(value)
        return dumped(value, buffers, arrays)
    except Exception as error:  # a user's `__reduce__` may raise anything
        raise NotPicklable(reason_not_to_pickle(name, error)) from error


class ReceivedValues:
    """Rebuilds a value from its frames."""

    def __init__(self) -> None:
        self._buffers: list[bytearray] = []
        self._arrays: list[np.ndarray] = []
        self._filled = 0
        self._layouts: list[tuple[tuple[int, ...], bool]] = []

    def add(self, kind: Kind, content: bytearray) -> None:
        """Take a frame before the last one."""
        if kind is Kind.BUFFER:
            self._buffers.append(content)
        elif kind is Kind.ARRAY:
            shape, is_column_major = pickle.loads(content)  # noqa: S301 - from `_pieces`
            self._layouts.append((shape, is_column_major))
            self._arrays.append(np.empty(int(np.prod(shape)), dtype=object))
            self._filled = 0
        elif kind is Kind.ITEMS:
            items = _loaded_whole(content)
            self._arrays[-1][self._filled : self._filled + items.size] = items
            self._filled += items.size

    def value(self, skeleton: bytearray) -> Any:  # noqa: ANN401 - the sender's own
        """The value, from its last frame."""
        arrays = [_shaped(array, *layout) for array, layout in zip(self._arrays, self._layouts, strict=True)]
        return Unpickler(skeleton, self._buffers, arrays).load()


def _shaped(flat: np.ndarray, shape: tuple[int, ...], is_column_major: bool) -> np.ndarray:
    return flat.reshape(shape[::-1]).T if is_column_major else flat.reshape(shape)


def _dumped_whole(value: object) -> bytes:
    """A pickle that includes its buffers."""
    buffers: list[pickle.PickleBuffer] = []
    skeleton = dumped(value, buffers)
    return pickle.dumps((skeleton, [bytes(buffer.raw()) for buffer in buffers]))


def _loaded_whole(content: bytearray) -> np.ndarray:
    skeleton, buffers = pickle.loads(content)  # noqa: S301 - from `_dumped_whole`
    items: np.ndarray = Unpickler(skeleton, [bytearray(buffer) for buffer in buffers], []).load()
    return items
