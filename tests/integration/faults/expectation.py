"""The expected state of a client's sessions, and its comparison with a server."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from ...conftest import API
from ...support.clients import eventually

#: States of a scenario for its client: created, or running with an unknown end. A complete one is its full form.
CREATED, RUNNING = "created", "running"


@dataclass
class SessionState:
    """A session: the version of each dataset by its key, and the state of each scenario by its tag."""

    datasets: dict[str, int] = field(default_factory=dict)
    scenarios: dict[str, Any] = field(default_factory=dict)


#: The sessions of one client by name.
State = dict[str, SessionState]


def rows_of(version: int) -> int:
    """The number of rows of a version: mostly few, sometimes more than one transaction writes."""
    return 12_000 if version % 7 == 0 else 3


def table_of(version: int) -> str:
    """A version of a dataset, as CSV."""
    return "id;name;weight\n" + "".join(f"{number};v{version};0.5\n" for number in range(rows_of(version)))


def observed(api: httpx.Client, names: set[str]) -> State:
    """A client's sessions on the server; raises AssertionError for a half-written one."""
    sessions = [entry["display_name"] for entry in api.get(f"{API}/sessions").raise_for_status().json()["sessions"]]
    assert len(sessions) == len(set(sessions))
    return {name: _observed_session(api, f"{API}/sessions/{name}") for name in sessions if name in names}


def _observed_session(api: httpx.Client, url: str) -> SessionState:
    keys = api.get(f"{url}/data").raise_for_status().json()["keys"]
    eventually(lambda: _is_settled(api, url))  # the start has queued the scenarios again that were queued
    summaries = api.get(f"{url}/scenarios").raise_for_status().json()
    session = SessionState({key: _observed_version(api, f"{url}/data/{key}") for key in keys})
    for summary in summaries:
        form = api.get(f"{url}/scenarios/{summary['id']}").raise_for_status().json()
        assert summary["tag"] not in session.scenarios
        assert summary["status"] == form["status"]
        assert summary["input_data_key"] in keys
        session.scenarios[summary["tag"]] = CREATED if form["status"] == "created" else checked_form(form)
    return session


def _is_settled(api: httpx.Client, url: str) -> bool:
    """Whether nothing is queued or running in a session."""
    summaries = api.get(f"{url}/scenarios").raise_for_status().json()
    return not {"queued", "processing"} & {summary["status"] for summary in summaries}


def checked_form(form: dict[str, Any]) -> dict[str, Any]:
    """The full form of a scenario; raises AssertionError unless it is complete."""
    assert form["status"] == "complete", form
    assert form["kpis"]["Size"]["value"] == 7
    assert form["result"] is not None
    return form


def _observed_version(api: httpx.Client, url: str) -> int:
    rows = api.get(url).raise_for_status().json()["tables"]["items"]["data"]
    [name] = {row["name"] for row in rows}
    version = int(name.removeprefix("v"))
    assert [row["id"] for row in rows] == list(range(rows_of(version)))
    return version


def is_as_expected(found: State, expected: State) -> bool:
    """Whether the found state equals the expected one, where a run may have ended or not."""
    return found.keys() == expected.keys() and all(_session_matches(found[name], expected[name]) for name in found)


def _session_matches(found: SessionState, expected: SessionState) -> bool:
    if found.datasets != expected.datasets or found.scenarios.keys() != expected.scenarios.keys():
        return False
    return all(state in (RUNNING, found.scenarios[tag]) for tag, state in expected.scenarios.items())
