"""The examples of responses in the document look like what the running example responds."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from algomancy_api import ApiLauncher
from algomancy_api.example import build_example_config
from algomancy_api.example.algorithms import ALGORITHMS
from algomancy_api.example.algorithms.slow import Slow

from ..conftest import API
from ..support.clients import AppClient, calling, ended, eventually
from ..support.validation import FILE

PATHS = json.loads(FILE.read_bytes())["paths"]

SESSION = f"{API}/sessions/main"
SCENARIO = "/scenarios/{scenario_id}"


class Prints(Slow):
    """The algorithms of the example print nothing."""

    def find(self, problem: Any) -> Any:
        print("gap 0.12")  # for the log of the run
        return super().find(problem)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[AppClient]:
    app = ApiLauncher.build(build_example_config(tmp_path, algorithms=ALGORITHMS | {"Prints": Prints}))
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


def started(client: AppClient, tag: str) -> str:
    """The id of a new scenario in the queue, which would run for long."""
    parameters = {"sweeps": 100_000}
    body = {"tag": tag, "dataset_key": "Master data", "algo_name": "Simulated annealing", "algo_params": parameters}
    scenario_id: str = client.post(f"{SESSION}/scenarios", json=body | {"run": True}).json()["id"]
    return scenario_id


def examples(method: str, path: str) -> list[Any]:
    """The examples of an operation's response, in the order of the document."""
    responses = PATHS[f"/sessions/{{session_id}}{path}"][method]["responses"]
    content = next(each["content"]["application/json"] for each in responses.values() if "content" in each)
    return [example["value"] for _, example in sorted(content["examples"].items())]


def assert_alike(example: Any, real: Any) -> None:
    """A real response has the fields of an example, with values of the same kinds; null is like any value."""
    if example is None or real is None:
        return
    assert kind_of(example) == kind_of(real), (example, real)
    if isinstance(example, dict):
        assert example.keys() == real.keys()
        for name, value in example.items():
            assert_alike(value, real[name])
    elif isinstance(example, list):
        assert example
        assert real
        for each in example:
            assert_alike(each, real[0])


def kind_of(value: Any) -> Any:
    if isinstance(value, str):
        return kind_of_text(value)
    return float if type(value) is int else type(value)


def kind_of_text(text: str) -> str:
    """The form of a text, as far as a program would rely on it."""
    for name, reads in (("id", UUID), ("time", datetime.fromisoformat), ("json", json.loads)):
        try:
            reads(text)
        except ValueError:
            continue
        return name if name != "time" else f"time{datetime.fromisoformat(text).tzinfo}"
    return (
        re.sub(r"\d+", "0", re.sub(r"[0-9a-f]{12}-", "", text)) if re.fullmatch(r"[0-9a-f]{12}-\d+", text) else "text"
    )


def test_a_run_that_goes_on_waits_and_is_stopped(client: AppClient) -> None:
    scenario_id = started(client, "running")
    url = f"{SESSION}{SCENARIO.format(scenario_id=scenario_id)}"
    eventually(lambda: "objective" in client.get(f"{url}/status").json())
    waiting = started(client, "waiting")
    running, stopped = examples("get", f"{SCENARIO}/status")
    assert_alike(running, client.get(f"{url}/status").json())
    assert_alike(examples("get", f"{SCENARIO}/progress")[0], client.get(f"{url}/progress").json())
    complete, best = examples("get", SCENARIO)
    real = client.get(f"{url}?best=true").json()
    assert (best["status"], real["status"]) == ("processing", "processing")
    assert_alike(best, real)
    assert_alike(examples("get", "/processing")[0], client.get(f"{SESSION}/processing").json())
    assert_alike(examples("get", "/queue")[0], client.get(f"{SESSION}/queue").json())
    asked = client.post(f"{url}/stop").json()
    assert_alike(examples("post", f"{SCENARIO}/stop")[0], asked)
    assert_alike(complete | {"ended": "stopped"}, ended(client, SESSION, scenario_id))
    assert_alike(stopped, client.get(f"{url}/status").json())
    done, cancelled = examples("get", f"{SCENARIO}/runs")[0]
    assert_alike([done], client.get(f"{url}/runs").json())
    other = f"{SESSION}{SCENARIO.format(scenario_id=waiting)}"
    assert_alike(examples("post", f"{SCENARIO}/cancel")[0], client.post(f"{other}/cancel").json() | {"result": None})
    assert_alike([cancelled], client.get(f"{other}/runs").json())


def test_a_run_that_is_queued_and_its_log(client: AppClient) -> None:
    body = {"tag": "prints", "dataset_key": "Master data", "algo_name": "Prints", "algo_params": {"duration": 60}}
    scenario_id = client.post(f"{SESSION}/scenarios", json=body).json()["id"]
    url = f"{SESSION}{SCENARIO.format(scenario_id=scenario_id)}"
    assert_alike(examples("post", f"{SCENARIO}/run")[0], client.post(f"{url}/run").json())
    [example] = examples("get", f"{SCENARIO}/log")
    real = eventually(lambda: found if (found := client.get(f"{url}/log").json())["lines"] else None)
    assert_alike(example, real)
    assert (example["lines"][0] | {"time": ""}) == (real["lines"][0] | {"time": ""})
    client.post(f"{url}/cancel")
