"""The route ``/metrics``, where a server's metrics are scraped for Prometheus."""

import anyio
import anyio.to_thread
from prometheus_client.exposition import choose_encoder
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..engines import Engine
from ..framework import ApiSessionManager
from ..http.router import ApiRouter
from ..services.dependencies import get_session_manager
from .collector import StateCollector
from .middleware import RequestMetrics
from .series import Series

#: Scrapes at a time: more of them would only wait for the same locks. None takes a thread that a request needs.
_SCRAPES = 1


class Metrics:
    """The metrics of one app, in a registry of their own: a host has its own, and may have several apps."""

    def __init__(self) -> None:
        self._series = Series()
        self._scrapes = anyio.CapacityLimiter(_SCRAPES)

    def watch(self, sessions: ApiSessionManager, engine: Engine) -> None:
        """Have what there is in the sessions, and their runs, among the metrics."""
        self._series.registry.register(StateCollector(self._series, sessions, engine))
        sessions.on_run_ended = self._series.run_ended

    def middleware(self, router: ApiRouter) -> Middleware:
        """What counts the requests to a router."""
        return Middleware(RequestMetrics, series=self._series, router=router)

    def route(self) -> Route:
        """Where they are scraped. It carries no operation: scrapers have formats of their own, and know them."""
        return Route("/metrics", self._scraped, methods=["GET"], name="get_metrics")

    async def _scraped(self, request: Request) -> Response:
        get_session_manager(request)  # refuses those who see some sessions: the sums tell of all
        try:
            encoder, content_type = choose_encoder(request.headers.get("accept", ""))
        except TypeError, ValueError:  # it has a version that is no number
            encoder, content_type = choose_encoder("")
        content = await anyio.to_thread.run_sync(encoder, self._series.registry, limiter=self._scrapes)
        return Response(content, headers={"content-type": content_type, "cache-control": "no-cache"})
