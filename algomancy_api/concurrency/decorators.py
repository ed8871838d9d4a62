"""Decorators that make a method a call on a worker thread."""

import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Concatenate, Protocol

from .gate import Gate
from .serial import SerialCalls
from .workers import Workers


class HasWorkers(Protocol):
    """The attributes that the decorators need of the method's object."""

    workers: Workers
    gate: Gate
    scenario_calls: SerialCalls
    dataset_calls: SerialCalls


@dataclass(frozen=True)
class WorkerCall:
    """A decorator that makes a method a call on a worker thread.

    Args:
        executor: The attribute of the method's object that runs the call: its `Workers`, or a `SerialCalls`.
        long: Whether the call may take minutes.
    """

    executor: str = "workers"
    long: bool = False

    def __call__[S: HasWorkers, **P, R](
        self, call: Callable[Concatenate[S, P], R]
    ) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
        """The method, to be awaited."""

        @functools.wraps(call)
        async def called(owner: S, /, *arguments: P.args, **keywords: P.kwargs) -> R:
            executor: Workers | SerialCalls = getattr(owner, self.executor)
            run = executor.run_long if self.long else executor.run
            async with owner.gate.shared():
                return await run(call, owner, *arguments, **keywords)

        return called


on_worker = WorkerCall()
serial_with_scenarios = WorkerCall("scenario_calls")
serial_with_datasets = WorkerCall("dataset_calls")
long_serial_with_datasets = WorkerCall("dataset_calls", long=True)
