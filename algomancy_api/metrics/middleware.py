"""Middleware that counts requests by route, method and status."""

import time
from collections.abc import Awaitable

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.paths import routable
from ..http.router import ApiRouter, DestinationObserver, observe_destination
from .series import Series

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: Label: a path without a route, or an unknown method. Clients must not be able to create labels.
_OTHER = "other"


class RequestMetrics:
    """Middleware that counts a request when its response has ended, with the time until the response started.

    The end says little about the server: a client may read a download or an event stream as slowly as it likes.

    Args:
        app: The inner app.
        series: The series of the app.
        router: The router, which finds the route of a request that another middleware has answered.
    """

    def __init__(self, app: ASGIApp, series: Series, router: ApiRouter) -> None:
        self.app = app
        self._series = series
        self._router = router
        # The library's lookup by labels takes as long as the rest of this middleware.
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[tuple[str, str], Histogram] = {}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        passed_on = self._counted if scope["type"] == "http" else self.app
        return passed_on(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, duration = 500, None  # 500: the server's response if the app sends none
        observer = observe_destination(scope)
        start = time.perf_counter()

        def watched(message: Message) -> Awaitable[None]:
            nonlocal status, duration
            if message["type"] == "http.response.start":
                status, duration = message["status"], time.perf_counter() - start
            return send(message)

        self._series.in_progress += 1
        try:
            await self.app(scope, receive, watched)
        finally:
            self._series.in_progress -= 1
            begun = time.perf_counter() - start if duration is None else duration
            self._count(scope["method"], self._template(scope, observer), status, begun)

    def _count(self, method: str, route: str, status: int, duration: float) -> None:
        method = method if method in _METHODS else _OTHER
        counter = self._counters.get((method, route, status))
        histogram = self._histograms.get((method, route))
        if counter is None or histogram is None:
            counter = self._counters[method, route, status] = self._series.requests.labels(method, route, status)
            histogram = self._histograms[method, route] = self._series.latencies.labels(method, route)
        counter.inc()
        histogram.observe(duration)

    def _template(self, scope: Scope, observer: DestinationObserver) -> str:
        """The path template of the route of a request."""
        # A request that another middleware has answered, for example with a 413, has not been looked up yet.
        destination = observer.destination or self._router.find(routable(scope))
        return getattr(destination.route, "path", _OTHER)
