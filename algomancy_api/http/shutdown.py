"""The refusal of new work while the server is shutting down, and the end of work in progress."""

import logging
from asyncio import CancelledError

import anyio
from starlette.types import Receive, Scope, Send

from ..errors import Unavailable
from ..methods import SAFE_METHODS
from .errors import CatchingLayer, api_error_response
from .paths import printable_path

_logger = logging.getLogger("algomancy_api")

#: Seconds: time for the 503 to a request that is cut off. A client that reads nothing must not keep the server.
_LONGEST_SEND = 1


def refuse_new_work(scope: Scope) -> None:
    """Refuse a request that may change something, on a host's own routes too, while the app is shutting down.

    Raises:
        Unavailable: The app is shutting down, and the method of the request is not safe.
    """
    if scope["method"] not in SAFE_METHODS and "app" in scope and _is_stopping(scope):
        raise shutting_down(scope)


def shutting_down(scope: Scope) -> Unavailable:
    """The error of a server that is shutting down. Retry-After is the time by which the process has ended."""
    grace: float = scope["app"].state.config.shutdown_grace
    return Unavailable("The server is shutting down; try again later", retry_after=grace)


class ShutdownLayer(CatchingLayer):
    """Middleware that answers 503 to a request which outlasts the grace period of the shutdown.

    The server then cancels the request. One log line tells of it, since a cancellation is no error of the handler.
    """

    caught = (CancelledError,)

    async def respond(self, error: BaseException, scope: Scope, receive: Receive, send: Send) -> None:
        self.cut_off(error, scope)
        with anyio.move_on_after(_LONGEST_SEND, shield=True):
            await api_error_response(shutting_down(scope))(scope, receive, send)

    def cut_off(self, error: BaseException, scope: Scope) -> None:
        # uvicorn's own command cancels before it tells the app that it is shutting down.
        if not _is_stopping(scope) and "shutdown" not in str(error):
            raise error  # cancelled by a host, or since the client has disconnected
        _logger.error(
            "%s %s: the server stopped before the end of the response", scope["method"], printable_path(scope)
        )


def _is_stopping(scope: Scope) -> bool:
    is_stopping: bool = scope["app"].state.sessions.is_stopping
    return is_stopping
