"""Requests to a server with another prefix, without session creation, and with CORS for one origin."""

from .protocol import DOCUMENTS
from .request import Request, get, patch, post

_SESSIONS = "/v2/sessions"
_ORIGIN = {"Origin": "http://page.example"}
_STRANGER = {"Origin": "http://stranger.example"}


def _preflight(name: str, path: str, method: str, headers: dict[str, str]) -> Request:
    asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type, x-odd"}
    return Request(name=name, method="OPTIONS", path=path, headers=headers | asks)


LOCKED_CASES = [
    get("list sessions", _SESSIONS, saves={"main": "default"}),
    get("sessions under another prefix", "/api/v1/sessions"),
    get("health", "/health"),
    post("create session", _SESSIONS, {"display_name": "x"}),
    post("create session, name taken", _SESSIONS, {"display_name": "main"}),
    post("create session, wrong body", _SESSIONS, {}),
    post("create session, no JSON", _SESSIONS, b"{"),
    post("copy session", f"{_SESSIONS}/main/copy", {"new_display_name": "x"}),
    post("copy session, wrong body", f"{_SESSIONS}/main/copy", {}),
    post("copy unknown session", f"{_SESSIONS}/no-such/copy", {"new_display_name": "x"}),
    patch("rename session", f"{_SESSIONS}/main", {"display_name": "renamed"}),
    get("list sessions afterwards", _SESSIONS),
    *DOCUMENTS,
    Request(name="GET of a page", method="GET", path="/health", headers=_ORIGIN),
    Request(name="GET of a page with cookies", method="GET", path="/health", headers=_ORIGIN | {"Cookie": "a=b"}),
    Request(name="GET of a stranger", method="GET", path="/health", headers=_STRANGER),
    Request(name="404 of a page", method="GET", path="/v2/nowhere", headers=_ORIGIN),
    Request(name="405 of a page", method="PUT", path=_SESSIONS, headers=_ORIGIN),
    Request(name="403 of a page", method="POST", path=_SESSIONS, headers=_ORIGIN, body=b'{"display_name": "x"}'),
    *(
        _preflight(f"preflight of {method}", _SESSIONS, method, _ORIGIN)
        for method in ("GET", "POST", "PATCH", "DELETE")
    ),
    _preflight("preflight of an odd method", _SESSIONS, "BREW", _ORIGIN),
    _preflight("preflight of a stranger", _SESSIONS, "GET", _STRANGER),
    _preflight("preflight of an unknown path", "/nowhere", "GET", _ORIGIN),
    Request(name="OPTIONS of a page", method="OPTIONS", path=_SESSIONS, headers=_ORIGIN),
]
