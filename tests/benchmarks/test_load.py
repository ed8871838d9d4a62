"""The load as a command, on a real server: what it measures, what it leaves, what it says."""

import re
import signal
from pathlib import Path

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import ApiLauncher, Token
from benchmarks.load.options import TOKEN_VARIABLE

from ..conftest import API, create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, eventually, serving
from ..support.processes import Process, free_port, interrupted, started
from .loading import COMMAND, contents, figures, load, names, served


def test_by_default_it_only_reads(tmp_path: Path) -> None:
    with served() as (client, recorded):
        session = default_session(client)
        create(client, session)
        recorded.requests.clear()
        run = load(client.base_url, "--seconds", "0.5", "--connections", "4", "--json", str(tmp_path / "load.json"))
    assert (run.returncode, run.stderr) == (0, "")
    assert recorded.methods() == {"GET"}
    lines = figures(run.stdout)
    sorts = ["health", "sessions", "algorithms", "kpis", "data", "scenarios", "scenario", "status"]
    assert list(lines) == ["reads", *sorts, "total"]
    assert all(requests > 0 and errors == 0 for requests, errors in lines.values())
    assert sum(lines[sort][0] for sort in sorts) == lines["total"][0]
    document = msgspec.json.decode((tmp_path / "load.json").read_bytes())
    assert document["total"]["requests"] == lines["total"][0]
    assert document["kinds"]["reads"]["steps"]["status"]["requests"] == lines["status"][0]


def test_what_it_writes_is_in_a_session_of_its_own_that_is_gone_afterwards() -> None:
    with served() as (client, recorded):
        run = load(client.base_url, "--mix", "reads=2,runs=1,uploads=1", "--seconds", "1", "--connections", "4")
        assert names(client) == ["main"]
        assert contents(client) == ({"keys": ["items"]}, [])
    assert run.returncode == 0, run.stdout
    lines = figures(run.stdout)
    assert {"reads", "runs", "uploads", "create", "upload", "delete"} <= set(lines)
    assert lines["total"][1] == 0
    writes = [path for _, method, path in recorded.requests if method != "GET" and not path.endswith("/copy")]
    [session] = {path.removeprefix(f"{API}/sessions/").partition("/")[0] for path in writes}
    assert session.startswith("load-")


def test_in_a_session_of_the_users_it_deletes_what_it_has_added_and_nothing_else() -> None:
    with served(allow_session_create=False) as (client, _):
        create(client, default_session(client), tag="load-of-mine")
        run = load(client.base_url, "--session", "main", "--mix", "runs=1,uploads=1", "--seconds", "1")
        assert contents(client) == ({"keys": ["items"]}, ["load-of-mine"])
    assert run.returncode == 0, run.stdout


def test_a_server_with_autocreate_and_autorun_is_loaded_like_any_other() -> None:
    automatic = {"autocreate": True, "autorun": True, "default_algo": "Instant", "default_algo_params_values": {}}
    with served(**automatic) as (client, _):
        run = load(client.base_url, "--session", "main", "--mix", "runs=1,uploads=1", "--seconds", "1")
        assert contents(client) == ({"keys": ["items"]}, ["items [auto]"])
    assert run.returncode == 0, run.stdout
    assert figures(run.stdout)["total"][1] == 0


def test_polls_need_a_scenario_and_ask_for_nothing_but_its_status() -> None:
    with served() as (client, recorded):
        run = load(client.base_url, "--mix", "polls=1")
        assert run.returncode == 2
        assert "no scenario" in run.stderr
        scenario = create(client, default_session(client))
        status = f"{default_session(client)}/scenarios/{scenario}/status"
        recorded.requests.clear()
        run = load(client.base_url, "--mix", "polls=1", "--rate", "50", "--seconds", "0.5", "--connections", "5")
    assert run.returncode == 0, run.stdout
    polls = [path for path in recorded.paths() if path == status]
    assert figures(run.stdout) == {"polls": (len(polls), 0), "total": (len(polls), 0)}


def test_a_failed_scenario_is_an_error_with_its_reason() -> None:
    with served() as (client, _):
        run = load(client.base_url, "--mix", "runs=1", "--algorithm", "Fails", "--seconds", "0.5")
        assert names(client) == ["main"]
    assert run.returncode == 1
    assert re.search(r"\d x the scenario failed: .*no solution.* \(runs: status\)", run.stdout)


def test_ctrl_c_prints_what_was_measured_and_leaves_nothing(tmp_path: Path) -> None:
    with served() as (client, recorded):
        command = [*COMMAND, str(client.base_url), "--mix", "reads=1,runs=1", "--algorithm", "Sleeps"]
        with started(tmp_path, *command, "--connections", "4", "--seconds", str(PATIENCE)) as process:
            eventually(lambda: any(path.endswith("/status") for path in recorded.paths()))
            output, errors = interrupted(process)
        assert names(client) == ["main"]
        assert contents(client) == ({"keys": ["items"]}, [])
    assert (process.returncode, errors) == (130, "")
    assert figures(output)["run"][0] > 0
    assert "interrupted after" in output


def test_sigterm_clears_up_like_ctrl_c_and_a_second_one_does_not_wait(tmp_path: Path) -> None:
    """A scenario that does not end keeps its session; who will not wait is told how to delete it."""
    in_background = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]  # as a shell starts it, which keeps Ctrl-C off it
    with served() as (client, recorded):
        command = [*in_background, *COMMAND, str(client.base_url), "--mix", "runs=1", "--algorithm", "Blocks"]
        with started(tmp_path, *command, "--seconds", str(PATIENCE)) as process:
            assert wiring.STARTED.wait(PATIENCE)
            process.send_signal(signal.SIGTERM)
            eventually(lambda: "DELETE" in recorded.methods())
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=PATIENCE)
        left = next(name for name in names(client) if name != "main")
    assert process.returncode == 130
    assert f"left behind: session {left}" in output
    assert f"curl -X DELETE {client.base_url}{API}/sessions/{left}" in output


def test_a_server_that_dies_is_counted_and_the_load_ends(tmp_path: Path) -> None:
    port = free_port()
    server = Process("on_sqlite_from_environment", port, tmp_path)
    try:
        upload_items(server.client, default_session(server.client))
        command = [*COMMAND, f"http://127.0.0.1:{port}", "--mix", "reads=1,runs=1", "--seconds", "3", "--timeout", "2"]
        with started(tmp_path, *command) as process:
            [session] = eventually(lambda: [name for name in names(server.client) if name != "main"])
            eventually(lambda: server.client.get(f"{API}/sessions/{session}/scenarios").json())
            server.end()
            output, errors = process.communicate(timeout=PATIENCE)
    finally:
        server.end()
    assert (process.returncode, errors) == (1, "")
    assert "ClientConnectorError: Connection refused (reads, runs)" in output
    assert f"left behind: session {session}" in output


def test_a_mounted_app_with_a_token_is_loaded_and_the_token_stays_a_secret(tmp_path: Path) -> None:
    app = ApiLauncher.build(wiring.configuration(prefix="/", tokens=[Token("reader", "open-sesame")]))
    report = tmp_path / "load.json"
    with serving(Starlette(routes=[Mount("/tools/algomancy", app)])) as url:
        arguments = [f"{url}/tools/algomancy/", "--prefix", "/", "--seconds", "0.3", "--json", str(report)]
        without = load(*arguments)
        given = load(*arguments, "--token", "open-sesame")
        in_environment = load(*arguments, **{TOKEN_VARIABLE: "open-sesame"})
    assert without.returncode == 2
    assert "answered 401 Requires a token, as Authorization: Bearer <token>. If it wants" in without.stderr
    assert (given.returncode, in_environment.returncode) == (0, 0), given.stderr
    assert "open-sesame" not in given.stdout + report.read_text()


def test_a_load_that_writes_leaves_nothing_behind_where_there_are_tokens() -> None:
    tokens = [Token("admin", "open-sesame", "admin"), Token("writer", "open-barley", "write")]
    app = ApiLauncher.build(wiring.configuration(tokens=tokens))
    headers = {"Authorization": "Bearer open-sesame"}
    with serving(app) as url, httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
        assert upload_items(client, default_session(client)).status_code == 200
        before = names(client), contents(client)
        writes = ["--mix", "reads=1,runs=1,uploads=1", "--seconds", "0.5"]
        run = load(url, *writes, "--token", "open-sesame")
        in_a_session = load(url, *writes, "--token", "open-barley", "--session", "main")
        refused = load(url, *writes, "--token", "open-barley")
        assert (run.returncode, in_a_session.returncode) == (0, 0), run.stdout + in_a_session.stdout
        assert refused.returncode == 2
        assert "With --session NAME the load uses one that is there" in refused.stderr
        assert (names(client), contents(client)) == before
    app.state.session_manager.shutdown()
