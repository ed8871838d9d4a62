"""Request to session, and the managers for a host's own handlers."""

from contextlib import AbstractContextManager

from starlette.requests import Request

from ..auth.identity import sender_of, visible_sessions
from ..errors import Conflict, Forbidden
from ..framework import ApiScenarioManager, ApiSessionManager
from ..http.paths import path_name
from .scenarios import Session
from .sessions import Sessions


def sessions_of(request: Request) -> Sessions:
    """The sessions of the request's app that its sender sees."""
    sessions: Sessions = request.app.state.sessions
    visible = visible_sessions(request.scope)
    return sessions if visible is None else sessions.limited_to(visible)


def session_of(request: Request) -> Session:
    """The session of ``{session_id}`` in the request's path, an id or a display name.

    Raises:
        NotFound: The sender sees no such session.
    """
    return sessions_of(request).session(path_name(request, "session_id"))


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


def get_session_manager(request: Request) -> ApiSessionManager:
    """The session manager of the request's app, for a host's own handlers.

    Raises:
        Forbidden: The sender sees only some sessions. The manager gives access to all.
    """
    if visible_sessions(request.scope) is not None:
        raise Forbidden("Requires a token that can see every session")
    return sessions_of(request).sessions


def get_scenario_manager(request: Request) -> ApiScenarioManager:
    """The scenario manager of the session of ``{session_id}`` in the request's path, for a host's own handlers.

    Most of its methods may use a disk or a database: call them with ``anyio.to_thread.run_sync``.

    Raises:
        NotFound: The sender sees no session of that id or display name.
    """
    return session_of(request).manager
