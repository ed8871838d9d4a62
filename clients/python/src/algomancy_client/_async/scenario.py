"""A scenario: run it, wait for it, look at it, edit it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import NotFound
from ..progress import Progress, meter_of
from ..views.scenario import ScenarioView
from ..wire.answers import DELETED, LogLine, Summary, Table
from ..wire.faults import read
from .calls import AsyncCalls
from .logs import log_lines
from .tables import AsyncTables
from .waiting import AsyncWaiting

if TYPE_CHECKING:
    import pandas as pd


class _Result(msgspec.Struct):
    """The full form of a scenario, as far as it is new."""

    result: Any = None


class AsyncScenario(ScenarioView):
    """A scenario: a dataset, an algorithm and the values of its parameters, and the run of it.

    Its attributes are as of the last answer about it; `refresh` and `wait` renew them.
    """

    def __init__(self, calls: AsyncCalls, summary: Summary) -> None:
        super().__init__(summary)
        self._calls = calls
        self._tables = AsyncTables(calls, "scenarios", self.id)

    async def refresh(self) -> AsyncScenario:
        """Ask for its present state.

        Raises:
            NotFound: It is deleted.
        """
        found = await self._calls.summaries([self.id])
        if self.id not in found:
            self._summary.status = DELETED
            raise NotFound(f"Scenario {self.tag!r} is deleted", 404)
        self._summary = found[self.id]
        return self

    async def start(
        self, *, timeout: float | None = None, on_timeout: str | None = None, retries: int = 0
    ) -> AsyncScenario:
        """Put it into the queue.

        Args:
            timeout: Seconds: the limit of the run; None for that of the server.
            on_timeout: What happens then: `fail`, or `stop` to keep the best result.
            retries: How often the run is repeated after its process has died.

        Raises:
            Conflict: It is not `created`; reset it first.
            Unsupported: The server takes no such options.
        """
        given = {"timeout": timeout, "on_timeout": on_timeout, "retries": retries or None}
        options = {name: value for name, value in given.items() if value is not None}
        if options:  # an old server would pass over them
            await self._calls.send(
                "GET", "scenarios", self.id, "runs", feature="options of a run, such as a time limit"
            )
        await self._calls.send("POST", "scenarios", self.id, "run", body=options or None)
        return await self.refresh()

    async def wait(
        self, timeout: float | None = None, *, progress: Progress = False, check: bool = True
    ) -> AsyncScenario:
        """Wait until its run has ended. Nothing that ends the wait ends the run.

        Args:
            timeout: Seconds: the longest wait; None for no limit.
            progress: Whether it is shown how far it is, or a function that is called with its standing.
            check: Whether a run that is not complete then raises.

        Raises:
            RunFailed: The run has failed, or was cut off.
            NotComplete: Nobody has started it.
            WaitTimeout: It has not ended in time. It goes on.
            WaitInterrupted: Ctrl-C. It goes on.
        """
        await AsyncWaiting(self._calls, [self], meter_of(progress)).wait(timeout)
        if check:
            self.check()
        return self

    async def result(self, *, best: bool = False) -> Any:  # noqa: ANN401 - any JSON
        """The result of its algorithm, in the values of JSON.

        Args:
            best: Whether to take the best result so far of a run that goes on.

        Raises:
            RunFailed: The run has failed, or was cut off.
            NotComplete: It has not ended.
            Conflict: Its algorithm has reported no result so far.
        """
        query = [("best", "true")] if best else []
        if best:  # an old server would pass over the query
            await self._calls.send("GET", "scenarios", self.id, "progress", feature="best result of a run that goes on")
        else:
            if self.is_active or self.status == "created":
                await self.refresh()
            self.check()
        return read(await self._calls.send("GET", "scenarios", self.id, query=query), _Result).result

    def log(self, *, follow: bool = False) -> AsyncGenerator[LogLine, None]:
        """What its latest run has printed and logged, line by line.

        Args:
            follow: Whether to wait for further lines until the run has ended.

        Raises:
            Unsupported: The server keeps no logs.
        """
        return log_lines(self._calls, self.id, follow=follow)

    async def history(self) -> list[dict[str, Any]]:
        """Its last runs, the newest first: who started each, when, how it ended, what it took."""
        return read(
            await self._calls.send("GET", "scenarios", self.id, "runs", feature="history of runs"), list[dict[str, Any]]
        )

    async def cancel(self) -> AsyncScenario:
        """Stop its run, or take it out of the queue; it is `failed` then."""
        await self._calls.send("POST", "scenarios", self.id, "cancel", feature="way to cancel a run")
        return self

    async def stop(self, grace: float | None = None) -> AsyncScenario:
        """Ask its algorithm to end with the best result that it has.

        Args:
            grace: Seconds that it has for that; None for those of the server.
        """
        query = [] if grace is None else [("grace", str(grace))]
        await self._calls.send(
            "POST", "scenarios", self.id, "stop", query=query, feature="way to stop a run and keep its best"
        )
        return self

    async def reset(self) -> AsyncScenario:
        """Discard its result, so that it can be started again."""
        await self._calls.send("POST", "scenarios", self.id, "reset")
        return await self.refresh()

    async def delete(self) -> None:
        """Delete it.

        Raises:
            Conflict: It is queued or running; cancel it first.
        """
        await self._calls.send("DELETE", "scenarios", self.id)
        self._summary.status = DELETED

    async def label(self, labels: Mapping[str, str | None] | None = None, **more: str | None) -> AsyncScenario:
        """Give it labels, text by name; None takes one off, and the others stay."""
        return await self._edited({"labels": {**(labels or {}), **more}})

    async def edit(self, *, tag: str | None = None, note: str | None = None) -> AsyncScenario:
        """Change its tag or its note; an empty note takes it off.

        Raises:
            Conflict: The tag is taken.
        """
        return await self._edited({name: text for name, text in {"tag": tag, "note": note}.items() if text is not None})

    async def tables(self) -> list[Table]:
        """The tables of its result, with their sizes and columns."""
        return await self._tables.profile()

    async def table(self, name: str, **part: Any) -> pd.DataFrame:  # noqa: ANN401 - those of `part_query`
        """A table of its result, or a part of it, as a DataFrame.

        Args:
            name: The name of the table.
            part: `columns`, `where`, `order`, `offset`, `limit`, `group`, `aggregate`, as of a dataset.
        """
        return await self._tables.frame(name, **part)

    async def _edited(self, changes: Mapping[str, object]) -> AsyncScenario:
        response = await self._calls.send(
            "PATCH", "scenarios", self.id, body=changes, feature="labels, notes and new tags"
        )
        self._summary = read(response, Summary)
        return self
