"""The sender of a request and its visible sessions, in the scope of the request."""

from contextlib import suppress

from starlette.authentication import AuthCredentials, BaseUser
from starlette.types import Scope

from .tokens import ALL_SESSIONS

#: Scope key: the ids and names of the sessions that the sender sees; missing or None for all.
_SESSIONS = "algomancy_api.sessions"

#: Scope key: the `Sender`, if a middleware outside the authorization wants to know it.
_SENDER = "algomancy_api.sender"


class Sender:
    """The sender of a request, for middleware outside the authorization: an address until it is identified."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._name = ""

    @property
    def name(self) -> str:
        """A name that is unique to the sender."""
        return self._name or sender_of(self._scope)

    def set_name(self, name: str) -> None:
        """Set the name, once the sender is identified."""
        self._name = name


def share_sender(scope: Scope) -> Sender:
    """The sender of a request. `identify` sets its name, even if it gets a copy of the scope."""
    scope[_SENDER] = sender = Sender(scope)
    return sender


def identify(scope: Scope, credentials: AuthCredentials, user: BaseUser) -> None:
    """Put credentials, user and visible sessions into the scope, the first two under Starlette's keys."""
    scope["auth"], scope["user"] = credentials, user
    scope[_SESSIONS] = _visible_to(user)
    if (sender := scope.get(_SENDER)) is not None:
        sender.set_name(sender_of(scope))


def sender_of(scope: Scope) -> str:
    """A name that is unique to the sender of a request: its user, or else its address."""
    user = scope.get("user")
    if not getattr(user, "is_authenticated", False):
        client = scope.get("client")
        return f"address {client[0] if client else 'unknown'}"
    for attribute in ("identity", "display_name"):
        with suppress(NotImplementedError):  # raised by Starlette's base class
            return f"user {getattr(user, attribute)}"
    return f"user {type(user).__name__}"


def visible_sessions(scope: Scope) -> frozenset[str] | None:
    """The ids and names of the sessions that the sender of a request sees; None for all."""
    names: frozenset[str] | None = scope.get(_SESSIONS)
    return names


def _visible_to(user: BaseUser) -> frozenset[str] | None:
    sessions = getattr(user, "sessions", None) if user.is_authenticated else ()
    if sessions is None:
        return None
    names = frozenset([sessions] if isinstance(sessions, str) else map(str, sessions))
    return None if ALL_SESSIONS in names else names
