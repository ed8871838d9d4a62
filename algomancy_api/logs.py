"""One line in the log for each request; nothing of its body."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .paths import printable_path

_logger = logging.getLogger("algomancy_api")


class RequestLog:
    """Logs method, path, status and milliseconds at INFO when an answer is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or not _logger.isEnabledFor(logging.INFO):
            await self.app(scope, receive, send)
            return
        status = 500  # what the server says where nothing here has answered
        start = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            milliseconds = (time.perf_counter() - start) * 1000
            _logger.info("%s %s %d %.1f ms", scope["method"], printable_path(scope), status, milliseconds)
