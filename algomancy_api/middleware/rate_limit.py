"""The rate limit: 429 for a sender of too many requests per second. Imported only if `limits.requests` is set."""

from collections.abc import Awaitable
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send
from throttled import MemoryStore, RateLimiterType, Throttled, per_sec

from ..auth.identity import sender_of
from ..http.errors import error_response
from ..http.route_access import RouteAccess
from ..openapi.operation import OPEN

#: Senders kept in the store. The oldest is dropped and starts again with a full quota.
_MAX_SENDERS = 10_000


class RateLimit:
    """Middleware that answers 429 to a sender of more than some number of requests per second.

    A sender may send that number at once, and afterwards one more in each such fraction of a second (the algorithm
    GCRA). Refused requests do not count, nor do those to open routes: an orchestrator restarts a server whose
    ``/health`` refuses.

    Args:
        app: The inner app.
        access: The access that a request requires.
        requests: The number of requests per second.
    """

    def __init__(self, app: ASGIApp, access: RouteAccess, requests: int) -> None:
        self.app = app
        self._access = access
        self._requests = requests
        senders = MemoryStore(options={"MAX_SIZE": _MAX_SENDERS})
        self._throttled = Throttled(using=RateLimiterType.GCRA.value, quota=per_sec(requests), store=senders)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or self._access.of(scope) == OPEN:
            return self.app(scope, receive, send)
        found = self._throttled.limit(sender_of(scope))
        if not found.limited:
            return self.app(scope, receive, send)
        retry_after = str(ceil(found.state.retry_after))
        detail = f"More than {self._requests} requests per second; try again later"
        response = error_response(429, detail, {"Retry-After": retry_after})
        return response(scope, receive, send)
