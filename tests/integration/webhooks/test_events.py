"""Events of the ends of runs, on every backend: what is in them, who gets them, and that they break nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from algomancy_api import ApiLauncher, Webhook, stopping
from algomancy_api.framework.webhooks import session_events

from ...conftest import DATABASES, create, default_session, in_folder, upload_items
from ...support import wiring
from ...support.clients import PATIENCE, AppClient, calling, ended, eventually
from ...support.databases import new_database
from ...support.receivers import Receiver, answers, receiving, waits

BACKENDS = ["memory", "json", *DATABASES]


@contextmanager
def notifying(
    webhooks: list[Webhook], backend: str = "memory", folder: Path | None = None, request: Any = None, **more: Any
) -> Iterator[AppClient]:
    """A client of the wiring with webhooks."""
    on_database = backend in DATABASES
    with new_database(backend, folder, request) if on_database and folder else nullcontext() as database:
        if database is not None:
            configuration = database.configuration(webhooks=webhooks, **more)
        elif backend == "json":
            configuration = type(base := in_folder(folder or Path()))(**base.as_dict() | {"webhooks": webhooks} | more)
        else:
            configuration = wiring.configuration(webhooks=webhooks, **more)
        app = ApiLauncher.build(configuration)
        with calling(app) as client:
            upload_items(client, default_session(client))
            yield client
        wiring.RELEASE.set()
        app.state.dispatcher.close()
        app.state.session_manager.shutdown()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def run(client: Any, algorithm: str = "Instant", tag: str = "a run", **body: Any) -> str:
    """The id of a scenario that runs."""
    session = default_session(client)
    scenario: str = create(client, session, algorithm, tag, run=True, **body)
    return scenario


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_end_of_a_run_is_told_with_its_kpis(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with notifying([receiver.webhook()], backend, tmp_path, request) as client:
        scenario = run(client, labels={"region": "north"})
        [got] = receiver.first()
        session = default_session(client)
        # A receiver that looks at once sees what it was told.
        [summary] = client.get(f"{session}/scenarios").json()
        assert summary["status"] == "complete"
        assert got.event["type"] == "scenario_complete"
        assert got.event["timestamp"].endswith("Z")
        assert got.data["session"] == {"id": session.rpartition("/")[2], "display_name": "main"}
        assert got.data["scenario"] == {
            "id": scenario,
            "tag": "a run",
            "input_data_key": "items",
            "algorithm": {"name": "Instant"},
            "status": "complete",
            "kpis": summary["kpis"],
            "labels": {"region": "north"},
        }
        assert summary["kpis"]["Size"]["value"] == 7.0


class Stops(wiring.Algorithm):
    """Returns what it has when it is asked to end."""

    def run(self, data: Any) -> Any:
        wiring.STARTED.set()
        eventually(stopping)
        return wiring.Instant.run(self, data)  # it uses nothing of its own


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_run_that_was_stopped_early_is_told_as_such(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    algorithms = wiring.ALGORITHMS | {"Stops": Stops}
    with notifying([receiver.webhook()], backend, tmp_path, request, algorithms=algorithms) as client:
        scenario = run(client, "Stops")
        assert wiring.STARTED.wait(PATIENCE)
        assert client.post(f"{default_session(client)}/scenarios/{scenario}/stop?grace=60").status_code == 202
        [got] = receiver.first()
        assert (got.event["type"], got.data["scenario"]["ended"]) == ("scenario_complete", "stopped")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_failure_is_told_with_its_error(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with notifying([receiver.webhook()], backend, tmp_path, request) as client:
        run(client, "Fails")
        [got] = receiver.first()
        assert got.event["type"] == "scenario_failed"
        assert got.data["scenario"]["status"] == "failed"
        assert got.data["scenario"]["error"] == "ValueError: no solution"
        assert got.data["scenario"]["kpis"]["Size"]["value"] is None


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_so_is_the_end_of_one_that_is_cancelled_while_it_waits(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with notifying([receiver.webhook()], backend, tmp_path, request) as client:
        session = default_session(client)
        run(client, "Blocks", "first")
        waiting = run(client, "Instant", "second")
        client.post(f"{session}/scenarios/{waiting}/cancel")
        [got] = receiver.first()
        assert (got.data["scenario"]["tag"], got.data["scenario"]["error"]) == ("second", "Cancelled")


def test_a_result_that_cannot_be_stored_is_told_as_a_failure(
    receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with notifying([receiver.webhook()], "sqlite", tmp_path, request) as client:
        scenario = run(client, "Unstorable")
        ended(client, default_session(client), scenario)
        [got] = receiver.first()
        assert got.event["type"] == "scenario_failed"
        assert "could not be stored" in got.data["scenario"]["error"]
        eventually(lambda: client.get("/api/v1/webhooks").json()["webhooks"][0]["last_delivered"])
        assert len(client.get("/api/v1/webhooks/127.0.0.1/deliveries").json()["deliveries"]) == 1


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_a_receiver_gets_what_it_asks_for(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    webhooks = [
        receiver.webhook(name="failures", events=["scenario_failed"], url=f"{receiver.url}&failures"),
        receiver.webhook(name="north", labels={"region": "north"}, url=f"{receiver.url}&north"),
    ]
    with notifying(webhooks, backend, tmp_path, request) as client:
        run(client, "Instant", "1", labels={"region": "north", "sweep": "s1"})
        run(client, "Instant", "2", labels={"region": "south"})
        run(client, "Fails", "3")
        run(client, "Fails", "4", labels={"region": "north"})
        got = sorted((each.path.rpartition("&")[2], each.data["scenario"]["tag"]) for each in receiver.first(4))
        assert got == [("failures", "3"), ("failures", "4"), ("north", "1"), ("north", "4")]
        ids = {each.data["scenario"]["tag"]: each.id for each in receiver.received}
        assert len(set(ids.values())) == 3, "one id for all receivers of an event"


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_a_receiver_that_does_not_answer_holds_up_no_run(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    receiver.behaviour = waits(receiver)
    with notifying([receiver.webhook(timeout=60)], backend, tmp_path, request) as client:
        session = default_session(client)
        for number in range(5):
            assert ended(client, session, run(client, tag=str(number)))["status"] == "complete"
        assert len(receiver.first()) == 1
        receiver.resumed.set()


@pytest.mark.parametrize("backend", ["memory", "sqlite", "postgresql"])
@pytest.mark.parametrize("part", ["wanted", "ended_event"])
def test_what_fails_about_an_event_breaks_no_run(
    backend: str,
    part: str,
    receiver: Receiver,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("not today")

    monkeypatch.setattr(session_events.SessionEvents, "wanted", fail)
    if part == "ended_event":
        monkeypatch.undo()
        monkeypatch.setattr(session_events, "ended_event", fail)
        monkeypatch.setattr("algomancy_api.framework.database.webhooks.stored_events.ended_event", fail)
    with notifying([receiver.webhook()], backend, tmp_path, request) as client:
        session = default_session(client)
        assert ended(client, session, run(client))["status"] == "complete"
        assert [each["status"] for each in client.get(f"{session}/scenarios").json()] == ["complete"]
        assert "do not get its end" in caplog.text
        monkeypatch.undo()
        run(client, tag="another")
        assert [each.data["scenario"]["tag"] for each in receiver.first()] == ["another"]


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
def test_a_disabled_receiver_gets_no_new_events(
    backend: str, receiver: Receiver, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    receiver.behaviour = answers(410)
    with notifying([receiver.webhook(name="one")], backend, tmp_path, request) as client:
        session = default_session(client)
        run(client, tag="first")
        eventually(lambda: client.get("/api/v1/webhooks").json()["webhooks"][0]["state"] == "disabled")
        ended(client, session, run(client, tag="second"))
        receiver.behaviour = answers()
        assert client.post("/api/v1/webhooks/one/test").json()["delivered"]
        run(client, tag="third")
        tags = [each.data.get("scenario", {}).get("tag") for each in receiver.first(3)]
        assert tags == ["first", None, "third"]


def test_a_configuration_without_webhooks_writes_nothing(
    tmp_path: Path, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with notifying([], "sqlite", tmp_path, request) as client:
        ended(client, default_session(client), run(client))
        assert client.get("/api/v1/webhooks").json() == {"webhooks": []}
    assert caplog.text == ""
