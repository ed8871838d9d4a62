"""The sessions of one app, as requests use them, and how a request finds its own."""

from contextlib import AbstractContextManager

from starlette.requests import Request

from ..auth.identity import sender_of, visible_sessions
from ..errors import Conflict, Forbidden
from ..framework import ApiScenarioManager, ApiSessionManager
from ..http.paths import path_name
from .scenarios import Session
from .sessions import Sessions


def sessions_of(request: Request) -> Sessions:
    """The sessions of the app that the request came to, as far as its sender sees them."""
    sessions: Sessions = request.app.state.sessions
    visible = visible_sessions(request.scope)
    return sessions if visible is None else sessions.limited_to(visible)


def session_of(request: Request) -> Session:
    """The session that ``{session_id}`` in the request's path names, by id or display name; else a 404."""
    return sessions_of(request).session(path_name(request, "session_id"))


def check_session_is(session: Session, request: Request) -> None:
    """Refuse a request whose path names another session than when it began, now that its body is there.

    Raises:
        NotFound: Its sender sees no such session any more.
        Conflict: The name has gone to another.
    """
    if session_of(request) is not session:
        name = path_name(request, "session_id")
        raise Conflict(f"The name '{name}' has gone to another session meanwhile: send the request again")


def open_stream(request: Request) -> AbstractContextManager[None]:
    """What a request's sender is inside for as long as a stream is open, of events or a dataset, or a poll waits.

    To enter it raises `TooMany` if they have as many as they may.
    """
    return sessions_of(request).streams.one_of(sender_of(request.scope))


def get_session_manager(request: Request) -> ApiSessionManager:
    """The session manager of the app that the request came to, for a host's own handlers.

    Raises:
        Forbidden: The request's sender sees some sessions only, and the manager knows all.
    """
    if visible_sessions(request.scope) is not None:
        raise Forbidden("This is for those who see every session")
    return sessions_of(request).sessions


def get_scenario_manager(request: Request) -> ApiScenarioManager:
    """The manager of the session that ``{session_id}`` in the request's path names, for a host's own handlers.

    Most of its methods can touch a disk or a database: call them with ``anyio.to_thread.run_sync``.

    Raises:
        NotFound: There is no session of that id or display name.
    """
    return session_of(request).manager
