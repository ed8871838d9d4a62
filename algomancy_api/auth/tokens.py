"""Who may come in: tokens, of whose secrets no more than a digest is kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

#: What somebody may do: read; all but create, copy, rename and delete sessions; everything.
type Access = Literal["read", "write", "admin"]

#: From little to much: each may do what those before it may.
ACCESSES: tuple[Access, ...] = get_args(Access.__value__)

#: In a list of sessions: all of them.
ALL_SESSIONS = "*"

#: The scheme of a hash. A fast one is right for secrets of 256 random bits: nobody guesses those at any speed, while
#: one that is slow on purpose, as for passwords, would take its time from each request.
_SCHEME = "sha256:"

_HASH = re.compile(rf"{_SCHEME}[0-9a-f]{{64}}", re.ASCII)

#: What a header can hold as one word.
_SECRET = re.compile(r"[\x21-\x7e]+")

#: So many bytes of a digest are looked up; the rest is compared in constant time.
_LOOKED_UP = 8


@dataclass(frozen=True)
class Token:
    """What somebody may do who knows a secret.

    Args:
        name: Whose it is, for people and for logs.
        secret: The secret, or its hash as `hash_of` gives it. What is kept is the hash.
        access: ``"read"``, ``"write"`` (all but create, copy, rename and delete sessions), or ``"admin"``.
        sessions: The sessions that it sees, by id or display name; ``"*"`` is all of them.

    Raises:
        ValueError: One of them breaks its rule; the message does not show the secret.
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
        """The bytes of the hash."""
        return bytes.fromhex(self.secret.removeprefix(_SCHEME))


class Keyring:
    """Tokens, to be found by their secrets.

    Args:
        tokens: Tokens to begin with.

    Raises:
        ValueError: Two have one name, or one secret.
    """

    def __init__(self, tokens: Iterable[Token] = ()) -> None:
        self._tokens: dict[bytes, tuple[bytes, Token]] = {}
        self._names: set[str] = set()
        for token in tokens:
            self.add(token)

    def add(self, token: Token) -> None:
        """Put in one more.

        Raises:
            ValueError: Another has its name, or its secret.
        """
        if token.name in self._names:
            raise ValueError(f"two tokens are called {token.name!r}")
        digest = token.digest
        _, first = self._tokens.setdefault(digest[:_LOOKED_UP], (digest, token))
        if first is not token:
            raise ValueError(f"the tokens {first.name!r} and {token.name!r} have one secret")
        self._names.add(token.name)

    def token_of(self, secret: bytes) -> Token | None:
        """The token with a secret; how long that takes says nothing of any other secret.

        What is looked up is a part of the digest, which nobody can choose, and not of the secret.
        """
        digest = hashlib.sha256(secret).digest()
        known, token = self._tokens.get(digest[:_LOOKED_UP], (b"", None))
        return token if hmac.compare_digest(known, digest) else None


def new_secret() -> str:
    """A secret that nobody guesses; its beginning says what it is, to who finds it where it should not be."""
    return f"alg_{secrets.token_urlsafe(32)}"


def hash_of(secret: str) -> str:
    """The hash of a secret, after the name of its scheme."""
    return _SCHEME + hashlib.sha256(secret.encode()).hexdigest()


def is_hash(text: str) -> bool:
    """Whether a text is such a hash."""
    return _HASH.fullmatch(text) is not None


def _hashed(secret: object) -> str:
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise ValueError("the secret of a token must be of visible ASCII characters alone, at least one")
    if not secret.startswith(_SCHEME):
        return hash_of(secret)
    if not is_hash(secret):
        raise ValueError(f"the hash of a token must be {_SCHEME!r} and 64 hexadecimal digits in lower case")
    return secret


def _are_sessions(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, str) and one for one in value)
