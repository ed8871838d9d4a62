"""Thrift's compact protocol, in which the headers and footers of Parquet are written: read as far as checks need it.

Of a text only the length is read, which is what Parquet's own reader takes on trust.
"""

from collections.abc import Callable
from struct import unpack_from
from typing import Any, ClassVar

from ..errors import UnreadableFile

#: Levels: how deeply structures may lie within each other.
_MOST_LEVELS = 24

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class Truncated(Exception):
    """The data end within a structure."""


class CompactReader:
    """Reads structures from bytes.

    Args:
        data: The bytes.
        most: The most structures and values of lists.

    Attributes:
        position: Where the next structure begins.
    """

    def __init__(self, data: bytes, most: int) -> None:
        self._data = data
        self._left = most
        self.position = 0

    def struct(self, level: int = 0) -> dict[int, Any]:
        """The next structure: values by the numbers of their fields.

        Raises:
            Truncated: The data end before.
            UnreadableFile: It is malformed, or too large.
        """
        self._count(level)
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._integer()
            kind = head & 0x0F
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, level)
        return fields

    def _value(self, kind: int, level: int) -> Any:  # noqa: ANN401
        read = self._SIMPLE.get(kind)
        if read is not None:
            return read(self)
        if kind in (_LIST, _SET):
            return self._list(level)
        if kind == _STRUCT:
            return self.struct(level + 1)
        raise UnreadableFile("its header is malformed")

    def _list(self, level: int) -> list[Any]:
        head = self._byte()
        count = head >> 4 if head >> 4 != 15 else self._varint()
        kind = head & 0x0F
        values = []
        for _ in range(count):
            self._count(level)
            values.append(self._byte() if kind in (_TRUE, _FALSE) else self._value(kind, level))
        return values

    def _count(self, level: int) -> None:
        self._left -= 1
        if self._left < 0 or level > _MOST_LEVELS:
            raise UnreadableFile("its header has too many parts")

    def _byte(self) -> int:
        if self.position >= len(self._data):
            raise Truncated
        value = self._data[self.position]
        self.position += 1
        return value

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
        raise UnreadableFile("its header is malformed")

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _double(self) -> float:
        self.position += 8
        if self.position > len(self._data):
            raise Truncated
        value: float = unpack_from("<d", self._data, self.position - 8)[0]
        return value

    def _binary(self) -> int:
        length = self._varint()
        self.position += length
        if self.position > len(self._data):
            raise Truncated
        return length

    _SIMPLE: ClassVar[dict[int, Callable[[CompactReader], Any]]] = {
        _BYTE: _byte, _I16: _integer, _I32: _integer, _I64: _integer, _DOUBLE: _double, _BINARY: _binary,
    }  # fmt: skip
