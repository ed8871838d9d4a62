"""Logins: what the cookies of browsers stand for. The cookie has no token, and its own value is kept as a digest.

They are in the memory of the process: a restart ends all of them.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from time import monotonic
from typing import NamedTuple

from starlette.types import Scope

#: The name of the cookie.
COOKIE = "algomancy_login"

#: Seconds: a login ends that has not been used for so long.
IDLE = 12 * 3600

#: Logins of one token at the same time. One more ends the one that was not used for the longest time.
MOST = 100

#: Bytes: part of a digest that is the key of a lookup. The whole digest is compared in constant time.
_KEY_SIZE = 8


class Login(NamedTuple):
    """A login.

    Args:
        digest: The digest of the value of its cookie.
        token: The digest of the secret of its token.
        used: When it was last used, by the monotonic clock.
    """

    digest: bytes
    token: bytes
    used: float


class Logins:
    """The logins of a server. Belongs to one event loop.

    Args:
        origins: The origins whose pages may call the API, beside its own. ``"*"`` is none of them: pages of any origin
            may call it only without cookies.
    """

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self.origins = frozenset(origins) - {"*"}
        self._logins: dict[bytes, Login] = {}  # the one that was not used for the longest time comes first

    def begin(self, token: bytes) -> str:
        """The value of the cookie of a new login.

        Args:
            token: The digest of the secret of its token.
        """
        self._forget_idle()
        same = [key for key, login in self._logins.items() if login.token == token]
        for key in same[: max(0, len(same) + 1 - MOST)]:
            del self._logins[key]
        value = secrets.token_urlsafe(32)
        digest = _digest(value)
        self._logins[digest[:_KEY_SIZE]] = Login(digest, token, monotonic())
        return value

    def token_of(self, value: str) -> bytes | None:
        """The digest of the secret of a login's token; None if there is no login with this value. It counts as used."""
        login = self._found(value)
        if login is None or login.used + IDLE <= monotonic():
            return None
        key = login.digest[:_KEY_SIZE]
        del self._logins[key]
        self._logins[key] = login._replace(used=monotonic())
        return login.token

    def end(self, value: str) -> None:
        """End a login, if there is one with this value."""
        if (login := self._found(value)) is not None:
            del self._logins[login.digest[:_KEY_SIZE]]

    def _found(self, value: str) -> Login | None:
        """The login with a value. The duration reveals nothing about others: nobody can choose a digest."""
        digest = _digest(value)
        login = self._logins.get(digest[:_KEY_SIZE])
        return login if hmac.compare_digest(login.digest if login else b"", digest) else None

    def _forget_idle(self) -> None:
        oldest = monotonic() - IDLE
        while self._logins and (first := next(iter(self._logins.values()))).used <= oldest:
            del self._logins[first.digest[:_KEY_SIZE]]


def login_cookie(scope: Scope) -> str | None:
    """The value of the cookie of a request; None if it has none."""
    for name, header in scope["headers"]:
        if name == b"cookie" and COOKIE.encode() in header:
            return _value(header.decode("latin-1"))
    return None


def _value(header: str) -> str | None:
    for part in header.split(";"):
        name, _, value = part.partition("=")
        if name.strip() == COOKIE:
            return value.strip()
    return None


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
