"""Servers on the process engine: nothing is left after their end, and scripts can start them."""

import signal
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...conftest import default_session, upload_items
from ...support.clients import eventually
from ...support.processes import COMMAND, answering, free_port, started
from .conftest import Scenario
from .test_processes import is_alive


def descendants(process_id: int) -> list[int]:
    """The processes that a process has started, and those that these have."""
    children = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process_id:
            child = int(status.parent.name)
            children += [child, *descendants(child)]
    return children


def at_work(client: httpx.Client, folder: Path, algorithm: str) -> Any:
    session = default_session(client)
    upload_items(client, session)
    return Scenario(client, session, algorithm, folder).started()


@pytest.mark.parametrize(("algorithm", "how"), [("Spins", "SIGKILL"), ("Ignores", "SIGTERM")])
def test_a_server_that_ends_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: str, how: str
) -> None:
    port = free_port()
    monkeypatch.setenv("WIRING_FOLDER", str(tmp_path))
    command = [
        *COMMAND,
        "serve",
        "tests.integration.engines.etl:configuration",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with started(tmp_path, *command) as process:
        with answering(process, port) as client:
            running = at_work(client, tmp_path, algorithm)
            own = [int(number) for number in (tmp_path / "started").read_text().split()]
            left = {*descendants(process.pid), *own}
            assert len(left) >= 2
            assert running.status == "processing"
        process.send_signal(signal.Signals[how])
        process.wait(90)
        eventually(lambda: not any(map(is_alive, left)))


SCRIPT = """
from pathlib import Path
from algomancy_api import ApiLauncher
from algomancy_scenario.result import ScenarioResult
from tests.support import wiring

class Own(wiring.Algorithm):
    def run(self, data):
        return ScenarioResult("made by " + __name__)

app = ApiLauncher.build(wiring.configuration(algorithms={"Own": Own}, engine="process", port=PORT))
with open("imports", "a") as imports:
    print(__name__, bool(app.routes), file=imports)
ApiLauncher.run(app, log_level="warning")
"""


def test_a_script_without_a_guard_serves_once_and_its_algorithms_run(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "script.py").write_text(SCRIPT.replace("PORT", str(port)))
    with started(tmp_path, sys.executable, "script.py") as process, answering(process, port) as client:
        session = default_session(client)
        upload_items(client, session)
        for tag in ("one", "two"):
            assert Scenario(client, session, "Own", tmp_path, tag).result()["scenario_id"] == "made by __mp_main__"
        assert (tmp_path / "imports").read_text().splitlines() == ["__main__ True", "__mp_main__ False"]
