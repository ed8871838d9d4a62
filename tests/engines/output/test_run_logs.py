"""The logs of runs in memory: which are kept, and for how long."""

import os

from algomancy_api import ApiLauncher
from algomancy_api.engines.output.run_logs import RunLogs
from algomancy_api.engines.run import Run

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import calling, ended
from ...support.errors import assert_error


def print_noise(run: Run, count: int) -> None:
    assert run.output is not None
    for _ in range(count):
        run.output.add(0, 0, 20, os.urandom(4_000).hex().encode())


def test_of_many_long_logs_the_oldest_are_dropped_and_say_so() -> None:
    app = ApiLauncher.build(wiring.configuration(run_log=200_000))
    manager = app.state.session_manager.get_scenario_manager("main")
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        first = create(client, session, tag="first")
        client.post(f"{session}/scenarios/{first}/run")
        ended(client, session, first)
        for number in range(60):
            run = Run(f"another {number}")
            manager.logs.begin(run)
            print_noise(run, 25)
            manager.logs.end(run)
        assert manager.logs._size <= 16 * 200_000
        assert_error(client.get(f"{session}/scenarios/{first}/log"), 410)
        client.post(f"{session}/scenarios/{first}/reset")
        assert client.get(f"{session}/scenarios/{first}/log").json()["complete"]
    app.state.session_manager.shutdown()


def test_a_deleted_scenario_or_session_leaves_no_log() -> None:
    app = ApiLauncher.build(wiring.configuration())
    manager = app.state.session_manager.get_scenario_manager("main")
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        for tag in ("one", "two"):
            scenario = create(client, session, tag=tag)
            client.post(f"{session}/scenarios/{scenario}/run")
            ended(client, session, scenario)
        assert len(manager.logs._ended) == 2
        client.delete(f"{session}/scenarios/{scenario}")
        assert len(manager.logs._ended) == 1
        assert client.delete(session).status_code == 200
        assert manager.logs._ended == {}
        assert manager.logs._size == 0
    app.state.session_manager.shutdown()


def test_a_late_end_of_an_earlier_run_does_not_touch_the_log_of_the_next() -> None:
    logs = RunLogs()
    first, second = Run("a scenario"), Run("a scenario")
    logs.begin(first)
    logs.begin(second)
    logs.end(first)
    assert logs.find("a scenario") is second.output
    assert logs.current("a scenario") is second.output
    logs.end(second)
    assert logs.current("a scenario") is None
    found = logs.find("a scenario")
    assert found is not None
    assert found.has_ended
