"""A restart changes nothing in what scenarios say about their data, and no row stays behind."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from algomancy_scenario.persistence import SqlScenarioRepository

from algomancy_api import ApiLauncher
from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database import run_data
from algomancy_api.framework.database.scenario_repository import ApiScenarioRepository

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended, eventually
from ...support.databases import Database
from ..persistence.test_persistence import opened
from .requests import data_id, has_run, names, ran_on, replace_items, run, shown

ROWS = "algomancy_api_run_data"


@contextmanager
def killed(database: Database) -> Iterator[AppClient]:
    """As `opened`, but what has not ended at the end does not end any more."""
    app = ApiLauncher.build(database.configuration())
    with calling(app) as client:
        yield client
    app.state.session_manager.close()


def manager_of(client: AppClient) -> Any:
    return client.app.state.session_manager.get_scenario_manager("main")  # type: ignore[attr-defined]


def with_items(client: AppClient) -> str:
    session = default_session(client)
    assert upload_items(client, session).status_code == 200
    return session


def test_scenarios_say_the_same_after_a_restart(database: Database) -> None:
    with opened(database) as client:
        session = with_items(client)
        client.post(f"{session}/copy", json={"new_display_name": "other"})
        other = f"{API}/sessions/other"
        elsewhere = has_run(client, other)
        old = data_id(client, session)
        done, failed = has_run(client, session, "done"), has_run(client, session, "failed", "Fails")
        reset, waiting = has_run(client, session, "reset"), create(client, session, tag="waiting")
        running = create(client, session, "Blocks", "running")
        client.post(f"{session}/scenarios/{running}/run")
        assert wiring.STARTED.wait(90)
        replace_items(client, session)
        new = data_id(client, session)
        wiring.RELEASE.set()
        ended(client, session, running)
        client.post(f"{session}/scenarios/{reset}/reset")
        later = has_run(client, session, "later")
        scenarios = [done, failed, running, reset, waiting, later]
        before = [shown(client, session, scenario_id) for scenario_id in scenarios]
        assert before == [(old, True)] * 3 + [(new, False)] * 3
        forms = [client.get(f"{session}/scenarios/{scenario_id}").json() for scenario_id in scenarios]
    assert database.rows()[ROWS] == 3
    for eager in (False, True):
        with opened(database, eager_startup=eager) as client:
            assert names(client, session) == ["hammer"]
            listed = client.get(f"{session}/scenarios").json()
            assert [each["data_changed"] for each in listed if each["id"] in scenarios].count(True) == 3
            assert [client.get(f"{session}/scenarios/{scenario_id}").json() for scenario_id in scenarios] == forms
            assert [shown(client, session, scenario_id) for scenario_id in scenarios] == before
            assert shown(client, other, elsewhere) == (data_id(client, other), False)
    with opened(database) as client:
        replace_items(client, session)
        newest = data_id(client, session)
        after = [shown(client, session, scenario_id) for scenario_id in scenarios]
        assert after == [(old, True)] * 3 + [(newest, False)] * 2 + [(new, True)]
        assert ran_on(run(client, session, waiting)) == newest


def test_a_run_that_a_restart_cuts_off_uses_the_new_data(database: Database) -> None:
    with killed(database) as client:
        session = with_items(client)
        scenario_id = create(client, session, "Blocks")
        client.post(f"{session}/scenarios/{scenario_id}/run")
        assert wiring.STARTED.wait(90)
        replace_items(client, session)
        new = data_id(client, session)
        assert database.rows()[ROWS] == 1
    wiring.RELEASE.set()
    with opened(database) as client:
        assert database.rows()[ROWS] == 0
        assert shown(client, session, scenario_id) == (new, False)
        assert ran_on(run(client, session, scenario_id)) == new
    with opened(database) as client:
        assert shown(client, session, scenario_id) == (new, False)


def test_a_run_that_a_close_cuts_off_uses_the_new_data(database: Database) -> None:
    app = ApiLauncher.build(database.configuration())
    with calling(app) as client:
        session = with_items(client)
        scenario_id = create(client, session, "Blocks")
        client.post(f"{session}/scenarios/{scenario_id}/run")
        assert wiring.STARTED.wait(90)
        replace_items(client, session)
        new = data_id(client, session)
        app.state.session_manager.close()
        wiring.RELEASE.set()
        eventually(lambda: manager_of(client).get_status(scenario_id)["status"] == "created")
        app.state.session_manager.open()
        assert shown(client, session, scenario_id) == (new, False)
        assert ran_on(run(client, session, scenario_id)) == new
        assert shown(client, session, scenario_id) == (new, False)
        assert database.rows()[ROWS] == 0
    app.state.session_manager.shutdown()


CHANGES: dict[str, Callable[[AppClient, str, str], object]] = {
    "reset": lambda client, session, scenario_id: client.post(f"{session}/scenarios/{scenario_id}/reset"),
    "deleted": lambda client, session, scenario_id: client.delete(f"{session}/scenarios/{scenario_id}"),
    "with its session": lambda client, session, _: client.delete(session),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_no_row_outlives_its_run(database: Database, change: Callable[[AppClient, str, str], Any]) -> None:
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        for session in (default_session(client), f"{API}/sessions/other"):
            upload_items(client, session)
            has_run(client, session, "another")
            scenario_id = has_run(client, session)
            replace_items(client, session)
        assert database.rows()[ROWS] == 4
        assert change(client, session, scenario_id).is_success
        assert database.rows()[ROWS] == (2 if change is CHANGES["with its session"] else 3)


def test_a_row_that_could_not_be_deleted_is_of_no_later_run(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseUnavailable("not now")

    with opened(database) as client:
        session = with_items(client)
        once, twice = has_run(client, session, "once"), has_run(client, session, "twice")
        replace_items(client, session)
        monkeypatch.setattr(run_data, "forget", fail)
        for scenario_id in (once, twice):
            assert client.post(f"{session}/scenarios/{scenario_id}/reset").status_code == 200
        monkeypatch.undo()
        assert database.rows()[ROWS] == 2
        run(client, session, once)
        assert database.rows()[ROWS] == 1
        second = data_id(client, session)
        replace_items(client, session)
        third = data_id(client, session)
        expected = [(second, True), (third, False)]
        assert [shown(client, session, scenario_id) for scenario_id in (once, twice)] == expected
    with opened(database) as client:
        assert [shown(client, session, scenario_id) for scenario_id in (once, twice)] == expected


def test_what_the_framework_runs_or_deletes_meanwhile_has_no_row(database: Database) -> None:
    with opened(database) as client:
        session = with_items(client)
        again, deleted, kept = (has_run(client, session, tag) for tag in ("again", "deleted", "kept"))
        old = data_id(client, session)
        replace_items(client, session)
        new = data_id(client, session)
        repository = manager_of(client)._registry
        engine = sa.create_engine(database.url)
        own = SqlScenarioRepository(
            engine=engine,
            session_id=session.rpartition("/")[2],
            algorithms=wiring.ALGORITHMS,
            kpis={"Size": wiring.Size},
            data_manager=repository._data_manager,
        )
        own.startup()
        own.delete(deleted)
        scenario: Any = own.get_by_id(again)
        scenario.refresh()
        own.refresh(again)
        scenario.process()
        own.persist_run(scenario)
        engine.dispose()
    with opened(database) as client:
        assert shown(client, session, again) == (new, False)
        assert shown(client, session, kept) == (old, True)
        assert database.rows()[ROWS] == 1


def test_a_scenario_that_is_not_in_memory_gets_the_new_data_too(database: Database) -> None:
    """With a cache of one scenario and one dataset: what is loaded later, and what somebody holds meanwhile."""
    with opened(database, hydrated_cache_size=1) as client:
        session = with_items(client)
        upload_items(client, session, "others")
        manager = manager_of(client)
        done, waiting, held = (
            has_run(client, session, "done"),
            create(client, session),
            create(client, session, tag="b"),
        )
        holding = manager.get_by_id(held)
        create(client, session, tag="evicts it", dataset_key="others")
        assert manager.resident(held) is None
        old = data_id(client, session)
        replace_items(client, session)
        new = data_id(client, session)
        assert holding.data_source.id == new
        assert [shown(client, session, each) for each in (done, waiting, held)] == [(old, True)] + [(new, False)] * 2
        assert ran_on(run(client, session, waiting)) == new


def test_a_scenario_that_is_being_loaded_gets_the_new_data(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(database) as client:
        session = with_items(client)
        scenario_id = create(client, session)
    with opened(database) as client:
        load = ApiScenarioRepository._rehydrated
        loaded, replaced = threading.Event(), threading.Event()

        def slowly(self: ApiScenarioRepository, record: Any) -> Any:
            scenario = load(self, record)
            loaded.set()
            assert replaced.wait(90)
            return scenario

        monkeypatch.setattr(ApiScenarioRepository, "_rehydrated", slowly)
        found: list[Any] = []
        reader = threading.Thread(target=lambda: found.append(manager_of(client).get_by_id(scenario_id)))
        reader.start()
        assert loaded.wait(90)
        replace_items(client, session)
        replaced.set()
        reader.join()
        assert found[0].data_source.id == data_id(client, session)


def test_a_write_that_fails_replaces_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("not now")

    with opened(database) as client:
        session = with_items(client)
        scenario_id = has_run(client, session)
        before = shown(client, session, scenario_id)
        monkeypatch.setattr(run_data, "keep", fail)
        assert replace_items(client, session).status_code == 503
        assert shown(client, session, scenario_id) == before
    with opened(database) as client:
        assert shown(client, session, scenario_id) == before
        assert names(client, session) == ["anvil", "feather", "brick"]


def test_a_dataset_that_was_lost_can_be_uploaded_again(database: Database) -> None:
    """Its scenarios cannot be loaded without it, so they do not keep it from coming back."""
    with opened(database) as client:
        session = with_items(client)
        scenario_id = create(client, session)
    with database.connected() as connection:
        connection.exec_driver_sql("DELETE FROM algomancy_datasets")
    with opened(database) as client:
        assert client.get(f"{session}/scenarios/{scenario_id}").status_code == 409
        assert upload_items(client, session).status_code == 200
        assert run(client, session, scenario_id)["status"] == "complete"
