"""One try to deliver an event: looked up, connected to, sent, and judged by the response."""

import ssl
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException
from importlib.metadata import version
from typing import Final

from .addresses import AddressRefused, addresses_of
from .connection import MOST, Answer, AnswerTooLong, post
from .outbox import Event, Tried
from .settings import Webhook
from .signature import signature_of

#: The status of a receiver that wants no event any more, and what is said of it.
GONE: Final = 410
GONE_REASON: Final = f"{GONE}: the receiver wants no events any more; a test that succeeds enables it again"

#: Characters: the longest error.
_LONGEST = 500


def deliver(webhook: Webhook, event: Event, context: ssl.SSLContext | None = None) -> Tried:
    """Try to deliver an event. It never raises.

    Args:
        webhook: The receiver.
        event: The event.
        context: How a certificate is checked; by the system's authorities unless it is given.
    """
    at, began = time.time(), time.monotonic()
    try:
        answer = _sent(webhook, event, int(at), context)
    except Exception as error:  # whatever a receiver does is its own failure
        return Tried(at, time.monotonic() - began, error=_reason(error, webhook)[:_LONGEST])
    seconds = time.monotonic() - began
    return Tried(at, seconds, answer.status, _refusal(answer.status), _seconds_of(answer.retry_after, at))


def _sent(webhook: Webhook, event: Event, timestamp: int, context: ssl.SSLContext | None) -> Answer:
    target = webhook.target
    addresses = addresses_of(target.host, target.port, allow_private=webhook.allow_private)
    headers = {
        "Host": target.authority,
        "User-Agent": _user_agent(),
        "Content-Type": "application/json",
        "Connection": "close",
        "webhook-id": event.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature_of(webhook.keys, event.id, timestamp, event.body),
    }
    return post(target, addresses, event.body, headers, seconds=webhook.timeout, context=context)


@cache
def _user_agent() -> str:
    return f"algomancy-api/{version('algomancy-api')}"


def _refusal(status: int) -> str | None:
    """Why a response with a status is a failure; None if it is none."""
    if 200 <= status < 300:
        return None
    if status == GONE:
        return GONE_REASON
    if 300 <= status < 400:
        return f"{status}: redirects are not followed; give the webhook the new URL"
    return f"{status}: the receiver has refused it"


def _reason(error: Exception, webhook: Webhook) -> str:
    """Why there is no response."""
    if isinstance(error, AddressRefused):
        return str(error)
    if isinstance(error, AnswerTooLong):
        return f"the head of the response does not end within {MOST // 1024} KiB"
    if isinstance(error, TimeoutError):
        return f"no connection, or no response, within {webhook.timeout:g} s"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection: {getattr(error, 'verify_message', '') or error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, ConnectionError):
        return "the connection was closed before the response"
    if isinstance(error, HTTPException):
        return "the response is no HTTP"
    if isinstance(error, OSError):
        return f"there is no connection: {error.strerror or error}"
    return f"{type(error).__name__}: {error}"


def _seconds_of(retry_after: str | None, now: float) -> float | None:
    """The seconds of a header `Retry-After`, which is a number of them or a date; None if it is neither."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - now)
    except Exception:  # the parser of dates has several for what is none
        return None
