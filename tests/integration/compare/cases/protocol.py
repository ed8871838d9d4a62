"""Requests about HTTP: methods, slashes, unknown paths, the documents outside the prefix."""

import re
from collections.abc import Iterator
from typing import Any

from .data import DATA
from .request import API, Request, get
from .scenarios import MAIN, SCENARIOS
from .sessions import SESSIONS

#: Every path of the contract.
_PATHS = {
    "sessions": SESSIONS,
    "session": MAIN,
    "copy": f"{MAIN}/copy",
    "algorithms": f"{MAIN}/algorithms",
    "algorithm parameters": f"{MAIN}/algorithms/Instant/parameters",
    "KPIs": f"{MAIN}/kpis",
    "scenarios": SCENARIOS,
    "scenario": f"{SCENARIOS}/no-such",
    "run": f"{SCENARIOS}/no-such/run",
    "reset": f"{SCENARIOS}/no-such/reset",
    "status": f"{SCENARIOS}/no-such/status",
    "processing": f"{MAIN}/processing",
    "datasets": DATA,
    "dataset": f"{DATA}/no-such",
    "dataset parameters": f"{DATA}/no-such/parameters",
    "derive": f"{DATA}/no-such/derive",
    "from-json": f"{DATA}/from-json",
    "etl": f"{MAIN}/etl",
    "health": "/health",
    "document": "/openapi.json",
    "docs": "/docs",
}


def _methods() -> Iterator[Request]:
    """Requests with methods that a path may not allow, such as GET on a path for POST."""
    for name, path in _PATHS.items():
        for method in ("PUT", "TRACE", "OPTIONS", "HEAD"):
            yield Request(name=f"{method} {name}", method=method, path=path)
        yield Request(name=f"{name} with a slash", method="GET", path=f"{path}/")
    for name in ("session", "copy", "run", "reset", "derive", "etl"):
        yield get(f"GET {name}", _PATHS[name])
    for name in ("algorithms", "KPIs", "status", "processing", "dataset", "health", "document", "docs"):
        yield Request(name=f"POST {name}", method="POST", path=_PATHS[name])
    for name in ("sessions", "scenarios", "datasets", "etl", "from-json", "health"):
        yield Request(name=f"DELETE {name}", method="DELETE", path=_PATHS[name])
    for name in ("scenarios", "dataset", "from-json", "health"):
        yield Request(name=f"PATCH {name}", method="PATCH", path=_PATHS[name])
    yield Request(name="an unknown method", method="BREW", path=SESSIONS)


_UNKNOWN_PATHS = (
    "/", "/nowhere", API, f"{API}/", f"{API}/nowhere", f"{SESSIONS}/main", f"{MAIN}/nowhere", f"{SCENARIOS}/x/nowhere",
    "/api/v2/sessions", "/API/v1/sessions", "//health", "/health//", "/Health", "/health%20", f"{SESSIONS}/%FF/data",
    f"{SESSIONS}/%zz/data", f"{SESSIONS}/../sessions", f"{SESSIONS}/%00/data", f"{SESSIONS}/{'x' * 3000}/data",
    f"{SESSIONS}//data", f"{MAIN}/data/", f"{MAIN}//data", "/redoc", "/docs/oauth2-redirect",
)  # fmt: skip

_QUERIES = [
    get("health", "/health"),
    get("health with a query", "/health?x=1&x=%FF"),
    get("sessions with a query", f"{SESSIONS}?limit=1"),
    get("a slash too many, with a query", f"{SESSIONS}/?limit=1"),
    Request(name="an Accept that none can fulfil", method="GET", path="/health", headers={"Accept": "image/png"}),
    Request(name="an Origin", method="GET", path="/health", headers={"Origin": "http://page.example"}),
]


def _routes(document: Any) -> Any:
    """The title, paths, methods and path parameters of an OpenAPI document."""
    if not isinstance(document, dict) or "paths" not in document:
        return document
    title = document["info"]["title"]
    operations = {
        f"{method.upper()} {path}": {
            "parameters": sorted(re.findall(r"\{(\w+)\}", path)),
            "takes": sorted(operation.get("requestBody", {}).get("content", {})),
            "gives": sorted(status for status in operation["responses"] if status.startswith("2")),
        }
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
    return {"title": title, "operations": dict(sorted(operations.items()))}


def _page(text: Any) -> Any:
    """Whether a page is Swagger UI, and whether it loads anything from another host."""
    if not isinstance(text, str):
        return text
    elsewhere = re.search(r"""(src|href)\s*=\s*["'](https?:)?//""", text) is not None
    return {"swagger": "swagger" in text.lower(), "loads from elsewhere": elsewhere}


DOCUMENTS = [get("OpenAPI document", "/openapi.json", view=_routes), get("Swagger UI", "/docs", view=_page)]

PROTOCOL_CASES = [*_QUERIES, *DOCUMENTS, *(get(f"unknown path {path}", path) for path in _UNKNOWN_PATHS), *_methods()]
