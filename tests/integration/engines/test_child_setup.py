"""What a child sets up for its run: random numbers, environment, memory."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from algomancy_api import ApiConfiguration, ApiLauncher
from algomancy_api.engines import Bounds, EngineError, Run
from algomancy_api.engines.process.errors import ChildDied
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from algomancy_api.engines.process.waiting import ChildStarter

from ...conftest import default_session, upload_items
from ...support.clients import calling
from ...support.processes import ROOT
from . import bounded, jobs
from .bounded import THREADS
from .conftest import Scenario

Configured = Callable[..., ApiConfiguration]

MB = 1_000_000


@pytest.fixture(params=["forkserver", "spawn"])
def method(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def result(job: Any, method: str = "forkserver", bounds: Bounds = Bounds()) -> Any:  # noqa: B008 - it never changes
    return run_in_child(job, Run("a"), ChildStarter(method, bounds), RunLog("a"), lambda _: None)


# Random numbers -------------------------------------------------------------------------------------------------

#: A server of its own, whose fork server imports the module of the jobs.
DRAWS = """
import json, sys
from algomancy_api.engines import Run
from algomancy_api.engines.process.child.setup.generators import states
from algomancy_api.engines.process.waiting import ChildStarter
from algomancy_api.engines.process.launch import preload
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from tests.integration.engines import jobs

preload([jobs.__name__])
fixed = states()
starter = ChildStarter(sys.argv[1], fixed=lambda: fixed)
drawn = []
for seed in (None, None, None, 7, 7):
    run = Run("a")
    run.facts.seed = seed
    drawn.append(run_in_child(jobs.draw, run, starter, RunLog("a"), lambda _: None))
    assert isinstance(run.facts.seed, int)
print(json.dumps(drawn))
"""


def drawn(method: str) -> list[dict[str, list[float]]]:
    program = [sys.executable, "-c", DRAWS, method]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    numbers: list[dict[str, list[float]]] = json.loads(done.stdout)
    return numbers


def test_each_forked_run_draws_numbers_of_its_own() -> None:
    *runs, seeded, seeded_too = drawn("forkserver")
    for name in runs[0].keys() - {"fixed"}:
        assert len({tuple(run[name]) for run in runs}) == 3, name
    # What a module has seeded on purpose stays as it is.
    assert {tuple(run["fixed"]) for run in runs} == {tuple(seeded["fixed"])}
    # The seed of a run gives its numbers again.
    assert seeded == seeded_too


def test_a_spawned_run_draws_from_the_seed_of_the_run() -> None:
    *runs, seeded, seeded_too = drawn("spawn")
    for name in runs[0].keys() - {"fixed"}:
        assert len({tuple(run[name]) for run in runs}) == 3, name
    assert {tuple(run["fixed"]) for run in runs} == {tuple(seeded["fixed"])}
    for name in ("random", "numpy.random"):
        assert seeded[name] == seeded_too[name]


def results(configuration: ApiConfiguration, folder: Path, *algorithms: str) -> list[Any]:
    """The results of scenarios in an app of their own."""
    app = ApiLauncher.build(configuration)
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        tagged = [Scenario(client, session, name, folder, f"{name} {tag}") for tag, name in enumerate(algorithms)]
        found = [scenario.result() for scenario in tagged]
    app.state.session_manager.close()
    app.state.engine.close()
    return found


@pytest.mark.parametrize("engine", ["process", "dask"])
def test_two_runs_draw_different_numbers(configured: Configured, tmp_path: Path) -> None:
    first, second, third = results(configured(algorithms=bounded.ALGORITHMS), tmp_path, *["Draws"] * 3)
    assert len({*first["seen"], *second["seen"], *third["seen"]}) == 6


# Environment ----------------------------------------------------------------------------------------------------


def test_a_child_is_told_its_threads_and_a_folder_that_goes_with_it(method: str) -> None:
    seen = result(jobs.environment, method, Bounds(threads=3))
    assert {seen[name] for name in THREADS} == {"3"}
    folder = Path(seen["TMPDIR"])
    assert {seen["JOBLIB_TEMP_FOLDER"], seen["gettempdir"]} == {str(folder)}
    assert folder.parent.parent == Path(tempfile.gettempdir())
    assert folder.parent.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    assert os.environ.get("TMPDIR") != str(folder)


@pytest.mark.parametrize("engine", ["process", "dask"])
def test_the_configuration_has_the_threads_of_a_run(configured: Configured, tmp_path: Path) -> None:
    configuration = configured(algorithms=bounded.ALGORITHMS, threads_per_run=3)
    assert results(configuration, tmp_path, "Threads")[0]["seen"] == ["3"] * (len(THREADS) + 1)


@pytest.mark.parametrize("engine", ["process", "dask", "local dask"])
def test_the_cores_are_shared_among_the_runs(configured: Configured, tmp_path: Path) -> None:
    share = max(1, (os.process_cpu_count() or 1) // 2)  # two workers, or two threads of a worker
    seen = results(configured(algorithms=bounded.ALGORITHMS), tmp_path, "Threads")[0]["seen"]
    assert seen == [str(share)] * (len(THREADS) + 1)


# Memory ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("how", jobs.TAKING)
def test_a_run_that_needs_more_memory_than_it_may_have_says_so(how: str, method: str) -> None:
    bounds = Bounds(memory=1_500 * MB)
    assert result(jobs.Take(300 * MB, how), method, bounds)
    with pytest.raises(EngineError, match=r"memory_per_run allows \(1,500,000,000 bytes\)"):
        result(jobs.Take(3_000 * MB, how), method, bounds)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_death_under_a_limit_names_it(tmp_path: Path) -> None:
    with pytest.raises(ChildDied, match=r"killed by SIGSEGV \(more than memory_per_run\?\)"):
        result(jobs.Leave(str(tmp_path), "crashes"), bounds=Bounds(memory=2_000 * MB))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("engine", ["process", "dask"])
def test_a_run_over_its_memory_fails_alone(configured: Configured, tmp_path: Path) -> None:
    configuration = configured(algorithms=bounded.ALGORITHMS, memory_per_run=1_500 * MB)
    hungry, instant = results(configuration, tmp_path, "Hungry", "Instant")
    assert hungry["error"].startswith("The run needs more memory than memory_per_run allows (1,500,000,000 bytes)")
    assert instant["scenario_id"]
