"""The operations on one session."""

from typing import Any

import anyio
import pytest

from algomancy_api import ApiLauncher
from algomancy_api.services.scenario_views import full_form
from algomancy_api.services.scenarios import Session

from ..conftest import create, default_session, upload_items
from ..support import wiring
from ..support.clients import calling, ended


def test_a_scenario_is_encoded_once_for_all_who_ask_for_it_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ApiLauncher.build(wiring.configuration())
    with calling(app) as client:
        address = default_session(client)
        upload_items(client, address)
        scenario_id = create(client, address)
        client.post(f"{address}/scenarios/{scenario_id}/run")
        complete = ended(client, address, scenario_id)
    encoded: list[Any] = []

    def counted(*arguments: Any) -> Any:
        encoded.append(arguments)
        return full_form(*arguments)

    monkeypatch.setattr("algomancy_api.services.scenario_views.full_form", counted)
    session: Session = app.state.sessions.session("main")
    session._timings._seconds.clear()  # as if it had never been encoded
    bodies: list[bytes] = []

    async def read() -> None:
        bodies.append(await session.scenario(scenario_id))

    async def read_together() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(read)

    anyio.run(read_together)
    assert len(encoded) == 1
    assert len({id(body) for body in bodies}) == 1
    assert complete["id"].encode() in bodies[0]
    anyio.run(session.reset_scenario, scenario_id)
    anyio.run(read_together)
    assert len(set(bodies[10:])) == 1
    assert b'"status":"created"' in bodies[10]
    app.state.session_manager.shutdown()
