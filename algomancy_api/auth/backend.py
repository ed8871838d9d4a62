"""Authentication by `Authorization: Bearer` or the cookie of a login, as a backend of Starlette."""

from collections.abc import Sequence
from os import PathLike

from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, BaseUser
from starlette.requests import HTTPConnection
from starlette.types import Scope

from ..methods import SAFE_METHODS
from .logins import Logins, login_cookie
from .origins import check_origin
from .token_watch import TokensUnknown, TokensWatch
from .tokens import ACCESSES, Access, Keyring, Token, digest_of

#: Scopes by access, those of less access included.
_SCOPES = {access: ACCESSES[:number] for number, access in enumerate(ACCESSES, 1)}


class AuthenticationUnavailable(AuthenticationError):
    """Tokens cannot be checked at the moment."""


class TokenUser(BaseUser):
    """The user that a token stands for."""

    def __init__(self, token: Token) -> None:
        self._token = token

    @property
    def access(self) -> Access:
        """The access of the token."""
        return self._token.access

    @property
    def digest(self) -> bytes:
        """The digest of the token's secret."""
        return self._token.digest

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def display_name(self) -> str:
        return self._token.name

    @property
    def identity(self) -> str:
        return self._token.name

    @property
    def sessions(self) -> Sequence[str]:
        """The ids and names of the visible sessions; ``"*"`` is all of them."""
        return self._token.sessions


class TokenAuthentication(AuthenticationBackend):
    """Authentication backend for ``Authorization: Bearer`` and, without that, for the cookie of a login.

    Args:
        tokens: The tokens of the configuration.
        path: The token file; None without one.
        logins: The logins; None for no cookies.

    Raises:
        ValueError: Two tokens have the same name or secret, or the file has an error.
    """

    def __init__(self, tokens: Sequence[Token], path: str | PathLike[str] | None, logins: Logins | None = None) -> None:
        self._keyring = Keyring(tokens)
        self.logins = logins
        self.file = None if path is None else TokensWatch(path, tokens)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """The user and the scopes of a request's token; None if the request has no token.

        Raises:
            AuthenticationError: The token is unknown, or the login of the cookie has ended.
            OtherOrigin: A page of another origin may have sent the request with the cookie.
            AuthenticationUnavailable: The token file could not be read in time.
        """
        scheme, _, secret = _authorization(conn.scope).partition(b" ")
        if scheme.lower() != b"bearer":
            return await self._logged_in(conn.scope)
        known = await self.known_by(digest_of(secret.strip()))
        if known is None:
            raise AuthenticationError("The token is not valid")
        return known

    async def _logged_in(self, scope: Scope) -> tuple[AuthCredentials, BaseUser] | None:
        """The user and the scopes of the login that a request has the cookie of; None if it has no cookie."""
        if self.logins is None or (value := login_cookie(scope)) is None:
            return None
        digest = self.logins.token_of(value)
        known = None if digest is None else await self.known_by(digest)
        if known is None:
            raise AuthenticationError("The login has ended; log in again")
        if scope["method"] not in SAFE_METHODS:
            check_origin(scope, self.logins.origins)
        return known

    async def known_by(self, digest: bytes) -> tuple[AuthCredentials, TokenUser] | None:
        """The user and the scopes of the token whose secret has a digest, as they are now; None without such a token.

        Raises:
            AuthenticationUnavailable: The token file could not be read in time.
        """
        try:
            token = self._keyring.with_digest(digest) if self.file is None else await self.file.with_digest(digest)
        except TokensUnknown as error:
            raise AuthenticationUnavailable("Tokens cannot be checked at the moment; try again later") from error
        return None if token is None else (AuthCredentials(_SCOPES[token.access]), TokenUser(token))


def tokens_watch_of(backend: AuthenticationBackend | None) -> TokensWatch | None:
    """The token file of a backend, if it has one."""
    return backend.file if isinstance(backend, TokenAuthentication) else None


async def known_still(
    backend: AuthenticationBackend, credentials: AuthCredentials, user: BaseUser
) -> tuple[AuthCredentials, BaseUser] | None:
    """Scopes and user of an earlier request, as they are now; None if its token has ended.

    A host's own backend knows no more than the request: what it has said then is taken for true.

    Raises:
        AuthenticationUnavailable: The token file could not be read in time.
    """
    if isinstance(backend, TokenAuthentication) and isinstance(user, TokenUser):
        return await backend.known_by(user.digest)
    return credentials, user


def _authorization(scope: Scope) -> bytes:
    """The `Authorization` header. Several lines are joined, and then match no token."""
    return b",".join([value for name, value in scope["headers"] if name == b"authorization"])
