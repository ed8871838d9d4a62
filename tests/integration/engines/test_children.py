"""Jobs in a child process, without a server: from any parent process, with any start method."""

import sys
from pathlib import Path
from typing import Any

import pytest
from algomancy_data import DataClassification

from algomancy_api.engines import Run, RunStopped
from algomancy_api.engines.process.jobs import AlgorithmJob
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from algomancy_api.engines.process.waiting import ChildStarter

from ...support import wiring
from ...support.processes import started
from .algorithms import Enriches, Reports


@pytest.fixture(params=["forkserver", "spawn"])
def starter(request: pytest.FixtureRequest) -> ChildStarter:
    return ChildStarter(request.param)


def job(template: Any, folder: Path) -> AlgorithmJob:
    parameters = template.initialize_parameters()
    parameters.set_validated_values({"folder": str(folder)})
    data = wiring.Items(ds_type=DataClassification.MASTER_DATA, name="items")
    data.add_table("items", wiring.wide_table().head(3)[["id", "name"]].assign(weight=1.0))
    algorithm = template(parameters)
    algorithm.set_data_params(wiring.DataParameters())
    return AlgorithmJob.of(algorithm, template, data)


def test_a_job_runs_in_a_child_of_any_process(starter: ChildStarter, tmp_path: Path) -> None:
    told: list[float] = []
    result = run_in_child(job(Enriches, tmp_path), Run("a"), starter, RunLog("a"), told.append)
    assert result.notes["limit"] == 10
    assert result.notes["is engine process"]
    assert told == [100.0]


def test_a_job_can_be_stopped_there(starter: ChildStarter, tmp_path: Path) -> None:
    run = Run("a", 0.5)
    with pytest.raises(RunStopped, match=r"Timed out after 0\.5 s"):
        limited(job(Reports, tmp_path), run, starter)


def limited(work: AlgorithmJob, run: Run, starter: ChildStarter) -> None:
    with run.under_way(), run.limited():
        run_in_child(work, run, starter, RunLog("a"), lambda _: None)


#: A module that is run with ``python -m`` and imports another one.
PROGRAM = """
from imported import Thing
from algomancy_api.engines import Run
from algomancy_api.engines.process.launch import preload
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from algomancy_api.engines.process.waiting import ChildStarter
from tests.integration.engines import jobs

if __name__ == "__main__":
    preload([jobs.__name__])
    for _ in range(3):
        job = jobs.start_method_of_this_process
        print(run_in_child(job, Run("a"), ChildStarter("forkserver"), RunLog("a"), lambda _: None))
"""

IMPORTED = """
import os
import pathlib

with pathlib.Path("imports").open("a") as file:
    print(os.getpid(), file=file)

class Thing:
    pass
"""


def test_what_a_main_module_imports_is_not_imported_by_each_child(tmp_path: Path) -> None:
    (tmp_path / "imported.py").write_text(IMPORTED)
    (tmp_path / "program.py").write_text(PROGRAM)
    with started(tmp_path, sys.executable, "-m", "program") as process:
        output, log = process.ended()
    assert output.split() == ["forked"] * 3, log
    assert len((tmp_path / "imports").read_text().split()) == 2, "by this process, and by the fork server"
