"""The size of the table that a JSON file becomes, record by record: each name that any of them has is a column.

Records are parsed one at a time, since a single call for 100 MB would hold the interpreter for a second.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from ..limits import Limits
from ..serialization.json_depth import nests_deeper
from .checks import check_table
from .errors import FileTooLarge, UnreadableFile

_items = msgspec.json.Decoder(list[Raw])
_record = msgspec.json.Decoder()


def check_json(path: Path, limits: Limits) -> None:
    """Refuse a JSON file that nests too deeply, or would become a larger table than the limits.

    Raises:
        FileTooLarge: It would.
        UnreadableFile: It nests too deeply.
    """
    document = path.read_bytes()
    names: set[str] = set()
    rows = 0
    for record in _records(document, limits.nesting):
        rows += 1
        if isinstance(record, dict):
            _add_names(names, record)
            if len(names) > limits.columns:
                raise FileTooLarge(f"has more than {limits.columns} names, each of which becomes a column; split it")
    check_table(rows, len(names), len(document), limits)


def _records(document: bytes, nesting: int) -> Iterator[Any]:
    try:
        items = _items.decode(document)
    except msgspec.DecodeError, RecursionError:
        yield from _records_at_once(document, nesting)
        return
    for item in items:
        record = bytes(item)
        _check_nesting(record, nesting, around=1)
        yield _parsed(record)


def _records_at_once(document: bytes, nesting: int) -> list[Any]:
    """The records of what is no list, or no strict JSON: Python takes NaN, too."""
    _check_nesting(document, nesting)
    parsed = _parsed(document)
    return parsed if isinstance(parsed, list) else [parsed]


def _check_nesting(document: bytes, nesting: int, around: int = 0) -> None:
    if nests_deeper(document, nesting - around):
        raise UnreadableFile(f"it has more than {nesting} lists and objects in one another")


def _parsed(document: bytes) -> Any:  # noqa: ANN401 - whatever JSON can say
    """A value; None for what is no JSON, of which the ETL will say what is wrong."""
    try:
        return _record.decode(document)
    except msgspec.DecodeError, RecursionError:
        pass
    try:
        return json.loads(document)
    except ValueError:
        return None
    except RecursionError as error:
        raise UnreadableFile("it has too many lists and objects in one another") from error


def _add_names(names: set[str], record: dict[str, Any], prefix: str = "") -> None:
    """Add the names of a record's columns: an object in it becomes columns, too, with its name before theirs."""
    for name, value in record.items():
        if isinstance(value, dict):
            _add_names(names, value, f"{prefix}{name}.")
        else:
            names.add(prefix + name)
