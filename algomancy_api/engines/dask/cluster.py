"""A connection to the scheduler that is kept alive, or a local cluster that is started."""

import asyncio
import contextlib
import logging
from typing import Any

from distributed import Client, LocalCluster

from ..process.errors import EngineError
from ..process.temp_folder import TempFolder, remove_abandoned
from .connection import Connection

_logger = logging.getLogger("algomancy_api.engines")

#: The start of the names of the folders of local clusters.
_FOLDERS = "algomancy-dask-"

#: Seconds: timeout of a connection attempt.
_CONNECT_TIMEOUT = 2

#: Seconds: interval between checks of the connection.
_CHECK_INTERVAL = 0.2


class Cluster:
    """A scheduler, with a connection that is made again after each loss.

    Belongs to one event loop, except for `is_ready` and `threads`.

    Args:
        address: The address of the scheduler; None for a local cluster.
        workers: The number of workers of a local cluster.

    Attributes:
        threads: The threads of all workers, some seconds ago; 0 before the first connection.
    """

    def __init__(self, address: str | None, workers: int) -> None:
        self._address = address
        self._workers = workers
        self._local: Any = None
        self._folder = TempFolder(_FOLDERS)
        self._connection: Connection | None = None
        self.threads = 0
        self._failures = 0
        self._is_missed = False
        self._tried = asyncio.Condition()

    @property
    def is_ready(self) -> bool:
        """Whether the scheduler is connected."""
        connection = self._connection
        return connection is not None and connection.is_alive

    async def connection(self) -> Connection:
        """The connection to the scheduler; without one, waits for the next attempt.

        Raises:
            EngineError: The scheduler cannot be reached.
        """
        failures = self._failures
        async with self._tried:
            await self._tried.wait_for(lambda: self.is_ready or self._failures > failures)
        if not self.is_ready or self._connection is None:
            raise self.unreachable()
        return self._connection

    def unreachable(self) -> EngineError:
        """The error for a scheduler that cannot be reached."""
        name = "The local Dask cluster" if self._address is None else f"The Dask scheduler at {self._address}"
        return EngineError(f"{name} cannot be reached")

    async def keep_connected(self, end: asyncio.Event) -> None:
        """Connect, also after each loss, until the event is set; then close all."""
        while not end.is_set():
            if not self.is_ready:
                await self._connect()
            if self._connection is not None:
                self.threads = self._connection.threads
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(end.wait(), _CHECK_INTERVAL)
        await self._disconnect()
        if self._local is not None:
            await self._local.close()
        self._folder.close()

    async def _connect(self) -> None:
        try:
            await self._disconnect()
            self._connection = Connection(await self._client())
        except Exception as error:
            if not self._is_missed:
                _logger.warning("%s: %s: %s", self.unreachable(), type(error).__name__, error)
            self._is_missed = True
            self._failures += 1
        else:
            self._is_missed = False
        async with self._tried:
            self._tried.notify_all()

    async def _client(self) -> Any:  # noqa: ANN401 - awaiting a client gives the client
        keywords: dict[str, Any] = {"asynchronous": True, "set_as_default": False, "direct_to_workers": False}
        if self._address is not None:
            return await Client(self._address, timeout=_CONNECT_TIMEOUT, name="algomancy-api", **keywords)
        if self._local is None:
            remove_abandoned(_FOLDERS)
            self._local = await LocalCluster(
                local_directory=str(self._folder.path),
                n_workers=self._workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.ERROR,
                asynchronous=True,
            )
        return await Client(self._local, name="algomancy-api", **keywords)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
