"""Datasets: list, download, describe, derive, delete, add from JSON; keys of every kind."""

import itertools
import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from .request import Request, delete, get, post, upload
from .scenarios import MAIN, SCENARIOS, new
from .sessions import ODD_NAMES, SESSIONS

DATA = f"{MAIN}/data"
ETL = f"{MAIN}/etl"

ITEMS = b"id;name;weight\n1;anvil;12.5\n2;feather;\n3;brick;3\n"
_METADATA = {
    "type": "master_data",
    "creation_datetime": "2026-01-01T00:00:00",
    "tables": ["items"],
}
_TABLE = {
    "data": [{"id": 1, "name": "anvil"}],
    "columns": ["id", "name"],
    "dtypes": {"id": "int64", "name": "object"},
    "index": [0],
}


_numbers = itertools.count(1)


def document(name: object = "sent", tables: object = None, **metadata: Any) -> dict[str, Any]:
    """A dataset as `to_json()` writes it, with a unique id: a database rejects an id that exists."""
    own = {"id": str(uuid.UUID(int=next(_numbers), version=4)), "name": name}
    return {"metadata": own | _METADATA | metadata, "tables": {"items": _TABLE} if tables is None else tables}


#: The dataset that the other requests use.
UPLOADED = [
    get("no datasets", DATA),
    upload("upload items", ETL, ("items.csv", ITEMS), fields={"dataset_name": "items"}),
    get("datasets", DATA),
    get("items", f"{DATA}/items", saves={"items": "metadata.id", "document": ""}),
    get("items by session name", f"{SESSIONS}/main/data/items"),
    get("parameters of items", f"{DATA}/items/parameters"),
]

_UNKNOWN = [
    get("unknown dataset", f"{DATA}/no-such"),
    get("parameters of an unknown dataset", f"{DATA}/no-such/parameters"),
    delete("delete unknown dataset", f"{DATA}/no-such"),
    post("derive from an unknown dataset", f"{DATA}/no-such/derive", {"new_key": "x"}),
    post("derive from an unknown dataset, wrong body", f"{DATA}/no-such/derive", {}),
]

_DERIVED = [
    post("derive", f"{DATA}/items/derive", {"new_key": "derived", "more": 1}),
    get("derived", f"{DATA}/derived", saves={"derived": "metadata.id"}),
    get("parameters of derived", f"{DATA}/derived/parameters"),
    post("derive, key taken", f"{DATA}/items/derive", {"new_key": "derived"}),
    post("derive, its own key", f"{DATA}/items/derive", {"new_key": "items"}),
    post("derive, blank key", f"{DATA}/items/derive", {"new_key": " "}),
    get("derived with a blank key", f"{DATA}/%20"),
    delete("delete the blank key", f"{DATA}/%20"),
    post("derive from derived", f"{DATA}/derived/derive", {"new_key": "twice"}),
    get("derived twice", f"{DATA}/twice"),
    delete("delete derived twice", f"{DATA}/twice"),
    post("scenario on derived", SCENARIOS, new("on derived") | {"dataset_key": "derived"}, saves={"on_derived": "id"}),
    delete("delete dataset in use", f"{DATA}/derived"),
    delete("delete its scenario", f"{SCENARIOS}/{{on_derived}}"),
    delete("delete derived", f"{DATA}/derived"),
    get("a deleted dataset", f"{DATA}/derived"),
    delete("delete derived again", f"{DATA}/derived"),
    post("derive under the key of a deleted one", f"{DATA}/items/derive", {"new_key": "derived"}),
    get("datasets after derivations", DATA),
    post("scenario on items", SCENARIOS, new("on items"), saves={"on_items": "id"}),
    delete("delete items while in use", f"{DATA}/items"),
    upload("upload items while in use", ETL, ("items.csv", ITEMS), fields={"dataset_name": "items"}),
    post("from JSON while in use", f"{DATA}/from-json", document("items")),
    post("from JSON while in use, replacing", f"{DATA}/from-json?replace=true", document("items")),
    get("items after replacing", f"{DATA}/items", saves={"items": "metadata.id", "document": ""}),
    get("the scenario on replaced items", f"{SCENARIOS}/{{on_items}}"),
    delete("delete the scenario on items", f"{SCENARIOS}/{{on_items}}"),
]

_SENT = f"{DATA}/from-json"
_DOCUMENT = document()

_FROM_JSON = [
    post("from JSON", _SENT, _DOCUMENT),
    get("sent", f"{DATA}/sent"),
    get("parameters of sent", f"{DATA}/sent/parameters"),
    post("from JSON again", _SENT, _DOCUMENT),
    Request(name="from JSON as plain text", method="POST", path=_SENT, body=json.dumps(document("plain")).encode()),
    get("plain", f"{DATA}/plain"),
    Request(name="from JSON, what was downloaded", method="POST", path=_SENT, body="document"),
    get("items after that", f"{DATA}/items"),
    Request(
        name="from JSON into another session", method="POST", path=f"{SESSIONS}/other/data/from-json", body="document"
    ),
    get("datasets of the other session", f"{SESSIONS}/other/data"),
    get("items of the other session", f"{SESSIONS}/other/data/items"),
    get("from-json is no dataset", _SENT),
    delete("from-json is no dataset to delete", _SENT),
    post("from JSON, no tables", _SENT, document("bare", {})),
    get("bare", f"{DATA}/bare"),
    post("derive from bare", f"{DATA}/bare/derive", {"new_key": "barer"}),
    post(
        "from JSON, an empty table",
        _SENT,
        document("empty", {"items": _TABLE | {"data": [], "index": [], "columns": []}}),
    ),
    get("empty", f"{DATA}/empty"),
    post("from JSON, odd tables", _SENT, document("odd", {"a/b ü": _TABLE, "c": _TABLE | {"index": ["ü"]}})),
    get("odd", f"{DATA}/odd"),
    post("from JSON, derived", _SENT, document("a derived one", type="derived_data")),
    get("a derived one", f"{DATA}/a%20derived%20one"),
]

#: Cells of a column, and its type in the document: values that are easily changed.
_EXACT: dict[str, tuple[list[object], str]] = {
    "integers beside null": ([2**53 + 1, None], "int64"),
    "integers in a column of floats": ([2**53 + 1, 0], "float64"),
    "texts in a column of integers": (["007", "8"], "int64"),
    "times of mixed precision": (["2026-01-02T03:04:05", "2026-01-02T03:04:05.5", "2026-01-02"], "datetime64[us]"),
    "a text among times": (["2026-01-02T03:04:05", "soon"], "datetime64[us]"),
    "null in a column of booleans": ([True, None], "bool"),
    "a fraction that is too long for the type": ([0.1, 1], "float32"),
}

#: Invalid datasets, by their fault. Datasets named "x" are deleted if a server accepts them.
_BAD_DOCUMENTS: dict[str, object] = {
    "empty": b"",
    "not JSON": b"{",
    "not UTF-8": b"\xff",
    "UTF-16": json.dumps(document("x")).encode("utf-16"),
    "with a byte order mark": b"\xef\xbb\xbf" + json.dumps(document("x")).encode(),
    "blank": b" ",
    "null": b"null",
    "a list": [],
    "a number": 1,
    "a text": "text",
    "no members": {},
    "no metadata": {"tables": {}},
    "metadata of nothing": {"metadata": {}, "tables": {}},
    "metadata of a name alone": {"metadata": {"name": "x"}, "tables": {}},
    "no such type": document("x", type="nonsense"),
    "no time": document("x", creation_datetime="noon"),
    "no id": document("x", id=None),
    "a list of tables": document("x", []),
    "no tables": {"metadata": document("x")["metadata"]},
    "a table of nothing": document("x", {"items": {}}),
    "a table of null": document("x", {"items": None}),
    "rows of text": document("x", {"items": _TABLE | {"data": "text"}}),
    "no such column type": document("x", {"items": _TABLE | {"dtypes": {"id": "nonsense"}}}),
    "text for a number": document("x", {"items": _TABLE | {"data": [{"id": "one", "name": "anvil"}]}}),
    "more index than rows": document("x", {"items": _TABLE | {"index": [0, 1]}}),
    "NaN": json.dumps(document("x", {"items": _TABLE | {"data": [{"id": 1, "name": float("nan")}]}})).encode(),
    "too deep": b"[" * 100_000,
}

#: Documents whose dataset no path can name. Each is sent to a session that is deleted afterwards.
_BAD_NAMES: dict[str, object] = {"a number": 5, "null": None, "empty": "", "a list": ["x"]}


def _exact_documents() -> Iterator[Request]:
    for kind, (cells, dtype) in _EXACT.items():
        rows = [{"a": cell} for cell in cells]
        table = {"data": rows, "columns": ["a"], "dtypes": {"a": dtype}, "index": list(range(len(cells)))}
        yield post(f"exact: send {kind}", _SENT, document("exact", {kind: table}))  # a SQL table of its own
        yield get(f"exact: {kind}", f"{DATA}/exact")
        yield delete(f"exact: tidy up {kind}", f"{DATA}/exact")
    labels = {"data": [{"201": 5}], "columns": [201], "dtypes": {"201": "int64"}, "index": [0]}
    yield post("exact: send a label that is an integer", _SENT, document("exact", {"labels": labels}))
    yield get("exact: a label that is an integer", f"{DATA}/exact")
    yield delete("exact: tidy up a label that is an integer", f"{DATA}/exact")


def _bad_documents() -> Iterator[Request]:
    for kind, body in _BAD_DOCUMENTS.items():
        yield post(f"from JSON: {kind}", _SENT, body)
        yield get(f"what came from JSON: {kind}", f"{DATA}/x")
        yield delete(f"tidy up JSON: {kind}", f"{DATA}/x")
    for kind, name in _BAD_NAMES.items():
        yield post(f"session for a name: {kind}", SESSIONS, {"display_name": "passing"})
        yield post(f"from JSON, name: {kind}", f"{SESSIONS}/passing/data/from-json", document(name))
        yield get(f"datasets, name: {kind}", f"{SESSIONS}/passing/data")
        yield delete(f"tidy up name: {kind}", f"{SESSIONS}/passing")
    yield get("datasets after bad documents", DATA)


def _odd_keys() -> Iterator[Request]:
    """Derive, download, describe and delete a dataset of each key, in a session that is deleted at the end."""
    data = f"{SESSIONS}/passing/data"
    for key in ODD_NAMES:
        path = f"{data}/{quote(key, safe='')}"
        yield post(f"session for key {key!r:.40}", f"{MAIN}/copy", {"new_display_name": "passing"})
        yield post(f"derive {key!r:.40}", f"{data}/items/derive", {"new_key": key})
        yield get(f"dataset {key!r:.40}", path)
        yield get(f"parameters of dataset {key!r:.40}", f"{path}/parameters")
        yield delete(f"delete dataset {key!r:.40}", path)
        yield get(f"datasets without {key!r:.40}", data)
        yield delete(f"tidy up key {key!r:.40}", f"{SESSIONS}/passing")


DATA_CASES = [*_UNKNOWN, *_DERIVED, *_FROM_JSON, *_exact_documents(), *_bad_documents(), *_odd_keys()]
