"""Who sent a request: the holder of a token, or whoever a host's own backend says."""

from contextlib import suppress

from starlette.authentication import AuthCredentials, BaseUser
from starlette.types import Scope

from .tokens import ALL_SESSIONS

#: Where in a request's scope the sessions are that its sender sees, if there are limits.
_SESSIONS = "algomancy_api.sessions"


#: Where in a request's scope its `Sender` is, if anybody outside the door wants to know.
_SENDER = "algomancy_api.sender"


class Sender:
    """Who has sent a request, as layers outside the door learn it: an address until the door knows better."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._name = ""

    @property
    def name(self) -> str:
        """What tells the sender from others."""
        return self._name or sender_of(self._scope)

    def tell(self, name: str) -> None:
        """Say who it is."""
        self._name = name


def share_sender(scope: Scope) -> Sender:
    """The sender of a request, whom `identify` names, whatever copies are made of the scope meanwhile."""
    scope[_SENDER] = sender = Sender(scope)
    return sender


def identify(scope: Scope, credentials: AuthCredentials, user: BaseUser) -> None:
    """Say in a request's scope who sent it, where Starlette looks for it, too."""
    scope["auth"], scope["user"] = credentials, user
    scope[_SESSIONS] = _limits(user)
    if (sender := scope.get(_SENDER)) is not None:
        sender.tell(sender_of(scope))


def sender_of(scope: Scope) -> str:
    """What tells the sender of a request from others: who they are known as, or else where they come from."""
    user = scope.get("user")
    if not getattr(user, "is_authenticated", False):
        client = scope.get("client")
        return f"address {client[0] if client else 'unknown'}"
    for attribute in ("identity", "display_name"):
        with suppress(NotImplementedError):  # as in Starlette's own base class
            return f"user {getattr(user, attribute)}"
    return f"user {type(user).__name__}"


def visible_sessions(scope: Scope) -> frozenset[str] | None:
    """The ids and names of the sessions that the sender of a request sees; None for all."""
    names: frozenset[str] | None = scope.get(_SESSIONS)
    return names


def _limits(user: BaseUser) -> frozenset[str] | None:
    sessions = getattr(user, "sessions", None) if user.is_authenticated else ()
    if sessions is None:
        return None
    names = frozenset([sessions] if isinstance(sessions, str) else map(str, sessions))
    return None if ALL_SESSIONS in names else names
