"""The datasets stored on each worker: each is sent once to each worker."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Any

from algomancy_data import BaseDataSource
from distributed import Client

from .dask_serializer import SerializedValue

#: Seconds: timeout of the transfer of a dataset to a worker.
_SCATTER_TIMEOUT = 5


class DatasetCache:
    """The datasets stored on workers, each as long as this process keeps it.

    A dataset has a separate Dask future for each worker. With one for all, Dask would run all tasks on the worker that
    has it, although others are free, and would drop the copies that others have fetched.

    Args:
        client: A client of the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._copies: dict[int, _Copies] = {}

    async def on(self, address: str, data: BaseDataSource) -> Any:  # noqa: ANN401 - a Dask future
        """The future of a dataset on a worker; the dataset is sent if the worker does not have it.

        Raises:
            NotPicklable: A part of the dataset cannot be pickled.
            OSError: The worker or the scheduler disconnected.
        """
        # Shielded from cancellation: a transfer cut off halfway would leave data on the worker that is never released.
        return await asyncio.shield(self._sent(address, data, self._copies_of(data)))

    def forget(self, address: str) -> None:
        """Release the datasets of a worker that disconnected; one that retired has moved them to another worker."""
        for copies in self._copies.values():
            copies.futures.pop(address, None)

    async def _sent(self, address: str, data: BaseDataSource, copies: _Copies) -> Any:  # noqa: ANN401
        async with copies.lock:
            future = copies.futures.get(address)
            # A worker that restarted at the same address has lost the dataset.
            if future is None or future.status != "finished":
                value = await asyncio.to_thread(SerializedValue.of, "data", data)
                future = await self._client.scatter(
                    value, workers=[address], direct=False, hash=False, timeout=_SCATTER_TIMEOUT
                )
                copies.futures[address] = future
            return future

    def _copies_of(self, data: BaseDataSource) -> _Copies:
        # By identity: the framework's datasets compare equal by their ids, whatever their tables hold.
        copies = self._copies.get(id(data))
        if copies is None or copies.reference() is not data:
            copies = self._copies[id(data)] = _Copies(weakref.ref(data, self._forgetting(id(data))))
        return copies

    def _forgetting(self, number: int) -> Callable[[weakref.ref[BaseDataSource]], None]:
        loop = asyncio.get_running_loop()
        own = weakref.ref(self)

        def forget(reference: weakref.ref[BaseDataSource]) -> None:
            if (cache := own()) is not None and not loop.is_closed():
                loop.call_soon_threadsafe(cache._forget, number, reference)

        return forget

    def _forget(self, number: int, reference: weakref.ref[BaseDataSource]) -> None:
        if (copies := self._copies.get(number)) is not None and copies.reference is reference:
            del self._copies[number]


class _Copies:
    """A dataset, and its futures by worker address; without its future, a worker deletes the dataset."""

    def __init__(self, reference: weakref.ref[BaseDataSource]) -> None:
        self.reference = reference
        self.futures: dict[str, Any] = {}
        self.lock = asyncio.Lock()
