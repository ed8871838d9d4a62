"""Follows the log of a run."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from ..wire.answers import LogLine, LogPart
from ..wire.faults import read
from .calls import AsyncCalls

#: Seconds: how long the server waits for further lines.
_WAIT = 20


async def log_lines(calls: AsyncCalls, scenario_id: str, *, follow: bool) -> AsyncGenerator[LogLine, None]:
    """The lines of the latest run of a scenario.

    Args:
        calls: The requests about its session.
        scenario_id: Its id.
        follow: Whether to wait for further lines until the run has ended.

    Raises:
        Unsupported: The server keeps no logs.
        Gone: The run is deleted meanwhile, by a reset.
    """
    query: list[tuple[str, str]] = []
    while True:
        part = await _part(calls, scenario_id, query)
        for line in part.lines:
            yield line
        if part.complete or not (part.lines or follow):
            return
        wait = [("wait", str(_WAIT))] if follow else []
        query = [("from", part.next), *wait]


async def _part(calls: AsyncCalls, scenario_id: str, query: list[tuple[str, str]]) -> LogPart:
    response = await calls.send(
        "GET", "scenarios", scenario_id, "log", query=query, patience=_WAIT, feature="log of a run"
    )
    return read(response, LogPart)
