"""Requests with invalid bodies."""

import json
from collections.abc import Iterator
from typing import Any

from .data import DATA
from .request import JSON, Request, get, send
from .scenarios import MAIN, SCENARIOS, new
from .sessions import SESSIONS

#: Every route that takes a JSON document, with a valid one. None succeeds, because the name is taken.
_ROUTES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "create": ("POST", SESSIONS, {"display_name": "other"}),
    "copy": ("POST", f"{MAIN}/copy", {"new_display_name": "other"}),
    "rename": ("PATCH", f"{SESSIONS}/{{main}}", {"display_name": "other"}),
    "scenario": ("POST", SCENARIOS, new("taken by bodies", algo_params={}, data_params={})),
    "derive": ("POST", f"{DATA}/items/derive", {"new_key": "items"}),
}

_OPTIONAL = ("algo_params", "data_params")

_WRONG_VALUES: dict[str, object] = {
    "a number": 1,
    "null": None,
    "an empty text": "",
    "a list": [],
    "an object": {},
    "a bool": True,
}

_NOT_DOCUMENTS: dict[str, bytes] = {
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"1",
    "null": b"null",
    "NaN": b"NaN",
    "half a document": b"{",
    "not UTF-8": b"\xff\xfe",
    "too deep": b"[" * 100_000,
    "with more behind": b'{"display_name": "other"} x',
    "with a lone surrogate": b'{"display_name": "\\ud800", "new_display_name": "\\ud800", "new_key": "\\ud800"}',
    "with a byte order mark": b'\xef\xbb\xbf{"display_name": "other", "new_display_name": "other", "new_key": "items"}',
    "in UTF-16": '{"display_name": "other", "new_display_name": "other", "new_key": "items"}'.encode("utf-16"),
    "with a name twice": b'{"display_name": "x", "display_name": "other", "new_key": "x", "new_key": "items"}',
    "with a comma too many": b'{"display_name": "other",}',
    "url-encoded": b"display_name=other",
}

_CONTENT_TYPES = (
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "application/merge-patch+json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "nonsense",
)


def _wrong_fields() -> Iterator[Request]:
    for route, (method, path, body) in _ROUTES.items():
        for field in body:
            without = {name: value for name, value in body.items() if name != field}
            yield send(method, f"{route}: no {field}", path, without)
            for kind, wrong in _WRONG_VALUES.items():
                if field not in _OPTIONAL or kind not in ("null", "an object"):
                    yield send(method, f"{route}: {kind} for {field}", path, body | {field: wrong})


def _not_documents() -> Iterator[Request]:
    for route, (method, path, body) in _ROUTES.items():
        yield send(method, f"{route}: no body", path)
        for kind, content in _NOT_DOCUMENTS.items():
            yield send(method, f"{route}: {kind}", path, content)
        for content_type in _CONTENT_TYPES:
            content = json.dumps(body).encode()
            headers = {"Content-Type": content_type} if content_type else {}
            name = f"{route}: content type {content_type or 'missing'}"
            yield Request(name=name, method=method, path=path, body=content, headers=headers)


_TAKEN = [send("POST", "take a tag", SCENARIOS, new("taken by bodies"), saves={"taken_by_bodies": "id"})]

_AFTERWARDS = [
    get("sessions after bad bodies", SESSIONS),
    get("scenarios after bad bodies", SCENARIOS),
    get("datasets after bad bodies", DATA),
    send("DELETE", "delete with a body", f"{SCENARIOS}/{{taken_by_bodies}}", {"x": 1}),
    Request(name="a GET with a body", method="GET", path=SESSIONS, body=b"{", headers={"Content-Type": JSON}),
]

BODY_CASES = [*_TAKEN, *_wrong_fields(), *_not_documents(), *_AFTERWARDS]
