"""The pages of a Parquet file, from their own headers: the sizes in its footer are a claim.

Some kilobytes can become gigabytes: by compression, by a text of a dictionary that all rows refer to, by texts that
repeat the beginning of the one before, by lists of nulls.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ... import free_memory
from ..errors import UnreadableFile
from .budget import Budget
from .thrift import CompactReader, Truncated

_MAGIC = b"PAR1"

#: Bytes: the longest footer. It describes the columns, and takes some hundred times as much memory.
_MOST_FOOTER = 64 * 1024 * 1024

#: Parts: structures and values in a footer, some hundred bytes of memory each.
_MOST_FOOTER_PARTS = 1_000_000

#: Pages: in a file. Each takes some microseconds.
_MOST_PAGES = 200_000

#: Bytes: read for the header of a page at first, and at most. It may have the smallest and the largest text.
_HEADER, _MOST_HEADER = 4 * 1024, 16 * 1024 * 1024

#: Encodings by number: texts that may be longer than their page.
_DICTIONARIES = (2, 8)
_DELTA_OF_TEXTS = 7

#: Numbers of fields in the header of a page.
_UNPACKED, _PACKED, _DATA, _DICTIONARY, _DATA_2 = 2, 3, 5, 7, 8


@dataclass
class Pages:
    """What the pages of one column say, in all groups of rows.

    Attributes:
        values: The number of its values, those within lists included.
        largest: The bytes of its largest page, unpacked.
        refers: Whether its values may be in a dictionary.
        repeats: Whether its texts may repeat the one before.
    """

    values: int = 0
    largest: int = 0
    refers: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class Chunk:
    """A column in a group of rows: where its pages are, and how many values they have."""

    start: int
    end: int
    values: int


@dataclass(frozen=True)
class Group:
    """A group of rows."""

    rows: int
    chunks: list[Chunk]


def groups_of(path: Path) -> list[Group]:
    """The groups of rows of a Parquet file, from its footer.

    pyarrow would end this process over a footer whose numbers make no sense.

    Raises:
        UnreadableFile: It is no Parquet file, or its footer is malformed or too large.
    """
    with path.open("rb") as file:
        footer, size = _footer(file)
    try:
        groups = [_group(group, size) for group in footer[4]]
        complete = sum(group.rows for group in groups) == footer[3]
    except KeyError, TypeError, AttributeError, IndexError:
        raise UnreadableFile("its footer is malformed") from None
    if not complete:
        raise UnreadableFile("its groups have other rows than it says")
    return groups


def _footer(file: BinaryIO) -> tuple[dict[int, Any], int]:
    """The footer, and the size of what comes before it."""
    start = file.read(len(_MAGIC))
    size = file.seek(0, 2)
    if size < 12 or start != _MAGIC:
        raise UnreadableFile("it does not begin as a Parquet file does")
    file.seek(size - 8)
    end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != _MAGIC or length > size - 12:
        raise UnreadableFile("it does not end as a Parquet file does; has it been cut off?")
    if length > _MOST_FOOTER:
        raise UnreadableFile(f"its footer has more than {_MOST_FOOTER} bytes")
    file.seek(size - 8 - length)
    try:
        return CompactReader(file.read(length), _MOST_FOOTER_PARTS).struct(), size - 8 - length
    except Truncated:
        raise UnreadableFile("its footer is cut off") from None


def _group(group: dict[int, Any], size: int) -> Group:
    chunks = [_chunk(column[3], size) for column in group[1]]
    if not 0 <= group[3] < 2**62:
        raise UnreadableFile("its footer is malformed")
    return Group(group[3], chunks)


def _chunk(column: dict[int, Any], size: int) -> Chunk:
    if not column[5]:
        return Chunk(0, 0, 0)
    start, dictionary = column[9], column.get(11, 0)
    if 0 < dictionary < start:
        start = dictionary
    end = start + column[7]
    if not (len(_MAGIC) <= start <= end <= size and 0 <= column[5] < 2**62):
        raise UnreadableFile("its footer names pages that it does not have")
    return Chunk(start, end, column[5])


def pages_of(path: Path, groups: list[Group], budget: Budget) -> list[Pages]:
    """What the pages of each column say.

    Args:
        path: The file.
        groups: Its groups of rows.
        budget: Gets the cells of all columns. What the pages unpack to is compared with what is left of it.

    Raises:
        FileTooLarge: They have too many cells, or unpack to too much.
        MemoryError: There is too little memory for what they unpack to.
        UnreadableFile: A page is malformed, or there are too many.
    """
    found = [Pages() for _ in (groups[0].chunks if groups else ())]
    count = unpacked = 0
    with path.open("rb") as file:
        for group in groups:
            if len(group.chunks) != len(found):
                raise UnreadableFile("its groups have different columns")
            for pages, chunk in zip(found, group.chunks, strict=True):
                before = pages.values
                for header in _headers(file, chunk):
                    count += 1
                    if count > _MOST_PAGES:
                        raise UnreadableFile(f"it has more than {_MOST_PAGES} pages")
                    _add(pages, header)
                    unpacked += header[_UNPACKED]
                    if unpacked > budget.bytes_left:
                        budget.take_bytes(unpacked)
                budget.take_cells(max(pages.values - before, group.rows))
    free_memory.require(unpacked)
    return found


def _headers(file: BinaryIO, chunk: Chunk) -> Iterator[dict[int, Any]]:
    position, values = chunk.start, 0
    while position < chunk.end and values < chunk.values:
        header, length = _header(file, position)
        yield header
        position += length + header[_PACKED]
        values += _count(header)


def _header(file: BinaryIO, position: int) -> tuple[dict[int, Any], int]:
    size = _HEADER
    while True:
        file.seek(position)
        data = file.read(size)
        reader = CompactReader(data, 1_000)
        try:
            header = reader.struct()
        except Truncated:
            if len(data) < size or size >= _MOST_HEADER:
                raise UnreadableFile("the header of a page is cut off") from None
            size *= 16
            continue
        if not all(isinstance(header.get(field), int) and header[field] >= 0 for field in (_UNPACKED, _PACKED)):
            raise UnreadableFile("the header of a page is malformed")
        return header, reader.position


def _data(header: dict[int, Any]) -> dict[int, Any]:
    """The part of a header that tells of values; empty for a dictionary."""
    part = header.get(_DATA) or header.get(_DATA_2) or {}
    return part if isinstance(part, dict) else {}


def _count(header: dict[int, Any]) -> int:
    count = _data(header).get(1, 0)
    return max(0, count) if isinstance(count, int) else 0


def _add(pages: Pages, header: dict[int, Any]) -> None:
    encoding = _data(header).get(4 if _DATA_2 in header else 2)
    pages.values += _count(header)
    pages.largest = max(pages.largest, header[_UNPACKED])
    pages.refers = pages.refers or encoding in _DICTIONARIES
    pages.repeats = pages.repeats or encoding == _DELTA_OF_TEXTS
