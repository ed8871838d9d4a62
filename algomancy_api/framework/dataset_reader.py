"""A dataset from its JSON text, read in pieces.

The framework's `from_json` parses the whole text in one call, and makes a table of a list of dicts in another: for
100 MB, these hold the interpreter for a second and for a quarter of one, and the event loop with it. Here its own code
runs on a document that is parsed some thousand rows at a time, and whose rows are columns already, which pandas takes
as well. Whatever is not as it should be is left to the framework as it came, to refuse it in its own words.
"""

import json
from collections.abc import Sequence
from itertools import batched
from math import inf
from operator import attrgetter
from types import FunctionType, SimpleNamespace
from typing import Any, cast

import msgspec
from algomancy_data import BaseDataSource, DataSource
from msgspec import Raw

from ..serialization.json_depth import nests_deeper

#: How many rows are parsed at a time: some milliseconds of work.
_ROWS = 5_000

#: So many objects are around a table's members, at most: the document, its tables, the table.
_AROUND_MEMBERS = 3

_members = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])

_own = cast("Any", DataSource.from_json).__func__


def dataset_from_json(kind: type[BaseDataSource], document: bytes, nesting: float = inf) -> BaseDataSource:
    """What ``kind.from_json`` makes of a text.

    Args:
        kind: The class of the dataset.
        document: The text.
        nesting: How many lists and objects may lie in one another.

    Raises:
        Exception: Whatever that raises; a UnicodeDecodeError, where the text is not UTF-8.
        ValueError: There are more lists and objects in one another.
    """
    if getattr(kind.from_json, "__func__", None) is _own:
        try:
            return cast("BaseDataSource", _from_parsed(kind, _parsed(document, nesting)))
        except Exception:  # noqa: S110 - the framework says what is wrong
            pass
    _check_nesting(document, nesting)
    source: BaseDataSource = kind.from_json(document.decode())
    return source


def _from_parsed(kind: type[BaseDataSource], parsed: object) -> Any:  # noqa: ANN401
    """The framework's own code, given what it would have parsed."""
    names = _own.__globals__ | {"json": SimpleNamespace(loads=lambda _: parsed)}
    return FunctionType(_own.__code__, names, closure=_own.__closure__)(kind, None)


def _check_nesting(document: bytes, nesting: float) -> None:
    if nests_deeper(document, nesting):
        raise ValueError(f"it has more than {nesting} lists and objects in one another")


def _parsed(document: bytes, nesting: float) -> dict[str, Any]:
    members = _members.decode(document)
    tables = _members.decode(members.pop("tables", b"{}"))
    return _values(members, nesting) | {"tables": {name: _table(table, nesting) for name, table in tables.items()}}


def _values(members: dict[str, Raw], nesting: float) -> dict[str, Any]:
    for value in members.values():
        _check_nesting(bytes(value), nesting - _AROUND_MEMBERS)
    return {name: json.loads(bytes(value)) for name, value in members.items()}


def _table(document: Raw, nesting: float) -> dict[str, Any]:
    members = _members.decode(document)
    data = members.pop("data")
    parsed = _values(members, nesting)
    rows = _items.decode(data)
    return parsed | {"data": _columns(rows, parsed["columns"], nesting) if rows else []}


def _columns(rows: Sequence[Raw], names: list[str], nesting: float) -> dict[str, list[Any]]:
    """The cells of each column, of rows that all have the same.

    Raises:
        ValueError: One has others or nests too deeply, or a name cannot be that of a member.
    """
    fields = {f"c{place}": name for place, name in enumerate(names)}
    row = msgspec.defstruct(
        "Row", [(field, Any) for field in fields], rename=fields, forbid_unknown_fields=True, gc=False
    )
    decoder = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]
    columns: dict[str, list[Any]] = {field: [] for field in fields}
    for batch in batched(rows, _ROWS, strict=False):
        text = b"[%b]" % b",".join(batch)
        if text.count(b"{") + text.count(b"[") > len(batch) + 1:  # than those of the rows and of their list
            _check_nesting(text, nesting - _AROUND_MEMBERS)
        decoded = decoder.decode(text)
        for field, cells in columns.items():
            cells.extend(map(attrgetter(field), decoded))
    return {fields[field]: cells for field, cells in columns.items()}
