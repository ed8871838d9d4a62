"""Exception to status, and the JSON body of every error: ``{"detail": "<message>"}``."""

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

from ..concurrency.memory import MEMORY
from ..concurrency.workers import Overloaded
from ..datafiles import FileTooLarge, UnreadableFile
from ..engines import EngineError
from ..errors import (
    ApiError,
    Conflict,
    Failed,
    Forbidden,
    Gone,
    Invalid,
    Malformed,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from ..framework import DatabaseUnavailable, StorageFull, is_full
from ..schemas import Error
from ..serialization.json_encoder import UnencodableValue
from .paths import printable_path
from .responses import EncodedJSONResponse, json_response

_logger = logging.getLogger("algomancy_api")

#: Status: a client that has disconnected. Only the log shows it.
_CLIENT_CLOSED_REQUEST = 499

#: Seconds: Retry-After when the database is unavailable, or memory is short.
_RETRY_AFTER = 5

#: Status by class: the package's own errors.
STATUS_OF_ERROR: dict[type[ApiError], int] = {
    Invalid: 400,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooLarge: 413,
    Malformed: 422,
    TooMany: 429,
    Failed: 500,
    Unavailable: 503,
    Overloaded: 503,
}

#: Status by class: exceptions of the framework's managers and of reading files. Subclasses have their base's status.
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
    """A response with the JSON body that all errors have. An empty detail becomes the phrase of the status."""
    response = json_response(Error(detail or HTTPStatus(status).phrase), status)
    response.headers.update(headers or {})
    return response


async def _http_exception_response(request: Request, error: Any) -> Response:  # noqa: ANN401 - an HTTPException
    if error.status_code < HTTPStatus.BAD_REQUEST:
        return Response(status_code=error.status_code, headers=error.headers)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := request.app.router.methods_of(request.scope)):
        # All methods of the path: a route has one method and does not know the others.
        headers["Allow"] = ", ".join(sorted(methods))
    return error_response(error.status_code, str(error.detail), headers)


async def _cause_response(request: Request, error: Exception) -> Response:
    status = next(STATUS_OF_CAUSE[kind] for kind in type(error).__mro__ if kind in STATUS_OF_CAUSE)
    _logger.debug("%s %s: %r", request.method, printable_path(request.scope), error)
    return error_response(status, str(error))


async def _unencodable_response(request: Request, error: Exception) -> Response:
    _logger.error("%s %s: %s", request.method, printable_path(request.scope), error)
    return error_response(500, str(error))


async def _database_unavailable_response(request: Request, error: Exception) -> Response:
    # The driver's message may have host and user names, so only the log gets it.
    _logger.error("%s %s: the database is not available: %s", request.method, printable_path(request.scope), error)
    headers = {"Retry-After": str(_RETRY_AFTER)}
    return error_response(503, "The database is not available; try again later", headers)


def http_exception(error: ApiError, headers: Mapping[str, str] | None = None) -> HTTPException:
    """An error as an `HTTPException` with its status, its Retry-After, and further headers."""
    retry_after = {} if error.retry_after is None else {"Retry-After": str(ceil(error.retry_after))}
    return HTTPException(STATUS_OF_ERROR[type(error)], str(error), {**retry_after, **(headers or {})})


def api_error_response(error: ApiError) -> Response:
    """A response with the status, the message and the Retry-After of an error."""
    with_status = http_exception(error)
    return error_response(with_status.status_code, with_status.detail, with_status.headers)


async def _api_error_response(_request: Request, error: Any) -> Response:  # noqa: ANN401 - an ApiError
    return api_error_response(error)


async def _storage_full_response(request: Request, error: Exception) -> Response:
    _logger.error("%s %s: %s", request.method, printable_path(request.scope), error)
    return error_response(507, str(error))


async def _os_error_response(request: Request, error: Exception) -> Response:
    if not is_full(error):
        raise error
    return await _storage_full_response(request, StorageFull("No space left on a disk of the server"))


async def _memory_error_response(request: Request, error: Exception) -> Response:
    _logger.error("%s %s: not enough memory: %s", request.method, printable_path(request.scope), error)
    MEMORY.plan()
    headers = {"Retry-After": str(_RETRY_AFTER)}
    return error_response(503, "The server has not enough memory for this now; try again later, or send less", headers)


async def _disconnect_response(_request: Request, _error: Exception) -> Response:
    return EncodedJSONResponse(b"", _CLIENT_CLOSED_REQUEST)


#: Starlette's exception handlers. `ServerErrorLayer` handles all other exceptions.
EXCEPTION_HANDLERS: Mapping[Any, ExceptionHandler] = {
    HTTPException: _http_exception_response,
    UnencodableValue: _unencodable_response,
    ClientDisconnect: _disconnect_response,
    DatabaseUnavailable: _database_unavailable_response,
    StorageFull: _storage_full_response,
    ApiError: _api_error_response,
    OSError: _os_error_response,
    MemoryError: _memory_error_response,
    **dict.fromkeys(STATUS_OF_CAUSE, _cause_response),
}


#: Scope key: the exception that `ExceptionLayer` hands to Starlette's `ExceptionMiddleware`.
_ERROR = "algomancy_api.error"


class _WatchedSend:
    """A `send` that records whether the response has started. The inner layer reuses it: each wrapper costs time."""

    __slots__ = ("_send", "has_started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_started = False

    def __call__(self, message: Message) -> Awaitable[None]:
        self.has_started = True
        return self._send(message)


class CatchingLayer(ABC):
    """Middleware that turns exceptions of the inner app into responses, unless a response has started.

    Args:
        app: The inner app.
    """

    #: The exceptions that become responses.
    caught: tuple[type[BaseException], ...] = (Exception,)

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @abstractmethod
    async def respond(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response to an exception."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watched = send if type(send) is _WatchedSend else _WatchedSend(send)
        try:
            await self.app(scope, receive, watched)
        except self.caught as error:
            if watched.has_started:
                self.cut_off(error, scope)
            else:
                await self.respond(error, scope, receive, watched)

    def cut_off(self, error: BaseException, _scope: Scope) -> None:
        """Leave a response that has started without its end: only closing the connection tells the client."""
        raise error


class ExceptionLayer(CatchingLayer):
    """Middleware that hands an exception of the router to Starlette's `ExceptionMiddleware`.

    Around the router itself, `ExceptionMiddleware` would wrap each request and each of its messages, which takes a
    tenth of the time of a small response.

    Args:
        app: The router.
        handlers: Starlette's exception handlers.
    """

    def __init__(self, app: ASGIApp, handlers: Mapping[Any, ExceptionHandler]) -> None:
        super().__init__(app)
        self._answering = ExceptionMiddleware(_raise_again, handlers=handlers)

    async def respond(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_ERROR] = error
        await self._answering(scope, receive, send)


async def _raise_again(scope: Scope, _receive: Receive, _send: Send) -> None:
    raise scope.pop(_ERROR)


class ServerErrorLayer(CatchingLayer):
    """Middleware that answers 500 to an unhandled exception, logs its traceback, and keeps the connection open.

    Starlette's `ServerErrorMiddleware` raises the exception again after its response. The server then closes the
    connection, and the client's next request on it fails.
    """

    caught = (Exception, SystemExit)  # a handler's `sys.exit()` must not end the server

    async def respond(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        _logger.error("%s %s", scope["method"], printable_path(scope), exc_info=error)
        await error_response(500, "Internal server error")(scope, receive, send)
