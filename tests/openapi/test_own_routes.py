"""A host's own routes and middleware, beside those of the package."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from algomancy_utils.baseparameterset import ParameterError
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from algomancy_api import ApiLauncher, get_scenario_manager, get_session_manager, operation

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import AppClient, calling
from ..support.errors import assert_error
from ..support.validation import Declarations
from . import counting


@contextlib.contextmanager
def extended(*routes: Route, middleware: tuple[Middleware, ...] = (), **overrides: Any) -> Iterator[AppClient]:
    """A client of the wiring's app with routes and middleware of a host's own."""
    app = ApiLauncher.build(wiring.configuration(**overrides), routes=routes, middleware=middleware)
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


def document_of(client: AppClient) -> dict[str, Any]:
    """The document that an app serves."""
    document: dict[str, Any] = client.get("/openapi.json").json()
    return document


# The example of docs/embedding.md -------------------------------------------------------------------------------


@pytest.fixture
def counted() -> Iterator[AppClient]:
    app = counting.build(wiring.configuration())
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


def test_a_route_of_a_hosts_own_finds_the_session_by_id_and_by_name(counted: AppClient) -> None:
    session = default_session(counted)
    upload_items(counted, session)
    create(counted, session)
    counted.patch(session, json={"display_name": "a/b"})
    declared = Declarations(document_of(counted))
    for address in (session, f"{API}/sessions/a%2Fb"):
        response = counted.get(f"{address}/counts")
        assert response.json() == {"by_status": {"created": 1}}
        declared.refuse_undeclared(response)
    for name in ("no-such", "a%2Fc", "a"):
        response = counted.get(f"{API}/sessions/{name}/counts")
        assert_error(response, 404, "session")
        declared.refuse_undeclared(response)


def test_a_route_of_a_hosts_own_is_in_the_document(counted: AppClient) -> None:
    document = document_of(counted)
    with extended() as client:
        plain = document_of(client)
    path = "/api/v1/sessions/{session_id}/counts"
    added = document["paths"].pop(path)["get"]
    assert document["components"]["schemas"].pop("Counts")["properties"].keys() == {"by_status"}
    assert document == plain
    listed = plain["paths"]["/api/v1/sessions/{session_id}/scenarios"]["get"]
    assert added["operationId"] == "countScenarios"
    assert added["summary"] == "Count the scenarios"
    assert added["description"] == "How many scenarios of the session have which status."
    assert added["tags"] == ["scenarios"]
    assert added["parameters"] == plain["paths"]["/api/v1/sessions/{session_id}/queue"]["get"]["parameters"]
    assert added["responses"].keys() == {"200", "404", "414", "429", "431", "500", "503"}
    assert added["responses"]["404"] == listed["responses"]["404"]


# What handlers reach and raise ---------------------------------------------------------------------------------


async def get_names(request: Request) -> JSONResponse:
    return JSONResponse([entry["display_name"] for entry in get_session_manager(request).list_sessions()])


async def is_the_sessions_manager(request: Request) -> JSONResponse:
    sessions = request.app.state.session_manager
    manager = sessions.get_scenario_manager(sessions.start_session_id)
    return JSONResponse(get_session_manager(request) is sessions and get_scenario_manager(request) is manager)


def test_a_handler_reaches_the_managers() -> None:
    routes = Route("/names", get_names), Route("/is/{session_id}", is_the_sessions_manager)
    with extended(*routes) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        assert client.get(f"{API}/names").json() == ["main", "other"]
        assert client.get(f"{API}/is/main").json() is True
        assert client.get(f"{API}/is/other").json() is False


RAISED: list[tuple[Exception, int, str]] = [
    (ParameterError("too long"), 400, "too long"),
    (ValueError("not a number"), 400, "not a number"),
    (AssertionError("in use"), 409, "in use"),
    (HTTPException(418, "tea"), 418, "tea"),
    (HTTPException(403), 403, "Forbidden"),
    (RuntimeError("a secret"), 500, "Internal server error"),
]


@pytest.mark.parametrize(("error", "status", "says"), RAISED, ids=repr)
def test_what_a_handler_raises_follows_the_table_of_errors(error: Exception, status: int, says: str) -> None:
    async def fail(_request: Request) -> Response:
        raise error

    with extended(Route("/fail", fail)) as client:
        assert_error(client.get(f"{API}/fail"), status, says)
        assert client.get("/health").status_code == 200


# What the document says of them --------------------------------------------------------------------------------


class Note(Struct):
    """A note."""

    text: str


@operation("Notes", body=Note, example={"text": "x"}, returns={200: list[Note], 204: "None."}, tags=("notes", "data"))
async def notes(_request: Request) -> Response:
    """Read or write notes."""
    return Response(status_code=204)


def test_a_route_of_several_methods_is_an_operation_for_each() -> None:
    with extended(Route("/notes/{number:int}/{key}", notes, methods=["GET", "PUT"]), prefix="/x") as client:
        document = document_of(client)
    item = document["paths"]["/x/notes/{number}/{key}"]
    assert {method: operation["operationId"] for method, operation in item.items()} == {
        "get": "getNotes",
        "put": "putNotes",
    }
    assert [parameter["schema"]["type"] for parameter in item["put"]["parameters"]] == ["integer", "string"]
    assert item["put"]["requestBody"]["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/Note"},
        "example": {"text": "x"},
    }
    assert item["put"]["responses"]["204"] == {"description": "None."}
    assert [tag["name"] for tag in document["tags"]][-2:] == ["meta", "notes"]


def test_a_path_may_be_called_like_one_beside_the_prefix() -> None:
    with extended(Route("/health", notes)) as client:
        paths = document_of(client)["paths"]
        assert paths["/health"]["get"]["operationId"] == "getHealth"
        assert paths["/api/v1/health"]["get"]["operationId"] == "notes"


def test_a_route_may_share_a_path_with_one_of_the_package() -> None:
    with extended(Route("/sessions", notes, methods=["PUT"])) as client:
        assert document_of(client)["paths"]["/api/v1/sessions"].keys() == {"get", "post", "put"}
        assert client.request("PUT", f"{API}/sessions").status_code == 204
        assert client.request("DELETE", f"{API}/sessions").headers["allow"] == "GET, HEAD, POST, PUT"


def test_a_route_that_says_nothing_is_not_in_the_document() -> None:
    with extended(Route("/names", get_names)) as client, extended() as plain:
        assert document_of(client) == document_of(plain)


def test_a_name_that_the_document_has_for_something_else_is_refused() -> None:
    class Session(Struct):
        """Another kind of session."""

        seats: int

    @operation("Seats", returns={200: Session})
    async def get_seats(_request: Request) -> Response:
        """How many seats a session has."""
        return Response()

    configuration = wiring.configuration()
    with pytest.raises(ValueError, match="another schema named 'Session'"):
        ApiLauncher.build(configuration, routes=[Route("/seats", get_seats)])
    with pytest.raises(ValueError, match="another operation named 'listSessions'"):
        ApiLauncher.build(configuration, routes=[Route("/notes", notes, name="list_sessions")])


# Middleware ----------------------------------------------------------------------------------------------------


class Stamp:
    """Adds a header to every answer; it breaks where the query says so."""

    def __init__(self, app: ASGIApp, value: str) -> None:
        self.app = app
        self.value = value.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["query_string"] == b"break":
            raise RuntimeError("a secret")

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-stamp", self.value)]
            await send(message)

        await self.app(scope, receive, stamped)


def test_middleware_is_around_every_route_and_its_errors_are_as_all_others() -> None:
    stamp = Middleware(Stamp, value="1")
    with extended(Route("/names", get_names), middleware=(stamp,)) as client:
        paths = ["/health", f"{API}/sessions", f"{API}/names", "/openapi.json", "/docs", "/nowhere"]
        assert {path: client.get(path).headers.get("x-stamp") for path in paths} == dict.fromkeys(paths, "1")
        assert_error(client.get("/health?break"), 500, "Internal server error")
        assert json.loads(client.get("/health").content)["status"] == "ok"
