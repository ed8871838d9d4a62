"""A token for some sessions reveals nothing about the others."""

from typing import Any

import httpx
import pytest
from starlette.authentication import AuthCredentials, SimpleUser

from algomancy_api import Token

from ...conftest import API
from ...middleware.test_authorization import Answering
from ...support.clients import AppClient
from ...support.errors import assert_error
from ...support.identities import TOKENS, Visitor, bearer, names, protected

HERE, ELSEWHERE, NOWHERE = (bearer(f"admin {place}") for place in ("here", "elsewhere", "nowhere"))
ADMIN = bearer("admin")


def ids(client: AppClient) -> dict[str, str]:
    """The ids of all sessions by their names."""
    listed = client.get(f"{API}/sessions", headers=ADMIN).json()["sessions"]
    return {session["display_name"]: session["id"] for session in listed}


def without_length(response: httpx.Response) -> dict[str, str]:
    """The headers of an answer, but for that which depends on the length of a name, and its id."""
    unlike = ("content-length", "x-request-id")
    return {name: value for name, value in response.headers.items() if name not in unlike}


def test_a_list_has_what_one_sees_and_begins_with_it() -> None:
    with protected() as client:
        known = ids(client)
        for headers, seen in ((ADMIN, ["main", "other"]), (HERE, ["main"]), (ELSEWHERE, ["other"]), (NOWHERE, [])):
            sessions = [{"id": known[name], "display_name": name} for name in seen]
            listed = client.get(f"{API}/sessions", headers=headers).json()
            assert listed == {"sessions": sessions, "default": known[seen[0]] if seen else ""}
            assert client.get("/health", headers=headers).json()["sessions"] == sessions
        for headers in ({}, bearer("somebody unknown")):
            assert client.get("/health", headers=headers).json() == {"status": "ok", "title": "Wiring", "sessions": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/data", None),
        ("DELETE", "", None),
        ("PATCH", "", {"display_name": "x"}),
        ("POST", "/copy", {"new_display_name": "x"}),
        ("POST", "/scenarios", {"tag": "x", "dataset_key": "items", "algo_name": "Instant"}),
        ("POST", "/etl", None),
    ],
)
def test_an_invisible_session_is_like_one_that_is_not_there(method: str, path: str, body: Any) -> None:
    with protected() as client:
        for name in ("main", ids(client)["main"]):
            found, missing = (
                client.request(method, f"{API}/sessions/{address}{path}", json=body, headers=ELSEWHERE)
                for address in (name, "no-such")
            )
            assert_error(missing, 404, "Session 'no-such' not found")
            assert found.text == missing.text.replace("no-such", name)
            assert found.status_code == 404
            assert without_length(found) == without_length(missing)
        assert names(client, ADMIN) == ["main", "other"]


def test_an_id_stays_when_the_name_changes() -> None:
    knows = Answering(None)
    with protected(tokens=(), authentication=knows) as client:
        knows.answer = (AuthCredentials(["admin"]), SimpleUser("everybody"))
        session_id = ids(client)["other"]
        client.patch(f"{API}/sessions/other", json={"display_name": "moved"})
        knows.answer = (AuthCredentials(["admin"]), Visitor("x", [session_id]))
        assert names(client, {}) == ["moved"]
        for address in (session_id, "moved"):
            assert client.get(f"{API}/sessions/{address}/data").status_code == 200
        # Whoever has the id alone gives no names: there is none that it may know of.
        assert_error(client.patch(f"{API}/sessions/moved", json={"display_name": "moved"}), 403)
        assert client.delete(f"{API}/sessions/moved").json() == {"sessions": [], "default": ""}


def test_a_name_is_that_of_now() -> None:
    with protected() as client:
        assert client.patch(f"{API}/sessions/other", json={"display_name": "moved"}, headers=ADMIN).status_code == 200
        assert names(client, ELSEWHERE) == []
        assert_error(client.get(f"{API}/sessions/moved/data", headers=ELSEWHERE), 404)
        assert client.patch(f"{API}/sessions/main", json={"display_name": "other"}, headers=ADMIN).status_code == 200
        assert names(client, ELSEWHERE) == ["other"]
        assert names(client, HERE) == []


@pytest.mark.parametrize("taken", ["main", "free", " ", "Other", "other "])
def test_nobody_learns_by_a_name_that_it_is_taken(taken: str) -> None:
    """Whether one of the invisible sessions has it or none, the answer is the same."""
    with protected() as client:
        answers = [
            client.post(f"{API}/sessions", json={"display_name": taken}, headers=ELSEWHERE),
            client.post(f"{API}/sessions/other/copy", json={"new_display_name": taken}, headers=ELSEWHERE),
            client.patch(f"{API}/sessions/other", json={"display_name": taken}, headers=ELSEWHERE),
        ]
        for answer in answers:
            assert_error(answer, 403, f"The token does not allow the session name '{taken}'")
        assert names(client, ADMIN) == ["main", "other"]


def test_the_names_in_the_list_may_be_given() -> None:
    with protected() as client:
        for headers, name, seen in ((NOWHERE, "no-such", ["no-such"]), (ELSEWHERE, "other", ["other"])):
            created = client.post(f"{API}/sessions", json={"display_name": name}, headers=headers)
            assert created.status_code == (201 if name == "no-such" else 409)
            assert names(client, headers) == seen
        assert (
            client.patch(f"{API}/sessions/other", json={"display_name": "other"}, headers=ELSEWHERE).status_code == 200
        )
        deleted = client.delete(f"{API}/sessions/no-such", headers=NOWHERE)
        assert deleted.json() == {"sessions": [], "default": ""}
        assert names(client, ADMIN) == ["main", "other"]


def test_changes_of_one_are_seen_by_the_others() -> None:
    """What somebody sees is a view: the locks and the open sessions are those of all."""
    with protected() as client:
        for headers in (HERE, ADMIN):
            assert client.get(f"{API}/sessions/main/data", headers=headers).status_code == 200
        assert client.delete(f"{API}/sessions/main", headers=HERE).status_code == 200
        for headers in (HERE, ADMIN):
            assert_error(client.get(f"{API}/sessions/main/data", headers=headers), 404)
        assert names(client, ADMIN) == ["other"]


def left_after_deletion(sessions: list[str], others: bool) -> tuple[Any, ...]:
    """What a token with a list of sessions sees after it has deleted all of them, and what it can do then."""
    limited = bearer("limited")
    with protected(tokens=[*TOKENS, Token("limited", f"limited-{'x' * 32}", "admin", sessions)]) as client:
        client.post(f"{API}/sessions", json={"display_name": sessions[-1]}, headers=ADMIN)
        for name in {"main", "other"} - set(sessions) - ({"other"} if others else set()):
            client.delete(f"{API}/sessions/{name}", headers=ADMIN)
        for name in names(client, limited):
            deleted = client.delete(f"{API}/sessions/{name}", headers=limited)
        listed = client.get(f"{API}/sessions", headers=limited).json()
        seen = client.get("/health", headers=limited).json()["sessions"]
        given = [client.post(f"{API}/sessions", json={"display_name": name}, headers=limited) for name in sessions]
        assert len(names(client, ADMIN)) == len(sessions) + 1
        return deleted.json(), listed, seen, [response.status_code for response in given], names(client, limited)


@pytest.mark.parametrize("sessions", [["main"], ["main", "main 2", "mine"], ["mine"]])
def test_who_deletes_the_last_that_they_see_learns_nothing_of_others(sessions: list[str]) -> None:
    nothing = {"sessions": [], "default": ""}
    for others in (True, False):
        assert left_after_deletion(sessions, others) == (nothing, nothing, [], [201] * len(sessions), sessions)


def test_who_sees_all_gets_a_fresh_main() -> None:
    with protected() as client:
        former = ids(client)
        for name in ("other", "main"):
            client.delete(f"{API}/sessions/{name}", headers=ADMIN)
        assert ids(client).keys() == {"main"}
        assert ids(client)["main"] != former["main"]


def test_no_session_is_called_by_the_id_of_another() -> None:
    with protected() as client:
        known = ids(client)
        for name in (known["main"], known["other"]):
            answers = [
                client.post(f"{API}/sessions", json={"display_name": name}, headers=ADMIN),
                client.post(f"{API}/sessions/other/copy", json={"new_display_name": name}, headers=ADMIN),
            ]
            for answer in answers:
                assert_error(answer, 409, f"Session '{name}' already exists.")
        renamed = client.patch(f"{API}/sessions/other", json={"display_name": known["main"]}, headers=ADMIN)
        assert_error(renamed, 409, f"Session '{known['main']}' already exists.")
        assert ids(client) == known
        own = client.patch(f"{API}/sessions/other", json={"display_name": known["other"]}, headers=ADMIN)
        assert own.json() == {"id": known["other"], "display_name": known["other"]}


@pytest.mark.parametrize("name", ["main", "other"])
def test_who_sees_some_learns_nothing_by_a_name_that_is_an_id(name: str) -> None:
    with protected() as client:
        session_id = ids(client)[name]
        for answer in (
            client.post(f"{API}/sessions", json={"display_name": session_id}, headers=ELSEWHERE),
            client.patch(f"{API}/sessions/other", json={"display_name": session_id}, headers=ELSEWHERE),
        ):
            assert_error(answer, 403, f"The token does not allow the session name '{session_id}'")
