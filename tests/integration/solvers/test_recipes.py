"""Each recipe ends with its best at its limit, and soon after a cancel; Ctrl-C ends its server in order."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...conftest import create, default_session, upload_items
from ...support.clients import PATIENCE, ended, eventually
from ...support.processes import COMMAND, answering, free_port, started
from .catalogue import RECIPES, Recipe
from .served import ENGINE, RECIPE

#: Seconds: a time limit that no run reaches.
FOREVER = 100_000.0


@pytest.fixture(params=RECIPES, ids=lambda recipe: recipe.name)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    chosen: Recipe = request.param
    for package in chosen.packages:
        pytest.importorskip(package)
    return chosen


@pytest.fixture(params=["thread", "process"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def server(recipe: Recipe, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server whose only solver is that of the recipe, with a client."""
    monkeypatch.setenv(ENGINE, engine)
    monkeypatch.setenv(RECIPE, recipe.name)
    port = free_port()
    command = [*COMMAND, "serve", "tests.integration.solvers.served:configuration", "--port", str(port)]
    with started(tmp_path, *command) as process, answering(process, port) as client:
        upload_items(client, default_session(client))
        eventually(lambda: client.get("/ready").status_code == 200)
        yield process, client


def run(client: httpx.Client, recipe: Recipe, tag: str, seconds: float) -> str:
    """The id of a scenario of the recipe that is being run."""
    body = {"run": True, "algo_params": {"seconds": seconds}}
    scenario: str = create(client, default_session(client), recipe.name, tag, **body)
    return scenario


def status(client: httpx.Client, scenario: str) -> Any:
    return client.get(f"{default_session(client)}/scenarios/{scenario}/status").json()


def under_way(client: httpx.Client, recipe: Recipe, scenario: str) -> None:
    """Wait until the solver works."""
    eventually(lambda: status(client, scenario)["progress"] > 0 if recipe.tells else True)
    eventually(lambda: status(client, scenario)["status"] == "processing")


def test_it_ends_at_its_limit_with_its_best(server: Any, recipe: Recipe) -> None:
    _, client = server
    form = ended(client, default_session(client), run(client, recipe, "limited", 2.0))
    assert form["status"] == "complete", form
    assert form["result"]["value"] > 0


def test_a_cancel_stops_it_and_the_next_run_starts(server: Any, recipe: Recipe, engine: str) -> None:
    if engine == "thread" and not recipe.stops:
        pytest.skip("it does not stop")
    _, client = server
    session = default_session(client)
    scenario = run(client, recipe, "cancelled", FOREVER)
    under_way(client, recipe, scenario)
    before = time.monotonic()
    assert client.post(f"{session}/scenarios/{scenario}/cancel").is_success
    form = ended(client, session, scenario)
    assert form["result"] == {"error": "Cancelled"}
    following = create(client, session, "Instant", "following", run=True)
    assert ended(client, session, following)["status"] == "complete"
    assert time.monotonic() - before < PATIENCE


def test_ctrl_c_ends_the_server_in_order_while_it_solves_and_afterwards(
    server: Any, recipe: Recipe, engine: str
) -> None:
    if engine == "thread" and not recipe.stops:
        pytest.skip("it does not stop")
    process, client = server
    assert ended(client, default_session(client), run(client, recipe, "first", 1.0))["status"] == "complete"
    under_way(client, recipe, run(client, recipe, "second", FOREVER))
    time.sleep(0.5)  # the handlers are back within 0.1 s
    process.send_signal(signal.SIGINT)
    _, log = process.ended()
    assert (process.returncode, "Finished server process" in log) == (0, True), log
