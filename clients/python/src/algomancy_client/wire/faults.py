"""The error that an answer means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import httpx
import msgspec

from ..errors import AlgomancyError, NotFound, UnexpectedAnswer, Unsupported, status_error
from .calls import Call

#: Characters: how much of a body is shown that is not of the API, such as the page of a proxy.
_MOST_SHOWN = 200

#: What a server answers that lacks a route, or the method of one. Of a missing scenario it says more.
_NO_ROUTE = {(404, "Not Found"), (405, "Method Not Allowed")}

_Answer = TypeVar("_Answer")


class _Detail(msgspec.Struct):
    detail: object


def fault_of(call: Call, response: httpx.Response) -> AlgomancyError:
    """The error that an answer of 300 and above means."""
    status = response.status_code
    if status < 400:
        where = response.headers.get("location", "elsewhere")
        return UnexpectedAnswer(f"The server redirects to {where}: give that address, without the path of the request")
    detail = _detail_of(response)
    if (status, detail) in _NO_ROUTE:
        if call.feature:
            return Unsupported(call.feature)
        detail = f"{detail}: there is no {call.method} {response.request.url}; is the address that of an algomancy-api?"
    return status_error(detail, status, response.headers.get("x-request-id"))


def _detail_of(response: httpx.Response) -> str:
    try:
        detail = msgspec.json.decode(response.content, type=_Detail).detail
    except msgspec.DecodeError:
        return response.text.strip()[:_MOST_SHOWN] or response.reason_phrase
    return detail if isinstance(detail, str) else msgspec.json.encode(detail).decode()


def read(response: httpx.Response, kind: type[_Answer]) -> _Answer:
    """The body of an answer.

    Raises:
        UnexpectedAnswer: It has another form.
    """
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.DecodeError as error:
        raise UnexpectedAnswer(f"{response.request.method} {response.request.url} has another form: {error}") from error


def table_missing(name: str, others: Iterable[str]) -> NotFound:
    """The error that a table is not in a dataset which an old server gave as a whole."""
    known = ", ".join(map(repr, others)) or "none"
    return NotFound(f"Table {name!r} not found; there are {known}", 404)
