"""Request to session, and the managers for a host's own handlers."""

from collections.abc import Collection
from contextlib import AbstractContextManager

from starlette.requests import Request

from ..auth.identity import has_access, is_limited_to_other, sender_of, visible_sessions
from ..errors import Conflict, Forbidden, Malformed
from ..framework import ApiScenarioManager, ApiSessionManager
from ..http.paths import path_name
from ..listing.query import IGNORED
from .scenarios import Session
from .sessions import Sessions
from .webhooks import Webhooks


def sessions_of(request: Request) -> Sessions:
    """The sessions of the request's app that its sender sees."""
    sessions: Sessions = request.app.state.sessions
    visible = visible_sessions(request.scope)
    return sessions if visible is None else sessions.limited_to(visible)


def session_of(request: Request) -> Session:
    """The session of ``{session_id}`` in the request's path, an id or a display name.

    Raises:
        NotFound: The sender sees no such session.
        Forbidden: The request has a ticket for another session.
    """
    session = sessions_of(request).session(path_name(request, "session_id"))
    if is_limited_to_other(request.scope, session.id):
        raise Forbidden("The ticket is for another session")
    return session


def check_session_is(session: Session, request: Request) -> None:
    """Check, after the body has arrived, that the request's path still names the same session.

    Raises:
        NotFound: The sender no longer sees such a session.
        Conflict: The name now belongs to another session.
    """
    if session_of(request) is not session:
        name = path_name(request, "session_id")
        raise Conflict(f"The name {name!r} now belongs to another session; send the request again")


def open_stream(request: Request) -> AbstractContextManager[None]:
    """The context manager of an open event stream, download or waiting poll, which counts it for its sender.

    Entering it raises `TooMany` if the sender has as many open as it may.
    """
    return sessions_of(request).streams.one_of(sender_of(request.scope))


def wants_traceback(request: Request) -> bool:
    """Whether a request asks for the traceback of a failed run, with ``?traceback=true``.

    Raises:
        Malformed: The value is neither true nor false.
        Forbidden: The sender has only read access.
    """
    wants = query_flag(request, "traceback")
    if wants and not has_access(request.scope, "write"):
        raise Forbidden("Requires write access to read a traceback")
    return wants


def query_flag(request: Request, name: str, *, default: bool = False) -> bool:
    """The value of a parameter in the query that is true or false.

    Args:
        request: The request.
        name: The name of the parameter.
        default: The value if it is left out.

    Raises:
        Malformed: The value is neither.
    """
    if not request.scope["query_string"]:  # most requests; to parse nothing takes a twentieth of a small one
        return default
    values = request.query_params.getlist(name)
    if values not in ([], ["false"], ["true"]):
        raise Malformed(f"{name} must be true or false; got {', '.join(map(repr, values))}")
    return values == ["true"] if values else default


def check_parameters(request: Request, known: Collection[str]) -> None:
    """Check the names in the query of a request, where an unknown one would be missed. Those with `_` mean nothing.

    Raises:
        Malformed: One is unknown.
    """
    for name in request.query_params:
        if name not in known and not name.startswith(IGNORED):
            raise Malformed(f"no parameter {name[:60]!r}; there are {', '.join(known)}")


def get_session_manager(request: Request) -> ApiSessionManager:
    """The session manager of the request's app, for a host's own handlers.

    Raises:
        Forbidden: The sender sees only some sessions. The manager gives access to all.
    """
    if visible_sessions(request.scope) is not None:
        raise Forbidden("Requires a token that can see every session")
    return sessions_of(request).sessions


def webhooks_of(request: Request) -> Webhooks:
    """The receivers of events of the request's app.

    Raises:
        Forbidden: The sender sees only some sessions. The receivers get the events of all.
    """
    get_session_manager(request)
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


def get_scenario_manager(request: Request) -> ApiScenarioManager:
    """The scenario manager of the session of ``{session_id}`` in the request's path, for a host's own handlers.

    Most of its methods may use a disk or a database: call them with ``anyio.to_thread.run_sync``.

    Raises:
        NotFound: The sender sees no session of that id or display name.
    """
    return session_of(request).manager
