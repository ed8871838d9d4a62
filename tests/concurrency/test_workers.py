"""The gate of a session, and the worker threads of an app."""

import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

import anyio
import pytest
from anyio.abc import TaskGroup

from algomancy_api.concurrency import workers as waiting
from algomancy_api.concurrency.gate import Gate
from algomancy_api.concurrency.workers import Overloaded, Workers
from algomancy_api.engines.user_code import Stopped
from algomancy_api.http.errors import http_exception
from algomancy_api.limits import Limits


def on_loop(scene: Callable[[TaskGroup], Awaitable[None]]) -> None:
    """Play a scene on an event loop, and give up before anyone loses patience."""

    async def bounded() -> None:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                await scene(tasks)

    anyio.run(bounded)


# The gate ------------------------------------------------------------------------------------------------------


class Gone(Exception):
    """What was behind the gate."""


class Visitor:
    """A task that holds a gate's lock until it is told to release it."""

    def __init__(self) -> None:
        self.holds_lock = False
        self.outcome = ""
        self.scope = anyio.CancelScope()
        self._leave = anyio.Event()
        self._error: Exception | None = None

    async def visit(self, lock: AbstractAsyncContextManager[Any], for_good: bool) -> None:
        with self.scope:
            try:
                async with lock as close:
                    self.holds_lock = True
                    await self._leave.wait()
                    if self._error is not None:
                        raise self._error
                    if close is not None and for_good:
                        close()
                self.outcome = "done"
            except Exception as error:
                self.outcome = type(error).__name__
            finally:
                self.holds_lock = False

    async def leave(self, error: Exception | None = None) -> None:
        self._error = error
        self._leave.set()
        await anyio.wait_all_tasks_blocked()

    async def give_up(self) -> None:
        self.scope.cancel()
        await anyio.wait_all_tasks_blocked()


async def comes(tasks: TaskGroup, lock: AbstractAsyncContextManager[Any], for_good: bool = True) -> Visitor:
    """A task that holds the lock, or waits for it; an exclusive holder closes the gate at its end if ``for_good``."""
    visitor = Visitor()
    tasks.start_soon(visitor.visit, lock, for_good)
    await anyio.wait_all_tasks_blocked()
    return visitor


@pytest.mark.parametrize("error", [None, ValueError()])
def test_who_closes_waits_for_the_last_and_later_ones_find_it_gone(error: Exception | None) -> None:
    async def scene(tasks: TaskGroup) -> None:
        gate = Gate(closed_error=Gone)
        first, second = await comes(tasks, gate.shared()), await comes(tasks, gate.shared())
        assert first.holds_lock
        closer = await comes(tasks, gate.exclusive())
        await first.leave(error)
        newcomer, rival = await comes(tasks, gate.shared()), await comes(tasks, gate.exclusive())
        everyone = (second, closer, newcomer, rival)
        assert [visitor.holds_lock for visitor in everyone] == [True, False, False, False]
        await second.leave(error)
        assert [visitor.holds_lock for visitor in everyone] == [False, True, False, False]
        await closer.leave()
        assert closer.outcome == "done"
        late = await comes(tasks, gate.shared())
        assert [visitor.outcome for visitor in (newcomer, rival, late)] == ["Gone"] * 3

    on_loop(scene)


@pytest.mark.parametrize(("for_good", "error"), [(False, None), (True, ValueError())])
def test_the_gate_opens_again_if_its_closer_fails_or_thinks_better_of_it(
    for_good: bool, error: Exception | None
) -> None:
    async def scene(tasks: TaskGroup) -> None:
        gate = Gate(closed_error=Gone)
        closer = await comes(tasks, gate.exclusive(), for_good)
        newcomer, another = await comes(tasks, gate.shared()), await comes(tasks, gate.exclusive())
        everyone = (closer, newcomer, another)
        assert [visitor.holds_lock for visitor in everyone] == [True, False, False]
        await closer.leave(error)
        assert [visitor.holds_lock for visitor in everyone] == [False, True, False]
        await newcomer.leave()
        assert [visitor.holds_lock for visitor in everyone] == [False, False, True]
        await another.leave()
        assert (await comes(tasks, gate.shared())).outcome == "Gone"

    on_loop(scene)


def test_who_gives_up_closing_makes_way_for_the_next_in_turn() -> None:
    async def scene(tasks: TaskGroup) -> None:
        gate = Gate(closed_error=Gone)
        visitor, closer = await comes(tasks, gate.shared()), await comes(tasks, gate.exclusive())
        rival, newcomer = await comes(tasks, gate.exclusive(), for_good=False), await comes(tasks, gate.shared())
        await closer.give_up()
        assert [someone.holds_lock for someone in (visitor, rival, newcomer)] == [True, False, False]
        await visitor.leave()
        assert [someone.holds_lock for someone in (visitor, rival, newcomer)] == [False, True, False]
        await rival.leave()
        assert newcomer.holds_lock
        await newcomer.leave()

    on_loop(scene)


def test_who_gives_up_waiting_does_not_count() -> None:
    async def scene(tasks: TaskGroup) -> None:
        gate = Gate(closed_error=Gone)
        closer = await comes(tasks, gate.exclusive(), for_good=False)
        newcomer = await comes(tasks, gate.shared())
        await newcomer.give_up()
        await closer.leave()
        last = await comes(tasks, gate.exclusive())
        assert last.holds_lock
        await last.leave()

    on_loop(scene)


# The worker threads --------------------------------------------------------------------------------------------


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("method", ["run", "run_long"])
@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: sys.exit("enough"), Stopped, "SystemExit: enough"),
        (interrupt, Stopped, "KeyboardInterrupt"),
        (lambda: next(iter(())), RuntimeError, "StopIteration"),
        (lambda: int("x"), ValueError, "invalid literal"),
    ],
)
def test_whatever_a_call_raises_is_an_exception(
    method: str, call: Callable[[], Any], error: type[Exception], says: str
) -> None:
    async def scene(_tasks: TaskGroup) -> None:
        with pytest.raises(error, match=says):
            await getattr(Workers(Limits()), method)(call)

    on_loop(scene)


@pytest.mark.parametrize(("method", "is_waited_for"), [("run", True), ("run_long", False)])
def test_a_call_runs_on_a_thread_that_the_end_of_the_process_waits_for_or_not(method: str, is_waited_for: bool) -> None:
    def call(*arguments: int, **keywords: int) -> tuple[Any, ...]:
        return arguments, keywords, threading.current_thread().daemon

    async def scene(_tasks: TaskGroup) -> None:
        result = await getattr(Workers(Limits()), method)(call, 1, 2, three=3)
        assert result == ((1, 2), {"three": 3}, not is_waited_for)

    on_loop(scene)


@pytest.mark.parametrize("method", ["run", "run_long"])
def test_who_gives_up_a_call_is_held_until_it_has_ended(method: str) -> None:
    release, ended = threading.Event(), threading.Event()

    def call() -> None:
        release.wait(90)
        ended.set()

    async def scene(tasks: TaskGroup) -> None:
        scope = anyio.CancelScope()

        async def called() -> None:
            with scope:
                await getattr(Workers(Limits()), method)(call)
            assert ended.is_set()

        tasks.start_soon(called)
        await anyio.wait_all_tasks_blocked()
        scope.cancel()
        await anyio.wait_all_tasks_blocked()
        release.set()

    on_loop(scene)


def test_long_calls_leave_the_threads_of_requests_alone() -> None:
    async def scene(tasks: TaskGroup) -> None:
        workers, release = Workers(Limits()), threading.Event()
        for _ in range(100):
            tasks.start_soon(workers.run_long, release.wait)
        await anyio.wait_all_tasks_blocked()
        try:
            assert await workers.run(lambda: "at once") == "at once"
            assert await Workers(Limits()).run_long(lambda: "another app's") == "another app's"
        finally:
            release.set()

    on_loop(scene)


def test_pieces_come_in_order_and_no_sooner_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_BATCH", 1)
    made: list[bytes] = []

    def pieces() -> Generator[bytes]:
        for piece in (b"a", b"b", b"", b"c"):
            made.append(piece)
            yield piece

    def none() -> Generator[bytes]:
        yield from ()

    async def scene(_tasks: TaskGroup) -> None:
        continued = await Workers(Limits()).started(pieces())
        assert made == [b"a"]
        assert [piece async for piece in continued] == [b"a", b"b", b"", b"c"]
        assert [piece async for piece in await Workers(Limits()).started(none())] == []

    on_loop(scene)


def test_what_is_not_read_to_its_end_is_closed() -> None:
    ended: list[str] = []

    def pieces() -> Generator[bytes]:
        try:
            while True:
                yield b"more"
        finally:
            ended.append("closed")

    async def scene(_tasks: TaskGroup) -> None:
        async with aclosing(await Workers(Limits()).started(pieces())) as continued:
            assert await anext(continued) == b"more"
        assert ended == ["closed"]

    on_loop(scene)


@pytest.mark.parametrize("good", [[], [b"a", b"b"]])
def test_what_is_wrong_with_a_piece_raises_once_it_is_needed(
    good: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "_BATCH", 1)
    received: list[bytes] = []

    def pieces() -> Generator[bytes]:
        yield from good
        raise ValueError("no more")

    async def scene(_tasks: TaskGroup) -> None:
        continued = await Workers(Limits()).started(pieces())
        assert good, "the first piece is made before anything is sent"
        async for piece in continued:
            received.append(piece)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(ExceptionGroup) as caught:
        on_loop(scene)
    assert repr(caught.value.exceptions) == "(ValueError('no more'),)"
    assert received == good


def test_who_waits_too_long_for_a_thread_is_told_to_come_again() -> None:
    async def scene(tasks: TaskGroup) -> None:
        workers, release = Workers(Limits(threads=1, long_threads=1, wait=0.01)), threading.Event()
        for method in (workers.run, workers.run_long):
            tasks.start_soon(method, release.wait)
        await anyio.wait_all_tasks_blocked()
        try:
            for method in (workers.run, workers.run_long):
                with pytest.raises(Overloaded) as refusal:
                    await method(lambda: "never")
                answer = http_exception(refusal.value)
                assert (answer.status_code, answer.headers) == (503, {"Retry-After": "1"})
        finally:
            release.set()

    on_loop(scene)


def test_a_place_that_gets_free_goes_to_who_waits_for_it() -> None:
    async def scene(tasks: TaskGroup) -> None:
        workers, release, answers = Workers(Limits(threads=1)), threading.Event(), list[str]()

        async def called(answer: str) -> None:
            answers.append(await workers.run(lambda: answer))

        tasks.start_soon(workers.run, release.wait)
        await anyio.wait_all_tasks_blocked()
        for answer in ("first", "second"):
            tasks.start_soon(called, answer)
            await anyio.wait_all_tasks_blocked()
        assert answers == []
        release.set()
        while len(answers) < 2:
            await anyio.lowlevel.checkpoint()
        assert answers == ["first", "second"]

    on_loop(scene)
