"""Watches a session: the states of its scenarios, over lost connections and restarts of the server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from ..errors import ConnectionFailed, Unavailable
from ..wire.answers import State
from ..wire.states import states_of
from .calls import AsyncCalls

#: Seconds: between two attempts to connect again.
_PAUSE = 1.0


async def states(calls: AsyncCalls) -> AsyncGenerator[State, None]:
    """The states of the scenarios of a session: first of all of them, then of each that changes, until it is deleted.

    Raises:
        Unsupported: The server sends no events.
        ConnectionFailed: The server has been away for too long.
    """
    last_id: str | None = None
    heard = time.monotonic()
    while True:
        try:
            async with aclosing(calls.events(last_id=last_id)) as events:
                async for event in events:
                    heard, last_id = time.monotonic(), event.id
                    for state in states_of(event):
                        yield state
                    if event.kind == "gone":
                        return
        except (ConnectionFailed, Unavailable):
            if time.monotonic() - heard > calls.transport.settings.retries.outage:
                raise
        await asyncio.sleep(_PAUSE)
