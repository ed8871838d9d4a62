"""A keep-alive connection to the server, and what goes wrong with it in words."""

import os
import re
from http import HTTPStatus
from ssl import SSLError

import msgspec
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from .plan import Plan

#: What a request without an answer raises.
FAILURES = (ClientError, TimeoutError, OSError)

#: The client's side keeps a connection through every pause of a load, in seconds; the server's may not.
_KEEP_ALIVE = 24 * 3600

_LONGEST = 200

#: What would make the same error another one each time.
_NAMES = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|load-[0-9a-f]{6}-\d+")


def connected(plan: Plan) -> ClientSession:
    """A client that keeps one connection, with one request under way on it at a time."""
    headers = {"Accept-Encoding": "identity"}
    if plan.token is not None:
        headers["Authorization"] = f"Bearer {plan.token}"
    return ClientSession(
        connector=TCPConnector(limit=1, keepalive_timeout=_KEEP_ALIVE),
        headers=headers,
        timeout=ClientTimeout(total=plan.timeout),
        cookie_jar=DummyCookieJar(),
    )


class _Error(msgspec.Struct):
    detail: str


def refusal(status: int, body: bytes) -> str:
    """An answer that is not a good one, in words that are the same each time."""
    try:
        detail = msgspec.json.decode(body, type=_Error).detail
    except msgspec.DecodeError:
        detail = HTTPStatus(status).phrase if status in HTTPStatus else ""
    return _brief(f"{status} {detail}")


def failure(error: BaseException, seconds: float) -> str:
    """Why there was no answer in so many seconds, in words that are the same each time."""
    if isinstance(error, TimeoutError):
        return f"{type(error).__name__}: no answer within {seconds:g} s"
    reason = _system_reason(error.os_error) if isinstance(error, ClientConnectorError) else None
    return _brief(f"{type(error).__name__}: {reason or error}")


def _system_reason(error: OSError) -> str | None:
    """What the operating system would say: the text of an event loop's error is rather what it has tried."""
    if error.errno is None or error.errno < 0 or isinstance(error, SSLError):  # the resolver's, TLS's own numbers
        return error.strerror
    return os.strerror(error.errno)


def _brief(text: str) -> str:
    words = " ".join(_NAMES.sub("…", text).split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
