"""The Python and JavaScript code on the pages runs unchanged."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ...openapi import counting
from ...support.clients import PATIENCE
from ...support.processes import answering, free_port, started
from .conftest import Example
from .pages import blocks, python_block, write_modules

SCRIPTS = {
    "first_run.py": (r"processing, \d+ %", "complete {'Tour length': 221440"),
    "cities.py": (r"x +float64", "274 of 274 rows"),
    "put_tables.py": (r"^True \[", "'Triangle', 'Triangle again']"),
    "wait.py": (r"wait 1: processing, \d+ %", "wait 2: complete, 100 %"),
    "watch.py": (r"processing, \d+ %", "complete, 100 %"),
    "sweep.py": (r"sweep|start_tour", "x     float64"),
    "sweep_async.py": (r"complete", "complete 442"),
    "compare.py": (r"in order \d+ unit equal", "nearest 61979 unit better"),
}

MODULES = [block.file_name for block in blocks("python") if not (block.is_script or block.is_recipe)]


def test_the_scripts_are_those_that_are_run() -> None:
    assert sorted(block.file_name for block in blocks("python") if block.is_script) == sorted(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_against_the_example(example: Example, name: str) -> None:
    [script] = example.addressed([python_block(name).text.replace('"duration": 5', '"duration": 1')])
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    assert result.returncode == 0, result.stderr
    pattern, end = SCRIPTS[name]
    assert re.search(pattern, result.stdout)
    assert end in result.stdout
    assert [path.name for path in example.folder.iterdir()] == ["algomancy-data"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_imported(tmp_path: Path, name: str) -> None:
    write_modules(tmp_path)
    command = [sys.executable, "-W", "error", "-c", f"import {name.removesuffix('.py')}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    assert (result.returncode, result.stderr) == (0, "")


def test_the_host_serves_the_api(tmp_path: Path) -> None:
    write_modules(tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "host:app", "--port", str(port)]
    with started(tmp_path, *command) as server, answering(server, port, path="/tools/algomancy/health") as client:
        assert client.get("/tools/algomancy/health").json()["title"] == "Depots"


def test_the_route_of_a_host_is_the_one_that_is_tested() -> None:
    source = python_block("counts.py").text.removeprefix("# counts.py\n")
    assert Path(counting.__file__).read_text().endswith(source)


def test_the_script_of_a_browser_can_be_read(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js")
    for block in blocks("js"):
        (tmp_path / "script.mjs").write_text(block.text)
        subprocess.run([node, "--check", str(tmp_path / "script.mjs")], check=True)  # noqa: S603
