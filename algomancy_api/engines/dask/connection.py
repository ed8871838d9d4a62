"""A connection to a scheduler, and runs on its workers."""

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial
from typing import Any

from algomancy_data import BaseDataSource
from distributed import Client, KilledWorker

from ..process.errors import EngineError, Failure
from .dask_serializer import SerializedValue
from .dataset_cache import DatasetCache
from .run_events import RunEvents
from .worker_selection import WorkerSelection
from .worker_task import WorkerTask, run_task


class WorkerLost(Exception):
    """The worker of a run disconnected."""


class SchedulerLost(EngineError):
    """The scheduler disconnected."""


class _Attempt:
    """An attempt of a run on one worker."""

    def __init__(self, address: str, events: RunEvents) -> None:
        self.address = address
        self.events = events
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Connection:
    """A connection to a scheduler.

    Args:
        client: A connected client.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._workers = WorkerSelection(client)
        self._datasets = DatasetCache(client)
        self._attempts: dict[str, _Attempt] = {}
        self._topic = f"algomancy-api-{uuid.uuid4().hex}"
        client.subscribe_topic(self._topic, self._on_task_event)
        client.subscribe_topic("all", self._on_scheduler_event)

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler is connected."""
        return bool(self._client.status == "running")

    @property
    def threads(self) -> int:
        """The threads of all workers, as the scheduler reported them some seconds ago."""
        return int(self._client.scheduler_info(n_workers=0).get("total_threads", 0))

    async def close(self) -> None:
        """Disconnect from the scheduler, which cancels all runs of this connection."""
        # The scheduler publishes the end of a client on this topic, and warns if that client is still subscribed.
        self._client.unsubscribe_topic("all")
        await self._client.close()

    async def outcome(self, task: WorkerTask, data: BaseDataSource, events: RunEvents) -> SerializedValue | Failure:
        """The outcome of a run on a worker; cancelling this call cancels the run.

        Raises:
            NotPicklable: The dataset cannot be pickled.
            WorkerLost: The worker disconnected before the end.
            SchedulerLost: The scheduler disconnected before the end.
            EngineError: The worker could not start the task.
        """
        try:
            async with self._workers.acquired() as address:
                dataset = await self._datasets.on(address, data)
                return await self._attempt(address, task, dataset, events)
        except OSError as error:
            raise (WorkerLost if self.is_alive else SchedulerLost)(str(error)) from error

    async def _attempt(self, address: str, task: WorkerTask, data: Any, events: RunEvents) -> SerializedValue | Failure:  # noqa: ANN401
        key = f"algomancy-api-{uuid.uuid4().hex}"
        future = self._client.submit(run_task, self._topic, task, data, key=key, workers=[address], pure=False)
        attempt = _Attempt(address, events)
        self._attempts[key] = attempt
        events.assign(address)
        events.on_worker = partial(self._on_worker, address, key)
        result = asyncio.ensure_future(_result(future))
        try:
            await asyncio.wait(set[asyncio.Future[Any]]({result, attempt.lost}), return_when=asyncio.FIRST_COMPLETED)
            if attempt.lost.done():
                raise ConnectionError(f"the worker at {address} disconnected")
            return result.result()
        finally:
            result.cancel()
            events.on_worker = None
            del self._attempts[key]
            future.release()

    async def _on_worker(self, address: str, key: str, call: Callable[[str], Any]) -> Any:  # noqa: ANN401
        answers = await self._client.run(call, key, workers=[address])
        return answers[address]

    def _on_task_event(self, timed_event: tuple[float, dict[str, Any]]) -> None:
        """Forward an event of a task to its run."""
        _, event = timed_event
        if (attempt := self._attempts.get(event["task"])) is not None:
            attempt.events.take(event)

    def _on_scheduler_event(self, timed_event: tuple[float, dict[str, Any]]) -> None:
        """Mark the runs of a lost worker as lost."""
        _, event = timed_event
        if event.get("action") != "remove-worker":
            return
        self._datasets.forget(event["worker"])
        for attempt in self._attempts.values():
            if attempt.address == event["worker"] and not attempt.lost.done():
                attempt.lost.set_result(None)


async def _result(future: Any) -> SerializedValue | Failure:  # noqa: ANN401 - a Dask future
    """The outcome of a task.

    Raises:
        OSError: The worker or the scheduler disconnected.
        EngineError: The task or its result could not be transferred.
    """
    try:
        outcome: SerializedValue | Failure = await future
    except (KilledWorker, CancelledError) as error:
        raise ConnectionError(str(error)) from error
    except Exception as error:
        raise EngineError(f"The Dask worker could not run the task: {type(error).__name__}: {error}") from error
    return outcome
