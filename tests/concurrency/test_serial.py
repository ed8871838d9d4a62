"""Serial calls: one at a time, their order, and which calls wait."""

import threading
from collections.abc import Callable, Coroutine

import anyio
import anyio.to_thread
import pytest
from anyio.abc import TaskGroup

from algomancy_api.concurrency.serial import SerialCalls
from algomancy_api.concurrency.workers import Workers
from algomancy_api.limits import Limits

from ..support.clients import PATIENCE
from .test_workers import on_loop


class Desk:
    """Where calls are made, and what is seen there."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.trips: list[str] = []
        self.most_at_a_time = 0
        self.release = threading.Event()
        self._inside = 0
        self.turn = SerialCalls(_Counting(self.trips))

    def call(self, name: str, waits: bool = False) -> str:
        self._inside += 1
        self.most_at_a_time = max(self.most_at_a_time, self._inside)
        if waits:
            assert self.release.wait(PATIENCE)
        self._inside -= 1
        self.made.append(name)
        if name.startswith("bad"):
            raise ValueError(name)
        return name.upper()


class _Counting(Workers):
    """Workers that count how often somebody goes to a thread."""

    def __init__(self, trips: list[str]) -> None:
        super().__init__(Limits())
        self._trips = trips

    async def run[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        self._trips.append("a trip")
        return await super().run(call, *arguments, **keywords)


async def answered(outcomes: dict[str, str], name: str, answer: Coroutine[None, None, str]) -> None:
    try:
        outcomes[name] = await answer
    except ValueError as error:
        outcomes[name] = f"ValueError: {error}"


async def started(tasks: TaskGroup, outcomes: dict[str, str], desk: Desk, name: str, waits: bool = False) -> None:
    tasks.start_soon(answered, outcomes, name, desk.turn.run(desk.call, name, waits))
    await anyio.wait_all_tasks_blocked()


def test_calls_are_made_one_by_one_in_order_and_each_caller_gets_their_own_answer() -> None:
    desk, outcomes = Desk(), dict[str, str]()

    async def scene(_: TaskGroup) -> None:
        async with anyio.create_task_group() as callers:
            await started(callers, outcomes, desk, "first", waits=True)
            for name in ("second", "bad", "fourth"):
                await started(callers, outcomes, desk, name)
            desk.release.set()

    on_loop(scene)
    assert desk.made == ["first", "second", "bad", "fourth"]
    assert outcomes == {"first": "FIRST", "second": "SECOND", "bad": "ValueError: bad", "fourth": "FOURTH"}
    assert desk.most_at_a_time == 1


def test_those_who_wait_go_to_the_thread_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.concurrency.serial._BATCH_TIME", PATIENCE)
    desk, outcomes = Desk(), dict[str, str]()

    async def scene(_: TaskGroup) -> None:
        async with anyio.create_task_group() as callers:
            await started(callers, outcomes, desk, "first", waits=True)
            for number in range(20):
                await started(callers, outcomes, desk, f"later {number}")
            desk.release.set()

    on_loop(scene)
    assert len(outcomes) == 21
    assert len(desk.trips) == 1


def test_who_has_been_served_goes_before_the_rest_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.concurrency.serial._BATCH_TIME", 0.0)
    desk, outcomes = Desk(), dict[str, str]()

    async def scene(_: TaskGroup) -> None:
        async with anyio.create_task_group() as callers:
            await started(callers, outcomes, desk, "first", waits=True)
            for number in range(3):
                await started(callers, outcomes, desk, f"later {number}")
            desk.release.set()

    on_loop(scene)
    assert len(outcomes) == len(desk.trips) == 4


def test_the_call_of_who_has_given_up_is_not_made() -> None:
    desk, outcomes = Desk(), dict[str, str]()

    async def scene(_: TaskGroup) -> None:
        async with anyio.create_task_group() as callers:
            await started(callers, outcomes, desk, "first", waits=True)
            async with anyio.create_task_group() as impatient:
                await started(impatient, outcomes, desk, "given up")
                impatient.cancel_scope.cancel()
            await started(callers, outcomes, desk, "third")
            desk.release.set()

    on_loop(scene)
    assert desk.made == ["first", "third"]


def test_a_long_call_and_one_on_the_loop_have_the_turn_to_themselves() -> None:
    desk, outcomes = Desk(), dict[str, str]()

    async def on_the_loop() -> str:
        async with desk.turn.on_loop():
            return desk.call("loop")

    async def scene(_: TaskGroup) -> None:
        async with anyio.create_task_group() as callers:
            callers.start_soon(answered, outcomes, "long", desk.turn.run_long(desk.call, "long", True))
            await anyio.wait_all_tasks_blocked()
            callers.start_soon(answered, outcomes, "loop", on_the_loop())
            await anyio.wait_all_tasks_blocked()
            await started(callers, outcomes, desk, "worker")
            assert desk.made == []
            desk.release.set()

    on_loop(scene)
    assert desk.made == ["long", "loop", "worker"]
