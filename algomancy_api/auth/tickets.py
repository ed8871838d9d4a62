"""Tickets: each opens one event stream of one session, once, within a minute. Only their digests are kept.

`EventSource`, with which browsers read event streams, sends no `Authorization`. So a page asks for a ticket with its
token, and has it in the URL of the stream.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from time import monotonic
from typing import NamedTuple

from starlette.authentication import AuthCredentials, BaseUser

from ..errors import TooMany

#: Prefix of a ticket, which tells it from other texts in a URL.
PREFIX = "algt_"

#: Seconds: how long a ticket can be used.
LIFETIME = 60

#: Unused tickets of one sender, and of all, at the same time.
_MOST_OF_SENDER, _MOST = 1_000, 100_000

#: Bytes: part of a digest that is the key of a lookup. The whole digest is compared in constant time.
_KEY_SIZE = 8


class Ticket(NamedTuple):
    """A ticket that was issued, and what it stands for.

    Args:
        digest: The digest of its secret.
        ends: The end of its time, by the monotonic clock.
        sender: A name that is unique to who has asked for it.
        session_id: The id of its session.
        credentials: The credentials of who has asked for it.
        user: The user that has asked for it.
    """

    digest: bytes
    ends: float
    sender: str
    session_id: str
    credentials: AuthCredentials
    user: BaseUser


class Tickets:
    """The tickets that are not used yet. Belongs to one event loop."""

    def __init__(self) -> None:
        self._unused: dict[bytes, Ticket] = {}  # by the time of their end
        self._by_sender: Counter[str] = Counter()

    def issue(self, session_id: str, sender: str, credentials: AuthCredentials, user: BaseUser) -> str:
        """A new ticket.

        Raises:
            TooMany: There are too many that are not used yet.
        """
        self._forget_ended()
        if self._by_sender[sender] >= _MOST_OF_SENDER or len(self._unused) >= _MOST:
            raise TooMany("Too many tickets are not used yet; use them, or wait for their end", LIFETIME)
        secret = unkept_ticket()
        digest = _digest(secret.encode())
        self._unused[digest[:_KEY_SIZE]] = Ticket(digest, monotonic() + LIFETIME, sender, session_id, credentials, user)
        self._by_sender[sender] += 1
        return secret

    def use(self, secret: bytes) -> Ticket | None:
        """The ticket with a secret, which is used up by this; None if there is none.

        The duration reveals nothing about other tickets: nobody can choose a digest.
        """
        digest = _digest(secret)
        ticket = self._unused.get(digest[:_KEY_SIZE])
        if not hmac.compare_digest(ticket.digest if ticket else b"", digest) or ticket is None:
            return None
        self._forget(ticket)
        return ticket if monotonic() < ticket.ends else None

    def _forget_ended(self) -> None:
        now = monotonic()
        while self._unused and (first := next(iter(self._unused.values()))).ends <= now:
            self._forget(first)

    def _forget(self, ticket: Ticket) -> None:
        del self._unused[ticket.digest[:_KEY_SIZE]]
        self._by_sender[ticket.sender] -= 1
        if not self._by_sender[ticket.sender]:
            del self._by_sender[ticket.sender]


def unkept_ticket() -> str:
    """A random ticket, for a server without authentication, which asks for none."""
    return PREFIX + secrets.token_urlsafe(32)


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
