from __future__ import annotations

import httpx
import pytest

from algomancy_client import BadRequest, NotFound, ServerError, UnexpectedAnswer, Unsupported
from algomancy_client.wire.answers import SessionList
from algomancy_client.wire.calls import Call
from algomancy_client.wire.faults import fault_of, read

from ..support.scripted import problem


def answered(response: httpx.Response, feature: str = "") -> Exception:
    response.request = httpx.Request("GET", "http://test/x")
    return fault_of(Call("GET", "/x", feature=feature), response)


def test_an_error_has_detail_status_and_the_id_of_the_request() -> None:
    error = answered(problem(400, "Too long", X_Request_ID="r7"))
    assert isinstance(error, BadRequest)
    assert (error.detail, error.status, error.request_id) == ("Too long", 400, "r7")


@pytest.mark.parametrize(("status", "detail"), [(404, "Not Found"), (405, "Method Not Allowed")])
def test_a_route_that_is_missing_is_a_feature_that_is_missing(status: int, detail: str) -> None:
    error = answered(problem(status, detail), "events of a session")
    assert isinstance(error, Unsupported)
    assert str(error) == "This server has no events of a session: its algomancy-api is too old for that"


def test_a_scenario_that_is_missing_is_no_feature() -> None:
    assert isinstance(answered(problem(404, "Scenario 'a' not found"), "log of a run"), NotFound)


def test_a_route_that_every_server_has_points_to_the_address() -> None:
    assert "is the address that of an algomancy-api?" in str(answered(problem(404, "Not Found")))


def test_the_page_of_a_proxy_is_shown_in_part() -> None:
    error = answered(httpx.Response(502, html="<h1>Bad Gateway</h1>" + "x" * 1_000))
    assert isinstance(error, ServerError)
    assert error.detail.startswith("<h1>Bad Gateway</h1>")
    assert len(error.detail) == 200
    assert "Bad Gateway" in str(answered(httpx.Response(502)))


def test_a_list_of_faults_is_shown_as_it_is() -> None:
    assert '[{"msg":"missing"}]' in str(answered(problem(422, [{"msg": "missing"}])))


def test_a_redirect_names_the_address() -> None:
    error = answered(httpx.Response(301, headers={"Location": "https://test/x"}))
    assert isinstance(error, UnexpectedAnswer)
    assert "https://test/x" in str(error)


@pytest.mark.parametrize("content", [b"<html>", b'{"sessions": 1}', b""])
def test_another_form_is_said(content: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="GET http://test/x has another form"):
        read(httpx.Response(200, content=content, request=httpx.Request("GET", "http://test/x")), SessionList)
