"""Who asks more often than they may is told to wait. Nothing imports this module where nobody is."""

from collections.abc import Awaitable
from math import ceil

from starlette.types import ASGIApp, Receive, Scope, Send
from throttled import MemoryStore, RateLimiterType, Throttled, per_sec

from ..auth.identity import sender_of
from ..http.errors import error_response
from ..http.route_access import RouteAccess
from ..openapi.operation import OPEN

#: How many senders are remembered. Whom so many others have come after begins anew.
_REMEMBERED = 10_000


class RateLimit:
    """Refuses what a sender asks beyond so many requests a second: 429.

    As many may come at once; from then on there is one more in each of that many parts of a second. A request that is
    refused does not count. Nor does what is open to everybody: whoever looks after a server starts it anew if its
    ``/health`` refuses.

    Args:
        app: What answers.
        needs: What it takes to send a request.
        most: How many requests a second.
    """

    def __init__(self, app: ASGIApp, needs: RouteAccess, most: int) -> None:
        self.app = app
        self._needs = needs
        self._most = most
        senders = MemoryStore(options={"MAX_SIZE": _REMEMBERED})
        self._throttled = Throttled(using=RateLimiterType.GCRA.value, quota=per_sec(most), store=senders)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or self._needs.of(scope) == OPEN:
            return self.app(scope, receive, send)
        found = self._throttled.limit(sender_of(scope))
        if not found.limited:
            return self.app(scope, receive, send)
        retry_after = str(ceil(found.state.retry_after))
        refusal = error_response(429, f"More than {self._most} requests a second", {"Retry-After": retry_after})
        return refusal(scope, receive, send)
