"""Fields of a body that the API does not know: ignored, and named in the response."""

import json
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from algomancy_api import ApiLauncher
from algomancy_api.http.request_body import decode
from algomancy_api.middleware.request_id import RequestIds
from algomancy_api.schemas import CreateScenario

from ..conftest import API, default_session, upload_items
from ..support import wiring
from ..support.clients import calling

HEADER = "X-Ignored-Fields"

SCENARIO = {"tag": "a", "dataset_key": "items", "algo_name": "Instant"}


def ignored(response: Any) -> list[str]:
    return [unquote(name) for name in response.headers[HEADER].split(", ")]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"{API}/sessions", {"display_name": "new"}),
        ("POST", "{s}/copy", {"new_display_name": "copied"}),
        ("PATCH", "{s}", {"display_name": "renamed"}),
        ("POST", "{s}/scenarios", SCENARIO),
        ("POST", "{s}/scenarios/{id}/run", {"timeout": 5}),
        ("POST", "{s}/run", {"scenario_ids": []}),
        ("POST", "{s}/data/items/derive", {"new_key": "derived"}),
    ],
)
def test_every_body_with_a_field_that_is_near_to_one_is_accepted_and_the_response_names_it(
    method: str, path: str, body: dict[str, Any]
) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        run = client.post(f"{session}/scenarios", json=SCENARIO | {"tag": "run"}).json()
        url = path.format(s=session, id=run["id"])
        response = client.request(method, url, json={"params": {"count": 5}, **body, "more": None})
        assert response.is_success, response.text
        assert response.headers[HEADER] == "params, more"
    app.state.session_manager.shutdown()


def test_a_refusal_names_the_ignored_fields_too_and_a_body_of_known_fields_gets_no_header() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        session = default_session(client)
        assert HEADER not in client.post(f"{API}/sessions", json={"display_name": "new"}).headers
        refused = client.post(f"{session}/scenarios", json=SCENARIO | {"params": {}})
        assert refused.status_code == 404
        assert refused.headers[HEADER] == "params"
        assert client.post(f"{session}/scenarios", json={"params": {}}).status_code == 422
    app.state.session_manager.shutdown()


def answered(body: bytes) -> Any:
    """The response to a body, after the decoding to a `CreateScenario`."""
    decoder = msgspec.json.Decoder(CreateScenario)

    async def tag(request: Request) -> Response:
        return PlainTextResponse((await decode(request, decoder)).tag)

    app = Starlette(routes=[Route("/", tag, methods=["POST"])])
    app.state.config = wiring.configuration()
    with calling(RequestIds(app)) as client:
        client.declared_only = False
        return client.post("/", content=body, headers={"Content-Type": "application/json"})


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=90), st.none(), max_size=8))
def test_any_name_is_safe_in_the_header(fields: dict[str, None]) -> None:
    unknown = {name for name in fields if name not in CreateScenario.__struct_fields__}
    response = answered(json.dumps(fields | SCENARIO).encode())
    assert response.status_code == 200
    assert response.text == "a"
    assert (HEADER in response.headers) == bool(unknown)
    if unknown:
        assert response.headers[HEADER].isascii()
        assert response.headers[HEADER].isprintable()
        assert set(ignored(response)) <= {name[:60] for name in unknown}


def test_the_names_in_the_header_are_limited() -> None:
    many = {f"{number}{'é' * 1_000}": None for number in range(10_000)}
    response = answered(json.dumps(SCENARIO | many).encode())
    assert response.status_code == 200
    assert len(response.headers[HEADER]) <= 1_000
    assert ignored(response) == ["0" + "é" * 59, "1" + "é" * 59]
