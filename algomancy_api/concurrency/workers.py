"""The two pools of worker threads of an app, and generators that run on them."""

import contextlib
import functools
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from contextvars import copy_context
from itertools import islice

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread

from ..engines.user_code import wrap_base_exceptions
from ..errors import Unavailable
from ..limits import Limits

#: Pieces: made in one switch to a thread. More would need more memory. A small dataset has one or two pieces, and the
#: third step finds its end.
_BATCH = 3


class Overloaded(Unavailable):
    """No worker thread was free in time.

    Args:
        retry_after: Seconds: the response's Retry-After.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("The server is overloaded; try again later", retry_after)


class CallSlots:
    """A limit of concurrent calls, with a timeout for those that wait.

    Args:
        number: The limit.
        timeout: Seconds: longest wait.
    """

    def __init__(self, number: int, timeout: float) -> None:
        self._limiter = anyio.CapacityLimiter(number)
        self._timeout = timeout

    @asynccontextmanager
    async def acquired(self) -> AsyncIterator[None]:
        """A context in which the call has a slot; waits until one is free.

        Raises:
            Overloaded: No slot was free in time.
        """
        borrower = object()
        try:
            self._limiter.acquire_on_behalf_of_nowait(borrower)
        except anyio.WouldBlock:
            await self._wait(borrower)
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(borrower)

    async def _wait(self, borrower: object) -> None:
        with anyio.move_on_after(self._timeout):
            await self._limiter.acquire_on_behalf_of(borrower)
            return
        raise Overloaded(self._timeout)


class Workers:
    """The worker threads of one app: a pool for short calls, and one for long calls such as an ETL.

    Args:
        limits: The sizes of the pools, and the timeout of calls that wait for a thread.
    """

    def __init__(self, limits: Limits) -> None:
        self._requests = CallSlots(limits.threads, limits.wait)
        self._long = CallSlots(limits.long_threads, limits.wait)
        self._threads = anyio.CapacityLimiter(limits.threads)

    async def run[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a short call, such as a query or some encoding.

        Raises:
            Overloaded: No thread was free in time.
        """
        wrapped_call = functools.partial(wrap_base_exceptions(call), *arguments, **keywords)
        async with self._requests.acquired():
            return await anyio.to_thread.run_sync(wrapped_call, limiter=self._threads)

    async def run_long[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a call that may take minutes, such as an ETL or a copy of datasets.

        It runs on a daemon thread, which a stopping server does not wait for: as after a kill, the database is then as
        it was before the call.

        Raises:
            Overloaded: No thread was free in time.
        """
        async with self._long.acquired():
            return await _on_daemon_thread(functools.partial(wrap_base_exceptions(call), *arguments, **keywords))

    async def started(self, pieces: Generator[bytes]) -> AsyncGenerator[bytes]:
        """A blocking generator as an async one, whose first pieces are made already: their errors are raised here.

        Pieces are made on demand, so that a slow client needs little memory. The caller must close the generator.
        """
        return self._continued(await self.run(_next_pieces, pieces), pieces)

    async def _continued(self, batch: deque[bytes], pieces: Generator[bytes]) -> AsyncGenerator[bytes]:
        try:
            while batch:
                is_last = len(batch) < _BATCH  # the end was found: no further switch to a thread
                while batch:
                    yield batch.popleft()
                if not is_last:
                    batch = await self.run(_next_pieces, pieces)
        finally:
            # An exception that ends this may be stored for long, and its traceback keeps the local variables.
            batch.clear()
            pieces.close()


def _next_pieces(pieces: Generator[bytes]) -> deque[bytes]:
    """The next pieces; empty at the end."""
    return deque(islice(pieces, _BATCH))


async def _on_daemon_thread[R](call: Callable[[], R]) -> R:
    """The result of a call on a new daemon thread, which the end of the process does not wait for."""
    outcome: Future[R] = Future()
    ended = anyio.Event()
    loop = anyio.lowlevel.current_token()

    def work() -> None:
        try:
            outcome.set_result(call())
        except Exception as error:
            outcome.set_exception(error)
        with contextlib.suppress(anyio.RunFinishedError):  # the event loop has ended
            anyio.from_thread.run_sync(ended.set, token=loop)

    context = copy_context()  # so that the log lines of the call have the request's id
    threading.Thread(target=work, name="algomancy-api long call", daemon=True, context=context).start()
    with anyio.CancelScope(shield=True):
        await ended.wait()
    return outcome.result()
