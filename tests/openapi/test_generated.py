"""The generated document: complete, and the same bytes on every machine."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from algomancy_api.application import OUTSIDE_PREFIX, UNDER_PREFIX
from algomancy_api.routes.tables.parameters import PARAMETERS

from ..support.processes import ROOT
from ..support.validation import FILE, closed

DOCUMENT = json.loads(FILE.read_bytes())
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
WAIT = "GET /sessions/{session_id}/scenarios/wait"
FORMS = ("application/json", "application/msgpack")
ERROR = {form: {"schema": {"$ref": "#/components/schemas/Error"}} for form in FORMS}

BODIES = {
    f"{name} {media_type}": content
    for name, operation in OPERATIONS.items()
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
}

#: By operation and by what they show.
RESPONSES = {
    f"{name}: {shown}": (content["schema"], example["value"])
    for name, operation in OPERATIONS.items()
    for response in operation["responses"].values()
    for content in response.get("content", {}).values()
    for shown, example in content.get("examples", {}).items()
}

#: The routes of runs whose responses have examples.
WITH_EXAMPLES = {
    f"{method} /sessions/{{session_id}}{path}"
    for method, path in (
        ("GET", "/scenarios/{scenario_id}"),
        ("POST", "/scenarios/{scenario_id}/run"),
        ("POST", "/scenarios/{scenario_id}/stop"),
        ("POST", "/scenarios/{scenario_id}/cancel"),
        ("GET", "/scenarios/{scenario_id}/status"),
        ("GET", "/scenarios/wait"),
        ("GET", "/scenarios/{scenario_id}/progress"),
        ("GET", "/scenarios/{scenario_id}/log"),
        ("GET", "/scenarios/{scenario_id}/runs"),
        ("GET", "/processing"),
        ("GET", "/queue"),
    )
}

#: By route: the answers below 400, then those above, as the contract has them.
CONTRACT = {
    "GET /sessions": (200,),
    "POST /sessions": (201, 400, 403, 409, 422),
    "POST /sessions/{session_id}/copy": (201, 400, 403, 404, 409, 422),
    "PATCH /sessions/{session_id}": (200, 400, 404, 409, 422),
    "DELETE /sessions/{session_id}": (200, 404, 409),
    "GET /sessions/{session_id}/algorithms": (200, 404),
    "GET /sessions/{session_id}/algorithms/{algorithm_name}/parameters": (200, 404),
    "GET /sessions/{session_id}/kpis": (200, 404),
    "GET /sessions/{session_id}/scenarios": (200, 404),
    "POST /sessions/{session_id}/scenarios": (201, 400, 404, 409, 422),
    "GET /sessions/{session_id}/scenarios/{scenario_id}": (200, 404),
    "DELETE /sessions/{session_id}/scenarios/{scenario_id}": (204, 404, 409),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/run": (202, 404, 409),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/reset": (200, 404, 409),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/status": (200, 404),
    "GET /sessions/{session_id}/processing": (200, 404),
    "GET /sessions/{session_id}/data": (200, 404),
    "GET /sessions/{session_id}/data/{data_key}": (200, 404),
    "GET /sessions/{session_id}/data/{data_key}/parameters": (200, 404),
    "DELETE /sessions/{session_id}/data/{data_key}": (204, 404, 409),
    "POST /sessions/{session_id}/data/{data_key}/derive": (201, 400, 404, 409, 422),
    "POST /sessions/{session_id}/data/from-json": (201, 400, 404),
    "POST /sessions/{session_id}/etl": (200, 400, 404, 422),
    "GET /health": (200,),
}

#: Beyond the contract: runs can be cancelled, limited in time, and looked up later; a scenario whose algorithm or
#: dataset this server lacks is there and cannot be loaded; a client can say what it has; a body may be no MessagePack,
#: or of a type that any page can send.
BEYOND_CONTRACT = {
    "GET /sessions/{session_id}/algorithms/{algorithm_name}/parameters": (304,),
    "GET /sessions/{session_id}": (200, 304, 404),
    "GET /sessions/{session_id}/algorithms": (304, 422),
    "GET /sessions/{session_id}/kpis": (304, 422),
    "GET /sessions/{session_id}/schemas": (200, 304, 404),
    "GET /sessions/{session_id}/compare": (200, 304, 404, 422),
    "POST /sessions/{session_id}/compare": (200, 404, 415, 422),
    "GET /sessions/{session_id}/scenarios": (304, 422),
    "GET /sessions/{session_id}/scenarios/{scenario_id}": (304, 409, 422),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/run": (415, 422),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/cancel": (202, 404, 409),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/status": (304, 422),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/runs": (200, 304, 404),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/progress": (200, 304, 404),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/stop": (202, 404, 409, 422),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/events": (200, 204, 404),
    "POST /sessions/{session_id}/run": (202, 404, 415, 422),
    "GET /sessions/{session_id}/processing": (304,),
    "GET /sessions/{session_id}/queue": (200, 404),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/log": (200, 404, 410, 422),
    "GET /sessions/{session_id}/events": (200, 404, 422),
    "POST /sessions/{session_id}/events/ticket": (201, 404),
    "GET /sessions/{session_id}/scenarios/wait": (200, 404, 422),
    "POST /sessions/{session_id}/scenarios/batch": (201, 400, 404, 409, 415, 422),
    "POST /sessions/{session_id}/scenarios/{scenario_id}/copy": (201, 400, 404, 409, 415, 422),
    "POST /sessions/{session_id}/scenarios/delete": (200, 404, 415, 422),
    "POST /sessions/{session_id}/scenarios/cancel": (200, 404, 415, 422),
    "POST /sessions/{session_id}/scenarios/reset": (200, 404, 415, 422),
    "PATCH /sessions/{session_id}/scenarios/{scenario_id}": (200, 400, 404, 409, 415, 422),
    "GET /sessions/{session_id}/data/{data_key}/parameters": (304,),
    "GET /sessions/{session_id}/data": (422,),
    "GET /sessions/{session_id}/data/{data_key}/tables": (200, 304, 404),
    "GET /sessions/{session_id}/data/{data_key}/tables/{table}": (200, 304, 404, 422),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/tables": (200, 304, 404, 409),
    "GET /sessions/{session_id}/scenarios/{scenario_id}/tables/{table}": (200, 304, 404, 409, 422),
    "POST /sessions/{session_id}/data/from-json": (409, 415, 422),
    "GET /sessions/{session_id}/data/{data_key}": (406,),
    "PUT /sessions/{session_id}/data/{data_key}": (200, 201, 400, 404, 409, 415, 422),
    "POST /sessions/{session_id}/etl": (409,),
    **dict.fromkeys(
        (
            "POST /sessions",
            "POST /sessions/{session_id}/copy",
            "PATCH /sessions/{session_id}",
            "POST /sessions/{session_id}/data/{data_key}/derive",
        ),
        (415,),
    ),
    "POST /sessions/{session_id}/scenarios": (415,),
    "GET /webhooks": (200, 304),
    "GET /webhooks/{webhook}/deliveries": (200, 304, 404, 422),
    "POST /webhooks/{webhook}/test": (200, 404),
    "POST /login": (200, 401, 403, 415, 422),
    "POST /logout": (204, 403),
    "GET /ready": (200,),
    "GET /": (200,),
}

#: Routes that give parts of tables.
PARTS = [
    "GET /sessions/{session_id}/data/{data_key}/tables/{table}",
    "GET /sessions/{session_id}/scenarios/{scenario_id}/tables/{table}",
]

#: An error that says more than what is wrong, for programs.
NOT_READY = {form: {"schema": {"$ref": "#/components/schemas/NotReady"}} for form in FORMS}

#: What any of them may answer.
ALWAYS = (414, 429, 431, 500, 503)


def with_body(name: str) -> tuple[int, ...]:
    """And one with a body."""
    return (413,) if "requestBody" in OPERATIONS[name] else ()


@pytest.mark.parametrize("hash_seed", ["0", "1", "4294967295"])
def test_it_is_what_the_annotations_say_byte_for_byte_on_any_run(hash_seed: str, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "openapi" / "generate.py"), "--check"]
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    check = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert (check.returncode, check.stderr) == (0, "")


def test_it_is_sorted() -> None:
    assert json.loads(FILE.read_bytes(), object_pairs_hook=sorted_pairs) == DOCUMENT


def sorted_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert [name for name, _ in pairs] == sorted(name for name, _ in pairs)
    return dict(pairs)


def on_changes(name: str) -> tuple[int, ...]:
    """And one that writes, where a disk is full."""
    return () if name.startswith("GET ") else (507,)


def test_it_has_every_route_with_the_statuses_of_the_contract() -> None:
    declared = {name: sorted(map(int, operation["responses"])) for name, operation in OPERATIONS.items()}
    names = CONTRACT | BEYOND_CONTRACT
    expected = {
        name: sorted(
            {*CONTRACT.get(name, ()), *BEYOND_CONTRACT.get(name, ()), *ALWAYS, *with_body(name), *on_changes(name)}
        )
        for name in names
    }
    assert declared == expected


def test_every_error_has_the_one_shape() -> None:
    errors = {
        f"{name} {status}": response["content"]
        for name, operation in OPERATIONS.items()
        for status, response in operation["responses"].items()
        if int(status) >= 400
    }
    assert errors.pop("GET /ready 503") == NOT_READY
    assert errors == dict.fromkeys(errors, ERROR)
    assert DOCUMENT["components"]["schemas"]["Error"] | {"description": "", "properties": {}} == {
        "additionalProperties": False,
        "description": "",
        "properties": {},
        "required": ["detail"],
        "title": "Error",
        "type": "object",
    }


def test_every_operation_has_an_id_that_is_a_name_in_most_languages() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert [name for name in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name)] == []
    assert len(set(ids)) == len(ids)
    assert OPERATIONS["GET /sessions"]["operationId"] == "listSessions"
    assert OPERATIONS["POST /sessions/{session_id}/scenarios"]["operationId"] == "createScenario"


def test_every_operation_says_what_it_does() -> None:
    assert [name for name, operation in OPERATIONS.items() if not operation["summary"]] == []
    assert [name for name, operation in OPERATIONS.items() if not operation["description"].endswith(".")] == []


def test_every_schema_says_what_it_is() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema["description"].endswith(".")] == []


def test_every_name_in_a_path_is_described() -> None:
    for name, operation in OPERATIONS.items():
        parameters = [parameter for parameter in operation["parameters"] if parameter["in"] == "path"]
        assert [parameter["name"] for parameter in parameters] == re.findall(r"\{(\w+)\}", name)
        assert all(parameter["description"] and parameter["example"] for parameter in parameters)
        assert all(parameter["required"] for parameter in parameters)


def test_what_a_query_or_a_header_may_say_is_described() -> None:
    others = {
        (name, parameter["in"], parameter["name"]): parameter
        for name, operation in OPERATIONS.items()
        for parameter in operation["parameters"]
        if parameter["in"] != "path"
    }
    assert all(parameter["description"] and not parameter.get("required") for parameter in others.values())
    listing = ("status", "algorithm", "dataset", "tag", "label", "order", "limit", "cursor", "fields")
    assert others.keys() == {
        *(("GET /sessions/{session_id}/scenarios", "query", name) for name in listing),
        ("GET /sessions/{session_id}/algorithms", "query", "details"),
        ("GET /sessions/{session_id}/kpis", "query", "details"),
        *(("GET /sessions/{session_id}/compare", "query", name) for name in ("ids", "tag", "baseline", "only")),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}", "query", "traceback"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/status", "query", "traceback"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/status", "query", "wait"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/status", "header", "Prefer"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/status", "header", "If-None-Match"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/events", "header", "Last-Event-ID"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/events", "query", "ticket"),
        ("GET /sessions/{session_id}/events", "header", "Last-Event-ID"),
        *(("GET /sessions/{session_id}/events", "query", name) for name in ("ids", "label", "ticket")),
        *((WAIT, "query", name) for name in ("ids", "label", "cursor", "wait")),
        (WAIT, "header", "Prefer"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}", "query", "best"),
        ("POST /sessions/{session_id}/scenarios/{scenario_id}/stop", "query", "grace"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/log", "query", "from"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/log", "query", "wait"),
        ("GET /sessions/{session_id}/scenarios/{scenario_id}/log", "header", "Prefer"),
        ("POST /sessions/{session_id}/etl", "query", "replace"),
        ("POST /sessions/{session_id}/data/from-json", "query", "replace"),
        ("GET /sessions/{session_id}/data", "query", "details"),
        *((name, parameter.place, parameter.name) for name in PARTS for parameter in PARAMETERS),
        ("PUT /sessions/{session_id}/data/{data_key}", "query", "replace"),
        ("PUT /sessions/{session_id}/data/{data_key}", "query", "validate"),
        ("GET /webhooks/{webhook}/deliveries", "query", "limit"),
    }


def test_the_headers_of_an_answer_are_described() -> None:
    responses = {
        f"{name} {status}": response
        for name, operation in OPERATIONS.items()
        for status, response in operation["responses"].items()
    }
    described = {name: sorted(response["headers"]) for name, response in responses.items() if "headers" in response}
    status = "GET /sessions/{session_id}/scenarios/{scenario_id}/status"
    for answer in (f"{status} 200", f"{status} 304"):
        assert described.pop(answer) == ["ETag", "Preference-Applied"]
    log = "GET /sessions/{session_id}/scenarios/{scenario_id}/log 200"
    assert described.pop(log) == ["Link", "Preference-Applied"]
    assert described.pop(f"{WAIT} 200") == ["Preference-Applied"]
    assert described.pop("POST /login 200") == ["Set-Cookie", "X-Ignored-Fields"]
    assert described.pop("POST /logout 204") == ["Set-Cookie"]
    for status_of_list in (200, 304):
        assert described.pop(f"GET /sessions/{{session_id}}/scenarios {status_of_list}") == ["Link"]
    for name in PARTS:
        assert described.pop(f"{name} 200") == ["ETag", "Link", "X-Total-Count"]
    decoded = [name for name, headers in described.items() if headers == ["X-Ignored-Fields"]]
    assert {name.rpartition(" ")[0] for name in decoded} == {
        name
        for name, operation in OPERATIONS.items()
        if "application/json" in operation.get("requestBody", {}).get("content", ())
        and not name.endswith(("/from-json", "/login"))
    }
    for name in decoded:
        assert described.pop(name)
    assert described == {name: ["Retry-After"] for name in responses if name.endswith((" 429", " 503"))}


def test_the_tags_come_in_the_order_of_the_routes() -> None:
    tags = [tag["name"] for tag in DOCUMENT["tags"]]
    assert tags == ["sessions", "algorithms", "scenarios", "data", "webhooks", "meta"]
    assert all(tag["description"] for tag in DOCUMENT["tags"])
    by_id = {operation["operationId"]: operation["tags"] for operation in OPERATIONS.values()}
    ids = [route.name.title().replace("_", "") for route in [*UNDER_PREFIX, *OUTSIDE_PREFIX]]
    used = [tag for name in ids for tag in by_id[name[0].lower() + name[1:]]]
    assert list(dict.fromkeys(used)) == tags


@pytest.mark.parametrize("content", BODIES.values(), ids=BODIES)
def test_every_body_has_an_example_that_is_valid(content: dict[str, Any]) -> None:
    schema = content["schema"] | {"components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(content["example"])


@pytest.mark.parametrize(("schema", "example"), RESPONSES.values(), ids=RESPONSES)
def test_every_example_of_a_response_is_valid_and_has_declared_fields_only(schema: Any, example: Any) -> None:
    Draft202012Validator(closed(schema) | {"components": closed(DOCUMENT["components"])}).validate(example)


def test_the_routes_of_runs_have_examples_of_their_responses() -> None:
    assert {name.partition(": ")[0] for name in RESPONSES} >= WITH_EXAMPLES


def test_bodies_are_in_the_form_that_their_handler_reads() -> None:
    forms = {
        name: list(operation["requestBody"]["content"])
        for name, operation in OPERATIONS.items()
        if "requestBody" in operation
    }
    assert forms.pop("POST /sessions/{session_id}/etl") == ["multipart/form-data"]
    assert forms.pop("PUT /sessions/{session_id}/data/{data_key}") == ["multipart/form-data"]
    assert set(map(tuple, forms.values())) == {FORMS}
    assert forms.keys() == {
        "POST /login",
        "POST /sessions",
        "POST /sessions/{session_id}/copy",
        "PATCH /sessions/{session_id}",
        "POST /sessions/{session_id}/scenarios",
        "PATCH /sessions/{session_id}/scenarios/{scenario_id}",
        "POST /sessions/{session_id}/scenarios/batch",
        "POST /sessions/{session_id}/scenarios/{scenario_id}/copy",
        "POST /sessions/{session_id}/scenarios/delete",
        "POST /sessions/{session_id}/scenarios/cancel",
        "POST /sessions/{session_id}/scenarios/reset",
        "POST /sessions/{session_id}/scenarios/{scenario_id}/run",
        "POST /sessions/{session_id}/run",
        "POST /sessions/{session_id}/compare",
        "POST /sessions/{session_id}/data/{data_key}/derive",
        "POST /sessions/{session_id}/data/from-json",
    }
