"""Which worker takes a run.

It is chosen here, and Dask keeps to it: what a scheduler does with a task whose worker dies is its own affair, and
differs from one to the next. Chosen is who has the least to do, of whomever.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from distributed import Client

#: How long a run waits before it looks for a worker again, in seconds: one may have joined.
_PAUSE = 0.2


class WorkerSelection:
    """The threads of a cluster's workers, each of which takes one run.

    Args:
        client: A client of the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._runs: Counter[str] = Counter()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[str]:
        """The address of a worker that has a thread for a run; waits until there is one.

        Raises:
            OSError: The scheduler is gone.
        """
        while (address := await self._found()) is None:
            self._freed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._freed.wait(), _PAUSE)
        self._runs[address] += 1
        try:
            yield address
        finally:
            self._runs[address] -= 1
            self._freed.set()

    async def _found(self) -> str | None:
        if (scheduler := self._client.scheduler) is None:
            raise ConnectionError("the client was closed")
        threads: dict[str, int] = await scheduler.ncores_running(workers=None)
        tasks: dict[str, list[str]] = await scheduler.processing(workers=None)

        def load(address: str) -> float:
            # Of what has just been given to it, the scheduler need not know yet.
            return max(len(tasks.get(address, ())), self._runs[address]) / threads[address]

        free = [address for address, count in threads.items() if self._runs[address] < count]
        return min(free, key=load, default=None)
