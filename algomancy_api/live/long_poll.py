"""Requests for a scenario's status or log, or for changes of many scenarios, that wait for a change."""

import re
from collections.abc import Callable
from math import isfinite
from typing import NamedTuple

import anyio
from msgspec.json import Encoder
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from ..concurrency.disconnect import DisconnectListener
from ..errors import Malformed, NotFound
from ..http.conditional import is_named, unless_known
from ..http.negotiation import Headers, header
from ..http.responses import EncodedJSONResponse
from ..serialization.json_encoder import encode
from .selection import Selection
from .watched_changes import Told
from .watched_log import Cursor
from .watched_scenario import State, Watched
from .watcher import LiveSession, Watcher, fill

#: Seconds: longest wait. Proxies may close a connection that is silent for longer.
LONGEST = 60

_PREFERRED = re.compile(rb'(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?\s*(?:[,;]|$)', re.IGNORECASE)

#: The request headers on which the response depends.
_RELEVANT_HEADERS = frozenset({b"if-none-match", b"prefer"})

_encode = Encoder().encode


class Wait(NamedTuple):
    """The wait that a client asks for, in seconds, and the response headers that confirm it."""

    seconds: float
    headers: Headers


def is_plain(scope: Scope) -> bool:
    """Whether a request has no query and no header on which the response depends: the fast path of most polls."""
    return not scope["query_string"] and _RELEVANT_HEADERS.isdisjoint([name for name, _ in scope["headers"]])


def wanted_wait(request: Request) -> Wait:
    """The wait that a request asks for, in its query or else in its `Prefer` header (RFC 7240).

    Raises:
        Malformed: The value in the query is not a number from 0 to 60.
    """
    if (text := request.query_params.get("wait")) is not None:
        return Wait(_seconds(text), [])
    if (found := _PREFERRED.search(header(request.scope, b"prefer"))) is not None:
        seconds = min(int(found[1]), LONGEST)
        return Wait(seconds, [(b"preference-applied", b"wait=%d" % seconds)])
    return Wait(0, [])


async def wait_for_change(request: Request, session: LiveSession, scenario_id: str, seconds: float) -> None:
    """Wait until a scenario's state differs from the one in `If-None-Match`, or else from the present one.

    Also returns at the end of the time, or when the server is stopping.

    Args:
        request: The request.
        session: The session of the scenario.
        scenario_id: The id of the scenario.
        seconds: Longest wait.

    Raises:
        NotFound: The scenario or its session does not exist, or is deleted during the wait.
        ClientDisconnect: The client disconnected.
    """
    with session.watcher.scenario(session.manager, scenario_id, session.gate.is_closed) as watched:
        known = header(request.scope, b"if-none-match")
        if not known and watched.state:
            known = _etag(watched.state).encode()

        def is_known() -> bool:
            return watched.state is not None and is_named(_etag(watched.state), known)

        await _wait(request, session.watcher, watched, is_known, seconds)
        if watched.state is None:
            raise NotFound("Scenario", scenario_id)


async def wait_for_lines(
    request: Request, session: LiveSession, scenario_id: str, cursor: Cursor, seconds: float
) -> None:
    """Wait until a run has lines after a cursor, or has ended.

    Also returns at the end of the time, or when the server is stopping.

    Args:
        request: The request.
        session: The session of the scenario.
        scenario_id: The id of the scenario.
        cursor: The client's place in the log.
        seconds: Longest wait.

    Raises:
        ClientDisconnect: The client disconnected.
    """
    with session.watcher.log(session.manager, scenario_id, session.gate.is_closed) as watched:
        await _wait(request, session.watcher, watched, lambda: watched.has_no_more_than(cursor), seconds)


async def wait_for_changes(
    request: Request, session: LiveSession, selection: Selection, cursor: str | None, seconds: float
) -> Told:
    """Wait until any of some scenarios has changed since a cursor, and return what has.

    Also returns, with nothing, at the end of the time, or when the server is stopping.

    Args:
        request: The request.
        session: The session of the scenarios.
        selection: Which scenarios.
        cursor: That of the client's last answer; None, or one that is unknown, for the present states of all.
        seconds: Longest wait.

    Raises:
        NotFound: The session is deleted during the wait.
        ClientDisconnect: The client disconnected.
    """
    with session.watcher.changes(session.manager, session.gate.is_closed, selection) as watched:
        await fill(watched, session)
        if seconds:
            await _wait(request, session.watcher, watched, lambda: watched.is_unchanged(cursor), seconds)
        if watched.is_gone:
            raise NotFound("Session", session.id)
        return watched.told(cursor)


async def _wait(
    request: Request, watcher: Watcher, watched: Watched, is_unchanged: Callable[[], bool], seconds: float
) -> None:
    client = DisconnectListener(request.receive)
    async with anyio.create_task_group() as group:
        group.cancel_scope.deadline = anyio.current_time() + seconds
        group.start_soon(client.listen, group.cancel_scope)
        while is_unchanged() and not watcher.is_ended:
            await watched.changed()
        group.cancel_scope.cancel()
    if client.has_left:
        raise ClientDisconnect


def status_response(state: State, headers: Headers | None = None) -> EncodedJSONResponse:
    """A response with a scenario's state and its `ETag`."""
    return EncodedJSONResponse(_encoded(state), headers=[(b"etag", b"W/" + _etag(state).encode()), *(headers or ())])


def status_if_new(scope: Scope, state: State, headers: Headers) -> Response:
    """A response with a scenario's state, or 304 if the state is the one in `If-None-Match`."""
    return unless_known(scope, _etag(state), status_response(state, headers))


def _encoded(state: State) -> bytes:
    try:
        return _encode(state)  # takes half the time of `encode`, and polls are the most frequent requests
    except UnicodeEncodeError:  # the scenario's tag has a lone surrogate
        return encode(state)


def _etag(state: State) -> str:
    return f'"{state.version}"'


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not isfinite(seconds) or not 0 <= seconds <= LONGEST:
        raise Malformed(f"wait must be a number of seconds from 0 to {LONGEST}; got {text!r}")
    return seconds
