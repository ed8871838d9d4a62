"""Summaries of scenarios, compared with the framework's own."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from algomancy_scenario.records import ScenarioRecord
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.services.scenario_views import encoded_summaries

from ..conftest import create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, ended


def frameworks_own(sources: list[Any]) -> list[dict[str, Any]]:
    """The framework's summaries as JSON, with null for what is not computed."""
    records = [
        source if isinstance(source, ScenarioRecord) else ScenarioRecord.from_scenario(source) for source in sources
    ]
    forms: list[dict[str, Any]] = msgspec.json.decode(
        msgspec.json.encode([record.to_summary_dict() for record in records])
    )
    for kpi in [kpi for form in forms for kpi in form["kpis"].values()]:
        kpi["value"] = None if kpi["value"] == -9999999999 else kpi["value"]
    return forms


@pytest.mark.parametrize("algorithm", ["Instant", "Fails", "Parametrised"])
@pytest.mark.parametrize("run", [True, False], ids=["run", "created"])
def test_a_summary_says_what_the_frameworks_own_says(
    app: Starlette, client: AppClient, session: str, algorithm: str, run: bool
) -> None:
    scenario = create(client, session, algorithm)
    if run:
        client.post(f"{session}/scenarios/{scenario}/run")
        ended(client, session, scenario)
    manager = app.state.session_manager.get_scenario_manager("main")
    sources = manager.summarised()
    added = {"data_changed": False} | ({"error": "ValueError: no solution"} if run and algorithm == "Fails" else {})
    own = [form | added for form in frameworks_own(sources)]
    assert msgspec.json.decode(encoded_summaries(manager)) == own
    assert len(sources) == 1


def test_a_list_is_the_same_on_the_loop_and_off_it(client: AppClient, session: str) -> None:
    scenario = create(client, session)
    first, *others = [client.get(f"{session}/scenarios").json() for _ in range(4)]
    assert others == [first] * 3
    client.post(f"{session}/scenarios/{scenario}/run")
    done = ended(client, session, scenario)
    [listed] = client.get(f"{session}/scenarios").json()
    assert (listed["status"], listed["kpis"]) == ("complete", done["kpis"])


def test_a_scenario_is_what_it_is_now_after_it_was_read_often(client: AppClient, session: str) -> None:
    scenario = create(client, session, "Blocks")
    url = f"{session}/scenarios/{scenario}"
    assert {client.get(url).json()["status"] for _ in range(3)} == {"created"}
    client.post(f"{url}/run")
    assert wiring.STARTED.wait(PATIENCE)
    assert {client.get(url).json()["status"] for _ in range(3)} == {"processing"}
    wiring.RELEASE.set()
    ended(client, session, scenario)
    forms = [client.get(url).json() for _ in range(3)]
    assert {form["status"] for form in forms} == {"complete"}
    assert forms[0]["kpis"]["Size"]["value"] == 7
    client.post(f"{url}/reset")
    forms = [client.get(url).json() for _ in range(3)]
    assert [(form["status"], form["result"], form["kpis"]["Size"]["value"]) for form in forms] == [
        ("created", None, None)
    ] * 3


def test_a_scenario_that_is_read_often_stays_in_memory(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.on_sqlite(tmp_path, hydrated_cache_size=2))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        often, seldom = create(client, session, tag="often"), create(client, session, tag="seldom")
        for scenario in (often, seldom, often):  # the last time without a worker thread
            assert client.get(f"{session}/scenarios/{scenario}").status_code == 200
        create(client, session, tag="another")
        manager = app.state.session_manager.get_scenario_manager("main")
        assert (manager.resident(often) is not None, manager.resident(seldom)) == (True, None)
    app.state.session_manager.shutdown()
