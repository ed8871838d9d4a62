"""What a server does, in numbers, for Prometheus.

Needs the extra ``metrics``: nothing imports this module where they are off. `metrics_series` has what is counted on the
way of requests and runs, `metrics_state` what is looked up on a scrape, `metrics_requests` is on the way of requests.
"""

import anyio
import anyio.to_thread
from prometheus_client.exposition import choose_encoder
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .dispatch import Dispatcher
from .engines import Engine
from .framework import ApiSessionManager
from .metrics_requests import RequestMetrics
from .metrics_series import Series
from .metrics_state import StateCollector
from .sessions import get_session_manager

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

    def middleware(self, router: Dispatcher) -> Middleware:
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
