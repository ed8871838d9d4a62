"""Events over kills and restarts: stored with the end of their run, and sent at least once under one id."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from algomancy_api import ApiLauncher
from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.runs.outcomes import RunOutcomes
from algomancy_api.webhooks import dispatcher

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended, eventually
from ...support.databases import Database
from ...support.processes import Process, free_port
from ...support.receivers import Receiver, answers, receiving, waits
from ..access.test_table import app_of
from . import served
from .test_events import run


@contextmanager
def opened(database: Database, receiver: Receiver, **overrides: Any) -> Iterator[AppClient]:
    """A client of the wiring on a database with a webhook, for as long as one process would live."""
    app = ApiLauncher.build(database.configuration(webhooks=[receiver.webhook(name="one")], **overrides))
    with calling(app) as client:
        yield client
    app.state.dispatcher.close()
    app.state.session_manager.shutdown()


def test_a_killed_server_sends_the_event_again_under_its_id(tmp_path: Path) -> None:
    with receiving() as receiver:
        receiver.behaviour = waits(receiver)

        def start() -> Process:
            port = str(receiver.port)
            return Process("configuration", free_port(), tmp_path, module=served.__name__, RECEIVER_PORT=port)

        server = start()
        session = default_session(server.client)
        upload_items(server.client, session)
        scenario = create(server.client, session, run=True)
        receiver.first()  # the run has ended, and the receiver has not answered
        server.end()
        receiver.behaviour = answers()
        server = start()
        first, again = receiver.first(2)
        assert (first.id, first.body) == (again.id, again.body)
        assert first.data["scenario"]["id"] == scenario
        assert server.client.get(f"{session}/scenarios/{scenario}/status").json()["status"] == "complete"
        eventually(lambda: server.client.get("/api/v1/webhooks").json()["webhooks"][0]["last_delivered"])
        server.end()
        receiver.resumed.set()


def test_the_end_of_a_run_and_its_event_are_stored_together(tmp_path: Path) -> None:
    """A kill leaves what is committed, so the database is copied before each statement, and at the end."""
    database = Database(f"sqlite:///{tmp_path}/wiring.sqlite")
    copies: list[Path] = []

    def copy(*_event: object) -> None:
        copies.append(tmp_path / f"{len(copies)}.sqlite")
        with (
            closing(sqlite3.connect(tmp_path / "wiring.sqlite")) as source,
            closing(sqlite3.connect(copies[-1])) as target,
        ):
            source.backup(target)

    with receiving() as receiver, opened(database, receiver) as client:
        receiver.behaviour = waits(receiver)
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Blocks")
        client.post(f"{session}/scenarios/{scenario}/run")
        assert wiring.STARTED.wait(90)
        eventually(database.begun)
        sa.event.listen(sa.Engine, "before_cursor_execute", copy)
        wiring.RELEASE.set()
        ended(client, session, scenario)
        receiver.first()
        sa.event.remove(sa.Engine, "before_cursor_execute", copy)
        copy()
        receiver.resumed.set()
    states = [state_in(copy) for copy in copies]
    assert states[0] == ("created", 0)
    assert states[-1] == ("complete", 1)
    assert set(states) == {states[0], states[-1]}


def state_in(copy: Path) -> tuple[str, int]:
    """The status of the scenario in a copy of a database, and the number of events."""
    with closing(sqlite3.connect(copy)) as connection:
        [status] = connection.execute("SELECT status FROM algomancy_scenarios").fetchone()
        [events] = connection.execute("SELECT count(*) FROM algomancy_api_webhooks").fetchone()
        return status, events


def test_an_event_that_waits_is_sent_after_a_restart(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "_PATIENCE", 0)
    with receiving() as receiver:
        receiver.behaviour = waits(receiver)
        with opened(database, receiver) as client:
            upload_items(client, default_session(client))
            run(client)
            receiver.first()
        receiver.behaviour = answers()
        with opened(database, receiver) as client:
            first, again = receiver.first(2)
            assert (first.id, first.body) == (again.id, again.body)
            eventually(lambda: client.get("/api/v1/webhooks").json()["webhooks"][0]["last_delivered"])
            [delivery] = client.get("/api/v1/webhooks/one/deliveries").json()["deliveries"]
            assert (delivery["event_id"], delivery["state"]) == (first.id, "delivered")
        with opened(database, receiver):
            receiver.resumed.set()
        assert len(receiver.received) == 2


def test_an_end_that_is_written_twice_is_one_event(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is lost just after a commit: the server does not know of it, and writes again."""
    write, failures = RunOutcomes._write_outcome, iter([DatabaseUnavailable("lost")])

    def written(*arguments: Any) -> None:
        write(*arguments)
        for failure in failures:
            raise failure

    monkeypatch.setattr(RunOutcomes, "_write_outcome", written)
    with receiving() as receiver, opened(database, receiver) as client:
        session = default_session(client)
        upload_items(client, session)
        ended(client, session, run(client))
        eventually(lambda: client.get("/api/v1/webhooks").json()["webhooks"][0]["last_delivered"])
        [delivery] = client.get("/api/v1/webhooks/one/deliveries").json()["deliveries"]
        assert {each.id for each in receiver.received} == {delivery["event_id"]}


def test_an_event_is_not_sent_before_its_end_can_be_seen(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    show, due = RunOutcomes._show_outcome, []
    with receiving() as receiver, opened(database, receiver) as client:

        def shown(*arguments: Any) -> None:
            due.append(app_of(client).state.dispatcher.outbox.due())  # the event is stored by now
            show(*arguments)

        monkeypatch.setattr(RunOutcomes, "_show_outcome", shown)
        upload_items(client, default_session(client))
        scenario = run(client)
        assert receiver.first()[0].data["scenario"]["id"] == scenario
    assert due == [{}]


def test_an_event_outlives_its_scenario_and_its_session(database: Database) -> None:
    with receiving() as receiver, opened(database, receiver) as client:
        receiver.behaviour = waits(receiver)
        client.post("/api/v1/sessions", json={"display_name": "other"})
        session = "/api/v1/sessions/other"
        upload_items(client, session)
        create(client, session, tag="in flight", run=True)
        receiver.first()
        waiting = create(client, session, tag="waits", run=True)
        ended(client, session, waiting)
        assert client.delete(f"{session}/scenarios/{waiting}").status_code == 204
        assert client.delete(session).status_code == 200
        receiver.behaviour = answers()
        receiver.resumed.set()
        assert [each.data["scenario"]["tag"] for each in receiver.first(2)][-1] == "waits"
