"""The dataset that a JSON document describes."""

from math import inf
from typing import Any

from algomancy_data import BaseDataSource, DataClassification, DataSource

from ...serialization.json_depth import nests_deeper
from .scanner import Scanner
from .tables import TableParts, parsed


def dataset_from_json(kind: type[BaseDataSource], document: bytes, nesting: float = inf) -> BaseDataSource:
    """The dataset of a class that a document describes, with every value exactly as it is there.

    A class with the framework's own `from_json` gets tables of this reader; any other `from_json` is called.

    Args:
        kind: The class of the dataset.
        document: The JSON text.
        nesting: How deep lists and objects may be nested.

    Raises:
        UnicodeDecodeError: The document is not UTF-8.
        ValueError: It is nested more deeply.
        Exception: Any error of `kind.from_json`.
    """
    if issubclass(kind, DataSource) and _is_inherited(kind):
        try:
            return _read(kind, document, nesting)
        except MemoryError:  # the framework's own reader takes more
            raise
        except Exception:  # noqa: S110 - the framework says what is wrong
            pass
    if nests_deeper(document, nesting):
        raise ValueError(f"it is nested more than {nesting} levels deep")
    source: BaseDataSource = kind.from_json(document.decode())
    return source


def _is_inherited(kind: type[DataSource]) -> bool:
    framework: Any = DataSource.from_json
    return getattr(kind.from_json, "__func__", None) is framework.__func__


def _read(kind: type[DataSource], document: bytes, nesting: float) -> DataSource:
    """The dataset; any exception if the document is not one."""
    scanner = Scanner(document)
    values: dict[str, Any] = {}
    tables: dict[str, TableParts] = {}
    for name in scanner.members():
        if name != "tables":
            values[name] = parsed(scanner.value(), nesting - 1)
            continue
        for table in scanner.members():
            if table in tables:
                raise ValueError("a table is there twice")
            tables[table] = TableParts(scanner, document, nesting)
    scanner.end()
    metadata = values["metadata"]
    source = kind(
        ds_type=DataClassification(metadata["type"]),
        name=metadata["name"],
        ds_id=metadata["id"],
        creation_datetime=metadata["creation_datetime"],
    )
    for name, parts in tables.items():
        source.add_table(name, parts.table())
    return source
