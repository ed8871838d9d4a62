"""Requests as data, and shortcuts to write them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
API = "/api/v1"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to both servers. Only values from earlier responses differ between them.

    Args:
        name: Its name in the report, unique in its variant.
        method: The HTTP method.
        path: The encoded path, with ``{variable}`` for values from earlier responses.
        body: The bytes of the body, or the name of a variable with them.
        headers: Further headers.
        saves: Variables for later requests, each with its path in the JSON of the response:
            ``{"main": "sessions.0.id"}``, or ``""`` for the whole text.
        until: A condition on the JSON of the response; the request is repeated until it holds.
        opens: The gate to open first, for which an algorithm waits.
        view: Selects the compared part of the body; None compares all of it.
    """

    name: str
    method: str
    path: str
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    saves: Mapping[str, str] = field(default_factory=dict)
    until: Callable[[Any], bool] | None = None
    opens: str = ""
    view: Callable[[Any], Any] | None = None


def get(name: str, path: str, **more: Any) -> Request:
    """A GET request."""
    return Request(name=name, method="GET", path=path, **more)


def delete(name: str, path: str, **more: Any) -> Request:
    """A DELETE request."""
    return Request(name=name, method="DELETE", path=path, **more)


def post(name: str, path: str, body: object = None, **more: Any) -> Request:
    """A POST request with a JSON document or without a body."""
    return send("POST", name, path, body, **more)


def patch(name: str, path: str, body: object = None, **more: Any) -> Request:
    """A PATCH request with a JSON document."""
    return send("PATCH", name, path, body, **more)


def send(method: str, name: str, path: str, body: object = None, **more: Any) -> Request:
    """A request with a JSON document, with bytes sent as JSON, or without a body."""
    if body is None:
        return Request(name=name, method=method, path=path, **more)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(name=name, method=method, path=path, body=content, headers={"Content-Type": JSON}, **more)


def upload(
    name: str,
    path: str,
    *files: tuple[str | None, bytes],
    fields: Mapping[str, str] | None = None,
    part: str = "files",
    **more: Any,
) -> Request:
    """A multipart form with files, each a file name (None for a plain field) and its content."""
    parts = [_part(key, None, value.encode()) for key, value in (fields or {}).items()]
    parts += [_part(part, file_name, content) for file_name, content in files]
    body = b"".join(parts) + b"--edge--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    return Request(name=name, method="POST", path=path, body=body, headers=headers, **more)


def _part(field_name: str, file_name: str | None, content: bytes) -> bytes:
    disposition = f'Content-Disposition: form-data; name="{field_name}"'
    if file_name is not None:
        disposition += f'; filename="{file_name}"\r\nContent-Type: application/octet-stream'
    return b"--edge\r\n" + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


def ended(document: Any) -> bool:
    """Whether a scenario has ended; for a list, the first one."""
    first = document[0] if isinstance(document, list) and document else document
    return isinstance(first, dict) and first.get("status") in ("complete", "failed")


def under_way(document: Any) -> Any:
    """A scenario without the members that change while it is in the queue."""
    if not isinstance(document, dict) or "status" not in document:
        return document
    return {name: value for name, value in document.items() if name not in ("status", "kpis", "result")}


def has(**values: Any) -> Callable[[Any], bool]:
    """A condition that the members of a JSON object have these values."""
    return lambda document: isinstance(document, dict) and values.items() <= document.items()
