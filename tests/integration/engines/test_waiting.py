"""Children that wait for a job: there before it is, used once, and gone with the engine."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from algomancy_api import ApiConfiguration, ApiLauncher
from algomancy_api.engines import Bounds, EngineError, Run
from algomancy_api.engines.process import ProcessEngine
from algomancy_api.engines.process.child_process import started_child
from algomancy_api.engines.process.output import RunLog
from algomancy_api.engines.process.runner import run_in_child
from algomancy_api.engines.process.waiting import ChildStarter, WaitingChildren

from ...conftest import create, default_session, upload_items
from ...support.clients import PATIENCE, ended, eventually, serving
from . import bounded, jobs
from .test_processes import is_alive


class Counted:
    """Starts children, and knows them."""

    def __init__(self, method: str) -> None:
        self.children: list[Any] = []
        self._method = method

    def __call__(self) -> Any:
        child = started_child(self._method, Bounds())
        self.children.append(child.pid)
        return child


@pytest.fixture
def waiting(request: pytest.FixtureRequest) -> Iterator[tuple[WaitingChildren, list[int]]]:
    start = Counted(getattr(request, "param", "forkserver"))
    children = WaitingChildren(start)
    yield children, start.children
    children.close()
    eventually(lambda: not any(map(is_alive, start.children)))


def test_a_run_takes_a_child_that_waits_and_another_one_follows(waiting: tuple[WaitingChildren, list[int]]) -> None:
    children, started = waiting
    children.keep(2)
    eventually(lambda: len(started) == 2)
    run = Run("a")
    run_in_child(jobs.environment, run, ChildStarter("forkserver", waiting=children), RunLog("a"), lambda _: None)
    assert run.facts.worker == f"process {started[0]}"
    eventually(lambda: len(started) == 3)
    assert not is_alive(started[0])


def test_one_that_was_killed_while_it_waited_is_not_taken(waiting: tuple[WaitingChildren, list[int]]) -> None:
    children, started = waiting
    children.keep(2)
    eventually(lambda: len(started) == 2)
    os.kill(started[0], signal.SIGKILL)
    eventually(lambda: not is_alive(started[0]))
    child = children.taken()
    assert child is not None
    assert child.pid == started[1]
    child.end()


@pytest.mark.parametrize("waiting", ["spawn"], indirect=True)
def test_one_interpreter_waits_where_children_are_not_forked(waiting: tuple[WaitingChildren, list[int]]) -> None:
    children, started = waiting
    children.keep(4)
    eventually(lambda: len(started) == 1)
    child = children.taken()
    assert child is not None
    eventually(lambda: len(started) == 2)
    child.end()
    assert len(started) == 2


def test_children_that_cannot_be_started_are_tried_again_with_the_next_run() -> None:
    tries = threading.Semaphore(0)

    def start() -> Any:
        tries.release()
        raise EngineError("no more processes")

    children = WaitingChildren(start)
    children.keep(2)
    assert tries.acquire(timeout=90)
    eventually(lambda: children.taken() is None and tries.acquire(blocking=False))
    children.close()


def test_after_a_close_children_wait_again_once_they_are_to(waiting: tuple[WaitingChildren, list[int]]) -> None:
    children, started = waiting
    for count in (1, 2):
        children.keep(1)
        eventually(lambda: len(started) == count)  # noqa: B023
        children.close()
        eventually(lambda: not any(map(is_alive, started)))
        assert children.taken() is None


@pytest.mark.parametrize("engine", ["process"])
def test_a_run_of_a_served_app_takes_one_that_waits(configured: Callable[..., ApiConfiguration]) -> None:
    app = ApiLauncher.build(configured(algorithms=bounded.ALGORITHMS))
    with serving(app, lifespan="on") as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        session = default_session(client)
        upload_items(client, session)
        waiting = eventually(partial(_that_wait, app.state.engine))
        scenario = create(client, session, "Instant", run=True)
        assert ended(client, session, scenario)["status"] == "complete"
        [run] = client.get(f"{session}/scenarios/{scenario}/runs").json()
        assert run["worker"] in {f"process {number}" for number in waiting}
        left = eventually(partial(_that_wait, app.state.engine))
        assert len(left) == 2
    eventually(lambda: not any(map(is_alive, left)))


def _that_wait(engine: ProcessEngine) -> list[int]:
    """The children of an engine that wait; empty while there are fewer than its workers."""
    numbers = [child.pid for child in engine._waiting._children]
    return numbers if len(numbers) == engine.workers[0] else []
