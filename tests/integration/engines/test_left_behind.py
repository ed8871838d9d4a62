"""What a run leaves behind, however it ends: processes in any group and session, files, shared memory."""

import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from algomancy_api.engines import EngineError, Run, RunStopped
from algomancy_api.engines.process.child_process import Child
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from algomancy_api.engines.process.transport.frames import Wire
from algomancy_api.engines.process.waiting import ChildStarter

from ...support.clients import PATIENCE, eventually
from ...support.processes import ROOT, started
from . import jobs
from .test_processes import is_alive

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have process groups only")

METHODS = ["forkserver", "spawn"]


class Left:
    """What a job of `jobs.Leave` has told of."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "left"

    def told(self) -> bool:
        return self._file.exists()

    @property
    def processes(self) -> list[int]:
        return [int(line) for line in self._file.read_text().splitlines() if line.isdigit()]

    @property
    def files(self) -> list[Path]:
        return [Path(line) for line in self._file.read_text().splitlines() if not line.isdigit()]

    def anything(self) -> list[object]:
        """What there is of it."""
        return [*filter(is_alive, self.processes), *(path for path in self.files if path.exists())]


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Left]:
    """What is left; if a test fails, it ends here."""
    left = Left(tmp_path)
    yield left
    for process in filter(is_alive, left.processes if left.told() else []):
        os.kill(process, signal.SIGKILL)


def run(how: str, folder: Path, method: str, run: Run) -> Any:
    with run.under_way():
        job: Any = jobs.Leave(str(folder), how)
        return run_in_child(job, run, ChildStarter(method), RunLog("a"), lambda _: None)


def when_told(left: Left, act: Callable[[], object]) -> None:
    eventually(left.told)
    act()


def test_a_run_that_returns_leaves_nothing(tmp_path: Path, left: Left) -> None:
    (tmp_path / "release").touch()
    assert run("waits", tmp_path, "forkserver", Run("a")) == "left"
    assert len(left.processes) == 5
    assert left.anything() == []


@pytest.mark.parametrize("how", ["exits", "crashes", "is killed"])
def test_a_run_that_dies_leaves_nothing(how: str, tmp_path: Path, left: Left) -> None:
    with pytest.raises(EngineError, match="The worker process"):
        run(how, tmp_path, "forkserver", Run("a"))
    assert left.anything() == []


@pytest.mark.parametrize("how", ["sleeps", "ignores SIGTERM"])
def test_a_run_that_is_stopped_leaves_nothing(how: str, tmp_path: Path, left: Left) -> None:
    stopped = Run("a")
    threading.Thread(target=when_told, args=(left, partial(stopped.stop, "Cancelled"))).start()
    with pytest.raises(RunStopped):
        run(how, tmp_path, "forkserver", stopped)
    assert left.anything() == []


def test_a_run_that_is_abandoned_leaves_nothing(tmp_path: Path, left: Left) -> None:
    abandoned = Run("a")
    threading.Thread(target=when_told, args=(left, partial(abandoned.abandon, "The server was stopped"))).start()
    with pytest.raises(RunStopped):
        run("ignores SIGTERM", tmp_path, "forkserver", abandoned)
    assert left.anything() == []


def test_another_run_goes_on_with_its_processes(tmp_path: Path, left: Left) -> None:
    """Each end looks for what is left behind: that of a run under way is not."""
    thread = threading.Thread(target=run, args=("waits", tmp_path, "forkserver", Run("a")))
    thread.start()
    eventually(left.told)
    (tmp_path / "other").mkdir()
    with pytest.raises(EngineError):
        run("exits", tmp_path / "other", "forkserver", Run("b"))
    assert Left(tmp_path / "other").anything() == []
    assert len(left.anything()) == len(left.processes) + len(left.files)
    (tmp_path / "release").touch()
    thread.join(PATIENCE)
    assert left.anything() == []


def test_without_a_fork_server_what_was_started_is_found_by_its_folder(tmp_path: Path, left: Left) -> None:
    with pytest.raises(EngineError, match="The worker process"):
        run("exits", tmp_path, "spawn", Run("a"))
    forked_in_a_session_of_its_own = left.processes[4]
    assert [one for one in left.anything() if one != forked_in_a_session_of_its_own] == []


SERVER = """
import sys
from algomancy_api.engines import Run
from algomancy_api.engines.process.waiting import ChildStarter
from algomancy_api.engines.process.launch import preload
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from tests.integration.engines import jobs

preload([jobs.__name__])
run_in_child(jobs.Leave(sys.argv[1], sys.argv[2]), Run("a"), ChildStarter("forkserver"), RunLog("a"), lambda _: None)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("as_group", [False, True])
def test_a_server_that_is_killed_leaves_nothing(
    how: signal.Signals, as_group: bool, tmp_path: Path, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(tempfile.mkdtemp())  # a short path: sockets need one
    monkeypatch.setenv("TMPDIR", str(folder))
    with started(ROOT, "setsid", sys.executable, "-c", SERVER, str(tmp_path), "ignores SIGTERM") as process:
        eventually(lambda: left.told() or process.poll() is not None)
        assert list(folder.iterdir()) != []
        if as_group:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        process.wait(PATIENCE)
        eventually(lambda: not left.anything())
        eventually(lambda: not list(folder.iterdir()))
    folder.rmdir()


def test_a_signal_to_a_process_that_has_just_ended_is_no_error(tmp_path: Path) -> None:
    """The system has forgotten the process before the fork server has told of its end."""
    ended = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {})
    os.waitpid(ended, 0)
    silent, told = os.pipe()
    end, other_end = socket.socketpair()
    process = SimpleNamespace(pid=ended, sentinel=silent, method="forkserver", poll=lambda: 0, close=lambda: None)
    death_pipe = SimpleNamespace(close=lambda: None)
    child = Child(process, Wire(end), death_pipe, {}, str(tmp_path / "folder"))  # type: ignore[arg-type]
    child.terminate()
    child.kill()
    os.close(told)
    child.end()
    for descriptor in (silent, other_end.detach()):
        os.close(descriptor)


def test_a_module_that_starts_threads_is_named_and_its_runs_are_no_forks(tmp_path: Path) -> None:
    program = """
import logging
from algomancy_api.engines import Run
from algomancy_api.engines.process.waiting import ChildStarter
from algomancy_api.engines.process.launch import preload
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from tests.integration.engines import jobs

logging.basicConfig()
preload([jobs.__name__, "tests.integration.engines.threaded"])
starter, job = ChildStarter("forkserver"), jobs.start_method_of_this_process
for _ in range(2):
    print(run_in_child(job, Run("a"), starter, RunLog("a"), lambda _: None))
"""
    with started(ROOT, sys.executable, "-c", program) as process:
        output, log = process.ended()
    assert output.split() == ["spawned", "spawned"], log
    assert log.count("WARNING") == 1
    assert "Importing tests.integration.engines.threaded_within starts threads" in log
