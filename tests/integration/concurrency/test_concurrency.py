"""Many clients at the same moment, over real HTTP."""

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import httpx
import pytest

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, ended, eventually

CLIENTS = 12


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """What calls answer several clients that make them, in turn, at the same moment."""
    barrier = threading.Barrier(CLIENTS)

    def client(call: Callable[[], httpx.Response]) -> httpx.Response:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, itertools.islice(itertools.cycle(calls), CLIENTS)))


def statuses(responses: list[httpx.Response]) -> list[int]:
    return sorted(response.status_code for response in responses)


@pytest.fixture
def session(http: httpx.Client) -> str:
    address = default_session(http)
    assert upload_items(http, address).status_code == 200
    return address


def test_one_tag_gives_one_scenario(http: httpx.Client, session: str) -> None:
    body = {"tag": "same", "dataset_key": "items", "algo_name": "Instant"}
    for attempt in range(5):
        same = body | {"tag": f"same {attempt}"}
        answers = at_once(partial(http.post, f"{session}/scenarios", json=same))
        assert statuses(answers) == [201, *[409] * (CLIENTS - 1)]
    assert len(http.get(f"{session}/scenarios").json()) == 5


def test_one_run_gives_one_202(http: httpx.Client, session: str) -> None:
    for attempt in range(5):
        scenario_id = create(http, session, tag=f"run {attempt}")
        answers = at_once(partial(http.post, f"{session}/scenarios/{scenario_id}/run"))
        assert statuses(answers) == [202, *[409] * (CLIENTS - 1)]
        assert ended(http, session, scenario_id)["status"] == "complete"


def test_one_session_name_gives_one_session(http: httpx.Client) -> None:
    for attempt in range(5):
        body = {"display_name": f"same {attempt}"}
        answers = at_once(partial(http.post, f"{API}/sessions", json=body))
        assert statuses(answers) == [201, *[409] * (CLIENTS - 1)]
    assert len(http.get(f"{API}/sessions").json()["sessions"]) == 6


def test_copies_and_renames_take_a_name_once(http: httpx.Client, session: str) -> None:
    answers = at_once(
        partial(http.post, f"{session}/copy", json={"new_display_name": "taken"}),
        partial(http.post, f"{API}/sessions", json={"display_name": "taken"}),
    )
    assert statuses(answers) == [201, *[409] * (CLIENTS - 1)]
    assert len(http.get(f"{API}/sessions").json()["sessions"]) == 2


def test_lists_are_whole_while_their_entries_come_and_go(http: httpx.Client, session: str) -> None:
    stop = threading.Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            scenario_id = create(http, session, tag=f"run {number}")
            http.post(f"{API}/sessions", json={"display_name": f"session {number}"})
            http.delete(f"{session}/scenarios/{scenario_id}")
            http.delete(f"{API}/sessions/session {number}")

    with ThreadPoolExecutor(3) as pool:
        changes = pool.submit(change)
        try:
            for _ in range(150):
                assert http.get(f"{session}/scenarios").status_code == 200
                sessions = http.get(f"{API}/sessions").json()
                assert sessions["default"] == session.rpartition("/")[2]
                assert sessions["sessions"][0]["display_name"] == "main"
                assert all(entry["display_name"] != entry["id"] for entry in sessions["sessions"])
        finally:
            stop.set()
        changes.result()


def test_nobody_sees_a_server_without_a_session(http: httpx.Client) -> None:
    stop = threading.Event()

    def replace_the_last() -> None:
        while not stop.is_set():
            assert http.delete(f"{API}/sessions/main").status_code == 200

    with ThreadPoolExecutor(1) as pool:
        replacing = pool.submit(replace_the_last)
        try:
            for _ in range(200):
                listing = http.get(f"{API}/sessions").json()
                assert [listing["default"]] == [entry["id"] for entry in listing["sessions"]]
        finally:
            stop.set()
        replacing.result()


def test_nobody_waits_for_a_long_etl_in_their_own_session(http: httpx.Client, session: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        etl: Future[httpx.Response] = pool.submit(upload_items, http, session, "slow")
        assert wiring.ETL_STARTED.wait(90)
        scenario_id = create(http, session)
        assert http.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
        assert ended(http, session, scenario_id)["status"] == "complete"
        assert http.get(f"{session}/data/items").status_code == 200
        assert http.get(f"{session}/data").json() == {"keys": ["items"]}
        assert not etl.done()
        wiring.ETL_RELEASE.set()
        assert etl.result().json()["keys"] == ["items", "slow"]


def test_long_etls_in_one_session_leave_threads_for_the_others(http: httpx.Client, session: str) -> None:
    http.post(f"{API}/sessions", json={"display_name": "other"})
    with ThreadPoolExecutor(50) as pool:
        etls = [pool.submit(upload_items, http, session, "slow") for _ in range(50)]
        assert wiring.ETL_STARTED.wait(90)
        assert upload_items(http, f"{API}/sessions/other").status_code == 200
        create(http, f"{API}/sessions/other")
        wiring.ETL_RELEASE.set()
        assert {etl.result().status_code for etl in etls} == {200}


def test_a_session_is_not_deleted_under_a_request_that_uses_it(http: httpx.Client, session: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        etl = pool.submit(upload_items, http, session, "slow")
        assert wiring.ETL_STARTED.wait(90)
        deletion = pool.submit(http.delete, session)
        # The deletion is under way once it makes a newcomer wait.
        eventually(lambda: _waits(http, f"{session}/processing"))
        assert not deletion.done()
        wiring.ETL_RELEASE.set()
        assert etl.result().status_code == 200
        assert deletion.result().status_code == 200
    assert http.get(f"{session}/scenarios").status_code == 404


def _waits(http: httpx.Client, url: str) -> bool:
    try:
        http.get(url, timeout=0.2)
    except httpx.ReadTimeout:
        return True
    return False


def test_a_request_that_waits_for_a_deletion_finds_nothing(http: httpx.Client, session: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        etl = pool.submit(upload_items, http, session, "slow")
        assert wiring.ETL_STARTED.wait(90)
        deletions = [pool.submit(http.delete, session) for _ in range(2)]
        eventually(lambda: _waits(http, f"{session}/processing"))
        wiring.ETL_RELEASE.set()
        etl.result()
        assert sorted(deletion.result().status_code for deletion in deletions) == [200, 404]


def test_two_sessions_run_side_by_side(http: httpx.Client, session: str) -> None:
    http.post(f"{session}/copy", json={"new_display_name": "other"})
    blocked = create(http, session, "Blocks")
    http.post(f"{session}/scenarios/{blocked}/run")
    assert wiring.STARTED.wait(90)
    other = f"{API}/sessions/other"
    scenario_id = create(http, other)
    http.post(f"{other}/scenarios/{scenario_id}/run")
    assert ended(http, other, scenario_id)["status"] == "complete"
    assert http.get(f"{session}/scenarios/{blocked}/status").json()["status"] == "processing"


def test_the_loop_answers_while_an_algorithm_burns_the_processor(http: httpx.Client, session: str) -> None:
    scenario_id = create(http, session, "Burns")
    url = f"{session}/scenarios/{scenario_id}"
    http.post(f"{url}/run")
    eventually(lambda: http.get(f"{url}/status").json()["status"] == "processing")
    answered = 0
    while http.get(f"{url}/status").json()["status"] == "processing":
        answered += 1
    assert answered > 1


def test_a_scenario_is_never_seen_complete_without_its_kpis(http: httpx.Client, session: str) -> None:
    for attempt in range(20):
        scenario_id = create(http, session, tag=f"run {attempt}")
        url = f"{session}/scenarios/{scenario_id}"
        http.post(f"{url}/run")
        deadline = time.monotonic() + PATIENCE
        while (form := http.get(url).json())["status"] != "complete":
            assert form["status"] in ("queued", "processing")
            assert time.monotonic() < deadline
        assert form["result"] is not None
        assert form["kpis"]["Size"]["value"] == 7.0
