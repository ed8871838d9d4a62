"""A value as a sequence of frames, each small enough not to hold the interpreter for long.

Arrays of numbers are sent as raw buffers. Arrays of objects, in which pandas keeps strings, are pickled some thousand
objects at a time: a single call of pickle for 600,000 strings would block the event loop.
"""

import pickle
from collections.abc import Iterator
from struct import Struct
from typing import Any, NamedTuple

import numpy as np

from ..errors import NotPicklable, reason_not_to_pickle
from .frames import Bytes, Kind
from .mapped import Mapped, Share
from .pickling import MAX_ITEMS, Unpickler, dumped

type Piece = tuple[Kind, Bytes]

_PIECE = Struct("!BQ")

#: Bytes: smaller buffers are not in files, since those of parameters differ from run to run.
_MIN_SHARED = 65_536


class _Place(NamedTuple):
    """Where some buffers of a value are.

    Attributes:
        mapped: Their file.
        numbers: Their numbers among all buffers of the value, ascending.
    """

    mapped: Mapped
    numbers: list[int]


def pieces(name: str, value: object, share: Share | None = None) -> Iterator[Piece]:
    """The frames of a value; its pickle is the last one.

    Args:
        name: The name of the value in error messages.
        value: The value.
        share: Puts the buffers into a file; None to send them.

    Raises:
        NotPicklable: A part cannot be pickled; also raised during the iteration.
    """
    buffers: list[pickle.PickleBuffer] = []
    arrays: list[np.ndarray] = []
    skeleton = _dumped(name, value, buffers, arrays)
    raw = [buffer.raw() for buffer in buffers]
    large = [number for number, buffer in enumerate(raw) if buffer.nbytes >= _MIN_SHARED]
    mapped = share and share([raw[number] for number in large])
    return _pieces(name, raw, mapped and _Place(mapped, large), arrays, skeleton)


def _pieces(
    name: str, buffers: list[memoryview], place: _Place | None, arrays: list[np.ndarray], skeleton: bytes
) -> Iterator[Piece]:
    elsewhere = set[int]() if place is None else {*place.numbers}
    for number, buffer in enumerate(buffers):
        if number not in elsewhere:
            yield Kind.BUFFER, buffer
    if place is not None:
        yield Kind.MAPPED, pickle.dumps(place)
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
        self._buffers: list[Bytes] = []
        self._arrays: list[np.ndarray] = []
        self._filled = 0
        self._layouts: list[tuple[tuple[int, ...], bool]] = []

    def add(self, kind: Kind, content: Bytes) -> None:
        """Take a frame before the last one."""
        if kind is Kind.BUFFER:
            self._buffers.append(content)
        elif kind is Kind.MAPPED:
            mapped, numbers = pickle.loads(content)  # noqa: S301 - from `_pieces`
            for number, buffer in zip(numbers, mapped.buffers(), strict=True):
                self._buffers.insert(number, buffer)
        elif kind is Kind.ARRAY:
            shape, is_column_major = pickle.loads(content)  # noqa: S301 - from `_pieces`
            self._layouts.append((shape, is_column_major))
            self._arrays.append(np.empty(int(np.prod(shape)), dtype=object))
            self._filled = 0
        elif kind is Kind.ITEMS:
            items = _loaded_whole(content)
            self._arrays[-1][self._filled : self._filled + items.size] = items
            self._filled += items.size

    def value(self, skeleton: Bytes) -> Any:  # noqa: ANN401 - the sender's own
        """The value, from its last frame."""
        arrays = [_shaped(array, *layout) for array, layout in zip(self._arrays, self._layouts, strict=True)]
        return Unpickler(skeleton, self._buffers, arrays).load()


class OnePiece:
    """A value in one piece, which is unpickled only if it is called for.

    Args:
        content: What `packed` made of it.
    """

    def __init__(self, content: Bytes) -> None:
        self.content = content

    def __call__(self) -> Any:  # noqa: ANN401 - the sender's own
        """The value."""
        received, rest = ReceivedValues(), memoryview(self.content)
        while True:
            kind, size = _PIECE.unpack_from(rest)
            piece = bytearray(rest[_PIECE.size : _PIECE.size + size])
            if kind == Kind.VALUE:
                return received.value(piece)
            received.add(Kind(kind), piece)
            rest = rest[_PIECE.size + size :]


def packed(name: str, value: object) -> bytes:
    """A value in one piece.

    Args:
        name: The name of the value in error messages.
        value: The value.

    Raises:
        NotPicklable: A part cannot be pickled.
    """
    parts: list[Bytes] = []
    for kind, content in pieces(name, value):
        parts += [_PIECE.pack(kind, memoryview(content).nbytes), content]
    return b"".join(parts)


def _shaped(flat: np.ndarray, shape: tuple[int, ...], is_column_major: bool) -> np.ndarray:
    return flat.reshape(shape[::-1]).T if is_column_major else flat.reshape(shape)


def _dumped_whole(value: object) -> bytes:
    """A pickle that includes its buffers."""
    buffers: list[pickle.PickleBuffer] = []
    skeleton = dumped(value, buffers)
    return pickle.dumps((skeleton, [bytes(buffer.raw()) for buffer in buffers]))


def _loaded_whole(content: Bytes) -> np.ndarray:
    skeleton, buffers = pickle.loads(content)  # noqa: S301 - from `_dumped_whole`
    items: np.ndarray = Unpickler(skeleton, [bytearray(buffer) for buffer in buffers], []).load()
    return items
