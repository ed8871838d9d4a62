"""Counts requests by route, method and status."""

import time
from collections.abc import Awaitable

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..http.paths import routable
from ..http.router import ApiRouter, DestinationObserver, observe_destination
from .series import Series

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

#: The label of what has no route, or a method that no route has: clients must not be able to make labels.
_OTHER = "other"


class RequestMetrics:
    """Counts a request when its answer has ended, and how long it took to begin.

    For most answers that is the same. A download or a stream of events takes as long as its client likes.

    Args:
        app: What answers.
        series: Where requests are counted.
        router: The router, which knows the route of a request that never gets to it.
    """

    def __init__(self, app: ASGIApp, series: Series, router: ApiRouter) -> None:
        self.app = app
        self._series = series
        self._router = router
        # The library's own look-up by labels takes as long as all the rest here.
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[tuple[str, str], Histogram] = {}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        passed_on = self._counted if scope["type"] == "http" else self.app
        return passed_on(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, duration = 500, None  # what the server says where nothing here has answered
        sighting = observe_destination(scope)
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
            self._count(scope["method"], self._template(scope, sighting), status, begun)

    def _count(self, method: str, route: str, status: int, duration: float) -> None:
        method = method if method in _METHODS else _OTHER
        counter = self._counters.get((method, route, status))
        histogram = self._histograms.get((method, route))
        if counter is None or histogram is None:
            counter = self._counters[method, route, status] = self._series.requests.labels(method, route, status)
            histogram = self._histograms[method, route] = self._series.latencies.labels(method, route)
        counter.inc()
        histogram.observe(duration)

    def _template(self, scope: Scope, sighting: DestinationObserver) -> str:
        """The path of the route that a request was for, with its names left open."""
        # What a layer between here and the look-up has answered, a refusal for its size, has not been looked up.
        destination = sighting.destination or self._router.find(routable(scope))
        return getattr(destination.route, "path", _OTHER)
