"""Which worker has which dataset: each crosses once to each worker."""

import asyncio
import weakref
from collections.abc import Callable
from typing import Any

from algomancy_data import BaseDataSource
from distributed import Client

from .dask_serializer import SerializedValue

#: How long a worker may take to answer that is to get a dataset, in seconds.
_PATIENCE = 5


class DatasetCache:
    """The datasets that were sent to workers, for as long as they are used in this process.

    Each worker has its own of a dataset. Were it one for all of them, Dask would run everything where it is, though
    other workers are free, and would drop the copies that those have fetched.

    Args:
        client: A client of the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._copies: dict[int, _Copies] = {}

    async def on(self, address: str, data: BaseDataSource) -> Any:  # noqa: ANN401 - a Dask future
        """The future of a dataset on a worker, to which it is sent if it is not there.

        Raises:
            NotPicklable: A part of it cannot leave this process.
            OSError: The worker is gone, or the scheduler is.
        """
        # Sent to its end, whoever waits for it: what is half sent is nobody's, and stays there.
        return await asyncio.shield(self._sent(address, data, self._copies_of(data)))

    def forget(self, address: str) -> None:
        """Let go of what a worker had that is gone; if it went in good order, another has it now."""
        for copies in self._copies.values():
            copies.futures.pop(address, None)

    async def _sent(self, address: str, data: BaseDataSource, copies: _Copies) -> Any:  # noqa: ANN401
        async with copies.turn:
            future = copies.futures.get(address)
            # A worker that has come back under its old address has lost it.
            if future is None or future.status != "finished":
                shipment = await asyncio.to_thread(SerializedValue.of, "data", data)
                future = await self._client.scatter(
                    shipment, workers=[address], direct=False, hash=False, timeout=_PATIENCE
                )
                copies.futures[address] = future
            return future

    def _copies_of(self, data: BaseDataSource) -> _Copies:
        # By identity: datasets of one id are equal, whatever they hold.
        copies = self._copies.get(id(data))
        if copies is None or copies.reference() is not data:
            copies = self._copies[id(data)] = _Copies(weakref.ref(data, self._forgetting(id(data))))
        return copies

    def _forgetting(self, number: int) -> Callable[[weakref.ref[BaseDataSource]], None]:
        loop = asyncio.get_running_loop()
        own = weakref.ref(self)

        def forget(reference: weakref.ref[BaseDataSource]) -> None:
            if (scattered := own()) is not None and not loop.is_closed():
                loop.call_soon_threadsafe(scattered._forget, number, reference)

        return forget

    def _forget(self, number: int, reference: weakref.ref[BaseDataSource]) -> None:
        if (copies := self._copies.get(number)) is not None and copies.reference is reference:
            del self._copies[number]


class _Copies:
    """A dataset, and its futures by the address of the worker; the workers let go of it with them."""

    def __init__(self, reference: weakref.ref[BaseDataSource]) -> None:
        self.reference = reference
        self.futures: dict[str, Any] = {}
        self.turn = asyncio.Lock()
