"""Every error path, and the JSON body that all errors have."""

import json
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.errors import ApiError, Conflict, NotFound
from algomancy_api.http.errors import STATUS_OF_ERROR, http_exception

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import AppClient, calling, ended
from ..support.errors import assert_error


class Case(NamedTuple):
    """A request that goes wrong: ``{s}`` is the session's address, ``{id}`` a created scenario's id."""

    status: int
    method: str
    path: str
    body: Any = None
    says: str = ""


JSON = {"content-type": "application/json"}
SCENARIO = {"tag": "new", "dataset_key": "items", "algo_name": "Instant"}
MISSING = "{s}/scenarios/no-such"

NOT_FOUND = [
    Case(404, "GET", "/nowhere"),
    Case(404, "GET", f"{API}/nowhere"),
    Case(404, "GET", f"{API}/sessions/no-such/scenarios", says="Session 'no-such' not found"),
    Case(404, "POST", f"{API}/sessions/no-such/copy", {"new_display_name": "x"}, "session"),
    Case(404, "PATCH", f"{API}/sessions/no-such", {"display_name": "x"}, "session"),
    Case(404, "DELETE", f"{API}/sessions/no-such", says="session"),
    *(Case(404, "GET", f"{API}/sessions/no-such/{path}", says="session") for path in (
        "algorithms", "algorithms/Instant/parameters", "kpis", "scenarios/x", "scenarios/x/status", "processing",
        "data", "data/items", "data/items/parameters",
    )),
    *(Case(404, "POST", f"{API}/sessions/no-such/{path}", body, "session") for path, body in (
        ("scenarios", SCENARIO), ("scenarios/x/run", None), ("scenarios/x/reset", None),
        ("data/items/derive", {"new_key": "x"}), ("data/from-json", {}), ("etl", None),
    )),
    Case(404, "DELETE", f"{API}/sessions/no-such/scenarios/x", says="session"),
    Case(404, "DELETE", f"{API}/sessions/no-such/data/x", says="session"),
    Case(404, "GET", "{s}/algorithms/no-such/parameters", says="algorithm"),
    Case(404, "GET", MISSING, says="scenario"),
    Case(404, "GET", f"{MISSING}/status", says="scenario"),
    Case(404, "DELETE", MISSING, says="scenario"),
    Case(404, "POST", f"{MISSING}/run", says="scenario"),
    Case(404, "POST", f"{MISSING}/reset", says="scenario"),
    Case(404, "GET", "{s}/data/no-such", says="dataset"),
    Case(404, "GET", "{s}/data/no-such/parameters", says="dataset"),
    Case(404, "DELETE", "{s}/data/no-such", says="dataset"),
    Case(404, "POST", "{s}/data/no-such/derive", {"new_key": "x"}, "dataset"),
    Case(404, "POST", "{s}/scenarios", SCENARIO | {"algo_name": "no-such"}, "Algorithm 'no-such' not found"),
    Case(404, "POST", "{s}/scenarios", SCENARIO | {"dataset_key": "no-such"}, "Dataset 'no-such' not found"),
]  # fmt: skip

CONFLICTS = [
    Case(409, "POST", f"{API}/sessions", {"display_name": "main"}, "main"),
    Case(409, "POST", f"{API}/sessions", {"display_name": "   "}),
    Case(409, "POST", "{s}/copy", {"new_display_name": "main"}, "main"),
    Case(409, "POST", "{s}/copy", {"new_display_name": " "}),
    Case(409, "PATCH", "{s}", {"display_name": "other"}, "other"),
    Case(409, "PATCH", "{s}", {"display_name": "\t"}),
    Case(409, "POST", "{s}/scenarios", SCENARIO | {"tag": "taken"}, "taken"),
    Case(409, "DELETE", "{s}/data/items", says="used"),
    Case(409, "POST", "{s}/data/items/derive", {"new_key": "items"}, "already exists"),
]


def with_parameters(**parameters: Any) -> dict[str, Any]:
    return SCENARIO | {"algo_name": "Parametrised", "algo_params": parameters}


BAD_REQUESTS = [
    Case(400, "POST", "{s}/scenarios", with_parameters(count=0), "count"),
    Case(400, "POST", "{s}/scenarios", with_parameters(count="three"), "integer"),
    Case(400, "POST", "{s}/scenarios", with_parameters(count=None), "required"),
    Case(400, "POST", "{s}/scenarios", with_parameters(nonsense=1), "nonsense"),
    Case(400, "POST", "{s}/scenarios", with_parameters(color="blue"), "one of"),
    Case(400, "POST", "{s}/scenarios", with_parameters(colors="red"), "list"),
    Case(400, "POST", "{s}/scenarios", with_parameters(count=9), "cannot be flagged"),
    Case(400, "POST", "{s}/scenarios", SCENARIO | {"data_params": {"limit": 0}}, "limit"),
    Case(400, "POST", "{s}/scenarios", SCENARIO | {"algo_name": "Timed", "algo_params": {"at": "noon"}}, "datetime"),
]

WRONG_FIELDS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"{API}/sessions", {"display_name": "x"}),
    ("POST", "{s}/copy", {"new_display_name": "x"}),
    ("PATCH", "{s}", {"display_name": "x"}),
    ("POST", "{s}/scenarios", SCENARIO),
    ("POST", "{s}/data/items/derive", {"new_key": "x"}),
]

WRONG_VALUES: list[Any] = [1, None, "", []]
WRONG_BODIES: list[Any] = [[], "text", 1]

UNPROCESSABLE = [
    *(
        Case(422, method, path, {name: value for name, value in body.items() if name != field}, field)
        for method, path, body in WRONG_FIELDS
        for field in body
    ),
    *(
        Case(422, method, path, body | {field: wrong}, field)
        for method, path, body in WRONG_FIELDS
        for field in body
        for wrong in WRONG_VALUES
    ),
    *(Case(422, method, path, wrong) for method, path, _ in WRONG_FIELDS for wrong in WRONG_BODIES),
    Case(422, "POST", "{s}/scenarios", SCENARIO | {"algo_params": []}, "algo_params"),
    Case(422, "POST", "{s}/scenarios", SCENARIO | {"data_params": "x"}, "data_params"),
]


@pytest.fixture(scope="module")
def prepared() -> Any:
    """A client of an app where names are taken, and the values that a path is filled with."""
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        session = default_session(client)
        client.post(f"{API}/sessions", json={"display_name": "other"})
        upload_items(client, session)
        yield client, {"s": session, "id": create(client, session, tag="taken")}
    app.state.session_manager.shutdown()


@pytest.mark.parametrize("case", [*NOT_FOUND, *CONFLICTS, *BAD_REQUESTS, *UNPROCESSABLE], ids=str)
def test_an_error_has_its_status_and_the_one_shape(prepared: Any, case: Case) -> None:
    client, values = prepared
    before = client.get("{s}/scenarios".format(**values)).json(), client.get(f"{API}/sessions").json()
    keywords = {} if case.body is None else {"json": case.body}
    response = client.request(case.method, case.path.format(**values), **keywords)
    assert_error(response, case.status, case.says)
    after = client.get("{s}/scenarios".format(**values)).json(), client.get(f"{API}/sessions").json()
    assert after == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"NaN",
        b"\xff\xfe",
        b'{"display_name": "\\ud800"}',
        b"[" * 100_000,
        b"null",
        b'{"display_name": "x"} x',
    ],
)
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in WRONG_FIELDS])
def test_a_body_that_does_not_decode_is_a_422(prepared: Any, method: str, path: str, content: bytes) -> None:
    client, values = prepared
    assert_error(client.request(method, path.format(**values), content=content, headers=JSON), 422)


@pytest.mark.parametrize("content_type", [None, "", "text/json", "text/plainly", "x"])
@pytest.mark.parametrize(("method", "path", "body"), WRONG_FIELDS)
def test_a_body_that_is_not_said_to_be_json_is_a_422(
    prepared: Any, method: str, path: str, body: dict[str, Any], content_type: str | None
) -> None:
    client, values = prepared
    headers = {} if content_type is None else {"content-type": content_type}
    response = client.request(method, path.format(**values), content=json.dumps(body), headers=headers)
    assert_error(response, 422, "Content-Type: application/json")


#: What a browser sends for a page of another site without asking first; it names the page's origin with all of them.
UNASKED = [
    {"content-type": "text/plain"},
    {"content-type": "Text/Plain;charset=UTF-8"},
    {"content-type": " application/x-www-form-urlencoded ; x"},
    {"content-type": "multipart/form-data; boundary=x"},
    {"origin": "https://page.example"},
    {"origin": "null", "content-type": " "},
]


@pytest.mark.parametrize("headers", UNASKED)
@pytest.mark.parametrize(("method", "path", "body"), [*WRONG_FIELDS, ("POST", "{s}/data/from-json", {})])
def test_a_body_that_a_page_can_send_unasked_is_a_415(
    prepared: Any, method: str, path: str, body: dict[str, Any], headers: dict[str, str]
) -> None:
    client, values = prepared
    response = client.request(method, path.format(**values), content=json.dumps(body), headers=headers)
    assert_error(response, 415, "Content-Type: application/json")


def test_a_dataset_comes_from_a_program_that_says_nothing_of_its_type(client: AppClient, session: str) -> None:
    dataset = client.get(f"{session}/data/items").json()
    dataset["metadata"]["name"] = "untyped"
    assert client.post(f"{session}/data/from-json", content=json.dumps(dataset)).status_code == 201
    assert client.get(f"{session}/data").json() == {"keys": ["items", "untyped"]}


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"]
)
def test_json_has_many_names_and_may_have_a_mark_at_its_beginning(prepared: Any, content_type: str) -> None:
    client, values = prepared
    body = b"\xef\xbb\xbf" + json.dumps({"display_name": "main"}).encode()
    response = client.patch(values["s"], content=body, headers={"content-type": content_type})
    assert response.status_code == 200, response.text


def test_a_large_body_that_does_not_decode_is_a_422(prepared: Any) -> None:
    client, _ = prepared
    content = b'{"display_name": "' + b"x" * 300_000
    assert_error(client.post(f"{API}/sessions", content=content, headers=JSON), 422, "not valid JSON")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "{s}", "DELETE, GET, HEAD, PATCH"),
        ("POST", "{s}", "DELETE, GET, HEAD, PATCH"),
        ("DELETE", "{s}/scenarios", "GET, HEAD, POST"),
        ("PUT", "{s}/scenarios/{id}", "DELETE, GET, HEAD, PATCH"),
        ("GET", "{s}/scenarios/{id}/run", "POST"),
        ("PATCH", "{s}/data/from-json", "DELETE, GET, HEAD, POST, PUT"),
        ("PATCH", "{s}/data/items", "DELETE, GET, HEAD, PUT"),
        ("GET", "{s}/etl", "POST"),
        ("POST", "/health", "GET, HEAD"),
    ],
)
def test_a_405_names_every_method_of_the_path(prepared: Any, method: str, path: str, allow: str) -> None:
    client, values = prepared
    response = client.request(method, path.format(**values))
    assert_error(response, 405)
    assert response.headers["allow"] == allow


# States --------------------------------------------------------------------------------------------------------


def test_a_scenario_runs_once_until_it_is_reset(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    url = f"{session}/scenarios/{scenario_id}"
    client.post(f"{url}/run")
    ended(client, session, scenario_id)
    assert_error(client.post(f"{url}/run"), 409, "complete")


def test_an_active_scenario_is_neither_run_reset_nor_deleted(client: AppClient, session: str) -> None:
    running, waiting = (create(client, session, "Blocks", tag) for tag in ("running", "waiting"))
    for scenario_id in (running, waiting):
        client.post(f"{session}/scenarios/{scenario_id}/run")
    assert wiring.STARTED.wait(90)
    for scenario_id, status in ((running, "processing"), (waiting, "queued")):
        url = f"{session}/scenarios/{scenario_id}"
        assert_error(client.post(f"{url}/run"), 409, status)
        assert_error(client.post(f"{url}/reset"), 409, status)
        assert_error(client.delete(url), 409, "wait")
    assert_error(client.delete(session), 409, "queued or processing")
    wiring.RELEASE.set()
    assert ended(client, session, waiting)["status"] == "complete"
    assert client.delete(session).status_code == 200


def test_sessions_are_not_created_where_that_is_not_allowed() -> None:
    app = ApiLauncher.build(wiring.configuration(allow_session_create=False))
    with calling(app) as client:
        assert_error(client.post(f"{API}/sessions", json={"display_name": "x"}), 403)
        assert_error(client.post(f"{default_session(client)}/copy", json={"new_display_name": "x"}), 403)
        assert len(client.get(f"{API}/sessions").json()["sessions"]) == 1
    app.state.session_manager.shutdown()


# Datasets ------------------------------------------------------------------------------------------------------

METADATA = {"id": "1", "name": "x", "type": "master_data", "creation_datetime": "2026-01-01"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"1",
        b"{}",
        b"[" * 100_000,
        json.dumps({"metadata": METADATA | {"type": "nonsense"}}).encode(),
        json.dumps({"metadata": {"name": "x"}}).encode(),
        json.dumps({"metadata": METADATA | {"name": 5}}).encode(),
        json.dumps({"metadata": METADATA | {"name": ["x"]}}).encode(),
        json.dumps({"metadata": METADATA, "tables": []}).encode(),
        json.dumps({"metadata": METADATA, "tables": {"t": {}}}).encode(),
    ],
)
def test_what_is_not_a_dataset_is_a_400(client: AppClient, session: str, content: bytes) -> None:
    assert_error(client.post(f"{session}/data/from-json", content=content), 400)
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


# Failures of user code -----------------------------------------------------------------------------------------


def test_what_nobody_foresaw_is_a_500_with_a_traceback_in_the_log(
    http: httpx.Client, app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    app.state.sessions.document = lambda *_: 1 / 0
    assert_error(http.get("/health"), 500, "Internal server error")
    assert "ZeroDivisionError" in caplog.text
    # On the same connection, which the server has not closed.
    connections = http._transport._pool.connections  # type: ignore[attr-defined]
    assert len(connections) == 1
    assert connections[0].is_idle()


@pytest.mark.parametrize("name", ["exit", "stop"])
def test_an_etl_that_exits_does_not_stop_the_server(client: AppClient, session: str, name: str) -> None:
    assert_error(upload_items(client, session, name), 500)
    assert client.get("/health").status_code == 200


def test_a_result_without_a_natural_form_fails_its_scenario_and_names_its_type(client: AppClient, session: str) -> None:
    scenario_id = create(client, session, "Hopeless")
    client.post(f"{session}/scenarios/{scenario_id}/run")
    form = ended(client, session, scenario_id)
    assert form["status"] == "failed"
    assert "_thread.lock has no natural JSON form, at ['lock']" in form["result"]["error"]
    assert client.get(f"{session}/scenarios").json()[0]["status"] == "failed"


def test_a_path_cannot_forge_a_line_of_the_log(prepared: Any, caplog: pytest.LogCaptureFixture) -> None:
    client, _ = prepared
    sessions, client.app.state.sessions.session = client.app.state.sessions.session, lambda name: 1 / 0
    try:
        assert_error(client.get(f"{API}/sessions/x%0AINFO forged/data"), 500)
    finally:
        client.app.state.sessions.session = sessions
    assert f"GET {API}/sessions/x%0AINFO%20forged/data" in caplog.text
    assert not [record for record in caplog.records if "\n" in record.getMessage()]


def kinds(error: type[ApiError]) -> set[type[ApiError]]:
    """All kinds of an error, itself included."""
    return {error}.union(*(kinds(kind) for kind in error.__subclasses__()))


def test_every_reason_why_a_request_cannot_be_done_has_a_status() -> None:
    assert kinds(ApiError) - {ApiError} == set(STATUS_OF_ERROR)


def test_a_reason_is_answered_with_its_status_and_with_when_to_come_again() -> None:
    conflict = http_exception(Conflict("taken", retry_after=0.2), {"Connection": "close"})
    assert (conflict.status_code, conflict.detail) == (409, "taken")
    assert conflict.headers == {"Retry-After": "1", "Connection": "close"}
    missing = http_exception(NotFound("Dataset", "items"))
    assert (missing.status_code, missing.detail, missing.headers) == (404, "Dataset 'items' not found", {})
