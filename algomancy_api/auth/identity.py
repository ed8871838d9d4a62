"""The sender of a request and its visible sessions, in the scope of the request."""

from contextlib import suppress

from starlette.authentication import AuthCredentials, BaseUser
from starlette.types import Scope

from ..framework.history.record import queued_by
from .tokens import ACCESSES, ALL_SESSIONS, Access

#: Scope key: the ids and names of the sessions that the sender sees; missing or None for all.
_SESSIONS = "algomancy_api.sessions"

#: Scope key: the id of the one session that the request may be about; missing for all that the sender sees.
_ONLY_SESSION = "algomancy_api.only_session"

#: Scope key: the `Sender`, if a middleware outside the authorization wants to know it.
_SENDER = "algomancy_api.sender"


class Sender:
    """The sender of a request, for middleware outside the authorization: an address until it is identified."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        #: The scope that knows most of the sender.
        self.scope = scope

    @property
    def name(self) -> str:
        """A name that is unique to the sender."""
        return sender_of(self.scope)


def share_sender(scope: Scope) -> Sender:
    """The sender of a request. `identify` tells it who that is, even if it gets a copy of the scope."""
    scope[_SENDER] = sender = Sender(scope)
    return sender


def identify(scope: Scope, credentials: AuthCredentials, user: BaseUser) -> None:
    """Put credentials, user and visible sessions into the scope, the first two under Starlette's keys.

    The runs that this task queues are recorded for the user.
    """
    scope["auth"], scope["user"] = credentials, user
    scope[_SESSIONS] = _visible_to(user)
    queued_by.set(_name_of(user) if user.is_authenticated else None)
    if (sender := scope.get(_SENDER)) is not None:
        sender.scope = scope


def sender_of(scope: Scope) -> str:
    """A name that is unique to the sender of a request: its user, or else its address."""
    user = scope.get("user")
    if not getattr(user, "is_authenticated", False):
        client = scope.get("client")
        return f"address {client[0] if client else 'unknown'}"
    return f"user {_name_of(user)}"


def visible_sessions(scope: Scope) -> frozenset[str] | None:
    """The ids and names of the sessions that the sender of a request sees; None for all."""
    names: frozenset[str] | None = scope.get(_SESSIONS)
    return names


def limit_to_session(scope: Scope, session_id: str) -> None:
    """Let a request be about one session only."""
    scope[_ONLY_SESSION] = session_id


def is_limited_to_other(scope: Scope, session_id: str) -> bool:
    """Whether a request may be about one session only, and that is not this one."""
    only: str | None = scope.get(_ONLY_SESSION)
    return only is not None and only != session_id


def has_authentication(scope: Scope) -> bool:
    """Whether the app of a request has authentication."""
    return _SESSIONS in scope


def has_access(scope: Scope, access: Access) -> bool:
    """Whether the sender of a request has an access; everyone has it in an app without authentication."""
    if not has_authentication(scope):
        return True
    sufficient = ACCESSES[ACCESSES.index(access) :]
    return not set(sufficient).isdisjoint(scope["auth"].scopes)


def _name_of(user: object) -> str:
    for attribute in ("identity", "display_name"):
        with suppress(NotImplementedError):  # raised by Starlette's base class
            return str(getattr(user, attribute))
    return type(user).__name__


def _visible_to(user: BaseUser) -> frozenset[str] | None:
    sessions = getattr(user, "sessions", None) if user.is_authenticated else ()
    if sessions is None:
        return None
    names = frozenset([sessions] if isinstance(sessions, str) else map(str, sessions))
    return None if ALL_SESSIONS in names else names
