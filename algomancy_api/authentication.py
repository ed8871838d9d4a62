"""Who sent a request: the holder of a token, or whoever a host's own backend says."""

from collections.abc import Sequence
from contextlib import suppress
from os import PathLike

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser
from starlette.requests import HTTPConnection
from starlette.types import Scope

from .configuration import ApiConfiguration
from .negotiation import header
from .tokens import ACCESSES, ALL_SESSIONS, Keyring, Token
from .tokens_watch import TokensUnknown, TokensWatch

#: By the access of a token: its scopes, those of less access included.
_SCOPES = {access: ACCESSES[:number] for number, access in enumerate(ACCESSES, 1)}

#: Where in a request's scope the sessions are that its sender sees, if there are limits.
_SESSIONS = "algomancy_api.sessions"

#: Where in a request's scope its `Sender` is, if anybody outside the door wants to know.
_SENDER = "algomancy_api.sender"


class AuthenticationUnavailable(AuthenticationError):
    """Nobody can say at the moment whose a token is."""


class TokenUser(BaseUser):
    """The holder of a token.

    Args:
        token: The token.
    """

    def __init__(self, token: Token) -> None:
        self._token = token

    @property
    def is_authenticated(self) -> bool:
        """It is."""
        return True

    @property
    def display_name(self) -> str:
        """The token's name."""
        return self._token.name

    @property
    def identity(self) -> str:
        """The token's name."""
        return self._token.name

    @property
    def sessions(self) -> Sequence[str]:
        """The ids and names of the sessions that it sees; ``"*"`` is all of them."""
        return self._token.sessions


class TokenAuthentication(AuthenticationBackend):
    """Knows senders by ``Authorization: Bearer``.

    Args:
        tokens: The tokens of the configuration.
        path: A file with more of them, or none.

    Raises:
        ValueError: Two tokens have one name or secret, or something in the file is wrong.
    """

    def __init__(self, tokens: Sequence[Token], path: str | PathLike[str] | None) -> None:
        self._keyring = Keyring(tokens)
        self.file = None if path is None else TokensWatch(path, tokens)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """The holder of the token that a request has, with the scopes that this has; None if it has no token.

        Raises:
            AuthenticationError: It is not a token of ours.
            AuthenticationUnavailable: The file with tokens could not be read in time.
        """
        scheme, _, secret = header(conn.scope, b"authorization").partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        secret = secret.strip()
        try:
            token = self._keyring.token_of(secret) if self.file is None else await self.file.token_of(secret)
        except TokensUnknown as error:
            raise AuthenticationUnavailable("The tokens cannot be checked at the moment; try again later") from error
        if token is None:
            raise AuthenticationError("The token is not valid")
        return AuthCredentials(_SCOPES[token.access]), TokenUser(token)


def authentication_of(
    configuration: ApiConfiguration, tokens_file: str | PathLike[str] | None
) -> AuthenticationBackend | None:
    """What a configuration has requests authenticated by; None if anybody may do everything.

    Args:
        configuration: The configuration.
        tokens_file: The file with tokens, wherever its name comes from.

    Raises:
        ValueError: Something is wrong with the tokens.
    """
    backend: AuthenticationBackend | None = configuration.authentication
    if backend is not None:
        return backend
    if configuration.tokens or tokens_file is not None:
        return TokenAuthentication(configuration.tokens, tokens_file)
    return None


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


def tokens_watch_of(backend: AuthenticationBackend | None) -> TokensWatch | None:
    """The file with tokens that a backend has, if it has one."""
    return backend.file if isinstance(backend, TokenAuthentication) else None


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
