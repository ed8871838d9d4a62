"""A scheduler that is there, and runs on its workers."""

import asyncio
import uuid
from concurrent.futures import CancelledError
from typing import Any

from algomancy_data import BaseDataSource
from distributed import Client, KilledWorker

from ..process.errors import EngineError, Failure
from .dask_serializer import SerializedValue
from .dataset_cache import DatasetCache
from .run_events import RunEvents
from .worker_selection import WorkerSelection
from .worker_task import WorkerTask, do


class WorkerLost(Exception):
    """The worker of a run is gone."""


class SchedulerLost(EngineError):
    """The scheduler is gone."""


class _Attempt:
    """A run on a worker."""

    def __init__(self, address: str, watch: RunEvents) -> None:
        self.address = address
        self.watch = watch
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Connection:
    """A scheduler, by a client that is connected to it.

    Args:
        client: The client.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._places = WorkerSelection(client)
        self._scattered = DatasetCache(client)
        self._attempts: dict[str, _Attempt] = {}
        self._topic = f"algomancy-api-{uuid.uuid4().hex}"
        client.subscribe_topic(self._topic, self._on_news)
        client.subscribe_topic("all", self._on_event)

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler is still there."""
        return bool(self._client.status == "running")

    async def close(self) -> None:
        """Let go of the scheduler, and of all that runs there."""
        # The scheduler tells all of a client's end, and complains if that is the one.
        self._client.unsubscribe_topic("all")
        await self._client.close()

    async def outcome(self, order: WorkerTask, data: BaseDataSource, watch: RunEvents) -> SerializedValue | Failure:
        """What comes of a run on a worker, which ends with the wait for it.

        Raises:
            NotPicklable: The dataset cannot leave this process.
            WorkerLost: The worker was lost before.
            SchedulerLost: The scheduler was.
            EngineError: The worker could not begin with it.
        """
        try:
            async with self._places.taken() as address:
                copy = await self._scattered.on(address, data)
                return await self._attempt(address, order, copy, watch)
        except OSError as error:
            raise (WorkerLost if self.is_alive else SchedulerLost)(str(error)) from error

    async def _attempt(self, address: str, order: WorkerTask, data: Any, watch: RunEvents) -> SerializedValue | Failure:  # noqa: ANN401
        key = f"algomancy-api-{uuid.uuid4().hex}"
        future = self._client.submit(do, self._topic, order, data, key=key, workers=[address], pure=False)
        attempt = _Attempt(address, watch)
        self._attempts[key] = attempt
        result = asyncio.ensure_future(_result(future))
        try:
            await asyncio.wait(set[asyncio.Future[Any]]({result, attempt.lost}), return_when=asyncio.FIRST_COMPLETED)
            if attempt.lost.done():
                raise ConnectionError(f"the worker at {address} is gone")
            return result.result()
        finally:
            result.cancel()
            del self._attempts[key]
            future.release()

    def _on_news(self, event: tuple[float, dict[str, Any]]) -> None:
        """Pass on what a task tells."""
        _, news = event
        if (attempt := self._attempts.get(news["task"])) is not None:
            attempt.watch.take(news)

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        """Give up what ran on a worker that is gone."""
        _, news = event
        if news.get("action") != "remove-worker":
            return
        self._scattered.forget(news["worker"])
        for attempt in self._attempts.values():
            if attempt.address == news["worker"] and not attempt.lost.done():
                attempt.lost.set_result(None)


async def _result(future: Any) -> SerializedValue | Failure:  # noqa: ANN401 - a Dask future
    """What a task has given.

    Raises:
        OSError: Its worker is gone, or the scheduler is.
        EngineError: It could not be given to the worker, or did not come back.
    """
    try:
        outcome: SerializedValue | Failure = await future
    except (KilledWorker, CancelledError) as error:
        raise ConnectionError(str(error)) from error
    except Exception as error:
        raise EngineError(f"The Dask worker could not run it: {type(error).__name__}: {error}") from error
    return outcome
