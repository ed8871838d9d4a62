"""The one table from cause to status, and the one shape of an error: ``{"detail": "<message>"}``."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from algomancy_data import ETLConstructionError
from algomancy_utils.baseparameterset import ParameterError
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from ..concurrency.workers import Overloaded
from ..datafiles import FileTooLarge, UnreadableFile
from ..engines import EngineError
from ..errors import ApiError, Conflict, Failed, Forbidden, Invalid, Malformed, NotFound, TooLarge, TooMany, Unavailable
from ..framework import DatabaseUnavailable, StorageFull, is_full
from ..schemas import Error
from ..serialization.json_encoder import UnencodableValue
from .paths import printable_path
from .responses import EncodedJSONResponse, json_response

_logger = logging.getLogger("algomancy_api")

#: What a client that has gone away would have been told; it stands in the log alone.
_CLIENT_CLOSED_REQUEST = 499

#: When a client may ask again for what a database that is away has refused, in seconds.
_RETRY_AFTER = 5

#: The status of each reason why a request cannot be done.
STATUS_OF_ERROR: dict[type[ApiError], int] = {
    Invalid: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    Malformed: 422,
    TooMany: 429,
    Failed: 500,
    Unavailable: 503,
    Overloaded: 503,
}

#: What a manager raises, and the status that it means. Subclasses follow their base.
STATUS_OF_CAUSE: dict[type[Exception], int] = {
    ParameterError: 400,
    ETLConstructionError: 400,
    ValueError: 400,
    AssertionError: 409,
    UnreadableFile: 400,
    FileTooLarge: 413,
    EngineError: 500,
}


def error_response(status: int, detail: str, headers: Mapping[str, str] | None = None) -> EncodedJSONResponse:
    """An error as every client sees it."""
    response = json_response(Error(detail or HTTPStatus(status).phrase), status)
    response.headers.update(headers or {})
    return response


async def _answer_http_exception(request: Request, error: Any) -> Response:  # noqa: ANN401 - an HTTPException
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return Response(status_code=error.status_code, headers=error.headers)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := request.app.router.methods_of(request.scope)):
        # Of the whole path: a route, which has one method, knows no others.
        headers["Allow"] = ", ".join(sorted(methods))
    return error_response(error.status_code, str(error.detail), headers)


async def _answer_cause(request: Request, error: Exception) -> Response:
    status = next(STATUS_OF_CAUSE[kind] for kind in type(error).__mro__ if kind in STATUS_OF_CAUSE)
    _logger.debug("%s %s: %r", request.method, printable_path(request.scope), error)
    return error_response(status, str(error))


async def _answer_unencodable(request: Request, error: Exception) -> Response:
    _logger.error("%s %s: %s", request.method, printable_path(request.scope), error)
    return error_response(500, str(error))


async def _answer_unavailable(request: Request, error: Exception) -> Response:
    # What the driver says may name hosts and users: it is for the log.
    _logger.error("%s %s: the database is not available: %s", request.method, printable_path(request.scope), error)
    headers = {"Retry-After": str(_RETRY_AFTER)}
    return error_response(503, "The database is not available at the moment; try again later", headers)


def http_exception(error: ApiError, headers: Mapping[str, str] | None = None) -> HTTPException:
    """An error with its status, for answers that have further headers."""
    retry_after = {} if error.retry_after is None else {"Retry-After": str(ceil(error.retry_after))}
    return HTTPException(STATUS_OF_ERROR[type(error)], str(error), {**retry_after, **(headers or {})})


async def _answer_error(_request: Request, error: Any) -> Response:  # noqa: ANN401 - an ApiError
    answer = http_exception(error)
    return error_response(answer.status_code, answer.detail, answer.headers)


async def _answer_full(request: Request, error: Exception) -> Response:
    _logger.error("%s %s: %s", request.method, printable_path(request.scope), error)
    return error_response(507, str(error))


async def _answer_system_error(request: Request, error: Exception) -> Response:
    if not is_full(error):
        raise error
    return await _answer_full(request, StorageFull("There is no space left on a disk of the server"))


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    return EncodedJSONResponse(b"", _CLIENT_CLOSED_REQUEST)


#: For Starlette. What is not here is the business of `ServerErrorLayer`.
EXCEPTION_HANDLERS: Mapping[Any, ExceptionHandler] = {
    HTTPException: _answer_http_exception,
    UnencodableValue: _answer_unencodable,
    ClientDisconnect: _answer_nobody,
    DatabaseUnavailable: _answer_unavailable,
    StorageFull: _answer_full,
    ApiError: _answer_error,
    OSError: _answer_system_error,
    **dict.fromkeys(STATUS_OF_CAUSE, _answer_cause),
}


#: Where in a request's scope the error is that its answer is made of.
_ERROR = "algomancy_api.error"


class _WatchedSend:
    """A `send` that knows whether a response has begun. A layer inside takes it as it is: each wrapper costs time."""

    __slots__ = ("_send", "has_begun")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    def __call__(self, message: Message) -> Awaitable[None]:
        self.has_begun = True
        return self._send(message)


class _CatchingLayer(ABC):
    """Middleware that answers the exceptions of the app inside it, unless a response has begun.

    Args:
        app: The app inside.
    """

    #: The exceptions that are answered.
    caught: tuple[type[BaseException], ...] = (Exception,)

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @abstractmethod
    async def answer(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an exception."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watched = send if type(send) is _WatchedSend else _WatchedSend(send)
        try:
            await self.app(scope, receive, watched)
        except self.caught as error:
            if watched.has_begun:
                raise  # half a response is out: only a closed connection tells the client
            await self.answer(error, scope, receive, watched)


class ExceptionLayer(_CatchingLayer):
    """Answers what the router raises by Starlette's `ExceptionMiddleware`, which does nothing until then.

    That one wraps each request and each of its messages, which is a tenth of a small answer's time.

    Args:
        app: The router.
        handlers: As in Starlette.
    """

    def __init__(self, app: ASGIApp, handlers: Mapping[Any, ExceptionHandler]) -> None:
        super().__init__(app)
        self._answering = ExceptionMiddleware(_raise_again, handlers=handlers)

    async def answer(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what has a handler."""
        scope[_ERROR] = error
        await self._answering(scope, receive, send)


async def _raise_again(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise scope.pop(_ERROR)


class ServerErrorLayer(_CatchingLayer):
    """Answers 500 to what nobody foresaw, logs its traceback, and keeps the connection.

    Starlette's own middleware raises again after its answer, upon which the server closes the connection under
    the client's next request.
    """

    caught = (Exception, SystemExit)  # a handler's `sys.exit()` must not end the server

    async def answer(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what nobody has answered."""
        _logger.error("%s %s", scope["method"], printable_path(scope), exc_info=error)
        await error_response(500, "Internal server error")(scope, receive, send)
