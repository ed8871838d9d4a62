"""Slow request bodies: the sender's access is checked again when the body is complete."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from algomancy_api import ApiLauncher, Token
from algomancy_api.auth.token_file import line_of

from ...conftest import API, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, calling, eventually, serving
from ...support.identities import TOKENS, bearer
from ..wire.raw_client import Answer, Conversation

SECRET = "holder-" + "x" * 32
HOLDER = Token("holder", SECRET, "admin", ["*"])
HEADERS = {"Authorization": f"Bearer {SECRET}"}

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nnew\r\n'
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="items.csv"\r\n\r\n'
    + wiring.ITEMS_CSV.encode()
    + b"\r\n--b--\r\n"
)
JSON, MESSAGEPACK = "application/json", "application/msgpack"


def of_json(**fields: Any) -> tuple[str, bytes]:
    return JSON, msgspec.json.encode(fields)


SCENARIO = {"tag": "new", "dataset_key": "items", "algo_name": "Instant"}

#: By request: its type and its body. All of them change something.
REQUESTS: dict[tuple[str, str], tuple[str, bytes]] = {
    ("POST", "/sessions"): of_json(display_name="new"),
    ("POST", "/sessions/here/copy"): of_json(new_display_name="new"),
    ("PATCH", "/sessions/here"): of_json(display_name="new"),
    ("POST", "/sessions/here/scenarios"): of_json(**SCENARIO),
    ("POST", "/sessions/here/scenarios#packed"): (MESSAGEPACK, msgspec.msgpack.encode(SCENARIO)),
    ("POST", "/sessions/here/scenarios/{scenario}/run"): of_json(timeout=5),
    ("POST", "/sessions/here/run"): of_json(scenario_ids=["{scenario}"]),
    ("POST", "/sessions/here/data/items/derive"): of_json(new_key="new"),
    ("POST", "/sessions/here/data/from-json"): (JSON, b"{dataset}"),
    ("POST", "/sessions/here/etl"): ("multipart/form-data; boundary=b", FORM),
}
IN_SESSION = [request for request in REQUESTS if "/here/" in request[1] and not request[1].endswith("copy")]


@dataclass
class Place:
    """A server with the session ``here``, a dataset, a scenario, and a token in a file."""

    client: httpx.Client
    tokens: Path
    scenario: str
    dataset: bytes

    def begin(self, request: tuple[str, str], authorization: str) -> tuple[Conversation, bytes]:
        """A request that is let in: all of it but its last bytes, which come back, too."""
        media_type, body = REQUESTS[request]
        body = body.replace(b"{scenario}", self.scenario.encode()).replace(b"{dataset}", self.dataset)
        method, path = request[0], request[1].partition("#")[0].replace("{scenario}", self.scenario)
        lines = [
            f"{method} {API}{path} HTTP/1.1", "Host: x", f"Authorization: {authorization}",
            f"Content-Type: {media_type}", f"Content-Length: {len(body)}", "Expect: 100-continue", "\r\n",
        ]  # fmt: skip
        conversation = Conversation(self.client.base_url.port or 80)
        conversation.send("\r\n".join(lines).encode())
        assert conversation.answer().status == 100
        conversation.send(body[:-5])
        return conversation, body[-5:]

    def state(self) -> Any:
        """All that a request may change, as an admin of the configuration sees it."""
        listed = self.get(f"{API}/sessions")["sessions"]
        here = {s["display_name"]: f"{API}/sessions/{s['id']}" for s in listed}
        return {
            name: (self.get(f"{address}/data")["keys"], self.get(f"{address}/scenarios"))
            for name, address in here.items()
        }

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=bearer("admin")).raise_for_status().json()

    def rename(self, name: str, new: str) -> None:
        answer = self.client.patch(f"{API}/sessions/{name}", json={"display_name": new}, headers=bearer("admin"))
        assert answer.status_code == 200


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(line_of(HOLDER))
    configuration = wiring.configuration(tokens=TOKENS, tokens_file=tokens)
    app = ApiLauncher.build(configuration)
    with calling(app) as direct:
        direct.declared_only = False
        direct.patch(f"{API}/sessions/main", json={"display_name": "here"}, headers=bearer("admin"))
        assert upload_items(Signed(direct), f"{API}/sessions/here").status_code == 200
        body = SCENARIO | {"tag": "old"}
        made = direct.post(f"{API}/sessions/here/scenarios", json=body, headers=bearer("admin"))
        dataset = direct.get(f"{API}/sessions/here/data/items", headers=bearer("admin")).content
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield Place(client, tokens, made.json()["id"], dataset.replace(b'"items"', b'"new"'))
    app.state.session_manager.shutdown()


class Signed:
    """A client that is known as an admin."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def post(self, url: str, **keywords: Any) -> Any:
        return self.client.post(url, headers=bearer("admin"), **keywords)


@contextmanager
def half_sent(place: Place, request: tuple[str, str]) -> Iterator[list[Answer]]:
    """A request of the token's whose last bytes come after the context; the list has its answer then."""
    answers: list[Answer] = []
    conversation, rest = place.begin(request, f"Bearer {SECRET}")
    with conversation:
        assert not conversation.has_come(0.1)  # older than what is checked only once
        yield answers
        conversation.send(rest)
        answers.append(conversation.answer())


@pytest.mark.parametrize("request_", REQUESTS, ids=" ".join)
def test_a_request_in_two_halves_is_done(place: Place, request_: tuple[str, str]) -> None:
    before = place.state()
    with half_sent(place, request_) as answers:
        pass
    assert answers[0].status < 300
    assert place.state() != before


@pytest.mark.parametrize("request_", REQUESTS, ids=" ".join)
def test_a_token_that_is_deleted_meanwhile_changes_nothing(place: Place, request_: tuple[str, str]) -> None:
    before = place.state()
    with half_sent(place, request_) as answers:
        place.tokens.write_text("")
        eventually(lambda: place.client.get(f"{API}/sessions", headers=HEADERS).status_code == 401)
    assert answers[0].status == 401
    assert answers[0].headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert place.state() == before


@pytest.mark.parametrize("request_", REQUESTS, ids=" ".join)
def test_a_token_that_may_do_less_by_then_does_no_more(place: Place, request_: tuple[str, str]) -> None:
    before = place.state()
    with half_sent(place, request_) as answers:
        place.tokens.write_text(line_of(Token("holder", SECRET, "read", ["*"])))
        eventually(lambda: place.client.delete(f"{API}/sessions/nowhere", headers=HEADERS).status_code == 403)
    assert answers[0].status == 403
    assert place.state() == before


@pytest.mark.parametrize("request_", IN_SESSION, ids=" ".join)
def test_a_session_that_is_hidden_meanwhile_is_not_changed(place: Place, request_: tuple[str, str]) -> None:
    place.tokens.write_text(line_of(Token("holder", SECRET, "admin", ["here"])))
    eventually(lambda: place.client.get(f"{API}/sessions", headers=HEADERS).json()["default"])
    before = place.state()
    with half_sent(place, request_) as answers:
        place.rename("here", "away")
    assert answers[0].status == 404
    place.rename("away", "here")
    assert place.state() == before


@pytest.mark.parametrize("request_", IN_SESSION, ids=" ".join)
def test_a_name_that_goes_to_another_session_meanwhile_is_not_followed(place: Place, request_: tuple[str, str]) -> None:
    with half_sent(place, request_) as answers:
        place.rename("here", "away")
        creation = place.client.post(f"{API}/sessions", json={"display_name": "here"}, headers=bearer("admin"))
        assert creation.status_code == 201
        before = place.state()
    assert answers[0].status == 409
    assert "now belongs to another session" in answers[0].detail
    assert place.state() == before
