"""Tokens and the keyring that finds them by their secrets. Only digests of secrets are kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

#: Access: read; everything but creating, copying, renaming and deleting sessions; everything.
type Access = Literal["read", "write", "admin"]

#: Access levels in ascending order. Each includes those before it.
ACCESSES: tuple[Access, ...] = get_args(Access.__value__)

#: Item of a list of sessions: all sessions.
ALL_SESSIONS = "*"

#: Prefix of a hash. A fast hash is right for secrets of 256 random bits: they cannot be guessed at any speed, while a
#: slow password hash would add its time to each request.
_SCHEME = "sha256:"

_HASH = re.compile(rf"{_SCHEME}[0-9a-f]{{64}}", re.ASCII)

#: A secret: one word of a header.
_SECRET = re.compile(r"[\x21-\x7e]+")

#: Bytes: part of a digest that is the key of a lookup. The whole digest is compared in constant time.
_KEY_SIZE = 8


@dataclass(frozen=True)
class Token:
    """An access token.

    Args:
        name: Its name, for people and for logs.
        secret: The secret, or its hash as `hash_of` returns it. Only the hash is kept.
        access: ``"read"``, ``"write"`` (everything but creating, copying, renaming and deleting sessions), or
            ``"admin"`` (everything).
        sessions: The visible sessions, by id or display name; ``"*"`` is all of them.

    Raises:
        ValueError: An argument is invalid. The message does not show the secret.
    """

    name: str
    secret: str = field(repr=False)
    access: Access = "read"
    sessions: Sequence[str] = (ALL_SESSIONS,)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or not self.name.isprintable():
            raise ValueError(f"the name of a token must be printable text; got {self.name!r}")
        if self.access not in ACCESSES:
            raise ValueError(f"the access of a token must be one of {', '.join(ACCESSES)}; got {self.access!r}")
        if not _are_sessions(self.sessions):
            raise ValueError(f"the sessions of a token must be a list of ids or names, or ['*']; got {self.sessions!r}")
        object.__setattr__(self, "sessions", tuple(self.sessions))
        object.__setattr__(self, "secret", _hashed(self.secret))

    @property
    def digest(self) -> bytes:
        """The hash as bytes."""
        return bytes.fromhex(self.secret.removeprefix(_SCHEME))


class Keyring:
    """A collection of tokens that finds them by their secrets.

    Args:
        tokens: The first tokens.

    Raises:
        ValueError: Two tokens have the same name or secret.
    """

    def __init__(self, tokens: Iterable[Token] = ()) -> None:
        self._tokens: dict[bytes, tuple[bytes, Token]] = {}
        self._names: set[str] = set()
        for token in tokens:
            self.add(token)

    def add(self, token: Token) -> None:
        """Add a token.

        Raises:
            ValueError: Another token has the same name or secret.
        """
        if token.name in self._names:
            raise ValueError(f"two tokens have the name {token.name!r}")
        digest = token.digest
        _, first = self._tokens.setdefault(digest[:_KEY_SIZE], (digest, token))
        if first is not token:
            raise ValueError(f"the tokens {first.name!r} and {token.name!r} have the same secret")
        self._names.add(token.name)

    def token_of(self, secret: bytes) -> Token | None:
        """The token with a secret. The duration reveals nothing about other secrets.

        The key of the lookup is part of the digest, not of the secret, and an attacker cannot choose a digest.
        """
        return self.with_digest(digest_of(secret))

    def with_digest(self, digest: bytes) -> Token | None:
        """The token whose secret has a digest."""
        known, token = self._tokens.get(digest[:_KEY_SIZE], (b"", None))
        return token if hmac.compare_digest(known, digest) else None


def new_secret() -> str:
    """A random secret. Its prefix tells secret scanners and readers what it is."""
    return f"alg_{secrets.token_urlsafe(32)}"


def digest_of(secret: bytes) -> bytes:
    """The digest of a secret."""
    return hashlib.sha256(secret).digest()


def hash_of(secret: str) -> str:
    """The hash of a secret, with its prefix."""
    return _SCHEME + hashlib.sha256(secret.encode()).hexdigest()


def is_hash(text: str) -> bool:
    """Whether a text is a hash as `hash_of` returns it."""
    return _HASH.fullmatch(text) is not None


def _hashed(secret: object) -> str:
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise ValueError("the secret of a token must be one or more visible ASCII characters")
    if not secret.startswith(_SCHEME):
        return hash_of(secret)
    if not is_hash(secret):
        raise ValueError(f"the hash of a token must be {_SCHEME!r} and 64 hexadecimal digits in lower case")
    return secret


def _are_sessions(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, str) and one for one in value)
