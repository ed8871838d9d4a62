"""The test client raises for every response that the document does not declare."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from ..support.validation import declarations

SESSIONS: dict[str, Any] = {"sessions": [{"id": "1", "display_name": "main"}], "default": "1"}
ERROR = {"detail": "no"}


def answered(
    method: str, path: str, status: int, body: Any = None, media_type: str = "application/json"
) -> httpx.Response:
    """An answer as a client of an app sees it."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": media_type} if content else {}
    request = httpx.Request(method, f"http://test{path}")
    return httpx.Response(status, content=content, headers=headers, request=request)


@pytest.mark.parametrize(
    "response",
    [
        answered("GET", "/api/v1/sessions", 200, SESSIONS),
        answered("GET", "/a/b/api/v1/sessions?x=1", 200, SESSIONS),
        answered("GET", "/api/v1/sessions", 200, SESSIONS, "application/json; charset=utf-8"),
        answered("GET", "/api/v1/sessions", 200, msgspec.msgpack.encode(SESSIONS), "application/msgpack"),
        answered("GET", "/api/v1/sessions/1/scenarios", 304),
        answered("POST", "/api/v1/sessions", 422, ERROR),
        answered("GET", "/api/v1/sessions/a%2Fb/processing", 200, b"null"),
        answered("DELETE", "/api/v1/sessions/1/data/from-json", 204),
        answered("GET", "/health", 500, ERROR),
        answered("GET", "/api/v1/health", 404, b'{"detail":"Not Found"}'),
        answered("PUT", "/api/v1/sessions", 405, ERROR),
        answered("OPTIONS", "/api/v1/sessions", 200, b"OK", "text/plain"),
        answered("GET", "/elsewhere", 418, b"tea", "text/plain"),
    ],
    ids=repr,
)
def test_what_is_declared_passes(response: httpx.Response) -> None:
    declarations().refuse_undeclared(response)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (answered("GET", "/api/v1/sessions", 418, ERROR), r"GET /api/v1/sessions: 418: the status is not declared"),
        (answered("HEAD", "/api/v1/sessions", 418), "HEAD /api/v1/sessions: 418: the status is not declared"),
        (answered("GET", "/api/v1/sessions", 405, ERROR), "the status is not declared"),
        (answered("GET", "/x/api/v1/sessions/a%2Fb/data", 409, ERROR), "the status is not declared"),
        (answered("GET", "/api/v1/sessions", 200), "content type '' is not declared"),
        (answered("GET", "/api/v1/sessions", 200, SESSIONS, "text/plain"), "content type 'text/plain' is not declared"),
        (answered("GET", "/api/v1/sessions", 200, b"{"), "the body is not what its content type says"),
        (answered("GET", "/api/v1/sessions", 200, b"\xc1", "application/msgpack"), "what its content type says"),
        (answered("GET", "/api/v1/sessions", 200, b"\x90", "application/msgpack"), "at the top: "),
        (answered("GET", "/api/v1/sessions", 200, []), "at the top: "),
        (answered("GET", "/api/v1/sessions", 200, {"sessions": []}), '"default" is a required property'),
        (answered("GET", "/api/v1/sessions", 200, SESSIONS | {"more": 1}), "'more' was unexpected"),
        (answered("GET", "/api/v1/sessions", 200, SESSIONS | {"sessions": [{"id": 1}]}), "at sessions/0"),
        (answered("POST", "/api/v1/sessions/1/copy", 404, {"detail": []}), "at detail"),
        (answered("POST", "/api/v1/sessions/1/copy", 404, ERROR | {"more": 1}), "'more' was unexpected"),
        (answered("DELETE", "/api/v1/sessions/1/scenarios/1", 204, {}), "there is a body, and none is declared"),
    ],
    ids=repr,
)
def test_what_is_not_declared_is_refused(response: httpx.Response, reason: str) -> None:
    with pytest.raises(AssertionError, match=reason):
        declarations().refuse_undeclared(response)


def test_an_app_with_a_prefix_of_its_own_is_held_against_the_document_too() -> None:
    response = answered("GET", "/other/sessions", 200, {})
    declarations().refuse_undeclared(response)
    with pytest.raises(AssertionError, match="required property"):
        declarations("/other").refuse_undeclared(response)
