"""Waits for many scenarios: what is told, when, and that nothing is lost between two requests."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from algomancy_api.live import watched_changes
from algomancy_api.live import watcher as watching

from ...conftest import app_on, create, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, eventually
from ...support.errors import assert_error

Asked = Callable[..., Future[httpx.Response]]

SWEEP: dict[str, Any] = {"labels": {"sweep": "s1"}}
OF_SWEEP = {"label": "sweep:s1"}


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    with app_on(request.param, tmp_path, request) as app:
        yield app


@pytest.fixture
def session(http: httpx.Client) -> str:
    session = f"/api/v1/sessions/{http.get('/api/v1/sessions').json()['default']}"
    upload_items(http, session)
    return session


@pytest.fixture
def asked(app: Starlette, http: httpx.Client, session: str) -> Iterator[Asked]:
    """Asks for changes, and gives the answer that will come, once the server waits."""

    def waiting() -> int:
        return sum(each.watchers for each in list(app.state.sessions.watcher._watched.values()))

    with ThreadPoolExecutor() as threads:

        def ask(**parameters: Any) -> Future[httpx.Response]:
            before = waiting()
            answer = threads.submit(http.get, f"{session}/scenarios/wait", params={"wait": 60} | parameters)
            eventually(lambda: answer.done() or waiting() > before)
            return answer

        yield ask


def changes(http: httpx.Client, session: str, **parameters: Any) -> Any:
    """What is told now."""
    response = http.get(f"{session}/scenarios/wait", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def ids(told: Any) -> list[str]:
    return [each["id"] for each in told["scenarios"]]


def run(http: httpx.Client, session: str, *scenario_ids: str) -> None:
    outcomes = http.post(f"{session}/run", json={"scenario_ids": scenario_ids}).json()["outcomes"]
    assert all(each["queued"] for each in outcomes)


def test_the_first_answer_has_all_as_their_list(http: httpx.Client, session: str) -> None:
    for tag in ("one", "two"):
        create(http, session, tag=tag, labels={"a": "b"})
    told = changes(http, session, wait=60)
    cursor = told.pop("cursor")
    listed = http.get(f"{session}/scenarios").json()
    assert told == {"scenarios": listed, "gone": [], "done": False, "snapshot": True}
    for wait in (0, 0.1):
        again = changes(http, session, cursor=cursor, wait=wait)
        assert again == {"scenarios": [], "gone": [], "done": False, "snapshot": False, "cursor": cursor}


def test_of_a_session_without_scenarios_all_have_ended(http: httpx.Client, session: str) -> None:
    told = changes(http, session)
    assert (told["scenarios"], told["done"], told["snapshot"]) == ([], True, True)


def test_who_waits_is_told_what_changes_and_nothing_else(http: httpx.Client, session: str, asked: Asked) -> None:
    first, second = (create(http, session, "Blocks", tag) for tag in ("one", "two"))
    cursor = changes(http, session)["cursor"]
    answer = asked(cursor=cursor)
    assert not answer.done()
    run(http, session, first)
    told = answer.result(PATIENCE).json()
    assert (ids(told), told["gone"], told["snapshot"]) == ([first], [], False)
    assert wiring.STARTED.wait(PATIENCE)
    while told["scenarios"][0]["progress"] != 42:
        told = asked(cursor=told["cursor"]).result(PATIENCE).json()
    answer = asked(cursor=told["cursor"])
    assert http.delete(f"{session}/scenarios/{second}").status_code == 204
    told = answer.result(PATIENCE).json()
    assert (ids(told), told["gone"], told["done"]) == ([], [second], False)


def test_a_sweep_is_followed_to_its_end(http: httpx.Client, session: str) -> None:
    algorithms = {"good": "Instant", "bad": "Fails", "slow": "Sleeps"}
    made = {create(http, session, algorithm, tag, **SWEEP): tag for tag, algorithm in algorithms.items()}
    other = create(http, session, "Blocks", "other")
    run(http, session, *made, other)
    told = changes(http, session, **OF_SWEEP)
    ended = {each["id"]: each for each in told["scenarios"]}
    while not told["done"]:
        told = changes(http, session, cursor=told["cursor"], wait=60, **OF_SWEEP)
        assert told["scenarios"], "an answer before the time tells something"
        ended |= {each["id"]: each for each in told["scenarios"]}
    listed = {each["id"]: each for each in http.get(f"{session}/scenarios?label=sweep:s1").json()}
    assert ended == listed
    found = {
        made[each["id"]]: (each["status"], each["kpis"]["Size"]["value"], each.get("error")) for each in listed.values()
    }
    assert found == {
        "good": ("complete", 7.0, None),
        "bad": ("failed", None, "ValueError: no solution"),
        "slow": ("complete", 7.0, None),
    }


def test_nothing_is_lost_between_two_requests(http: httpx.Client, session: str) -> None:
    kept, doomed, quick = (create(http, session, tag=tag) for tag in ("kept", "doomed", "quick"))
    cursor = changes(http, session)["cursor"]
    http.delete(f"{session}/scenarios/{doomed}")
    brief = create(http, session, tag="brief")
    http.delete(f"{session}/scenarios/{brief}")
    new = create(http, session, tag="new")
    run(http, session, quick)
    eventually(lambda: http.get(f"{session}/scenarios/{quick}/status").json()["status"] == "complete")
    told = changes(http, session, cursor=cursor)
    assert set(ids(told)) == {new, quick}
    assert doomed in told["gone"]
    assert kept not in told["gone"]
    assert not told["snapshot"]


def test_a_second_run_between_two_looks_is_told(
    app: Starlette, http: httpx.Client, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario_id = create(http, session)
    url = f"{session}/scenarios/{scenario_id}"

    def run_to_its_end() -> None:
        run(http, session, scenario_id)
        eventually(lambda: http.get(f"{url}/status").json()["status"] == "complete")

    run_to_its_end()
    monkeypatch.setattr(watching, "_INTERVAL", 3600)
    first = changes(http, session)
    assert first["done"]
    http.post(f"{url}/reset")
    run_to_its_end()
    assert ids(changes(http, session, cursor=first["cursor"])) == [scenario_id]


@pytest.mark.parametrize(
    "edit", [{"labels": {"a": "b"}}, {"note": "n"}, {"tag": "another"}], ids=lambda edit: next(iter(edit))
)
def test_what_users_write_is_a_change(http: httpx.Client, session: str, edit: dict[str, Any]) -> None:
    scenario_id, _ = create(http, session), create(http, session, tag="other")
    cursor = changes(http, session)["cursor"]
    written = http.patch(f"{session}/scenarios/{scenario_id}", json=edit).json()
    assert changes(http, session, cursor=cursor)["scenarios"] == [written]


def test_a_dataset_that_is_replaced_changes_those_that_have_run(http: httpx.Client, session: str) -> None:
    used, _ = create(http, session), create(http, session, tag="not run")
    run(http, session, used)
    eventually(lambda: changes(http, session, ids=used)["done"])
    cursor = changes(http, session)["cursor"]
    assert upload_items(http, session, query="?replace=true").status_code == 200
    [told] = changes(http, session, cursor=cursor)["scenarios"]
    assert (told["id"], told["data_changed"]) == (used, True)


def test_a_label_lets_scenarios_come_and_go(http: httpx.Client, session: str) -> None:
    first, second = create(http, session, tag="one", **SWEEP), create(http, session, tag="two")
    told = changes(http, session, **OF_SWEEP)
    assert ids(told) == [first]
    http.patch(f"{session}/scenarios/{first}", json={"labels": {"sweep": "s2"}})
    http.patch(f"{session}/scenarios/{second}", json=SWEEP)
    third = create(http, session, tag="three", **SWEEP)
    told = changes(http, session, cursor=told["cursor"], **OF_SWEEP)
    assert (ids(told), told["gone"]) == ([second, third], [first])


def test_ids_name_some_of_which_may_be_gone(http: httpx.Client, session: str, asked: Asked) -> None:
    first, second = (create(http, session, tag=tag) for tag in ("one", "two"))
    named = f"{second},no-such,{first}"
    told = changes(http, session, ids=named)
    assert (set(ids(told)), told["gone"]) == ({first, second}, ["no-such"])
    answer = asked(ids=named, cursor=told["cursor"])
    create(http, session, tag="three")
    http.delete(f"{session}/scenarios/{first}")
    told = answer.result(PATIENCE).json()
    assert (ids(told), told["gone"]) == ([], [first])
    nothing = changes(http, session, ids="")
    assert (nothing["scenarios"], nothing["gone"], nothing["done"]) == ([], [], True)


def test_a_cursor_that_is_unknown_is_no_error(
    app: Starlette, http: httpx.Client, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario_id = create(http, session)
    known = changes(http, session)["cursor"]
    for cursor in ("", "x" * 1000, changes(http, session, ids=scenario_id)["cursor"], "0" * 12 + "-0"):
        told = changes(http, session, cursor=cursor, wait=60)
        assert (ids(told), told["snapshot"], told["cursor"]) == ([scenario_id], True, known)
    monkeypatch.setattr(watched_changes, "_LINGER", 0)
    eventually(lambda: not app.state.sessions.watcher._watched)
    monkeypatch.undo()
    told = changes(http, session, cursor=known)
    assert (ids(told), told["snapshot"]) == ([scenario_id], True), "who comes back later begins anew"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("ids=a&label=b", "either ids or label"),
        ("ids=" + ",".join(map(str, range(1_001))), "At most 1,000 scenarios"),
        ("wait=61", "from 0 to 60"),
        ("wait=soon", "wait must be"),
        ("label!=draft", "no parameter 'label!'; there are ids, label, cursor, wait"),
        ("status=complete", "no parameter 'status'"),
    ],
)
def test_what_has_no_meaning_is_refused(http: httpx.Client, session: str, query: str, why: str) -> None:
    assert_error(http.get(f"{session}/scenarios/wait?{query}"), 422, why)


def test_a_wait_may_be_preferred_and_answered_in_messagepack(http: httpx.Client, session: str) -> None:
    create(http, session)
    headers = {"Prefer": "wait=1", "Accept": "application/msgpack"}
    response = http.get(f"{session}/scenarios/wait?_=1", headers=headers)
    assert response.headers["preference-applied"] == "wait=1"
    told = msgspec.msgpack.decode(response.content)
    assert told == http.get(f"{session}/scenarios/wait").json()


def test_many_wait_for_the_same(app: Starlette, http: httpx.Client, session: str, asked: Asked) -> None:
    scenario_id = create(http, session)
    cursor = changes(http, session)["cursor"]
    answers = [asked(cursor=cursor) for _ in range(5)]
    assert len(app.state.sessions.watcher._watched) == 1
    http.patch(f"{session}/scenarios/{scenario_id}", json={"note": "n"})
    assert all(ids(answer.result(PATIENCE).json()) == [scenario_id] for answer in answers)


def test_a_session_that_is_deleted_meanwhile_is_not_found(
    app: Starlette, http: httpx.Client, session: str, asked: Asked
) -> None:
    cursor = changes(http, session)["cursor"]
    answer = asked(cursor=cursor)
    assert http.delete(session).status_code == 200
    assert_error(answer.result(PATIENCE), 404, "Session")
    eventually(lambda: not app.state.sessions.watcher._watched)


def test_a_wait_ends_when_the_server_does(app: Starlette, http: httpx.Client, session: str, asked: Asked) -> None:
    cursor = changes(http, session)["cursor"]
    answer = asked(cursor=cursor)
    stopper = threading.Thread(target=app.state.stop)
    stopper.start()
    told = answer.result(PATIENCE).json()
    assert (told["scenarios"], told["cursor"]) == ([], cursor)
    stopper.join()


def test_a_client_that_goes_away_is_waited_for_no_longer(app: Starlette, http: httpx.Client, session: str) -> None:
    cursor = changes(http, session)["cursor"]
    with pytest.raises(httpx.ReadTimeout):
        http.get(f"{session}/scenarios/wait", params={"wait": 60, "cursor": cursor}, timeout=0.3)
    sessions = app.state.sessions
    eventually(lambda: not any(each.watchers for each in sessions.watcher._watched.values()))
    eventually(lambda: not sessions.streams._open)
