"""The security scheme in the document of an app with tokens."""

from typing import Any

from starlette.routing import Route

from ..conftest import API
from ..integration.access.test_table import OWN, own
from ..support.identities import NamedInHeader, bearer, protected
from .test_served import GENERATED, PATHS, prefixed


def document(**configured: Any) -> dict[str, Any]:
    with protected(*OWN, **configured) as client:
        served: dict[str, Any] = client.get("/openapi.json").json()
    return served


def test_it_says_where_a_token_is_wanted_and_what_comes_without() -> None:
    served = document()
    assert served["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of this server."},
        "ticket": {
            "type": "apiKey",
            "in": "query",
            "name": "ticket",
            "description": "A ticket for one event stream, in place of a token.",
        },
    }
    for path, item in served["paths"].items():
        for operation in item.values():
            refusals = {"401", "403"} & operation["responses"].keys()
            is_open = path in ("/", "/health", "/ready", f"{API}/own/everybodys")
            schemes = ["token", "ticket"] if path.endswith("/events") else ["token"]
            assert operation.get("security") == ([] if is_open else [{scheme: []} for scheme in schemes])
            assert refusals == (set() if is_open else {"401", "403"})
            for status in refusals:
                content = operation["responses"][status]["content"]
                assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}


def test_all_else_is_as_in_the_file_which_says_nothing_of_tokens() -> None:
    with protected() as client:
        served = client.get("/openapi.json").json()
    del served["components"]["securitySchemes"]
    for path, item in PATHS.items():
        for method, operation in item.items():
            found = served["paths"][prefixed(path)][method]
            found.pop("security", None)
            for status in {"401", "403"} - operation["responses"].keys():
                found["responses"].pop(status, None)
    assert served["components"] == GENERATED["components"]
    assert served["paths"] == {prefixed(path): item for path, item in PATHS.items()}
    assert "securitySchemes" not in GENERATED["components"]
    assert document(tokens=())["security"] == []
    assert "securitySchemes" not in document(tokens=())["components"]


def test_cookies_are_declared_where_they_count() -> None:
    served = document(cookie_auth=True)
    assert served["components"]["securitySchemes"]["cookie"] == {
        "type": "apiKey",
        "in": "cookie",
        "name": "algomancy_login",
        "description": "The cookie of a login, in place of a token.",
    }
    assert served["paths"][f"{API}/sessions"]["get"]["security"] == [{"token": []}, {"cookie": []}]
    streams = served["paths"][f"{API}/sessions/{{session_id}}/events"]["get"]["security"]
    assert streams == [{"token": []}, {"cookie": []}, {"ticket": []}]
    for path in ("login", "logout"):
        assert served["paths"][f"{API}/{path}"]["post"]["security"] == []
        assert f"{API}/{path}" not in document()["paths"], "they are not there without cookies"


def test_a_backend_is_declared_alike() -> None:
    assert document(tokens=(), authentication=NamedInHeader()) == document()


def test_a_route_that_says_nothing_is_guarded_and_not_in_the_document() -> None:
    """Not even by the name of one of the package's own."""
    with protected(Route("/quiet", own, name="get_health")) as client:
        paths = client.get("/openapi.json").json()["paths"]
        assert f"{API}/quiet" not in paths
        assert paths["/health"]["get"]["security"] == []
        assert [client.get(f"{API}/quiet", headers=bearer(who)).status_code for who in ("nobody", "read")] == [401, 200]
