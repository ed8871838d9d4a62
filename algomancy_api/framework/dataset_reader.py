"""Reader of datasets from JSON: the framework's `DataSource.from_json`, in pieces.

The framework parses the whole text in one C call and builds a table from a list of dicts in another. For 100 MB these
hold the interpreter for a second and for a quarter of one, and the event loop with it. This reader parses some thousand
rows at a time, and builds tables from columns. It reads regular documents only: the framework reads all others, or
refuses them in its own words.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import batched
from math import inf
from operator import attrgetter
from typing import Any

import msgspec
import pandas as pd
from algomancy_data import BaseDataSource, DataClassification, DataSource
from msgspec import Raw

from ..serialization.json_depth import nests_deeper

#: Rows: parsed in one call, which takes some milliseconds.
_ROWS = 5_000

#: Levels: the document, its tables and the table, around a table's members.
_AROUND_MEMBERS = 3

#: The nullable type of integers with missing values, by what the stored type contains. The first match counts.
_NULLABLE = {"int64": "Int64", "int32": "Int32", "int16": "Int16", "int8": "Int8", "int": "Int64"}

_members = msgspec.json.Decoder(dict[str, Raw])
_items = msgspec.json.Decoder(list[Raw])


def dataset_from_json(kind: type[BaseDataSource], document: bytes, nesting: float = inf) -> BaseDataSource:
    """The dataset that `kind.from_json` makes of a document.

    Args:
        kind: The class of the dataset. A `from_json` of its own is called.
        document: The JSON text.
        nesting: How deep lists and objects may be nested.

    Raises:
        UnicodeDecodeError: The document is not UTF-8.
        ValueError: It is nested more deeply.
        Exception: Any error of `kind.from_json`.
    """
    if issubclass(kind, DataSource) and _is_inherited(kind):
        with suppress(Exception):  # the framework reads it, or says what is wrong
            return _read(kind, document, nesting)
    _check_nesting(document, nesting)
    source: BaseDataSource = kind.from_json(document.decode())
    return source


def _is_inherited(kind: type[DataSource]) -> bool:
    framework: Any = DataSource.from_json
    return getattr(kind.from_json, "__func__", None) is framework.__func__


def _check_nesting(document: bytes, nesting: float) -> None:
    if nests_deeper(document, nesting):
        raise ValueError(f"it is nested more than {nesting} levels deep")


# The functions below raise any exception for a document that is not regular.


def _read(kind: type[DataSource], document: bytes, nesting: float) -> DataSource:
    members = _members.decode(document)
    tables = _members.decode(members.pop("tables", b"{}"))
    metadata = _values(members, nesting)["metadata"]
    frames = {name: _table(table, nesting) for name, table in tables.items()}
    source = kind(
        ds_type=DataClassification(metadata["type"]),
        name=metadata["name"],
        ds_id=metadata["id"],
        creation_datetime=metadata["creation_datetime"],
    )
    for name, frame in frames.items():
        source.add_table(name, frame)
    return source


def _values(members: Mapping[str, Raw], nesting: float) -> dict[str, Any]:
    """Small members, parsed as the framework does."""
    texts = {name: bytes(value) for name, value in members.items()}
    for text in texts.values():
        _check_nesting(text, nesting - _AROUND_MEMBERS)
    return {name: json.loads(text.decode()) for name, text in texts.items()}


def _table(document: Raw, nesting: float) -> pd.DataFrame:
    members = _members.decode(document)
    rows = _items.decode(members.pop("data"))
    values = _values(members, nesting)
    cells = _columns(rows, values["columns"], nesting) if rows else []
    frame = pd.DataFrame(cells, columns=values["columns"], index=values["index"])
    _restore_types(frame, values.get("dtypes", {}))
    return frame


def _columns(rows: Sequence[Raw], names: Sequence[str], nesting: float) -> dict[str, list[Any]]:
    """The cells of each column, from rows that all have exactly these columns."""
    fields = {f"c{place}": name for place, name in enumerate(names)}
    row = msgspec.defstruct(
        "Row", [(field, Any) for field in fields], rename=fields, forbid_unknown_fields=True, gc=False
    )
    decoder = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]
    columns: dict[str, list[Any]] = {field: [] for field in fields}
    for batch in batched(rows, _ROWS, strict=False):
        text = b"[%b]" % b",".join(batch)
        if text.count(b"{") + text.count(b"[") > len(batch) + 1:  # more than those of the rows and of their list
            _check_nesting(text, nesting - _AROUND_MEMBERS)
        decoded = decoder.decode(text)
        for field, cells in columns.items():
            cells.extend(map(attrgetter(field), decoded))
    return {fields[field]: cells for field, cells in columns.items()}


def _restore_types(frame: pd.DataFrame, dtypes: Mapping[str, Any]) -> None:
    """Convert columns to the types that they were stored with, up to the first one that does not convert."""
    with suppress(ValueError, TypeError):
        for name, dtype in dtypes.items():
            if name in frame.columns:
                for column in _conversions(frame[name], dtype):
                    frame[name] = column


def _conversions(column: pd.Series[Any], dtype: Any) -> Iterator[pd.Series[Any]]:  # noqa: ANN401 - a type's name
    """A column after each step of its conversion: where a step fails, the column stays as the step before left it."""
    if "datetime" in dtype:
        yield pd.to_datetime(column, errors="coerce")
    elif "int" in dtype.lower() and column.isna().any():
        numbers = pd.to_numeric(column, errors="coerce")
        yield numbers
        nullable: Any = next(_NULLABLE[part] for part in _NULLABLE if part in dtype.lower())
        yield numbers.astype(nullable)
    else:
        yield column.astype(dtype)
