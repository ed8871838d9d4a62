"""A dataset that scenarios use is replaced only on request, and each scenario says which data it ran on."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.framework import ApiScenarioManager, UsedByScenarios
from algomancy_api.services.scenario_views import full_form

from ...conftest import API, create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended, eventually
from ...support.errors import assert_error
from .requests import REPLACE, changed, data_id, etl, from_json, has_run, names, ran_on, replace_items, run, shown

OLD_NAMES = ["anvil", "feather", "brick"]

#: Each request that can replace the dataset ``items``.
ROUTES: dict[str, Callable[..., Any]] = {
    "etl": lambda client, session, query="": etl(client, session, query=query),
    "from-json": lambda client, session, query="": from_json(client, session, query=query),
}


@pytest.fixture(params=ROUTES)
def send(request: pytest.FixtureRequest) -> Any:
    return ROUTES[request.param]


# Refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?replace=false"])
def test_a_dataset_that_a_scenario_uses_is_not_replaced(client: AppClient, session: str, send: Any, query: str) -> None:
    before = client.get(f"{session}/data/items").json()
    scenario_id = create(client, session, tag="it's mine")
    says = 'by the scenario "it\'s mine"; choose another name, or send ?replace=true to replace it'
    assert_error(send(client, session, query), 409, says)
    assert client.get(f"{session}/data/items").json() == before
    run(client, session, scenario_id)
    assert_error(send(client, session, query), 409, says)
    assert shown(client, session, scenario_id) == (before["metadata"]["id"], False)
    client.delete(f"{session}/scenarios/{scenario_id}")
    assert send(client, session, query).is_success
    assert names(client, session) == ["hammer"]


def test_the_error_names_some_of_many_scenarios_and_shortens_their_tags(client: AppClient, session: str) -> None:
    for tag in ["a" * 500, *"bcde"]:
        create(client, session, tag=tag)
    detail = etl(client, session).json()["detail"]
    assert "'b', 'c', 'd', 'e'; choose" in detail
    assert len(detail) < 250
    for tag in "fg":
        create(client, session, tag=tag)
    assert "'d', 'e' and 2 more; choose" in etl(client, session).json()["detail"]


def test_the_scenarios_of_other_datasets_and_sessions_do_not_count(client: AppClient, session: str, send: Any) -> None:
    client.post(f"{session}/copy", json={"new_display_name": "other"})
    upload_items(client, session, "others")
    create(client, session, tag="a", dataset_key="others")
    create(client, f"{API}/sessions/other", tag="b")
    assert send(client, session).is_success
    assert names(client, session) == ["hammer"]
    assert names(client, f"{API}/sessions/other") == OLD_NAMES


@pytest.mark.parametrize("value", ["", "1", "True", "yes", "true&replace=false", "true&replace=true"])
def test_whether_to_replace_is_true_or_false(client: AppClient, session: str, send: Any, value: str) -> None:
    assert_error(send(client, session, f"?replace={value}"), 422, "replace must be true or false")
    assert names(client, session) == OLD_NAMES


def test_an_upload_is_refused_before_its_files_are_read(
    client: AppClient, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(client, session)
    monkeypatch.setattr(wiring.EtlFactory, "build_pipeline", None)
    assert_error(etl(client, session), 409, "is used by the scenario")


def test_a_scenario_that_is_created_during_an_upload_is_not_overlooked(client: AppClient, session: str) -> None:
    wiring.ETL_RELEASE.set()
    assert etl(client, session, name="slow").status_code == 200
    wiring.ETL_RELEASE.clear()
    wiring.ETL_STARTED.clear()
    before = data_id(client, session, "slow")
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(etl, client, session, name="slow")
        assert wiring.ETL_STARTED.wait(90)
        scenario_id = create(client, session, tag="late", dataset_key="slow")
        wiring.ETL_RELEASE.set()
        assert_error(upload.result(), 409, "'late'")
    assert data_id(client, session, "slow") == before
    assert run(client, session, scenario_id)["input_data_id"] == before


def test_the_manager_refuses_in_the_same_way(app: Starlette, client: AppClient, session: str) -> None:
    manager = app.state.session_manager.get_scenario_manager("main")
    text = client.get(f"{session}/data/items").text
    create(client, session)
    with pytest.raises(UsedByScenarios, match="'a run'"):
        manager.add_datasource_from_json(text)
    with pytest.raises(UsedByScenarios, match="'a run'"):
        manager._dm.add_data_source(manager.get_data("items"))
    manager.add_datasource_from_json(text, replace=True)


# Replaced ------------------------------------------------------------------------------------------------------


def test_scenarios_that_have_run_keep_the_id_of_their_data(client: AppClient, session: str, send: Any) -> None:
    old = data_id(client, session)
    complete = has_run(client, session, "complete")
    failed = has_run(client, session, "failed", "Fails")
    assert shown(client, session, complete) == (old, False)
    before = [client.get(f"{session}/scenarios/{scenario_id}").json() for scenario_id in (complete, failed)]
    assert etl(client, session, query=REPLACE).status_code == 200
    assert data_id(client, session) != old
    for form in before:
        assert client.get(f"{session}/scenarios/{form['id']}").json() == form | {"data_changed": True}
        assert shown(client, session, form["id"]) == (old, True)
    assert send(client, session, REPLACE).is_success
    assert shown(client, session, complete) == (old, True)


def test_scenarios_that_have_not_run_use_the_new_data(client: AppClient, session: str, send: Any) -> None:
    scenario_id = create(client, session)
    assert etl(client, session, query=REPLACE).status_code == 200
    assert send(client, session, REPLACE).is_success
    new = data_id(client, session)
    assert shown(client, session, scenario_id) == (new, False)
    assert ran_on(run(client, session, scenario_id)) == new
    assert shown(client, session, scenario_id) == (new, False)


def test_a_reset_scenario_uses_the_new_data(client: AppClient, session: str) -> None:
    scenario_id = has_run(client, session)
    replace_items(client, session)
    new = data_id(client, session)
    reset = client.post(f"{session}/scenarios/{scenario_id}/reset").json()
    assert (reset["input_data_id"], reset["data_changed"]) == (new, False)
    assert ran_on(run(client, session, scenario_id)) == new
    assert shown(client, session, scenario_id) == (new, False)
    replace_items(client, session)
    assert shown(client, session, scenario_id) == (new, True)


def test_a_dataset_of_the_same_id_is_another_one(client: AppClient, session: str) -> None:
    old = data_id(client, session)
    done, waiting = has_run(client, session), create(client, session, tag="waiting")
    assert from_json(client, session, query=REPLACE).status_code == 201
    assert names(client, session) == ["hammer"]
    assert shown(client, session, done) == (old, True)
    assert shown(client, session, waiting) == (old, False)


def test_a_running_scenario_ends_with_its_data_and_a_queued_one_gets_the_new(client: AppClient, session: str) -> None:
    old = data_id(client, session)
    running, queued = create(client, session, "Blocks", "running"), create(client, session, "Instant", "queued")
    for scenario_id in (running, queued):
        client.post(f"{session}/scenarios/{scenario_id}/run")
    assert wiring.STARTED.wait(90)
    assert_error(etl(client, session), 409, "'running', 'queued'")
    assert replace_items(client, session).status_code == 200
    new = data_id(client, session)
    assert shown(client, session, running) == (old, True)
    assert client.get(f"{session}/processing").json()["input_data_id"] == old
    assert shown(client, session, queued) == (new, False)
    wiring.RELEASE.set()
    assert ran_on(ended(client, session, queued)) == new
    assert ran_on(ended(client, session, running)) == old
    assert shown(client, session, queued) == (new, False)
    assert shown(client, session, running) == (old, True)
    client.post(f"{session}/scenarios/{running}/reset")
    assert ran_on(run(client, session, running)) == new


class Prepares(wiring.Algorithm):
    """Takes its time before it begins."""

    def set_data_params(self, *parameters: Any) -> None:
        super().set_data_params(*parameters)
        wiring.STARTED.set()
        assert wiring.RELEASE.wait(90)


def test_a_scenario_has_its_data_as_soon_as_it_is_processing() -> None:
    app = ApiLauncher.build(wiring.configuration(algorithms={"Prepares": Prepares}))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        old = data_id(client, session)
        scenario_id = create(client, session, "Prepares")
        client.post(f"{session}/scenarios/{scenario_id}/run")
        assert wiring.STARTED.wait(90)
        replace_items(client, session)
        wiring.RELEASE.set()
        assert ran_on(ended(client, session, scenario_id)) == old
        assert shown(client, session, scenario_id) == (old, True)
    app.state.session_manager.shutdown()


def test_an_upload_that_fails_changes_no_scenario(client: AppClient, session: str) -> None:
    scenario_id = has_run(client, session)
    before = shown(client, session, scenario_id)
    assert etl(client, session, "id\n1\n", REPLACE).json()["success"] is False
    document = changed(client, session) | {"tables": {"t": {}}}
    assert from_json(client, session, document, REPLACE).status_code == 400
    assert shown(client, session, scenario_id) == before
    assert names(client, session) == OLD_NAMES


def test_a_scenario_that_the_server_creates_itself_gets_the_new_data() -> None:
    app = ApiLauncher.build(
        wiring.configuration(autocreate=True, default_algo="Instant", default_algo_params_values={})
    )
    with calling(app) as client:
        session = default_session(client)
        assert etl(client, session, wiring.ITEMS_CSV).status_code == 200
        (scenario,) = client.get(f"{session}/scenarios").json()
        assert_error(etl(client, session), 409, "'items [auto]'")
        assert replace_items(client, session).status_code == 200
        assert [each["id"] for each in client.get(f"{session}/scenarios").json()] == [scenario["id"]]
        assert ran_on(run(client, session, scenario["id"])) == data_id(client, session)
    app.state.session_manager.shutdown()


def test_the_data_that_were_replaced_are_not_kept_in_memory(app: Starlette, client: AppClient, session: str) -> None:
    manager = app.state.session_manager.get_scenario_manager("main")
    has_run(client, session)
    create(client, session, tag="waiting")
    replace_items(client, session)
    new = manager.get_data("items")
    assert all(scenario.data_source is new for scenario in manager.list_scenarios())


@pytest.mark.parametrize("is_resident", [True, False])
def test_who_asks_after_the_upload_does_not_get_the_answer_to_who_asked_before(
    client: AppClient, session: str, monkeypatch: pytest.MonkeyPatch, is_resident: bool
) -> None:
    """Those that ask at the same time for the same state share an answer; a replaced dataset is another state."""
    scenario_id = create(client, session)
    if not is_resident:
        monkeypatch.setattr(ApiScenarioManager, "resident", lambda *_: None)
    url = f"{session}/scenarios/{scenario_id}"
    is_read = threading.Event()

    def slowly(*arguments: Any) -> Any:
        form = full_form(*arguments)
        if not is_read.is_set():
            is_read.set()
            assert wiring.RELEASE.wait(90)
        return form

    client.app.state.sessions.session("main")._timings._seconds.clear()  # type: ignore[attr-defined]
    monkeypatch.setattr("algomancy_api.services.scenario_views.full_form", slowly)
    with ThreadPoolExecutor(2) as pool:
        pool.submit(client.get, url)
        assert is_read.wait(90)
        replace_items(client, session)
        later = pool.submit(client.get, url)
        wait([later], 1)
        wiring.RELEASE.set()
        assert later.result().json()["input_data_id"] == data_id(client, session)


def test_many_replace_and_run_at_the_same_time(client: AppClient, session: str) -> None:
    """Each run says the id of the data that its result is of, whenever these were replaced."""
    ids = [create(client, session, "Instant", f"run {number}") for number in range(30)]

    def replace_often() -> None:
        for _ in range(10):
            assert replace_items(client, session).status_code == 200

    with ThreadPoolExecutor(2) as pool:
        replacing = pool.submit(replace_often)
        for scenario_id in ids:
            client.post(f"{session}/scenarios/{scenario_id}/run")
        replacing.result()
    eventually(lambda: client.get(f"{session}/queue").json() == [] and not client.get(f"{session}/processing").json())
    current = data_id(client, session)
    for scenario_id in ids:
        form = client.get(f"{session}/scenarios/{scenario_id}").json()
        assert ran_on(form) == form["input_data_id"]
        assert form["data_changed"] is (form["input_data_id"] != current)
