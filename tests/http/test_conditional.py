"""ETag and If-None-Match: 304 for an unchanged document, 200 for a changed one."""

from typing import Any

import httpx
import msgspec
import pytest

from ..conftest import API, create
from ..support.clients import AppClient, ended

MESSAGEPACK = "application/msgpack"

CONDITIONAL = pytest.mark.parametrize(
    "path",
    ["scenarios", "scenarios/{scenario}", "processing", "algorithms/Parametrised/parameters", "data/items/parameters"],
)


def asked(client: Any, path: str, tag: str = "", **headers: str) -> httpx.Response:
    """The response to a client that has one with an ETag."""
    response: httpx.Response = client.get(path, headers=headers | ({"If-None-Match": tag} if tag else {}))
    return response


@CONDITIONAL
@pytest.mark.parametrize("accept", ["application/json", MESSAGEPACK])
@pytest.mark.parametrize("coding", ["identity", "zstd"])
def test_who_has_it_gets_none(client: AppClient, session: str, path: str, accept: str, coding: str) -> None:
    path = f"{session}/{path.format(scenario=create(client, session))}"
    headers = {"Accept": accept, "Accept-Encoding": coding}
    first = asked(client, path, **headers)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = asked(client, path, first.headers["etag"], **headers)
    assert (again.status_code, again.content) == (304, b"")
    for name in ("cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["etag"].removeprefix("W/") == first.headers["etag"].removeprefix("W/")
    assert asked(client, path, '"another", W/"one"', **headers).content == first.content


def test_what_has_changed_is_sent(client: AppClient, session: str) -> None:
    path = f"{session}/scenarios"
    answers = [client.get(path)]
    scenario = create(client, session)
    answers.append(asked(client, path, answers[-1].headers["etag"]))
    ended(client, session, client.post(f"{path}/{scenario}/run").json()["id"])
    answers.append(asked(client, path, answers[-1].headers["etag"]))
    client.delete(f"{path}/{scenario}")
    answers.append(asked(client, path, answers[-1].headers["etag"]))
    assert [[summary["status"] for summary in answer.json()] for answer in answers] == [
        [], ["created"], ["complete"], []
    ]  # fmt: skip
    # An answer that is the same again has the same tag again.
    assert len({answer.headers["etag"] for answer in answers}) == 3


def test_who_has_it_in_the_other_form_gets_this_one(client: AppClient, session: str) -> None:
    path = f"{session}/scenarios/{create(client, session)}"
    plain, packed = asked(client, path), asked(client, path, Accept=MESSAGEPACK)
    assert asked(client, path, packed.headers["etag"]).json() == plain.json()
    other = asked(client, path, plain.headers["etag"], Accept=MESSAGEPACK)
    assert msgspec.msgpack.decode(other.content) == plain.json()


def test_head_says_what_get_would(http: httpx.Client, session: str) -> None:
    path = f"{session}/scenarios/{create(http, session)}"
    tag = http.head(path).headers["etag"]
    assert tag == http.get(path).headers["etag"]
    assert http.head(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["{session}/data/items", "{api}/sessions", "/health"])
def test_a_small_answer_and_a_stream_have_no_tag(client: AppClient, session: str, path: str) -> None:
    answer = client.get(path.format(api=API, session=session, scenario=create(client, session)))
    assert answer.status_code == 200
    assert "etag" not in answer.headers
