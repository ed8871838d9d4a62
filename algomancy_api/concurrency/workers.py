"""Who waits for whom: a gate for each session, and two pools of worker threads for an app."""

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
from starlette.types import Receive

from ..engines.user_code import contained
from ..errors import Unavailable
from ..limits import Limits

#: Pieces of a stream that are made at a time: fewer switches of threads, for more pieces to hold. Two hold most of a
#: small dataset, and the third attempt finds its end.
_PULLED = 3


class Overloaded(Unavailable):
    """A call for which no worker thread was free in time.

    Args:
        retry_after: In how many seconds it may be worth while to try again.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("The server is overloaded; try again later", retry_after)


class CallSlots:
    """So many places, for one of which nobody waits longer than they have patience.

    Args:
        number: How many there are.
        patience: In seconds.
    """

    def __init__(self, number: int, patience: float) -> None:
        self._limiter = anyio.CapacityLimiter(number)
        self._patience = patience

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Have one of the places.

        Raises:
            Overloaded: None gets free in time.
        """
        who = object()
        try:
            self._limiter.acquire_on_behalf_of_nowait(who)
        except anyio.WouldBlock:
            await self._wait(who)
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(who)

    async def _wait(self, who: object) -> None:
        with anyio.move_on_after(self._patience):
            await self._limiter.acquire_on_behalf_of(who)
            return
        raise Overloaded(self._patience)


class Workers:
    """The worker threads of one app: an ETL must not use up what a read needs."""

    def __init__(self, limits: Limits) -> None:
        self._requests = CallSlots(limits.threads, limits.wait)
        self._long = CallSlots(limits.long_threads, limits.wait)
        self._threads = anyio.CapacityLimiter(limits.threads)

    async def run[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a call that takes a request's time: a query, some encoding."""
        contained_call = functools.partial(contained(call), *arguments, **keywords)
        async with self._requests.one():
            return await anyio.to_thread.run_sync(contained_call, limiter=self._threads)

    async def run_long[**P, R](self, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
        """The result of a call that may take minutes: an ETL, a copy of datasets.

        It has a thread of its own that a stopping server does not wait for: like a kill, that leaves the database
        as it was before the call.
        """
        async with self._long.one():
            return await _on_daemon_thread(functools.partial(contained(call), *arguments, **keywords))

    async def started(self, pieces: Generator[bytes]) -> AsyncGenerator[bytes]:
        """A blocking generator as an async one, its first pieces made already: what is wrong with them raises now.

        No more is made than is asked for, so that little is held for who reads slowly. Its user closes it.
        """
        return self._continued(await self.run(_pulled, pieces), pieces)

    async def _continued(self, pulled: deque[bytes], pieces: Generator[bytes]) -> AsyncGenerator[bytes]:
        try:
            while pulled:
                is_last = len(pulled) < _PULLED  # no thread is asked for what is not there
                while pulled:
                    yield pulled.popleft()
                if not is_last:
                    pulled = await self.run(_pulled, pieces)
        finally:
            # An exception that ends this may be kept for long, with all that is in its frames.
            pulled.clear()
            pieces.close()


async def cancel_without_client(receive: Receive, scope: anyio.CancelScope) -> None:
    """Cancel what is done for a client, once that has gone away."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _pulled(pieces: Generator[bytes]) -> deque[bytes]:
    """The next pieces, none if there are no more."""
    return deque(islice(pieces, _PULLED))


async def _on_daemon_thread[R](call: Callable[[], R]) -> R:
    """The result of a call on a new thread that the end of the process does not wait for."""
    outcome: Future[R] = Future()
    ended = anyio.Event()
    loop = anyio.lowlevel.current_token()

    def work() -> None:
        try:
            outcome.set_result(call())
        except Exception as error:
            outcome.set_exception(error)
        with contextlib.suppress(anyio.RunFinishedError):  # nobody waits any more
            anyio.from_thread.run_sync(ended.set, token=loop)

    context = copy_context()  # of the request, whose id is in the log lines of the call, too
    threading.Thread(target=work, name="algomancy-api long call", daemon=True, context=context).start()
    with anyio.CancelScope(shield=True):
        await ended.wait()
    return outcome.result()
