"""The choice of a worker for a run: the one with the least load, tasks of other clients included.

The choice is made here and not by Dask: schedulers differ in what they do with a task whose worker dies.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from distributed import Client

#: Seconds: interval between looks for a free worker, as one may have joined.
_INTERVAL = 0.2


class WorkerSelection:
    """The workers of a cluster, each with a limit of one run for each of its threads.

    Args:
        client: A client of the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._runs: Counter[str] = Counter()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def acquired(self) -> AsyncIterator[str]:
        """The address of a worker with a free thread, which is in use during the context; waits until there is one.

        Raises:
            OSError: The scheduler disconnected.
        """
        while (address := await self._found()) is None:
            self._freed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._freed.wait(), _INTERVAL)
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
            # The scheduler may not know yet of runs that were just assigned to the worker.
            return max(len(tasks.get(address, ())), self._runs[address]) / threads[address]

        free = [address for address, count in threads.items() if self._runs[address] < count]
        return min(free, key=load, default=None)
