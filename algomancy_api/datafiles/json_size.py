"""Limits of a JSON file: its nesting, and the size of its table, which has a column for each name in any record.

Records are parsed one at a time: a single call for 100 MB would hold the GIL for a second.
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
    """Check the nesting and the table of a JSON file against the limits.

    Raises:
        FileTooLarge: Its table has more cells or columns than the limits.
        UnreadableFile: It is nested too deeply.
    """
    document = path.read_bytes()
    names: set[str] = set()
    rows = 0
    for record in _records(document, limits.nesting):
        rows += 1
        if isinstance(record, dict):
            _add_names(names, record)
            if len(names) > limits.columns:
                raise FileTooLarge(f"has more than {limits.columns} names, and each makes a column; split it")
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
    """The records of a document that is not a list, or not strict JSON (Python's parser accepts NaN)."""
    _check_nesting(document, nesting)
    parsed = _parsed(document)
    return parsed if isinstance(parsed, list) else [parsed]


def _check_nesting(document: bytes, nesting: int, around: int = 0) -> None:
    if nests_deeper(document, nesting - around):
        raise UnreadableFile(f"it is nested more than {nesting} levels deep")


def _parsed(document: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a document; None for invalid JSON, which the ETL reports."""
    try:
        return _record.decode(document)
    except msgspec.DecodeError, RecursionError:
        pass
    try:
        return json.loads(document)
    except ValueError:
        return None
    except RecursionError as error:
        raise UnreadableFile("it is nested too deeply") from error


def _add_names(names: set[str], record: dict[str, Any], prefix: str = "") -> None:
    """Add the column names of a record; a nested object adds columns with its name as their prefix."""
    for name, value in record.items():
        if isinstance(value, dict):
            _add_names(names, value, f"{prefix}{name}.")
        else:
            names.add(prefix + name)
