"""The queue of a session is taken up after a restart, and a run that was cut off says so."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from algomancy_scenario.persistence.models import scenario_runs_table as runs
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from algomancy_scenario.persistence.models import sessions_table as sessions

from algomancy_api import ApiLauncher
from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.runs import queue as runs_queue
from algomancy_api.framework.database.runs.queue import KeptQueue

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended, eventually
from ...support.databases import Database
from ...support.processes import Process, free_port

QUEUE = "algomancy_api_queue"


@contextlib.contextmanager
def opened(database: Database, **overrides: Any) -> Iterator[AppClient]:
    """A client of an app on a database. Its end cuts off the run and leaves the queue, as a stopped server does."""
    app = ApiLauncher.build(database.configuration(**overrides))
    with calling(app) as client:
        yield client
    app.state.session_manager.close()
    wiring.RELEASE.set()
    manager = app.state.session_manager.get_scenario_manager("main")
    eventually(lambda: not manager.is_busy())  # the thread of the run that was cut off
    wiring.RELEASE.clear()
    wiring.STARTED.clear()


def queue_up(client: AppClient, session: str, *tags: str) -> list[str]:
    """Run scenarios that block, the first of which begins."""
    ids = [create(client, session, "Blocks", tag) for tag in tags]
    for scenario_id in ids:
        assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
    assert wiring.STARTED.wait(90)
    return ids


def statuses(client: AppClient, session: str) -> dict[str, str]:
    return {each["tag"]: each["status"] for each in client.get(f"{session}/scenarios").json()}


def has_status(client: AppClient, session: str, tag: str, status: str) -> bool:
    return statuses(client, session)[tag] == status


def interrupted(client: AppClient, session: str) -> list[str]:
    """The tags of the scenarios that were cut off, which both forms say, and neither of any other."""
    found = []
    for short in client.get(f"{session}/scenarios").json():
        full = client.get(f"{session}/scenarios/{short['id']}").json()
        assert full.get("interrupted", "absent") == short.get("interrupted", "absent")
        assert short.get("interrupted") in (True, None)
        if "interrupted" in short:
            found.append(short["tag"])
    return found


def queue(client: AppClient, session: str) -> list[str]:
    return [each["tag"] for each in client.get(f"{session}/queue").json()]


def test_what_was_queued_is_queued_again_in_its_order(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        ids = [create(client, session, "Blocks", tag) for tag in ("last", "running", "first", "second", "idle")]
        for position in (1, 2, 3, 0):
            client.post(f"{session}/scenarios/{ids[position]}/run")
        assert wiring.STARTED.wait(90)
    with caplog.at_level(logging.INFO, "algomancy_api"), opened(database) as client:
        assert wiring.STARTED.wait(90)
        assert interrupted(client, session) == ["running"]
        assert statuses(client, session)["idle"] == statuses(client, session)["running"] == "created"
        assert queue(client, session) == ["second", "last"]
        assert "queued again: 'first', 'second', 'last'" in caplog.text
        assert "interrupted, now created, to be run on request: 'running'" in caplog.text
    with opened(database) as client:
        assert interrupted(client, session) == ["running", "first"]
        assert wiring.STARTED.wait(90)
        assert [statuses(client, session)["second"], *queue(client, session)] == ["processing", "last"]
        wiring.RELEASE.set()
        assert ended(client, session, ids[0])["status"] == "complete"
        client.post(f"{session}/scenarios/{ids[1]}/run")
        assert ended(client, session, ids[1])["status"] == "complete"
        assert interrupted(client, session) == ["first"]
        client.post(f"{session}/scenarios/{ids[2]}/reset")
        assert interrupted(client, session) == []
        eventually(lambda: database.rows()[QUEUE] == 0)  # a moment after the end of a run


@pytest.mark.parametrize(
    ("resume_runs", "running", "waiting"),
    [("queued", "two", ["three"]), ("all", "one", ["two", "three"]), ("none", None, [])],
)
def test_the_configuration_says_which_runs_are_taken_up(
    database: Database, resume_runs: str, running: str | None, waiting: list[str]
) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        queue_up(client, session, "one", "two", "three")
    with opened(database, resume_runs=resume_runs) as client:
        if running is not None:
            assert wiring.STARTED.wait(90)
        expected = dict.fromkeys(("one", "two", "three"), "created") | dict.fromkeys(waiting, "queued")
        assert statuses(client, session) == expected | ({running: "processing"} if running else {})
        assert queue(client, session) == waiting
        assert interrupted(client, session) == ([] if resume_runs == "all" else ["one"])


def test_one_that_is_taken_out_of_the_queue_is_not_queued_again(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        _, cancelled, deleted, waiting = queue_up(client, session, "running", "cancelled", "deleted", "waiting")
        client.post(f"{session}/scenarios/{cancelled}/cancel")
        client.post(f"{session}/scenarios/{deleted}/cancel")
        client.delete(f"{session}/scenarios/{deleted}")
    with opened(database) as client:
        assert wiring.STARTED.wait(90)
        expected = {"running": "created", "cancelled": "failed", "waiting": "processing"}
        assert statuses(client, session) == expected
        [short] = [each for each in client.get(f"{session}/scenarios").json() if each["tag"] == "cancelled"]
        assert short["run_started_at"] is None
        assert short["run_finished_at"] is not None
        wiring.RELEASE.set()
        ended(client, session, waiting)


def test_a_scenario_that_cannot_be_loaded_is_left_and_keeps_no_other_back(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        queue_up(client, session, "running")
        for tag, algorithm in (("lost", "Instant"), ("kept", "Sleeps")):
            client.post(f"{session}/scenarios/{create(client, session, algorithm, tag)}/run")
    others = {name: algorithm for name, algorithm in wiring.ALGORITHMS.items() if name != "Instant"}
    with opened(database, algorithms=others) as client:
        eventually(lambda: statuses(client, session)["kept"] == "complete")
        assert statuses(client, session)["lost"] == "created"
        assert "queued before, now created, to be run on request: 'lost'" in caplog.text
    assert database.rows()[QUEUE] == 1


def test_a_time_limit_holds_after_a_restart(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        queue_up(client, session, "running")
        limited = create(client, session, "Blocks", "limited")
        client.post(f"{session}/scenarios/{limited}/run", json={"timeout": 0.25})
    with opened(database) as client:
        assert wiring.STARTED.wait(90)
        time.sleep(0.3)  # the limit itself
        wiring.RELEASE.set()
        assert "Timed out after 0.25 s" in ended(client, session, limited)["result"]["error"]


def test_a_queue_of_an_earlier_version_is_taken_up(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        queue_up(client, session, "running", "waiting")
    with database.connected() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {QUEUE} DROP COLUMN retries")
    with opened(database) as client:
        assert wiring.STARTED.wait(90)
        assert statuses(client, session) == {"running": "created", "waiting": "processing"}
        for tag, body in (("more", {"retries": 3}), ("most", {"retries": 10})):
            client.post(f"{session}/scenarios/{create(client, session, 'Blocks', tag)}/run", json=body)
        with database.connected() as connection:
            rows = connection.exec_driver_sql(f"SELECT retries FROM {QUEUE} ORDER BY position")  # noqa: S608
            assert rows.scalars().all()[-2:] == [3, 10]


def test_what_is_written_last_of_a_run_does_not_meet_the_next_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, is_late, may_end = runs_queue._settle, threading.Event(), threading.Event()

    def late(*arguments: Any) -> None:
        is_late.set()
        assert may_end.wait(90)
        settle(*arguments)

    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session)
        with monkeypatch.context() as patched:
            patched.setattr(runs_queue, "_settle", late)
            client.post(f"{session}/scenarios/{scenario_id}/run")
            assert is_late.wait(90)
            assert statuses(client, session) == {"a run": "processing"}
            assert client.get(f"{session}/scenarios/{scenario_id}").json()["status"] == "processing"
            assert client.post(f"{session}/scenarios/{scenario_id}/reset").status_code == 409
            may_end.set()
            assert ended(client, session, scenario_id)["status"] == "complete"
        assert database.rows()[QUEUE] == 0


def test_the_queue_is_taken_up_when_a_closed_app_is_opened_again(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        queue_up(client, session, "one", "two")
        app.state.session_manager.close()
        wiring.RELEASE.set()
        eventually(lambda: statuses(client, session) == {"one": "created", "two": "created"})
        app.state.session_manager.open()
        eventually(lambda: statuses(client, session) == {"one": "created", "two": "complete"})
        assert interrupted(client, session) == ["one"]
    app.state.session_manager.shutdown()


def test_what_runs_by_itself_is_queued_again(database: Database) -> None:
    with opened(database, autorun=True) as client:
        session = default_session(client)
        upload_items(client, session)
        create(client, session, "Blocks", "one")
        create(client, session, "Blocks", "two")
        assert wiring.STARTED.wait(90)
    with opened(database) as client:
        eventually(lambda: statuses(client, session) == {"one": "created", "two": "processing"})


def test_a_run_says_when_it_started_and_when_it_ended(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id, waiting = queue_up(client, session, "one", "two")
        live, queued = client.get(f"{session}/scenarios").json()
        assert live["run_started_at"] is not None
        assert (live["run_finished_at"], queued["run_started_at"]) == (None, None)
        time.sleep(0.05)  # a time between start and end
        wiring.RELEASE.set()
        for each in (scenario_id, waiting):
            ended(client, session, each)
        before = client.get(f"{session}/scenarios").json()
        assert before[0]["run_started_at"] == live["run_started_at"]
        assert before[0]["run_started_at"] < before[0]["run_finished_at"]
        assert before[0]["run_finished_at"] <= before[1]["run_started_at"]
    with opened(database) as client:
        assert client.get(f"{session}/scenarios").json() == before
        client.post(f"{session}/scenarios/{scenario_id}/reset")
        again = client.get(f"{session}/scenarios").json()[0]
        assert (again["run_started_at"], again["run_finished_at"]) == (None, None)


def test_a_start_is_kept_if_the_server_is_killed_right_after_the_result_is_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database) as client, monkeypatch.context() as patched:
        session = default_session(client)
        upload_items(client, session)
        patched.setattr("algomancy_api.framework.database.runs.queue._settle", fail)
        scenario_id = create(client, session, "Sleeps")
        client.post(f"{session}/scenarios/{scenario_id}/run")
        ended(client, session, scenario_id)
        [before] = client.get(f"{session}/scenarios").json()
    assert database.rows()[QUEUE] == 1
    with opened(database) as client:
        assert client.get(f"{session}/scenarios").json() == [before]
        assert before["run_started_at"] < before["run_finished_at"]
    assert database.rows()[QUEUE] == 0


def fail(*_arguments: object) -> None:
    raise OSError("killed")


def test_lists_have_the_order_of_creation_after_a_restart(database: Database) -> None:
    names = ["main", *(f"session {number}" for number in range(5))]
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        for name in names[1:]:
            client.post(f"{API}/sessions", json={"display_name": name})
        ids = [create(client, session, tag=f"scenario {number}") for number in range(10)]
    with database.connected() as connection:  # on PostgreSQL, an update moves a row to the end of its table
        for table, key in ((scenarios, ids[2]), (scenarios, ids[0]), (sessions, session.rpartition("/")[2])):
            row = sa.select(table).where(table.c.id == key)
            values = dict(connection.execute(row).mappings().one())
            connection.execute(sa.delete(table).where(table.c.id == key))
            connection.execute(sa.insert(table).values(values))
    with opened(database) as client:
        assert [each["id"] for each in client.get(f"{session}/scenarios").json()] == ids
        listed = client.get(f"{API}/sessions").json()
        assert [each["display_name"] for each in listed["sessions"]] == names
        assert default_session(client) == session


def test_a_run_whose_server_was_killed_is_not_run_again_by_itself(database: Database) -> None:
    port = free_port()
    server = Process("on_database_from_environment", port, WIRING_DATABASE=database.url)
    client: Any = server.client
    session = default_session(client)
    upload_items(client, session)
    ids = [create(client, session, *each) for each in (("Blocks", "one"), ("Blocks", "two"), ("Instant", "three"))]
    for scenario_id in ids:
        client.post(f"{session}/scenarios/{scenario_id}/run")
    eventually(lambda: database.begun() == 1)
    server.end()
    for cut_off in (["one"], ["one", "two"]):
        server = Process("on_database_from_environment", port, WIRING_DATABASE=database.url)
        client = server.client
        if cut_off == ["one"]:
            eventually(partial(has_status, client, session, "two", "processing"))
            assert statuses(client, session) == {"one": "created", "two": "processing", "three": "queued"}
            eventually(lambda: database.begun() == 2)
        else:
            eventually(partial(has_status, client, session, "three", "complete"))
            assert statuses(client, session) == {"one": "created", "two": "created", "three": "complete"}
        assert interrupted(client, session) == cut_off
        server.end()
    with database.connected() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(runs)).scalar() == 1


def test_one_that_cannot_be_kept_in_the_queue_is_not_queued(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def put(*_arguments: object) -> None:
        raise DatabaseUnavailable("away")

    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session)
        with monkeypatch.context() as patched:
            patched.setattr(KeptQueue, "put", put)
            assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 503
        assert statuses(client, session) == {"a run": "created"}
        assert client.post(f"{session}/scenarios/{scenario_id}/run").status_code == 202
        assert ended(client, session, scenario_id)["status"] == "complete"
