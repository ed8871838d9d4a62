"""Liveness and readiness, outside the prefix."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.responses import EncodedJSONResponse, json_response
from ..openapi.operation import OPEN, operation
from ..schemas import Health, NotReady, Parts, Ready
from ..services.dependencies import sessions_of

TAGS = ("meta",)

#: Seconds: Retry-After while the server is not ready.
_RETRY_AFTER = "5"


@operation("Is the server up?", returns={200: Health}, tags=TAGS, access=OPEN)
async def get_health(request: Request) -> Response:
    """That the server is up, its title, and the sessions that the client may see."""
    title: str = request.app.state.config.title
    return EncodedJSONResponse(
        sessions_of(request).document("health", lambda known: Health("ok", title, known.sessions))
    )


@operation("Can the server take work?", returns={200: Ready, 503: NotReady}, tags=TAGS, access=OPEN)
async def get_readiness(request: Request) -> Response:
    """Whether the database, the engine and the token file are available, as of the last second.

    With a 503, a load balancer should send requests elsewhere or try again after `Retry-After`.
    """
    parts: Parts = await request.app.state.readiness.parts()
    missing = [name for name, is_available in msgspec.to_builtins(parts).items() if not is_available]
    if sessions_of(request).is_stopping:
        return _not_ready(NotReady("The server is shutting down", "stopping", parts))
    if missing:
        return _not_ready(NotReady(f"Not ready: {', '.join(missing)}", "not ready", parts))
    return json_response(Ready("ready", parts))


def _not_ready(body: NotReady) -> Response:
    response = json_response(body, 503)
    response.headers["Retry-After"] = _RETRY_AFTER
    return response


# fmt: off
ROUTES = [
    Route("/health", get_health,    methods=["GET"], name="get_health"),
    Route("/ready",  get_readiness, methods=["GET"], name="get_readiness"),
]
# fmt: on
