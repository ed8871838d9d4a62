"""The route ``/metrics``, which Prometheus scrapes."""

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
from ..webhooks.dispatcher import Dispatcher
from .collector import StateCollector
from .middleware import RequestMetrics
from .series import Series

#: Scrapes at a time: more would only wait for the same locks. Scrapes take no thread from requests.
_SCRAPES = 1


class Metrics:
    """The metrics of one app, in a registry of its own: a host may have its own metrics, and several apps."""

    def __init__(self) -> None:
        self._series = Series()
        self._scrapes = anyio.CapacityLimiter(_SCRAPES)

    def watch(self, sessions: ApiSessionManager, engine: Engine, dispatcher: Dispatcher) -> None:
        """Add the gauges of the sessions and the engine, and count the runs and the tries of webhooks."""
        self._series.registry.register(StateCollector(self._series, sessions, engine))
        sessions.on_run_ended = self._series.run_ended
        dispatcher.on_try = self._series.tried

    def middleware(self, router: ApiRouter) -> Middleware:
        """The middleware that counts the requests to a router."""
        return Middleware(RequestMetrics, series=self._series, router=router)

    def route(self) -> Route:
        """The route. It has no `@operation`: its formats are those of Prometheus, not JSON."""
        return Route("/metrics", self._scraped, methods=["GET"], name="get_metrics")

    async def _scraped(self, request: Request) -> Response:
        get_session_manager(request)  # 403 for a token with a list of sessions: the sums include all
        try:
            encoder, content_type = choose_encoder(request.headers.get("accept", ""))
        except TypeError, ValueError:  # the header has a version that is not a number
            encoder, content_type = choose_encoder("")
        content = await anyio.to_thread.run_sync(encoder, self._series.registry, limiter=self._scrapes)
        return Response(content, headers={"content-type": content_type, "cache-control": "no-cache"})
