"""Requests about one session."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from itertools import islice
from math import inf
from typing import Any

import httpx

from ..errors import Unsupported
from ..wire.answers import Changes, Outcome, Outcomes, RunOutcomes, Summary
from ..wire.calls import EVENTS, Call, path_of
from ..wire.events import Event
from ..wire.faults import read
from ..wire.queries import IDS_AT_A_TIME, Query, list_query
from .transport import AsyncTransport

#: Seconds: a stream of events that is silent for longer is broken, since a comment comes every 15 seconds.
SILENCE = 25.0

#: Seconds: how long an upload or its ETL may take beyond the ordinary time-out.
LONG = 3_600.0


class AsyncCalls:
    """Sends requests about one session.

    Args:
        transport: What sends them.
        session_id: The id of the session.
    """

    def __init__(self, transport: AsyncTransport, session_id: str) -> None:
        self.transport = transport
        self._path = path_of("sessions", session_id)

    async def send(self, method: str, *names: str, **others: Any) -> httpx.Response:  # noqa: ANN401 - those of `Call`
        """The answer to a request whose path has these names below the session.

        Raises:
            AlgomancyError: See `errors`.
        """
        return await self.transport.send(Call(method, self._path + path_of(*names), **others))

    async def listed(self, query: Query) -> list[Summary]:
        """The scenarios that a query asks for.

        Raises:
            Unsupported: The server passes over queries.
        """
        response = await self.send("GET", "scenarios", query=query)
        if query and "etag" not in response.headers:  # an old server answers with all scenarios
            raise Unsupported("lists of scenarios by conditions")
        return read(response, list[Summary])

    async def summaries(self, ids: Sequence[str]) -> dict[str, Summary]:
        """Scenarios by their ids. Those that are no more are left out."""
        left, found = iter(ids), dict[str, Summary]()
        try:
            while some := list(islice(left, IDS_AT_A_TIME)):
                found.update({each.id: each for each in await self.listed(list_query(f"id={each}" for each in some))})
        except Unsupported:
            every = await self.listed([])
            return {each.id: each for each in every if each.id in set(ids)}
        return found

    async def change(self, change: str, ids: Sequence[str]) -> list[Outcome]:
        """Delete, cancel or reset scenarios, each for itself, and return the outcomes.

        Raises:
            Unsupported: The server changes only one at a time.
        """
        feature = f"way to {change} several scenarios at once"
        response = await self.send("POST", "scenarios", change, body={"ids": list(ids)}, feature=feature)
        return read(response, Outcomes).outcomes

    async def run(self, ids: Sequence[str]) -> set[str]:
        """Put scenarios into the queue, and return the ids of those that were."""
        outcomes = read(await self.send("POST", "run", body={"scenario_ids": list(ids)}), RunOutcomes).outcomes
        return {outcome.id for outcome in outcomes if outcome.queued}

    async def changes(self, ids: Sequence[str], cursor: str | None, wait: float) -> Changes:
        """What has changed of some scenarios.

        Args:
            ids: Their ids, at most `IDS_AT_A_TIME`.
            cursor: That of the last answer; None for all of them at once.
            wait: Seconds: the longest wait for a change.

        Raises:
            Unsupported: The server has no such route.
        """
        query = [("ids", ",".join(ids)), ("wait", f"{wait:.3f}"), *([] if cursor is None else [("cursor", cursor)])]
        response = await self.send("GET", "scenarios", "wait", query=query, patience=wait, feature="polls that wait")
        return read(response, Changes)

    def events(
        self, ids: Sequence[str] = (), last_id: str | None = None, longest: float = inf
    ) -> AsyncGenerator[Event, None]:
        """The events of scenarios of the session.

        Args:
            ids: Their ids; none for those of all. They may be of all, too, for more ids than a URL has room for.
            last_id: The id of the last event that is known, to go on after it.
            longest: Seconds: about how long the stream is read.

        Raises:
            Unsupported: The server has none.
            ConnectionFailed: The stream breaks off.
        """
        headers = {} if last_id is None else {"Last-Event-ID": last_id}
        query = [("ids", ",".join(ids))] if 0 < len(ids) <= IDS_AT_A_TIME else []
        call = Call("GET", f"{self._path}/events", query, accept=EVENTS, headers=headers, feature="events of a session")
        return self.transport.events(call, SILENCE, longest)
