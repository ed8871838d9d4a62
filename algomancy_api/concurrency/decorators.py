"""How a method becomes a call on a worker thread."""

import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Concatenate, Protocol

from .gate import Gate
from .serial import SerialCalls
from .workers import Workers


class HasWorkers(Protocol):
    """What has worker threads, a gate, and turns."""

    workers: Workers
    gate: Gate
    scenario_calls: SerialCalls
    dataset_calls: SerialCalls


@dataclass(frozen=True)
class WorkerCall:
    """A decorator that makes a method a call on a worker thread.

    Args:
        among: The attribute of the owner that makes the call: its workers, or one of its turns.
        long: Whether the call may take minutes.
    """

    among: str = "workers"
    long: bool = False

    def __call__[S: HasWorkers, **P, R](
        self, call: Callable[Concatenate[S, P], R]
    ) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
        """The method, to be awaited."""

        @functools.wraps(call)
        async def called(owner: S, /, *arguments: P.args, **keywords: P.kwargs) -> R:
            calls: Workers | SerialCalls = getattr(owner, self.among)
            run = calls.run_long if self.long else calls.run
            async with owner.gate.inside():
                return await run(call, owner, *arguments, **keywords)

        return called


on_worker = WorkerCall()
serial_with_scenarios = WorkerCall("scenario_calls")
serial_with_datasets = WorkerCall("dataset_calls")
long_serial_with_datasets = WorkerCall("dataset_calls", long=True)
