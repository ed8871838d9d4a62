"""Lines packed into pages of bytes, since an object for each line would take ten times the memory of a short one."""

import logging
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import NamedTuple

#: Time, stream, level, and the length of what follows: lines joined by line feeds.
_HEADER = Struct("!dBHI")

#: The streams of a run, and their numbers in a page.
STREAMS = ("stdout", "stderr", "log")
STDOUT, STDERR, LOG = range(len(STREAMS))


class Page(NamedTuple):
    """Packed lines.

    Attributes:
        first: The number of the first line among all lines of the run.
        lines: The number of lines.
        content: The lines, as `packed` makes them.
    """

    first: int
    lines: int
    content: bytes | bytearray


class Line(NamedTuple):
    """A line of output.

    Attributes:
        time: When it was read, in seconds since 1970.
        stream: The number of its stream.
        level: Its level, as in `logging`.
        text: Its text. Bytes that are not UTF-8 are escaped.
    """

    time: float
    stream: int
    level: int
    text: str


class Reading(NamedTuple):
    """Lines that were read, and the number of the next line."""

    lines: list[Line]
    next: int


def packed(time: float, stream: int, level: int, lines: bytes) -> bytes:
    """Lines of one moment as a part of a page."""
    return _HEADER.pack(time, stream, level, len(lines)) + lines


def parts(lines: bytes, size: int) -> Iterator[bytes]:
    """Lines in parts that are at most ``size`` bytes long when they are packed. No line may be longer."""
    longest = size - _HEADER.size
    start = 0
    while len(lines) - start > longest:
        end = lines.rfind(b"\n", start, start + longest + 1)
        yield lines[start:end]
        start = end + 1
    yield lines[start:]


def read(pages: Iterable[Page], start: int, most_lines: int, most_bytes: int) -> Reading:
    """The lines of pages from a number on, with a mark wherever lines were left out.

    Args:
        pages: The pages, in order. Those before the number are skipped.
        start: The number of the first line.
        most_lines: The most lines to read.
        most_bytes: The length at which reading ends, whatever follows.
    """
    lines: list[Line] = []
    following, size = start, 0
    for page in pages:
        if page.first + page.lines <= following:
            continue
        number = page.first
        for time, stream, level, content in _unpacked(page.content):
            texts = content.split(b"\n")
            if number > following:
                lines.append(_mark(time, number - following))
                following = number
            for text in texts[following - number :]:
                if len(lines) >= most_lines or size >= most_bytes:
                    return Reading(lines, following)
                lines.append(Line(time, stream, level, text.decode(errors="backslashreplace")))
                following += 1
                size += len(text)
            number += len(texts)
    return Reading(lines, following)


def _mark(time: float, count: int) -> Line:
    return Line(time, LOG, logging.WARNING, f"[truncated: {count:,} lines are left out here]")


def _unpacked(content: bytes | bytearray) -> Iterator[tuple[float, int, int, bytes]]:
    position = 0
    while position < len(content):
        time, stream, level, length = _HEADER.unpack_from(content, position)
        position += _HEADER.size
        yield time, stream, level, bytes(content[position : position + length])
        position += length
