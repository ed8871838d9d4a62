from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from algomancy_client import (
    Client,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Refused,
    ServerError,
    TooManyRequests,
    Unavailable,
)

from ..support.scripted import Script, client_of, listed, problem, sessions, summary

CREATED = httpx.Response(201, json={"id": "id-1", "tag": "a", "status": "queued", "kpis": {}})


def run_on(*answers: httpx.Response | Exception) -> Script:
    script = Script(sessions(), *answers)
    client_of(script).session().run("Greedy", "base", max_open=3)
    return script


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"), httpx.ReadTimeout("silent"), httpx.RemoteProtocolError("gone"), problem(408),
        problem(429, Retry_After="0"), problem(500), problem(502), problem(503), problem(409, Retry_After="0"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_request_is_sent_again_with_the_same_key_and_body(failure: httpx.Response | Exception) -> None:
    _, first, second = run_on(failure, CREATED).requests
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.content == second.content != b""


def test_attempts_have_an_end() -> None:
    for failure, kind in ((problem(503), Unavailable), (httpx.ConnectError("refused"), ConnectionFailed)):
        script = Script(failure)
        with pytest.raises(kind):
            client_of(script).sessions()
        assert len(script.requests) == 4


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(problem(403), Forbidden), (problem(501), ServerError), (problem(429, Retry_After="60"), TooManyRequests)],
)
def test_what_another_attempt_does_not_change_is_raised_at_once(failure: httpx.Response, kind: type[Exception]) -> None:
    script = Script(failure)
    with pytest.raises(kind):
        client_of(script).sessions()
    assert len(script.requests) == 1


def test_a_name_that_is_taken_is_raised_at_once() -> None:
    with pytest.raises(Conflict, match="tag is taken"):
        run_on(problem(409, "The tag is taken"))


def test_a_deletion_whose_answer_was_lost_is_done() -> None:
    script = Script(sessions(), listed(summary()), httpx.ReadError("lost"), problem(404, "Scenario 'id-1' not found"))
    [scenario] = client_of(script).session().scenarios()
    scenario.delete()
    assert scenario.status == "deleted"


def test_files_are_sent_again_from_their_beginning(tmp_path: Path) -> None:
    (tmp_path / "depots.csv").write_text("name;capacity\n")
    done = httpx.Response(200, json={"dataset_name": "base", "success": True, "keys": [], "messages": []})
    script = Script(sessions(), problem(503), done)
    client_of(script).session().upload("base", tmp_path / "depots.csv")
    assert [request.content.count(b"name;capacity") for request in script.requests[1:]] == [1, 1]


def test_a_refusal_of_an_old_server_says_that_it_has_no_reasons() -> None:
    script = Script(sessions(), httpx.Response(200, json={"dataset_name": "base", "success": False, "keys": []}))
    with pytest.raises(Refused, match="does not say why"):
        client_of(script).session().upload("base", ("depots.csv", b"x"))


def test_the_token_is_sent_and_not_shown() -> None:
    script = Script(sessions())
    http = httpx.Client(transport=httpx.MockTransport(script))
    client = Client("http://test", token="alg_secret", http_client=http)  # noqa: S106
    client.sessions()
    assert script.requests[0].headers["Authorization"] == "Bearer alg_secret"
    assert "alg_secret" not in f"{client!r} {client.session()!r} {client.session()._repr_html_()}"


def test_a_client_of_ones_own_stays_open_and_the_other_is_closed() -> None:
    http = httpx.Client(transport=httpx.MockTransport(Script(sessions())))
    with Client("http://test", http_client=http) as client:
        client.sessions()
    assert not http.is_closed
    with Client("http://test") as client:
        pass
    assert client._transport._http.is_closed


def test_an_address_of_another_scheme_is_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it is sent again"))
    client = Client("http://test")
    object.__setattr__(client._transport.settings, "url", "ftp://test")
    with client, pytest.raises(ConnectionFailed, match="ftp"):
        client.sessions()
