"""The messages of an Arrow IPC stream or file, from their own headers: what they unpack to, before they are decoded.

A header is a flatbuffer, of which this reads the numbers that decide on memory: the lengths of arrays, and the sizes of
compressed buffers, each of which says how large it becomes.
"""

from collections.abc import Iterator
from struct import Struct, error
from typing import Any, BinaryIO, NamedTuple

from ... import free_memory
from ..errors import UnreadableFile
from .budget import Budget

_MAGIC = b"ARROW1"

#: Bytes: the longest header of a message.
_MOST_HEADER = 64 * 1024 * 1024

#: Bytes: beyond any body of a message.
_MOST_BODY = 2**48

#: Messages: in a stream.
_MOST_MESSAGES = 200_000

#: Bytes: the length of the footer, and the magic word.
_FOOTER_END = 4 + len(_MAGIC)

_CONTINUATION = 0xFFFFFFFF
_DICTIONARY, _BATCH = 2, 3

_I32, _U16, _U32, _I64, _PAIR, _BLOCK = (Struct(f"<{code}") for code in ("i", "H", "I", "q", "qq", "qi4xq"))


def check_stream(file: BinaryIO, budget: Budget) -> None:
    """Check a stream from its start.

    Raises:
        FileTooLarge: It unpacks to more than the budget.
        UnreadableFile: It is malformed, or ends before its mark of the end.
    """
    _check(file, _of_stream(file), budget)


def check_file(file: BinaryIO, budget: Budget) -> None:
    """Check an IPC file, whose footer says where its messages are.

    Raises:
        FileTooLarge: It unpacks to more than the budget.
        UnreadableFile: It is malformed.
    """
    _check(file, _of_file(file), budget)


def is_file(file: BinaryIO) -> bool:
    """Whether a file is an IPC file; False for a stream.

    Raises:
        UnreadableFile: It is neither, or its end is missing.
    """
    start = file.read(8)
    file.seek(0)
    if start[:6] != _MAGIC:
        if start[:4] != _U32.pack(_CONTINUATION):
            raise UnreadableFile("it does not begin as an Arrow stream or file does")
        return False
    size = file.seek(0, 2)
    file.seek(max(0, size - len(_MAGIC)))
    if file.read() != _MAGIC or size < len(start) + _FOOTER_END:
        raise UnreadableFile("it does not end as an Arrow file does; has it been cut off?")
    return True


def _check(file: BinaryIO, messages: Iterator[_Message], budget: Budget) -> None:
    unpacked = 0
    for number, message in enumerate(messages):
        if number > _MOST_MESSAGES:
            raise UnreadableFile(f"it has more than {_MOST_MESSAGES} messages")
        for length, _ in message.pairs(1):
            budget.take_cells(max(0, length))
        size = sum(_unpacked(file, message))
        budget.take_bytes(size)
        unpacked += size
    free_memory.require(unpacked)
    file.seek(0)


class _Message(NamedTuple):
    """The header of a batch: its bytes, the place of its table there, and where its body begins in the file."""

    table: _Table
    body: int

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """The pairs of numbers of a field: lengths and counts of nulls (1), offsets and sizes of buffers (2)."""
        return self.table.pairs(field)


class _Table(NamedTuple):
    """A table of a flatbuffer."""

    data: bytes
    position: int

    def _place(self, field: int) -> int:
        """Where a field is; 0 if it is left out."""
        entries = self.position - _at(_I32, self.data, self.position)
        if 4 + 2 * field >= _at(_U16, self.data, entries):
            return 0
        offset = _at(_U16, self.data, entries + 4 + 2 * field)
        return self.position + offset if offset else 0

    def byte(self, field: int) -> int:
        """A field of one byte."""
        place = self._place(field)
        return self.data[place] if 0 < place < len(self.data) else 0

    def number(self, field: int) -> int:
        """A field of 64 bits."""
        place = self._place(field)
        return _at(_I64, self.data, place) if place else 0

    def table(self, field: int) -> _Table | None:
        """A field that is a table."""
        place = self._place(field)
        return _Table(self.data, place + _at(_U32, self.data, place)) if place else None

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """A field that is a list of pairs of 64 bits."""
        yield from self.structs(field, _PAIR)

    def structs(self, field: int, kind: Struct) -> Iterator[Any]:
        """A field that is a list of structures."""
        place = self._place(field)
        if not place:
            return
        start = place + _at(_U32, self.data, place)
        count = _at(_U32, self.data, start)
        if start + 4 + count * kind.size > len(self.data):
            raise _malformed()
        for number in range(count):
            yield kind.unpack_from(self.data, start + 4 + number * kind.size)


def _at(kind: Struct, data: bytes, position: int) -> int:
    if position < 0:
        raise _malformed()
    try:
        value: int = kind.unpack_from(data, position)[0]
    except error:
        raise _malformed() from None
    return value


def _of_stream(file: BinaryIO) -> Iterator[_Message]:
    """The batches and dictionaries of a stream."""
    while True:
        head = file.read(8)
        if len(head) < 8 or _at(_U32, head, 0) != _CONTINUATION:
            raise UnreadableFile("its end is missing; has it been cut off?")
        length = _at(_U32, head, 4)
        if not length:
            return
        if length > _MOST_HEADER:
            raise _too_long()
        header = file.read(length)
        body = file.tell()
        size = _Table(header, _at(_U32, header, 0)).number(3)
        if not 0 <= size < _MOST_BODY:
            raise _malformed()
        yield from _batches(header, body)
        file.seek(body + size)


def _of_file(file: BinaryIO) -> Iterator[_Message]:
    """The batches and dictionaries of an IPC file, in the places that its footer names."""
    size = file.seek(-_FOOTER_END, 2)
    length = _at(_U32, file.read(4), 0)
    if not 0 < length <= min(size, _MOST_HEADER):
        raise _too_long()
    file.seek(size - length)
    data = file.read(length)
    footer = _Table(data, _at(_U32, data, 0))
    for field in (2, 3):  # dictionaries, batches
        for offset, head, _ in footer.structs(field, _BLOCK):
            if not (0 <= offset < _MOST_BODY and 8 <= head <= _MOST_HEADER):
                raise _malformed()
            file.seek(offset)
            header = file.read(head)
            # The mark of newer versions goes before the length.
            start = 8 if _at(_U32, header, 0) == _CONTINUATION else 4
            yield from _batches(header[start:], offset + head)


def _batches(header: bytes, body: int) -> Iterator[_Message]:
    """The batch of a message, or that of its dictionary."""
    message = _Table(header, _at(_U32, header, 0))
    kind, part = message.byte(1), message.table(2)
    batch = part.table(1) if part is not None and kind == _DICTIONARY else part
    if batch is not None and kind in (_DICTIONARY, _BATCH):
        yield _Message(batch, body)


def _malformed() -> UnreadableFile:
    return UnreadableFile("the header of a message is malformed")


def _too_long() -> UnreadableFile:
    return UnreadableFile(f"the header of a message has more than {_MOST_HEADER} bytes")


def _unpacked(file: BinaryIO, message: _Message) -> Iterator[int]:
    """What each buffer of a batch unpacks to."""
    is_compressed = message.table.table(3) is not None
    for offset, size in message.pairs(2):
        if not (0 <= offset < _MOST_BODY and 0 <= size < _MOST_BODY):
            raise _malformed()
        if not is_compressed or size < _I64.size:
            yield size
            continue
        file.seek(message.body + offset)
        claimed = _at(_I64, file.read(_I64.size), 0)
        yield size if claimed < 0 else claimed
