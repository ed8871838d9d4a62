"""What is wrong with a JSON document that is no dataset, in the words of its sender."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from algomancy_data import DataClassification

from ...serialization.json_depth import nests_deeper

_TYPES = ", ".join(repr(str(kind)) for kind in DataClassification)

#: The members of a table that it needs, and their type.
_MEMBERS: Mapping[str, tuple[type, ...]] = {"columns": (list,), "data": (list, dict), "index": (list,)}

_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "null"}


def fault_of(document: bytes, nesting: float) -> str | None:
    """What is wrong with the form of a document; None if nothing is.

    Args:
        document: The JSON text.
        nesting: How deep lists and objects may be nested.
    """
    if nests_deeper(document, nesting):
        return f"it is nested more than {nesting} levels deep"
    try:
        content = json.loads(document)
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8"
    except json.JSONDecodeError as error:
        return f"it is not valid JSON, in line {error.lineno}, column {error.colno}: {error.msg}"
    return next(_faults(content), None)


def words_of(error: Exception) -> str:
    """An exception of reading a document, in words."""
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def _faults(content: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if not isinstance(content, dict):
        yield f"it must be an object, and is {_name(content)}"
        return
    yield from _faults_of_metadata(content.get("metadata"))
    tables = content.get("tables", {})
    if not isinstance(tables, dict):
        yield f"tables must be an object, and is {_name(tables)}"
        return
    for name, table in tables.items():
        yield from _faults_of_table(name, table)


def _faults_of_metadata(metadata: Any) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(metadata, dict) or not metadata:
        yield "metadata must be an object with id, name, type and creation_datetime"
    elif metadata.get("type") not in list(DataClassification):
        yield f"metadata.type must be one of {_TYPES}"


def _faults_of_table(name: str, table: Any) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(table, dict):
        yield f"table {name!r} must be an object, and is {_name(table)}"
        return
    for member, kinds in _MEMBERS.items():
        if member not in table:
            yield f"table {name!r} lacks {member}"
        elif not isinstance(table[member], kinds):
            yield f"{member} of table {name!r} must be a list, and is {_name(table[member])}"
    if isinstance(table["data"], list) and len(table["index"]) != len(table["data"]):
        yield f"table {name!r} has {len(table['data'])} rows in data, and {len(table['index'])} labels in index"


def _name(value: Any) -> str:  # noqa: ANN401
    return _NAMES.get(type(value), "a number")
