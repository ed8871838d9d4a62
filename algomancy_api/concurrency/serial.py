"""Calls on worker threads of which one is made at a time, in the order in which they come.

The way to a thread and back takes as long as a small query. So whose turn it is takes along the calls of those who
wait, as far as a few milliseconds reach.
"""

import functools
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Any

import anyio

from ..engines.user_code import contained
from .workers import Workers

#: How long a thread goes on with the calls of others, in seconds: the first of them waits for the last.
_TOGETHER = 0.005


class SerialCalls:
    """One call at a time. Belongs to one event loop."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._lock = anyio.Lock(fast_acquire=True)
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    async def run[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a call that takes a request's time."""
        outcome: Future[R] = Future()
        # In the context of its own request, on whichever's way: its log lines have that request's id.
        call_of_request = functools.partial(copy_context().run, contained(call), *arguments, **keywords)
        self._waiting.append((outcome, call_of_request))
        try:
            async with self._lock:
                while not outcome.done():
                    await self._workers.run(self._call_those_who_wait)
        finally:
            outcome.cancel()  # of who does not wait any more, nothing is done
        return outcome.result()

    async def run_long[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a call that may take minutes."""
        async with self._lock:
            return await self._workers.run_long(call, *arguments, **keywords)

    @asynccontextmanager
    async def on_loop(self) -> AsyncIterator[None]:
        """The turn, for what is quick and awaits nothing."""
        async with self._lock:
            yield

    def _call_those_who_wait(self) -> None:
        end = time.perf_counter() + _TOGETHER
        while self._waiting:
            outcome, call = self._waiting.popleft()
            if outcome.set_running_or_notify_cancel():
                _settle(outcome, call)
            if time.perf_counter() >= end:
                return


def _settle[R](outcome: Future[R], call: Callable[[], R]) -> None:
    try:
        outcome.set_result(call())
    except Exception as error:
        outcome.set_exception(error)
