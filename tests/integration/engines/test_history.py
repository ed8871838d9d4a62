"""The history of a scenario tells on every engine where its runs have run, what they used, and how they ended."""

import os
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from algomancy_api.framework.history.record import RunRecord
from algomancy_api.schemas.runs import ScenarioRun

from ...support.clients import AppClient, eventually
from .conftest import Scenario

New = Callable[..., Scenario]

#: What the address of a worker looks like, by engine.
WORKERS = {"thread": rf"process {os.getpid()}", "process": r"process \d+", "dask": r"tcp://[\d.:]+"}


def runs_of(scenario: Scenario) -> list[dict[str, Any]]:
    response = scenario.client.get(f"{scenario.url}/runs")
    assert response.status_code == 200, response.text
    runs: list[dict[str, Any]] = response.json()
    return runs


def last_of(scenario: Scenario) -> dict[str, Any]:
    """The record of the run, once it has ended."""
    scenario.ended()
    return runs_of(scenario)[0]


def seconds_between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def test_a_run_has_used_processor_time_and_memory_somewhere(
    client: AppClient, session: str, scenario: New, engine: str
) -> None:
    burns = scenario("Burns")
    burns.post("run", json={"timeout": 600})
    run = last_of(burns)
    assert (run["number"], run["outcome"], run["error"], run["queued_by"]) == (1, "complete", None, None)
    assert (run["engine"], run["time_limit"]) == (engine, 600)
    assert (run["seed"] is None) == (engine == "thread")
    assert re.fullmatch(WORKERS[engine], run["worker"])
    assert engine == "thread" or run["worker"] != f"process {os.getpid()}"
    assert 0.3 <= run["cpu_seconds"] < 60
    assert run["peak_memory"] is None if engine == "thread" else 10_000_000 < run["peak_memory"] < 10_000_000_000
    assert run["queued"] <= run["started"] < run["ended"]
    assert 1 <= run["seconds"] <= seconds_between(run["started"], run["ended"]) + 0.5
    assert run["dataset_id"] == client.get(f"{session}/data/items").json()["metadata"]["id"]
    assert run["kpis"] == burns.ended()["kpis"]
    assert run["kpis"]["Size"]["value"] == 7


def test_the_one_that_is_running_is_the_first_and_has_not_ended(scenario: New, tmp_path: Path, engine: str) -> None:
    gated = scenario("Gated")
    gated.started()
    eventually(lambda: runs_of(gated)[0]["worker"])
    [run] = runs_of(gated)
    assert run["started"] is not None
    unknown = ("ended", "outcome", "error", "seconds", "cpu_seconds", "peak_memory")
    assert [run[name] for name in unknown] == [None] * len(unknown)
    assert run["kpis"] == {}
    assert re.fullmatch(WORKERS[engine], run["worker"])
    (tmp_path / "release").touch()
    after = last_of(gated)
    same = ("number", "queued", "started", "worker", "engine", "parameters", "dataset_id")
    assert {name: after[name] for name in same} == {name: run[name] for name in same}
    assert after["parameters"] == {"folder": str(tmp_path)}


@pytest.mark.parametrize(
    ("algorithm", "limit", "outcome", "reason"),
    [
        ("Fails", 600, "failed", "ValueError: no solution"),
        ("Reports", 600, "cancelled", "Cancelled"),
        ("Reports", 0.5, "timed_out", "Timed out after 0.5 s"),
    ],
)
def test_a_run_says_how_it_has_ended(
    scenario: New, algorithm: str, limit: float, outcome: str, reason: str, engine: str
) -> None:
    doomed = scenario(algorithm)
    doomed.post("run", json={"timeout": limit})
    if outcome == "cancelled":
        eventually((doomed.folder / "started").exists)
        doomed.post("cancel")
    run = last_of(doomed)
    assert (run["outcome"], run["error"], run["time_limit"]) == (outcome, reason, limit)
    assert run["kpis"]["Size"]["value"] is None
    if algorithm == "Fails":
        assert run["cpu_seconds"] is not None
        assert (run["peak_memory"] is None) is (engine == "thread")


@pytest.mark.parametrize("engine", ["process", "dask"])
def test_what_a_killed_process_has_used_is_not_known(scenario: New, tmp_path: Path, engine: str) -> None:
    (tmp_path / "how").write_text("SIGKILL")
    dies = scenario("Ends")
    dies.post("run")
    run = last_of(dies)
    assert (run["outcome"], run["cpu_seconds"], run["peak_memory"]) == ("failed", None, None)
    assert "SIGKILL" in run["error"]
    assert re.fullmatch(WORKERS[engine], run["worker"])


@pytest.mark.parametrize("engine", ["process"])
def test_processes_of_a_run_count_for_it(scenario: New) -> None:
    """Those that it has waited for: a pool of two, beside the process itself."""
    alone, parallel = scenario("Enriches", "alone"), scenario("Parallel", "parallel")
    (alone.folder / "release").touch()
    for each in (alone, parallel):
        each.post("run")
    assert last_of(parallel)["peak_memory"] > 1.2 * last_of(alone)["peak_memory"]


def test_the_document_has_each_field_of_a_record() -> None:
    assert ScenarioRun.__struct_fields__ == RunRecord.__struct_fields__
