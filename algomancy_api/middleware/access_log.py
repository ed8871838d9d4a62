"""The access log: one line for each request, without its body."""

import logging
import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.paths import printable_path
from ..logs import in_fields

_logger = logging.getLogger("algomancy_api")


class AccessLog:
    """Middleware that logs method, path, status and milliseconds at INFO when a response is complete."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or not _logger.isEnabledFor(logging.INFO):
            return self.app(scope, receive, send)
        return self._logged(scope, receive, send)

    async def _logged(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 500  # the server's response if the app sends none
        start = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            milliseconds = round((time.perf_counter() - start) * 1000, 1)
            line = {
                "method": scope["method"],
                "path": printable_path(scope),
                "status": status,
                "milliseconds": milliseconds,
            }
            _logger.info("%s %s %d %.1f ms", *line.values(), extra=in_fields(line))
