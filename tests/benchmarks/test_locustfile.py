"""The users of the load, with Locust in a process of its own, since it patches the standard library."""

import contextlib
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from algomancy_api import ApiLauncher, Token

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, eventually, serving
from ..support.processes import ROOT, free_port, interrupted, started

LOCUST = [sys.executable, "-m", "locust", "--locustfile", str(ROOT / "benchmarks/locustfile.py"), "--headless"]

#: Kept for documentation, so no machine has this address.
ELSEWHERE = "http://192.0.2.1"


class Recorded:
    """An app, and the methods and paths of its requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append((scope["method"], scope["path"]))
        await self.app(scope, receive, send)

    def has(self, method: str, part: str, times: int = 1) -> bool:
        """Whether so many requests had a method, and a path with a part."""
        return sum(one == method and part in path for one, path in list(self.requests)) >= times

    def has_deleted_both(self) -> bool:
        """Whether a scenario and a dataset have been deleted."""
        return self.has("DELETE", "/scenarios/") and self.has("DELETE", "/data/")

    def count_often(self, times: int) -> int:
        """How many paths have been asked for so many times."""
        return sum(count >= times for count in Counter(path for _, path in list(self.requests)).values())


@contextlib.contextmanager
def served(token: str = "", **overrides: Any) -> Iterator[tuple[httpx.Client, Recorded]]:
    """A server of the wiring, with a dataset and a scenario in its only session."""
    app = ApiLauncher.build(wiring.configuration(**overrides))
    recorded = Recorded(app)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with serving(recorded) as url, httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
        session = default_session(client)
        assert upload_items(client, session).status_code == 200
        create(client, session)
        recorded.requests.clear()
        yield client, recorded
        wiring.RELEASE.set()
    app.state.session_manager.shutdown()


def load(url: object, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A load of four users that ends by itself, long before its time."""
    options = ["--host", str(url), "--users", "4", "--spawn-rate", "4", "--run-time", "60s", "--stop-timeout", "10"]
    return subprocess.run(  # noqa: S603
        [*LOCUST, *options, "--only-summary", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def figures(folder: Path, url: object, until: Callable[[], bool], *arguments: str) -> dict[str, int]:
    """The requests by name of a load that is interrupted once enough of them have arrived; none has failed."""
    command = [
        *LOCUST,
        "--host",
        str(url),
        "--users",
        "4",
        "--spawn-rate",
        "4",
        "--stop-timeout",
        "10",
        "--only-summary",
    ]
    with started(folder, *command, "--json-file", str(folder / "load"), *arguments) as process:
        eventually(until)
        output, errors = interrupted(process)
    assert process.returncode == 0, output + errors
    rows = msgspec.json.decode((folder / "load.json").read_bytes())
    assert all(row["num_failures"] == 0 for row in rows)
    return {row["name"]: row["num_requests"] for row in rows}


def left(client: httpx.Client) -> tuple[list[str], Any, list[str]]:
    """The sessions, and the datasets and scenarios of the default one."""
    session = default_session(client)
    sessions = [each["display_name"] for each in client.get(f"{API}/sessions").json()["sessions"]]
    scenarios = [each["tag"] for each in client.get(f"{session}/scenarios").json()]
    return sessions, client.get(f"{session}/data").json()["keys"], scenarios


AT_FIRST = (["main"], ["items"], ["a run"])


def test_by_default_it_only_reads(tmp_path: Path) -> None:
    kinds = ("algorithms", "data", "health", "kpis", "scenario", "scenarios", "sessions")
    with served() as (client, recorded):
        # More often than to prepare: that is done once.
        sent = figures(tmp_path, client.base_url, lambda: recorded.count_often(10) == len(kinds))
    assert {method for method, _ in recorded.requests} == {"GET"}
    assert sorted(sent) == [f"reads: {kind}" for kind in kinds]


def test_polls_ask_for_a_status(tmp_path: Path) -> None:
    with served() as (client, recorded):
        sent = figures(tmp_path, client.base_url, lambda: recorded.has("GET", "/status", 8), "Polls")
    polls = [path for _, path in recorded.requests if path.endswith("/status")]
    assert len(polls) == sent["polls: status"]
    assert {method for method, _ in recorded.requests} == {"GET"}


@pytest.mark.parametrize("automatic", [False, True])
def test_what_it_writes_is_in_a_session_of_its_own_that_is_deleted(automatic: bool, tmp_path: Path) -> None:
    overrides: dict[str, Any] = {"default_algo": "Instant", "default_algo_params_values": {}}
    with served(**overrides, autocreate=automatic, autorun=automatic) as (client, recorded):
        before = left(client)
        recorded.requests.clear()
        sent = figures(tmp_path, client.base_url, recorded.has_deleted_both, "Runs", "Uploads")
        assert left(client) == before
    assert set(sent) >= {"runs: create", "runs: status", "runs: delete", "uploads: upload", "uploads: delete"}
    assert ("runs: run" in sent) is not automatic
    writes = [path for method, path in recorded.requests if method != "GET" and not path.endswith("/copy")]
    [session] = {path.removeprefix(f"{API}/sessions/").partition("/")[0] for path in writes}
    assert session.startswith("load-")


def test_a_scenario_that_fails_is_a_failure_with_its_error(tmp_path: Path) -> None:
    with served(algorithms={"Fails": wiring.Fails, "Instant": wiring.Instant}) as (client, recorded):
        command = [*LOCUST, "--host", str(client.base_url), "--users", "4", "--spawn-rate", "4", "--stop-timeout", "10"]
        with started(tmp_path, *command, "Runs") as process:
            eventually(lambda: recorded.has("DELETE", "/scenarios/"))
            _, errors = interrupted(process)
        assert left(client) == AT_FIRST
    assert process.returncode == 1
    assert "The scenario failed: {'error': 'ValueError: no solution'}" in errors


def test_ctrl_c_deletes_the_session_once_its_scenarios_have_ended(tmp_path: Path) -> None:
    with served(algorithms={"Sleeps": wiring.Sleeps, "Instant": wiring.Instant}) as (client, recorded):
        command = [*LOCUST, "--host", str(client.base_url), "--users", "4", "--spawn-rate", "4", "Runs"]
        with started(tmp_path, *command) as process:
            eventually(lambda: any(path.endswith("/status") for _, path in recorded.requests))
            output, errors = interrupted(process)
        assert left(client) == AT_FIRST
    assert process.returncode == 0, output + errors


def test_a_session_that_cannot_be_created_ends_the_load() -> None:
    with served(allow_session_create=False) as (client, _):
        run = load(client.base_url, "Runs")
        assert left(client) == AT_FIRST
    assert run.returncode == 2
    assert "/copy failed: 403" in run.stderr
    assert "Left behind" not in run.stderr


def test_a_host_elsewhere_is_not_written_to() -> None:
    for users in ("Runs", "Uploads"):
        run = load(ELSEWHERE, users)
        assert run.returncode == 2
        assert "not loopback: give --yes" in run.stderr


def test_a_server_that_is_not_there_ends_the_load() -> None:
    run = load(f"http://127.0.0.1:{free_port()}")
    assert run.returncode == 2
    assert "/sessions failed:" in run.stderr
    assert "Connection refused" in run.stderr


def test_a_token_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = "open-sesame"
    with served(admin, tokens=[Token("admin", admin, "admin")]) as (client, recorded):
        refused = load(client.base_url)
        monkeypatch.setenv("ALGOMANCY_API_TOKEN", admin)
        sent = figures(
            tmp_path,
            client.base_url,
            lambda: recorded.has("GET", "/kpis") and recorded.has("DELETE", "/data/"),
            "Reads",
            "Uploads",
        )
        assert left(client) == AT_FIRST
    assert refused.returncode == 2
    assert "401" in refused.stderr
    assert set(sent) >= {"reads: kpis", "uploads: upload"}
