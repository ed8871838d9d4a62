"""The logs of runs in a database."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from algomancy_api import ApiLauncher
from algomancy_api.engines.run import Run
from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.runs.logs.growing import GrowingLog

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import AppClient, calling, ended
from ...support.databases import Database

TABLE = "algomancy_api_run_logs"


class Prints(wiring.Algorithm):
    """Prints a line, or nothing in a scenario that has the data parameter 1."""

    def run(self, data: Any) -> Any:
        if self.data_params["limit"] != 1:
            print("printed")
        return super().run(data)


@contextlib.contextmanager
def opened(database: Database, **overrides: Any) -> Iterator[tuple[Starlette, AppClient]]:
    app = ApiLauncher.build(database.configuration(algorithms={"Prints": Prints}, **overrides))
    with calling(app) as client:
        yield app, client
    app.state.session_manager.close()


def run(client: AppClient, session: str, tag: str, **body: Any) -> str:
    scenario = create(client, session, "Prints", tag, **body)
    client.post(f"{session}/scenarios/{scenario}/run")
    assert ended(client, session, scenario)["status"] == "complete"
    return f"{session}/scenarios/{scenario}"


def texts(client: AppClient, url: str) -> list[str]:
    found = client.get(f"{url}/log").json()
    assert found["complete"]
    return [line["text"] for line in found["lines"]]


def test_logs_are_kept_as_long_as_their_run(database: Database) -> None:
    with opened(database) as (_, client):
        session = default_session(client)
        upload_items(client, session)
        urls = [run(client, session, tag) for tag in ("kept", "reset", "deleted")]
        silent = run(client, session, "silent", data_params={"limit": 1})
        assert database.rows()[TABLE] == 3
        client.post(f"{urls[1]}/reset")
        client.delete(urls[2])
        assert database.rows()[TABLE] == 1
    with opened(database) as (_, client):
        assert texts(client, urls[0]) == ["printed"]
        assert texts(client, urls[1]) == texts(client, silent) == []
        client.delete(session)
        assert database.rows()[TABLE] == 0


def test_a_start_deletes_what_has_no_run(database: Database) -> None:
    with opened(database) as (_, client):
        session = default_session(client)
        upload_items(client, session)
        kept = run(client, session, "kept")
        created = create(client, session, "Prints", "created")
    with database.connected() as connection:
        for scenario in ("gone", created):
            row = {"scenario_id": scenario, "first_line": 0, "line_count": 1, "output_id": "x", "content": b"x"}
            names = ", ".join(row)
            statement = f"INSERT INTO {TABLE} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608
            connection.execute(sa.text(statement), row)
    with opened(database) as (_, client):
        assert database.rows()[TABLE] == 1
        assert texts(client, kept) == ["printed"]
        assert texts(client, f"{session}/scenarios/{created}") == []


def test_a_long_log_is_read_in_parts(database: Database) -> None:
    with opened(database) as (app, client):
        logs = app.state.session_manager.get_scenario_manager(default_session(client).rpartition("/")[2]).logs
        one = Run("a scenario")
        logs.begin(one)
        assert one.output is not None
        for number in range(200_000):
            one.output.add(number, 0, 20, f"line {number}".rjust(100).encode())
        logs.store("a scenario")
        logs.store("a scenario")
        logs.end(one)
        assert logs.current("a scenario") is None
        assert logs._ended == {}
        found = logs.find("a scenario")
        assert found is not None
        assert (found.count, found.has_ended, found.is_truncated) == (200_000, True, True)
        pages = list(found.pages(0))
        assert 9_000_000 < sum(len(page.content) for page in pages) <= 10_000_000
        assert next(iter(found.pages(199_999))) == pages[-1]


@pytest.mark.parametrize("failure", [RuntimeError("a full disk"), DatabaseUnavailable("away")])
def test_a_log_that_cannot_be_stored_stays_in_memory_and_the_run_is_complete(
    database: Database, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failures = GrowingLog._apply, [failure]

    def failing(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        write(*arguments)

    monkeypatch.setattr(GrowingLog, "_apply", failing)
    with opened(database) as (_, client):
        session = default_session(client)
        upload_items(client, session)
        url = run(client, session, "a run")
        assert failures == []
        assert texts(client, url) == ["printed"]
    # What can be stored later is; anything else is lost with the server.
    assert database.rows().get(TABLE, 0) == isinstance(failure, DatabaseUnavailable)
