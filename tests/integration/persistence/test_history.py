"""The runs of a scenario are kept: over a reset, and in a database over restarts and kills."""

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.framework import StorageFull
from algomancy_api.framework.database.runs import history

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended, eventually
from ...support.databases import Database
from ...support.identities import TOKENS, bearer
from ...support.processes import Process, free_port
from .test_queue import opened, queue_up, statuses

HISTORY = "algomancy_api_history"


def runs_of(client: Any, session: str, scenario_id: str, **keywords: Any) -> list[dict[str, Any]]:
    response = client.get(f"{session}/scenarios/{scenario_id}/runs", **keywords)
    assert response.status_code == 200, response.text
    runs: list[dict[str, Any]] = response.json()
    return runs


def run(client: Any, session: str, scenario_id: str, **body: Any) -> dict[str, Any]:
    """Run a scenario to its end, and return the record."""
    url = f"{session}/scenarios/{scenario_id}"
    if client.get(f"{url}/status").json()["status"] != "created":
        assert client.post(f"{url}/reset").status_code == 200
    assert client.post(f"{url}/run", json=body).status_code == 202
    ended(client, session, scenario_id)
    return runs_of(client, session, scenario_id)[0]


def outcomes(client: Any, session: str, scenario_id: str) -> list[tuple[int, str | None]]:
    return [(each["number"], each["outcome"]) for each in runs_of(client, session, scenario_id)]


def with_items(client: Any) -> str:
    session = default_session(client)
    upload_items(client, session)
    return session


def test_the_last_runs_are_kept_over_a_reset(client: AppClient, session: str) -> None:
    scenario_id, other = create(client, session), create(client, session, tag="other")
    assert runs_of(client, session, scenario_id) == []
    records = [run(client, session, scenario_id) for _ in range(7)]
    assert [record["number"] for record in records] == [1, 2, 3, 4, 5, 6, 7]
    assert runs_of(client, session, scenario_id) == records[:1:-1]
    client.post(f"{session}/scenarios/{scenario_id}/reset")
    assert runs_of(client, session, scenario_id) == records[:1:-1]
    assert runs_of(client, session, other) == []


def test_one_that_waits_is_there_and_one_that_never_began_has_no_start(client: AppClient, session: str) -> None:
    running, waiting = queue_up(client, session, "running", "waiting")
    assert [each["started"] is None for each in runs_of(client, session, running)] == [False]
    [record] = runs_of(client, session, waiting)
    assert (record["queued"] is None, record["started"], record["ended"]) == (False, None, None)
    client.post(f"{session}/scenarios/{waiting}/cancel")
    [record] = runs_of(client, session, waiting)
    assert (record["outcome"], record["started"], record["seconds"]) == ("cancelled", None, None)
    assert record["ended"] is not None
    wiring.RELEASE.set()
    assert ended(client, session, running)["status"] == "complete"
    assert outcomes(client, session, running) == [(1, "complete")]


def test_parameters_are_kept_as_they_were(client: AppClient, session: str) -> None:
    parameters = {"text": "Ä", "count": 4, "ratio": 0.25, "flag": False, "color": "green", "colors": ["red"]}
    body: dict[str, Any] = {"algo_params": parameters, "data_params": {"limit": 7}}
    record = run(client, session, create(client, session, "Parametrised", **body), timeout=60)
    assert (record["algorithm"], record["parameters"]) == ("Parametrised", parameters)
    assert (record["data_parameters"], record["dataset_key"], record["time_limit"]) == ({"limit": 7}, "items", 60)
    first = client.get(f"{session}/data/items").json()["metadata"]["id"]
    upload_items(client, session, query="?replace=true")
    assert record["dataset_id"] == first != client.get(f"{session}/data/items").json()["metadata"]["id"]
    [scenario_id] = [each["id"] for each in client.get(f"{session}/scenarios").json()]
    assert runs_of(client, session, scenario_id) == [record]


def test_it_is_compared_by_its_etag_and_is_gone_with_its_scenario(client: AppClient, session: str) -> None:
    scenario_id = create(client, session)
    run(client, session, scenario_id)
    url = f"{session}/scenarios/{scenario_id}/runs"
    etag = client.get(url).headers["etag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    client.post(f"{session}/scenarios/{scenario_id}/reset")
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert client.delete(f"{session}/scenarios/{scenario_id}").status_code == 204
    response = client.get(url)
    assert (response.status_code, response.json()["detail"]) == (404, f"Scenario '{scenario_id}' not found")


@pytest.fixture(params=["memory", "sqlite"])
def secured(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[AppClient]:
    """A client of an app with tokens, with the dataset ``items``."""
    build = wiring.configuration if request.param == "memory" else lambda **of: wiring.on_sqlite(tmp_path, **of)
    app = ApiLauncher.build(build(tokens=TOKENS, run_timeout=90))
    with calling(app) as client:
        files = {"files": ("items.csv", wiring.ITEMS_CSV, "text/csv")}
        form = {"dataset_name": "items"}
        url = f"{API}/sessions/main/etl"
        assert client.post(url, data=form, files=files, headers=bearer("write")).status_code == 200
        yield client
    app.state.session_manager.shutdown()


def test_a_run_has_the_name_of_the_token_that_queued_it(secured: AppClient) -> None:
    session = f"{API}/sessions/main"
    scenarios = f"{session}/scenarios"
    body = {"tag": "a", "dataset_key": "items", "algo_name": "Instant"}
    at_once = secured.post(scenarios, json=body | {"run": True}, headers=bearer("write here")).json()["id"]
    later = secured.post(scenarios, json=body | {"tag": "b"}, headers=bearer("admin")).json()["id"]
    secured.post(f"{scenarios}/{later}/run", headers=bearer("write"))
    many = secured.post(scenarios, json=body | {"tag": "c"}, headers=bearer("admin")).json()["id"]
    secured.post(f"{session}/run", json={"scenario_ids": [many]}, headers=bearer("admin here"))
    names = {}
    read = {"headers": bearer("read")}
    for scenario_id in (at_once, later, many):
        assert eventually(partial(is_complete, secured, f"{scenarios}/{scenario_id}"))
        [record] = runs_of(secured, session, scenario_id, **read)
        names[scenario_id] = record["queued_by"]
        assert record["time_limit"] == 90
    assert names == {at_once: "write here", later: "write", many: "admin here"}
    hidden = secured.get(f"{scenarios}/{later}/runs", headers=bearer("read elsewhere"))
    assert (hidden.status_code, hidden.json()["detail"]) == (404, "Session 'main' not found")


def is_complete(client: AppClient, url: str) -> bool:
    return bool(client.get(f"{url}/status", headers=bearer("read")).json()["status"] == "complete")


@pytest.mark.parametrize(("keep_runs", "numbers"), [(0, []), (1, [3]), (2, [3, 2])])
def test_the_configuration_says_how_many_are_kept(database: Database, keep_runs: int, numbers: list[int]) -> None:
    with opened(database, keep_runs=keep_runs) as client:
        session = with_items(client)
        scenario_id = create(client, session)
        for _ in range(3):
            client.post(f"{session}/scenarios/{scenario_id}/run")
            ended(client, session, scenario_id)
            client.post(f"{session}/scenarios/{scenario_id}/reset")
        assert [number for number, _ in outcomes(client, session, scenario_id)] == numbers
        waiting = queue_up(client, session, "running")[0]
        assert len(runs_of(client, session, waiting)) == (1 if keep_runs else 0)
        wiring.RELEASE.set()
        ended(client, session, waiting)
    assert database.rows().get(HISTORY, 0) == len(numbers) + bool(keep_runs)


def test_it_is_the_same_after_a_restart_and_counts_on(database: Database) -> None:
    with opened(database) as client:
        session = with_items(client)
        good, bad = create(client, session), create(client, session, "Fails", "bad")
        for scenario_id in (good, bad, good):
            run(client, session, scenario_id)
        before = [runs_of(client, session, each) for each in (good, bad)]
        assert before[1][0]["error"] == "ValueError: no solution"
    with opened(database) as client:
        assert [runs_of(client, session, each) for each in (good, bad)] == before
        assert run(client, session, good)["number"] == 3
        assert runs_of(client, session, good)[1:] == before[0]


def test_a_database_of_an_earlier_version_gets_the_table(database: Database) -> None:
    with opened(database) as client:
        session = with_items(client)
        scenario_id = create(client, session)
        run(client, session, scenario_id)
    with database.connected() as connection:
        connection.execute(sa.text(f"DROP TABLE {HISTORY}"))
    with opened(database) as client:
        assert client.get(f"{session}/scenarios/{scenario_id}").json()["status"] == "complete"
        assert runs_of(client, session, scenario_id) == []
        assert run(client, session, scenario_id)["number"] == 1


def test_rows_are_deleted_with_their_scenario_or_session(database: Database) -> None:
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        session = f"{API}/sessions/other"
        upload_items(client, session)
        ids = [create(client, session, tag=tag) for tag in ("one", "two")]
        for scenario_id in ids:
            run(client, session, scenario_id)
        assert database.rows()[HISTORY] == 2
        assert client.post(f"{session}/copy", json={"new_display_name": "copy"}).status_code == 201
        assert database.rows()[HISTORY] == 2
        client.delete(f"{session}/scenarios/{ids[0]}")
        assert database.rows()[HISTORY] == 1
        assert client.delete(session).status_code == 200
        assert database.rows()[HISTORY] == 0


def test_a_run_that_a_kill_cut_off_is_interrupted_and_one_that_waited_goes_on(database: Database) -> None:
    port = free_port()
    server = Process("on_database_from_environment", port, patience=120, WIRING_DATABASE=database.url)
    client: Any = server.client
    session = with_items(client)
    ids = [create(client, session, algorithm, tag) for algorithm, tag in (("Blocks", "one"), ("Instant", "two"))]
    for scenario_id in ids:
        client.post(f"{session}/scenarios/{scenario_id}/run")
    eventually(lambda: database.begun() == 1)
    [running], [waiting] = (runs_of(client, session, each) for each in ids)
    server.end()
    server = Process("on_database_from_environment", port, patience=120, WIRING_DATABASE=database.url)
    client = server.client
    eventually(lambda: statuses(client, session)["two"] == "complete")
    [cut_off], [done] = (runs_of(client, session, each) for each in ids)
    assert (cut_off["outcome"], cut_off["seconds"]) == ("interrupted", None)
    assert cut_off["ended"] > cut_off["started"] == running["started"]
    same = ("number", "queued", "parameters", "dataset_id", "engine")
    assert {name: cut_off[name] for name in same} == {name: running[name] for name in same}
    assert (done["number"], done["queued"], done["outcome"]) == (1, waiting["queued"], "complete")
    assert done["started"] > cut_off["ended"]
    server.end()
    server = Process("on_database_from_environment", port, patience=120, WIRING_DATABASE=database.url)
    assert [runs_of(server.client, session, each) for each in ids] == [[cut_off], [done]]
    server.end()


@pytest.mark.parametrize(
    ("resume_runs", "one", "two"),
    [
        ("all", [(2, "complete"), (1, "interrupted")], [(1, "complete")]),
        ("none", [(1, "interrupted")], []),
    ],
)
def test_one_that_is_taken_up_again_is_another_run(
    database: Database, resume_runs: str, one: list[Any], two: list[Any]
) -> None:
    with opened(database) as client:
        session = with_items(client)
        ids = queue_up(client, session, "one", "two")
    wiring.RELEASE.set()
    with opened(database, resume_runs=resume_runs) as client:
        if resume_runs == "all":
            ended(client, session, ids[1])
        assert [outcomes(client, session, each) for each in ids] == [one, two]


def test_a_shutdown_in_memory_cuts_off_what_runs_and_forgets_what_waits() -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        session = with_items(client)
        running, waiting = queue_up(client, session, "running", "waiting")
        app.state.session_manager.close()
        wiring.RELEASE.set()
        eventually(lambda: statuses(client, session) == {"running": "created", "waiting": "created"})
        eventually(lambda: outcomes(client, session, running) == [(1, "interrupted")])
        assert outcomes(client, session, waiting) == []
        app.state.session_manager.open()
        assert run(client, session, waiting)["number"] == 1
    app.state.session_manager.shutdown()


def test_the_end_of_a_closed_app_that_is_opened_again(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    with calling(app) as client:
        session = with_items(client)
        running, waiting = queue_up(client, session, "running", "waiting")
        app.state.session_manager.close()
        wiring.RELEASE.set()
        eventually(lambda: statuses(client, session) == {"running": "created", "waiting": "created"})
        app.state.session_manager.open()
        ended(client, session, waiting)
        assert outcomes(client, session, running) == [(1, "interrupted")]
        assert outcomes(client, session, waiting) == [(1, "complete")]
    app.state.session_manager.shutdown()


@contextlib.contextmanager
def unwritable(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Iterator[None]:
    """A context in which no row of a run that has ended can be written."""
    write = history._write

    def fail(connection: sa.Connection, scenario_id: str, record: Any) -> None:
        write(connection, scenario_id, record)
        if record.ended is not None:
            raise error

    with monkeypatch.context() as patched:
        patched.setattr(history, "_write", fail)
        yield


@pytest.mark.parametrize("error", [ValueError("no such value"), StorageFull("a full disk")])
def test_an_outcome_is_stored_although_its_history_cannot_be(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with opened(database) as client, unwritable(monkeypatch, error):
        session = with_items(client)
        done, late = create(client, session), create(client, session, "Steps", "late")
        running, cancelled = queue_up(client, session, "running", "cancelled")
        client.post(f"{session}/scenarios/{cancelled}/cancel")
        wiring.RELEASE.set()
        for scenario_id, limit in ((done, 60), (late, 0.1)):
            client.post(f"{session}/scenarios/{scenario_id}/run", json={"timeout": limit})
        ended(client, session, done)
        eventually(lambda: statuses(client, session)["late"] == "processing")
        eventually(lambda: _is_stopped(client.app, session, late))
        wiring.STEP.put(None)
        found = [ended(client, session, each)["status"] for each in (done, late, running, cancelled)]
        assert found == ["complete", "failed", "complete", "failed"]
        kpis = client.get(f"{session}/scenarios/{done}").json()["kpis"]
    with opened(database) as client:
        assert statuses(client, session) == {
            "a run": "complete", "late": "failed", "running": "complete", "cancelled": "failed",
        }  # fmt: skip
        [record] = runs_of(client, session, done)
        assert (record["outcome"], record["time_limit"]) == ("complete", 60)
        assert record["kpis"]["Size"]["value"] == kpis["Size"]["value"] == 7
        assert record["started"] < record["ended"]
        assert outcomes(client, session, late) == [(1, "timed_out")]
        assert outcomes(client, session, cancelled) == [(1, "cancelled")]


def _is_stopped(app: Any, session: str, scenario_id: str) -> bool:
    """Whether a run has been asked to stop."""
    manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
    return bool(manager.history._open[scenario_id].run.should_stop)


def test_a_result_that_cannot_be_stored_is_a_failed_run(app: Starlette, client: AppClient, session: str) -> None:
    scenario_id = create(client, session, "Unstorable")
    status = ended_status(client, session, scenario_id)
    [record] = runs_of(client, session, scenario_id)
    expected = {"complete": ("complete", None), "failed": ("failed", "The result could not be stored: not today")}
    assert (record["outcome"], record["error"]) == expected[status]


def ended_status(client: AppClient, session: str, scenario_id: str) -> str:
    client.post(f"{session}/scenarios/{scenario_id}/run")
    status: str = ended(client, session, scenario_id)["status"]
    return status
