"""Who sent a request: the holder of a token, or whoever a host's own backend says."""

from collections.abc import Sequence
from os import PathLike

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser
from starlette.requests import HTTPConnection
from starlette.types import Scope

from .token_watch import TokensUnknown, TokensWatch
from .tokens import ACCESSES, Keyring, Token

#: By the access of a token: its scopes, those of less access included.
_SCOPES = {access: ACCESSES[:number] for number, access in enumerate(ACCESSES, 1)}


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
        scheme, _, secret = _authorization(conn.scope).partition(b" ")
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


def tokens_watch_of(backend: AuthenticationBackend | None) -> TokensWatch | None:
    """The file with tokens that a backend has, if it has one."""
    return backend.file if isinstance(backend, TokenAuthentication) else None


def _authorization(scope: Scope) -> bytes:
    """The header of that name; several lines are joined, and name nobody."""
    return b",".join([value for name, value in scope["headers"] if name == b"authorization"])
