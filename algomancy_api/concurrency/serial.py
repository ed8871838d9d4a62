"""Calls on worker threads, one at a time, first come first served.

A switch to a thread and back takes as long as a small query. So one switch also runs the calls that wait, for up to a
few milliseconds.
"""

import functools
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from contextvars import copy_context
from typing import Any

import anyio

from ..engines.user_code import wrap_base_exceptions
from .workers import Workers

#: Seconds: limit of a batch of calls. The result of the first call is delivered after the last one.
_BATCH_TIME = 0.005


class SerialCalls:
    """Runs calls on worker threads, one at a time. Belongs to one event loop.

    Args:
        workers: The worker threads.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._lock = anyio.Lock(fast_acquire=True)
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    async def run[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a short call, such as a query."""
        outcome: Future[R] = Future()
        # A batch has calls of several requests: each runs in its own context, which has the request id for the log.
        call_of_request = functools.partial(copy_context().run, wrap_base_exceptions(call), *arguments, **keywords)
        self._waiting.append((outcome, call_of_request))
        try:
            async with self._lock:
                while not outcome.done():
                    await self._workers.run(self._run_batch)
        finally:
            outcome.cancel()  # a cancelled request's call is skipped
        return outcome.result()

    async def run_long[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a call that may take minutes."""
        async with self._lock:
            return await self._workers.run_long(call, *arguments, **keywords)

    def on_loop(self) -> AbstractAsyncContextManager[None]:
        """A context on the event loop in which no other call runs, for quick code without an await."""
        return self._lock

    def _run_batch(self) -> None:
        end = time.perf_counter() + _BATCH_TIME
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
