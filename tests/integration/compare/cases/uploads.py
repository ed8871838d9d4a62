"""Uploads: valid and invalid CSV, JSON and XLSX files, and malformed forms."""

import io
import json
from collections.abc import Iterator
from urllib.parse import quote

import pandas as pd

from .data import DATA, ETL, ITEMS
from .request import Request, delete, get, post, upload

_NAMED = {"dataset_name": "loaded"}
_EXTRAS = json.dumps([{"id": 1, "note": "heavy ü"}, {"id": 2, "note": None}]).encode()
_MOMENTS = b"id;at;flag;kind\n1;2026-01-02 03:04:05;True;a\n2;2026-01-03;False;b\n3;;True;a\n"  # a date is its midnight


def _workbook(sheet: str = "Sheet") -> bytes:
    content = io.BytesIO()
    pd.DataFrame({"id": [1, 2], "note": ["anvil", "Zürich"]}).to_excel(content, sheet_name=sheet, index=False)
    return content.getvalue()


#: Files that are accepted, or rejected by the ETL with a message.
_FILES: dict[str, list[tuple[str | None, bytes]]] = {
    "CSV": [("items.csv", ITEMS)],
    "JSON": [("extras.json", _EXTRAS)],
    "XLSX": [("book.xlsx", _workbook())],
    "all three": [("items.csv", ITEMS), ("extras.json", _EXTRAS), ("book.xlsx", _workbook())],
    "moments": [("moments.csv", _MOMENTS)],
    "moments that are none": [("moments.csv", b"id;at;flag;kind\n1;noon;perhaps;a\n")],
    "commas": [("items.csv", b"id,name,weight\n1,anvil,12.5\n")],
    "decimal commas": [("items.csv", b"id;name;weight\n1;anvil;12,5\n")],
    "byte order mark": [("items.csv", b"\xef\xbb\xbf" + ITEMS)],
    "CRLF": [("items.csv", ITEMS.replace(b"\n", b"\r\n"))],
    "no rows": [("items.csv", b"id;name;weight\n")],
    "column missing": [("items.csv", b"id;name\n1;anvil\n")],
    "column too many": [("items.csv", b"id;name;weight;colour\n1;anvil;2;red\n")],
    "text for a number": [("items.csv", b"id;name;weight\none;anvil;2\n")],
    "key twice": [("items.csv", b"id;name;weight\n1;anvil;2\n1;brick;3\n")],
    "key missing": [("items.csv", b"id;name;weight\n;anvil;2\n")],
    "odd text": [("items.csv", 'id;name;weight\n1;"Zürich; ""日本""\n";2\n'.encode())],
    "infinite": [("items.csv", b"id;name;weight\n1;anvil;inf\n2;brick;-inf\n3;cloud;nan\n")],
    "large numbers": [("items.csv", b"id;name;weight\n9007199254740993;anvil;1e300\n1;brick;0.1\n")],
    "not UTF-8": [("items.csv", b"id;name;weight\n1;Z\xfcrich;2\n")],
    "binary": [("items.csv", b"\xff\xfe\x00")],
    "empty CSV": [("items.csv", b"")],
    "unclosed quote": [("items.csv", b'id;name;weight\n1;"unclosed;2\n')],
    "ragged CSV": [("items.csv", b"id;name;weight\n1;a;2;3;4\n1\n")],
    "broken JSON": [("extras.json", b"{")],
    "empty JSON": [("extras.json", b"")],
    "scalar JSON": [("extras.json", b"5")],
    "object JSON": [("extras.json", b'{"id": [1], "note": ["x"]}')],
    "no workbook": [("book.xlsx", b"not a workbook")],
    "half a workbook": [("book.xlsx", _workbook()[:200])],
    "empty XLSX": [("book.xlsx", b"")],
    "other sheet": [("book.xlsx", _workbook("Other"))],
    "no schema": [("other.csv", ITEMS)],
    "schema of another kind": [("items.json", _EXTRAS)],
    "a file too many": [("items.csv", ITEMS), ("other.csv", ITEMS)],
    "one name twice": [("items.csv", ITEMS), ("items.csv", ITEMS)],
    "one name, two kinds": [("items.csv", ITEMS), ("items.json", _EXTRAS)],
}

#: File names. Only the stem of the last part of the path counts.
_FILE_NAMES = (
    "items.CSV", "Items.csv", "../../items.csv", "/etc/items.csv", "C:\\items.csv", "a/b/items.csv", "items.txt",
    "items", "items.csv.exe", ".csv", "items.", "csv", "", "items.v2.csv", " items.csv", "items .csv", "ïtems.csv",
    "x" * 300 + ".csv",
)  # fmt: skip


def _files() -> Iterator[Request]:
    for kind, files in _FILES.items():
        yield upload(f"upload {kind}", ETL, *files, fields={"dataset_name": kind})
        yield get(f"uploaded {kind}", f"{DATA}/{quote(kind)}")
        yield delete(f"tidy up {kind}", f"{DATA}/{quote(kind)}")


def _file_names() -> Iterator[Request]:
    for name in _FILE_NAMES:
        yield upload(f"upload as {name!r:.40}", ETL, (name, ITEMS), fields=_NAMED)
        yield get(f"loaded as {name!r:.40}", f"{DATA}/loaded")
        yield delete(f"tidy up file {name!r:.40}", f"{DATA}/loaded")


def _raw(name: str, content_type: str, body: bytes) -> Request:
    headers = {"Content-Type": content_type} if content_type else {}
    return Request(name=f"upload: {name}", method="POST", path=ETL, body=body, headers=headers)


_FORM = upload("", ETL, ("items.csv", ITEMS), fields=_NAMED).body
assert isinstance(_FORM, bytes)
_MULTIPART = "multipart/form-data; boundary=edge"

_FORMS = [
    upload("upload without a name", ETL, ("items.csv", ITEMS)),
    upload("upload with an empty name", ETL, ("items.csv", ITEMS), fields={"dataset_name": ""}),
    upload("upload with a blank name", ETL, ("items.csv", ITEMS), fields={"dataset_name": "  "}),
    upload("upload without files", ETL, fields=_NAMED),
    upload("upload without anything", ETL),
    upload("upload under another field", ETL, ("items.csv", ITEMS), fields=_NAMED, part="file"),
    upload("upload with a further field", ETL, ("items.csv", ITEMS), fields=_NAMED | {"more": "x"}),
    upload("upload with text for a file", ETL, (None, ITEMS), fields=_NAMED),
    upload("upload with a file for a name", ETL, ("items.csv", b"x"), part="dataset_name"),
    upload("upload with an odd name", ETL, ("items.csv", ITEMS), fields={"dataset_name": "a/b ü 日本"}),
    upload("upload with the name from-json", ETL, ("items.csv", ITEMS), fields={"dataset_name": "from-json"}),
    get("the dataset from-json", f"{DATA}/from-json"),
    upload(
        "upload under a key that exists", ETL, ("items.csv", ITEMS + b"4;x;5\n"), fields={"dataset_name": "derived"}
    ),
    get("derived after that upload", f"{DATA}/derived"),
    upload("upload that the ETL breaks at", ETL, ("items.csv", ITEMS), fields={"dataset_name": "breaks"}),
    upload("upload that the ETL refuses", ETL, ("items.csv", ITEMS), fields={"dataset_name": "refused"}),
    _raw("nothing", "", b""),
    _raw("plain text", "text/plain", ITEMS),
    _raw("JSON", "application/json", b"{}"),
    _raw("url-encoded", "application/x-www-form-urlencoded", b"dataset_name=x&files=y"),
    _raw("no boundary", "multipart/form-data", _FORM),
    _raw("another boundary", "multipart/form-data; boundary=other", _FORM),
    _raw("no parts", _MULTIPART, b"--edge--\r\n"),
    _raw("garbage", _MULTIPART, b"garbage"),
    _raw("half a form", _MULTIPART, _FORM[:-60]),
    _raw("no final boundary", _MULTIPART, _FORM[: -len(b"--edge--\r\n")]),
    _raw("a name that is no UTF-8", _MULTIPART, _FORM.replace(b"loaded", b"\xff")),
    delete("tidy up the name that is no UTF-8", f"{DATA}/%C3%BF"),
    _raw("the boundary in quotes", 'multipart/form-data; boundary="edge"', _FORM),
    get("datasets after uploads", DATA),
    post("derive from what was uploaded", f"{DATA}/loaded/derive", {"new_key": "loaded and derived"}),
]

UPLOAD_CASES = [*_files(), *_file_names(), *_FORMS]
