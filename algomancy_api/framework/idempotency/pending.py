"""The key of the request under way, and the answer that its effect takes along into a transaction.

The managers write each effect in a transaction of their own, deep below the request. So the request leaves its key in a
context variable, which worker threads have, too, and a service says what the answer will be once an effect is made.
The code that makes this effect visible asks for the answer, and stores it in the same transaction. A request has one
such effect, whatever else it writes before and after: a key is stored once.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from enum import StrEnum
from typing import Any

from .answers import LONGEST, KeptAnswer

_logger = logging.getLogger("algomancy_api")

#: The headers of an answer that a service makes: they are all JSON.
_JSON = {"content-type": "application/json"}

#: The body of an answer that is not kept, since it is too long.
TOO_LONG = b'{"detail":"The request was carried out; its answer was too long to be kept"}'


class Effect(StrEnum):
    """What makes the change of a request visible."""

    SESSION = "a session is added"
    DATASET = "a key gets a dataset"
    SCENARIO = "a scenario is added"
    BATCH = "scenarios are added"
    QUEUED = "scenarios are queued"
    RESET = "a scenario is reset"


class PendingKey:
    """The key of a request under way.

    Args:
        key_id: The digest of the key and its sender.
        sender: The sender.
        request: Gives the digest of the request, as far as its body has been read.
        status: The status of the answer once the effect is made.
        ignored: The names of the fields of the request's body that are ignored. The list grows.
    """

    def __init__(self, key_id: str, sender: str, request: Callable[[], str], status: int, ignored: list[str]) -> None:
        self.id = key_id
        self._sender = sender
        self._request = request
        self._status = status
        self._ignored = ignored
        self._effect: Effect | None = None
        self._make: Callable[[Any], bytes] = bytes
        #: Whether the transaction of the effect has got the answer.
        self.is_taken = False

    def expect(self, effect: Effect, make: Callable[[Any], bytes]) -> None:
        """Say what the answer will be: ``make`` gets the subject of the effect, and returns JSON."""
        self._effect, self._make = effect, make

    def answer_to(self, effect: Effect, subject: object) -> KeptAnswer | None:
        """The answer to an effect; None if it is not the one that is expected, or its answer is taken."""
        if effect is not self._effect or self.is_taken:
            return None
        try:
            body = self._make(subject)
        except Exception:  # the effect does not depend on it, and the answer is kept once it is there
            _logger.warning("The answer is not kept together with its effect", exc_info=True)
            return None
        self.is_taken = True
        return self.answer(self._status, _JSON, body)

    def answer(self, status: int, headers: dict[str, str], body: bytes | None) -> KeptAnswer:
        """The answer that is kept; None is a body that is too long."""
        is_kept = body is not None and len(body) <= LONGEST
        return KeptAnswer(
            id=self.id,
            sender=self._sender,
            request=self._request(),
            status=status,
            headers=headers if is_kept else _JSON,
            ignored=list(self._ignored),
            body=bytes(body) if is_kept and body is not None else TOO_LONG,
            created=time.time(),
        )


#: The key of the request under way; None for a request without one, and outside of requests.
pending_key: ContextVar[PendingKey | None] = ContextVar("the idempotency key of the request", default=None)


def answer_with(effect: Effect, make: Callable[[Any], bytes]) -> None:
    """Say what the answer to the request under way will be, before its effect is made.

    Args:
        effect: The effect.
        make: Makes the answer, JSON, from the subject of the effect. It is called inside of the transaction.
    """
    if (key := pending_key.get()) is not None:
        key.expect(effect, make)


def answer_to(effect: Effect, subject: object) -> KeptAnswer | None:
    """The answer to the request under way that belongs into the transaction of an effect, if there is one."""
    key = pending_key.get()
    return None if key is None else key.answer_to(effect, subject)
