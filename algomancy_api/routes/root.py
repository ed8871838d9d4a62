"""The links of the app, for a client that has its address only."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..config import ApiConfiguration
from ..http.paths import public_path
from ..http.responses import json_response
from ..openapi.operation import OPEN, operation
from ..schemas import Links

TAGS = ("meta",)


@operation("List the links", returns={200: Links}, tags=TAGS, access=OPEN)
async def get_links(request: Request) -> Response:
    """The title, and the paths of the API, `/health`, `/ready`, the OpenAPI document, the page that shows it, and the console.

    The paths include that of a host which mounts the app.
    """
    configuration: ApiConfiguration = request.app.state.config
    page = configuration.docs_url if configuration.openapi_url is not None else None
    links = {
        "api": configuration.prefix.rstrip("/") or "/",
        "health": "/health",
        "ready": "/ready",
        "openapi": configuration.openapi_url,
        "docs": page,
        "console": configuration.console_url,
    }
    served = {name: public_path(request.scope, path) for name, path in links.items() if path is not None}
    return json_response(msgspec.convert({"title": configuration.title, **served}, Links))


# Tried after all other routes: a host may have its own at this path.
# fmt: off
ROUTES = [
    Route("/", get_links, methods=["GET"], name="get_links"),
]
# fmt: on
