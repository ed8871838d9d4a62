"""What the README shows runs as it is written."""

import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from algomancy_api import application
from algomancy_api.config import ApiConfiguration

from ...openapi import counting
from ...support import wiring
from ...support.clients import calling
from ...support.processes import free_port

README = (Path(__file__).parents[3] / "README.md").read_text()


@pytest.mark.parametrize("first", ["import time", "import json"])
def test_the_scripts_run_against_the_example(tmp_path: Path, first: str) -> None:
    port = free_port()
    [script] = re.findall(rf"```python\n({first}\n.*?)```", README, re.DOTALL)
    script = script.replace("127.0.0.1:8051", f"127.0.0.1:{port}").replace('"duration": 5', '"duration": 1')
    command = [sys.executable, "-m", "algomancy_api", "example", "--port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert server.stderr is not None
    try:
        while "running on" not in (line := server.stderr.readline()):
            assert line, "the server has ended"
        result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)  # noqa: S603
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert result.returncode == 0, result.stderr
    assert re.search(r"processing, \d+ %", result.stdout)
    assert {"import time": "complete {'Tour length': 221440", "import json": "complete, 100 %"}[first] in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["algomancy-data"]


def test_the_table_of_routes_is_whole() -> None:
    routes = [*application.UNDER_PREFIX, *application.BESIDE_PREFIX]
    served = {(method, route.path) for route in routes for method in (route.methods or ()) if method != "HEAD"}
    served |= {("GET", "/openapi.json"), ("GET", "/docs")}
    listed = set(re.findall(r"^\| (GET|POST|PATCH|DELETE) `(/[^`]*)`", README, re.MULTILINE))
    assert listed == served


def test_every_keyword_of_the_http_side_is_listed() -> None:
    table = README[README.index("### Configuration") : README.index("## Routes")]
    listed = set(re.findall(r"`(\w+)`", table))
    own = {name for name in ApiConfiguration.__init__.__annotations__ if name not in ("core", "return")}
    assert own <= listed


def test_the_host_of_the_readme_serves_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    [source] = re.findall(r"```python\n(from contextlib import asynccontextmanager\n.*?)```", README, re.DOTALL)
    own = types.ModuleType("wiring")
    vars(own)["configuration"] = wiring.configuration()
    monkeypatch.setitem(sys.modules, "wiring", own)
    namespace: dict[str, Any] = {}
    exec(source, namespace)  # noqa: S102 - the README's own
    with calling(namespace["app"]) as client:
        assert client.get("/tools/algomancy/health").json()["title"] == "Wiring"
    namespace["api"].state.session_manager.shutdown()


def test_the_route_of_the_readme_is_the_one_that_is_tested() -> None:
    [source] = re.findall(r"```python\n(from collections import Counter\n.*?)```", README, re.DOTALL)
    assert Path(counting.__file__).read_text().endswith(source)
