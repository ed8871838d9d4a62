"""Limits of a CSV file: the size of the table that pandas makes of it, from one pass over its bytes.

The first two records decide the number of columns: the header, and the first row, which may have more fields, of which
pandas makes an index. pandas pads all other rows to that width, so a line of two bytes can become a row of thousands
of cells. The ETL chooses the separator, so each of the usual ones is tried.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ..limits import Limits
from .checks import check_table
from .errors import FileTooLarge

#: Bytes: read at a time.
_BLOCK = 1024 * 1024

_TOKEN = rb'(?:^|(?<=[SEPARATOR\n]))"(?:[^"]++|"")*+"?|[SEPARATOR\n]|[^SEPARATOR\n]++'

#: Tokens of a record by separator, as pandas reads it: a quoted field, a separator, a line break, or text.
#: Possessive quantifiers: an unclosed quote costs one pass and no backtracking.
_TOKENS = {
    separator: re.compile(_TOKEN.replace(b"SEPARATOR", re.escape(separator))) for separator in (b";", b",", b"\t", b"|")
}


def check_csv(path: Path, limits: Limits) -> None:
    """Check the table of a CSV file against the limits, without parsing it.

    Raises:
        FileTooLarge: Its table has more cells or columns, or it has a longer line, than the limits.
    """
    lines = _count_lines(path, limits.line)
    with path.open("rb") as file:
        start = file.read(2 * limits.line).removeprefix(BOM_UTF8).replace(b"\r", b"\n")
    columns = max(_columns(start, separator, limits.columns) for separator in _TOKENS)
    if columns > limits.columns:
        raise FileTooLarge(f"has more than {limits.columns} columns; split it, or turn columns into rows")
    check_table(lines, columns, path.stat().st_size, limits)


def _count_lines(path: Path, longest: int) -> int:
    lines, length = 1, 0
    with path.open("rb") as file:
        while block := file.read(min(_BLOCK, longest)):
            end = b"\n" if b"\n" in block else b"\r"
            lines += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
            first = block.find(end)
            length += len(block) if first < 0 else first
            if length > longest:
                raise FileTooLarge(f"has a line of more than {longest} bytes; split the line")
            if first >= 0:
                length = len(block) - block.rfind(end) - 1
    return lines


def _columns(start: bytes, separator: bytes, most: int) -> int:
    """The larger number of fields of the first two records; counting stops at one more than the limit."""
    return max(islice(_fields(start, separator, most), 2), default=0)


def _fields(start: bytes, separator: bytes, most: int) -> Iterator[int]:
    """The number of fields of each record; empty lines are no records."""
    fields, is_empty = 1, True
    for token in _TOKENS[separator].finditer(start):
        content = token[0]
        if content == b"\n":
            if not is_empty:
                yield fields
            fields, is_empty = 1, True
        elif content == separator:
            fields, is_empty = fields + 1, False
            if fields > most:
                break
        else:
            is_empty = is_empty and content.isspace()
    yield fields
