"""The queue of a session survives its algorithms."""

import pytest

from .clients import AppClient, ended
from .conftest import create


@pytest.mark.parametrize(
    ("algorithm", "reason"),
    [
        ("Fails", "no solution"),
        ("Exits", "SystemExit: enough"),
        ("Interrupts", "KeyboardInterrupt"),
        ("Recurses", "recursion"),
        ("Dooms", "Doom: all is lost"),
    ],
)
def test_what_an_algorithm_raises_fails_its_scenario_alone(
    client: AppClient, session: str, algorithm: str, reason: str
) -> None:
    doomed = create(client, session, algorithm, "doomed")
    following = create(client, session, "Instant", "following")
    for scenario_id in (doomed, following):
        client.post(f"{session}/scenarios/{scenario_id}/run")
    assert ended(client, session, following)["status"] == "complete"
    form = ended(client, session, doomed)
    assert form["status"] == "failed"
    assert reason in form["result"]["error"]
    assert client.get(f"{session}/processing").json() is None
    assert client.post(f"{session}/scenarios/{doomed}/reset").json()["result"] is None


def test_scenarios_run_in_the_order_of_their_runs(client: AppClient, session: str) -> None:
    ids = [create(client, session, "Sleeps", f"run {number}") for number in range(3)]
    for scenario_id in ids:
        client.post(f"{session}/scenarios/{scenario_id}/run")
    ended(client, session, ids[1])
    statuses = [client.get(f"{session}/scenarios/{scenario_id}/status").json()["status"] for scenario_id in ids]
    assert statuses[:2] == ["complete", "complete"]
    assert statuses[2] in ("queued", "processing")
    assert ended(client, session, ids[2])["status"] == "complete"
